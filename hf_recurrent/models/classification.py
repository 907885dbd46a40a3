"""The output and the forward that all sequence classifiers share."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn
from transformers.utils import ModelOutput, can_return_tuple

from .checks import check_classification
from .heads import LabelHead, read
from .loss import infer_problem_type, refuse_taken_labels, sequence_classification_loss


@dataclass
class PooledClassifierOutput(ModelOutput):
    """Output of a sequence classifier.

    Args:
        loss: Scalar, where labels were given.
        logits: (batch, num_labels).
        hidden_states: The embeddings (batch, time, embedding_size) and each layer's output (batch,
            time, output_size), on ``output_hidden_states=True``.
        pooling_weights: (batch, time) the weight of each token, 0 on padding, with sum 1; for
            attention pooling, on ``output_attentions=True``.
        final_hidden_state: (batch, layers * directions, hidden_size), on
            ``output_final_state=True``.
        final_cell_state: Likewise, for an LSTM.
        mask: (batch, steps, bool), true on real steps, if the base model gives fewer steps than it
            reads; the time of the other outputs is then that of these steps.
    """

    loss: Tensor | None = None
    logits: Tensor | None = None
    hidden_states: tuple[Tensor, ...] | None = None
    pooling_weights: Tensor | None = None
    final_hidden_state: Tensor | None = None
    final_cell_state: Tensor | None = None
    mask: Tensor | None = None


class PooledClassifier(LabelHead):
    """The part of a sequence classifier that is the same for every base model.

    A head lists this class before the base class of its family. Its ``__init__`` sets ``model`` and
    ``pooling``, and then calls ``add_classifier``.
    """

    labelled = "sequences"
    pooling: nn.Module

    def add_classifier(self, size: int) -> None:
        """Check the fields for classifiers in the configuration, and make the linear layer.

        Args:
            size: Width of a pooled vector.

        Raises:
            ValueError: If a field has a wrong value.
        """
        check_classification(self.config)
        self.num_labels = int(self.config.num_labels)
        self.classifier_dropout = nn.Dropout(self.config.classifier_dropout)
        self.classifier = nn.Linear(size, self.num_labels)

    def pool(self, outputs: Any, hidden: Tensor, mask: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the pooled states (batch, size), and the weights (batch, columns) or ``None``.

        Args:
            outputs: The outputs of the base model.
            hidden: (batch, columns, size) its last hidden state.
            mask: (batch, columns, bool), true on real tokens.
        """
        pooled: tuple[Tensor, Tensor | None] = self.pooling(hidden, mask)
        return pooled

    @can_return_tuple
    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        initial_hidden_state: Tensor | None = None,
        initial_cell_state: Tensor | None = None,
        output_final_state: bool = False,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        ngram_ids: Tensor | None = None,
        char_ids: Tensor | None = None,
        input_features: Tensor | None = None,
        pixel_values_videos: Tensor | None = None,
        **kwargs: Any,
    ) -> PooledClassifierOutput:
        """Classify sequences; the arguments are those of the base model, the labels of ``loss.py``.

        A base model without states ignores the arguments for states. ``output_attentions`` asks for
        ``pooling_weights``, which only attention pooling has.
        """
        outputs, hidden, mask, columns = read(
            self,
            attention_mask,
            {
                "input_ids": input_ids,
                "input_features": input_features,
                "pixel_values_videos": pixel_values_videos,
                "inputs_embeds": inputs_embeds,
                "ngram_ids": ngram_ids,
                "char_ids": char_ids,
            },
            output_hidden_states,
            initial_hidden_state=initial_hidden_state,
            initial_cell_state=initial_cell_state,
            output_final_state=output_final_state,
        )
        pooled, weights = self.pool(outputs, hidden, mask)
        logits = self.classifier(self.classifier_dropout(pooled))
        if output_attentions is None:
            output_attentions = self.config.output_attentions
        return PooledClassifierOutput(
            loss=self._loss(logits, labels, kwargs),
            logits=logits,
            hidden_states=outputs.get("hidden_states"),
            pooling_weights=(
                columns.restore(weights) if output_attentions and weights is not None else None
            ),
            final_hidden_state=outputs.get("final_hidden_state"),
            final_cell_state=outputs.get("final_cell_state"),
            mask=outputs.get("mask"),
        )

    def _loss(
        self, logits: Tensor, labels: Tensor | None, arguments: dict[str, Any]
    ) -> Tensor | None:
        """Return the loss, or ``None`` without labels; ``arguments`` are those of ``forward``."""
        config, hard = self.config, self.hard_training
        problem = config.problem_type or ("regression" if config.num_labels == 1 else None)
        own = problem in ("regression", "multi_label_classification")
        refuse_taken_labels(config, labels, arguments, hard, **{f"problem_type={problem!r}": own})
        if labels is None:
            return None
        config.problem_type = infer_problem_type(config, labels)
        items = arguments.get("num_items_in_batch")
        return sequence_classification_loss(logits, labels, config, items, hard)
