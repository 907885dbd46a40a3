"""What every tagger shares, whatever its base model is: one output, one forward, and its steps."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from transformers.utils import ModelOutput, can_return_tuple

from .checks import check_labels
from .heads import LabelHead, read
from .loss import IGNORED, refuse_if, token_classification_loss


@dataclass
class TaggerOutput(ModelOutput):
    """Output of a tagger.

    Args:
        loss: scalar, where labels were given.
        logits: (batch, time, num_labels), 0 on padding.
        hidden_states: the embeddings (batch, time, embedding_size) and each layer's output (batch,
            time, output_size), on ``output_hidden_states=True``.
        final_hidden_state: (batch, layers * directions, hidden_size), on
            ``output_final_state=True``.
        final_cell_state: likewise, of an LSTM.
    """

    loss: Tensor | None = None
    logits: Tensor | None = None
    hidden_states: tuple[Tensor, ...] | None = None
    final_hidden_state: Tensor | None = None
    final_cell_state: Tensor | None = None


class Steps(NamedTuple):
    """The tokens that a tagger tags, and which of them each token repeats.

    Attributes:
        mask: (batch, time, bool) true where a word begins; without ``word_starts`` on each real
            token.
        tagged: (batch, time, bool) the real tokens that belong to a word. What stands before a
            row's first word, such as ``[CLS]``, belongs to none.
        place: (batch, time) the column at which the word of each token begins; ``None`` where each
            token is a word.
    """

    mask: Tensor
    tagged: Tensor
    place: Tensor | None

    @classmethod
    def of(cls, mask: Tensor, word_starts: Tensor | None) -> "Steps":
        """Find the steps.

        Args:
            mask: (batch, time, bool), true on real tokens.
            word_starts: (batch, time), nonzero on the first piece of each word.

        Raises:
            ValueError: if ``word_starts`` has another shape than the mask.
        """
        if word_starts is None or not mask.numel():
            return cls(mask, mask, None)
        if word_starts.shape != mask.shape:
            raise ValueError(
                f"word_starts has shape {tuple(word_starts.shape)}, expected {tuple(mask.shape)} "
                "as input_ids has"
            )
        starts = mask & word_starts.bool()
        columns = torch.arange(mask.shape[1], device=mask.device).expand_as(mask)
        place = columns.where(starts, -1).cummax(1).values
        return cls(starts, mask & (place >= 0), place.clamp(min=0))

    def spread(self, values: Tensor, fill: int = 0) -> Tensor:
        """Return values (batch, time, ...) with those of each word's start on all of its pieces.

        Args:
            values: what was found at each step.
            fill: what tokens without a word get.
        """
        deeper = [1] * (values.dim() - 2)
        if self.place is not None:
            place = self.place.view(*self.place.shape, *deeper).expand_as(values)
            values = values.gather(1, place)
        return values.where(self.tagged.view(*self.tagged.shape, *deeper), fill)


class Tagger(LabelHead):
    """The part of a tagger that is the same over every base model.

    A head names this class before its family's, makes ``model``, and then calls ``add_classifier``.
    """

    labelled = "tokens"

    def add_classifier(self, size: int) -> None:
        """Check the configuration's fields for taggers, and make the linear layer.

        Args:
            size: width of a state.

        Raises:
            ValueError: for a field that cannot be.
        """
        config = self.config
        check_labels(config)
        self.num_labels = int(config.num_labels)
        self.classifier_dropout = nn.Dropout(config.classifier_dropout)
        self.classifier = nn.Linear(size, self.num_labels)

    @can_return_tuple
    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        word_starts: Tensor | None = None,
        initial_hidden_state: Tensor | None = None,
        initial_cell_state: Tensor | None = None,
        output_final_state: bool = False,
        output_hidden_states: bool | None = None,
        ngram_ids: Tensor | None = None,
        **kwargs: Any,
    ) -> TaggerOutput:
        """Tag the tokens of sequences; arguments as in the base model.

        Args:
            input_ids: (batch, time) token ids.
            attention_mask: (batch, time), nonzero on real tokens.
            inputs_embeds: (batch, time, embedding_size), in place of ``input_ids``.
            labels: (batch, time) the tag of each token, -100 to leave one out. The loss is a sum
                over the labels that are not -100, divided by their number, which with gradient
                accumulation is ``num_items_in_batch``. What stands on padding is ignored.
            word_starts: (batch, time), nonzero on the first piece of each word. Only these are
                tagged, with labels and without; a continuation repeats the logits of its word.
                Without it each real token is a word.
            initial_hidden_state: the states to begin with, see the base model.
            initial_cell_state: likewise, of an LSTM.
            output_final_state: whether to return the final states.
            output_hidden_states: whether to return every layer's output.
            ngram_ids: (batch, time, n) n-gram ids, where the input layer has n-grams.
            **kwargs: ``num_items_in_batch``, of ``Trainer``; the rest is ignored.

        Raises:
            ValueError: if shapes do not fit together, or a label is unknown.
        """
        outputs, hidden, mask, columns = read(
            self,
            input_ids,
            attention_mask,
            inputs_embeds,
            {"ngram_ids": ngram_ids},
            output_hidden_states,
            initial_hidden_state=initial_hidden_state,
            initial_cell_state=initial_cell_state,
            output_final_state=output_final_state,
        )
        steps = Steps.of(mask, columns.cut(word_starts, "word_starts"))
        logits = steps.spread(self.classifier(self.classifier_dropout(hidden)))
        labels = columns.cut(labels, "labels")
        return TaggerOutput(
            loss=self._loss(logits, steps, labels, kwargs),
            logits=columns.restore(logits),
            hidden_states=outputs.get("hidden_states"),
            final_hidden_state=outputs.get("final_hidden_state"),
            final_cell_state=outputs.get("final_cell_state"),
        )

    def _loss(
        self, logits: Tensor, steps: Steps, labels: Tensor | None, arguments: dict[str, Any]
    ) -> Tensor | None:
        config = self.config
        asked = {
            "class_weights": config.class_weights is not None,
            "label_smoothing": bool(config.label_smoothing),
        }
        refuse_if(asked, labels, arguments)
        if labels is None:
            return None
        if labels.shape != steps.mask.shape:
            raise ValueError(
                f"labels have shape {tuple(labels.shape)}, expected {tuple(steps.mask.shape)}, one "
                "for each token"
            )
        if labels.is_floating_point():
            raise ValueError(f"labels are {labels.dtype}, expected integers")
        labels = labels.to(logits.device).long().where(steps.tagged, IGNORED)
        items = arguments.get("num_items_in_batch")
        return token_classification_loss(logits, labels, config, items)
