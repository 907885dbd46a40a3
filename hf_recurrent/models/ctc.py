"""The output, the loss and the forward of recognisers with CTC (Graves et al. 2006).

The blank is ``pad_token_id``, as in transformers. On padding the logits are those of a certain
blank, so whoever takes the most probable token of each step of a padded batch gets, for each row,
the text of the row alone.
"""

import warnings
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers.utils import ModelOutput, can_return_tuple

from .checks import check_dropouts
from .heads import read
from .loss import IGNORED, divided
from .subsampling import compact

# The logarithm of a probability of 0; finite, and fp16 and bf16 can represent it.
_LOG_OF_ZERO = -1e4


@dataclass
class CTCOutput(ModelOutput):
    """Output of a recogniser.

    Args:
        loss: Scalar, where labels were given.
        logits: (batch, steps, vocab_size). The real steps of a row come first; after them the blank
            is certain.
        mask: (batch, steps, bool), true on real steps.
        hidden_states: What the first layer reads, and each layer's output, (batch, steps, ...), on
            ``output_hidden_states=True``.
        final_hidden_state: (batch, layers * directions, hidden_size), on
            ``output_final_state=True``.
        final_cell_state: Likewise, for an LSTM.
    """

    loss: Tensor | None = None
    logits: Tensor | None = None
    mask: Tensor | None = None
    hidden_states: tuple[Tensor, ...] | None = None
    final_hidden_state: Tensor | None = None
    final_cell_state: Tensor | None = None


class CTCRecognizer:
    """The part of a recogniser that is the same for every base model.

    A head lists this class before the base class of its family. Its ``__init__`` sets ``model``,
    and then calls ``add_lm_head``.
    """

    config: Any
    model: Any
    lm_head: nn.Module
    classifier_dropout: nn.Module

    def add_lm_head(self) -> None:
        """Check the fields of a recogniser in the configuration, and make the output layer.

        Raises:
            ValueError: If a field has a wrong value.
        """
        config = self.config
        check_dropouts(config, "classifier_dropout")
        if config.pad_token_id is None:
            raise ValueError("pad_token_id is None, and it is the id of the blank: set it")
        for field, off in (
            ("class_weights", None),
            ("label_smoothing", 0),
            ("focal_gamma", 0),
            ("hard_example_share", 1),
        ):
            if getattr(config, field) != off:
                raise ValueError(
                    f"the CTC loss takes no {field}, as it is that of whole texts: unset {field}"
                )
        self.classifier_dropout = nn.Dropout(config.classifier_dropout)
        self.lm_head = nn.Linear(config.output_size, config.vocab_size)

    @can_return_tuple
    def forward(
        self,
        input_features: Tensor | None = None,
        attention_mask: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        initial_hidden_state: Tensor | None = None,
        initial_cell_state: Tensor | None = None,
        output_final_state: bool = False,
        output_hidden_states: bool | None = None,
        **kwargs: Any,
    ) -> CTCOutput:
        """Score the tokens of each step.

        Args:
            input_features: (batch, time, channels) frames.
            attention_mask: (batch, time), nonzero on real frames.
            inputs_embeds: (batch, time, embedding_size), in place of what the input layer reads.
            labels: (batch, n) token ids of the texts, -100 to leave one out. The loss is the sum of
                the negative log-likelihoods of the *texts*, divided by the number of their
                *tokens*, or by ``num_items_in_batch`` with gradient accumulation: a loss per token,
                whose parts add up. A text that is too long for its steps adds 0 to the sum, with a
                warning, and its tokens are counted, as ``Trainer`` does.
            initial_hidden_state: The initial states, see the base model.
            initial_cell_state: Likewise, for an LSTM.
            output_final_state: Whether to return the final states.
            output_hidden_states: Whether to return every layer's output.
            **kwargs: ``num_items_in_batch`` from ``Trainer``; others are ignored, token ids are
                refused.

        Raises:
            ValueError: If shapes do not fit together, or a label is unknown.
        """
        given = {
            "input_ids": kwargs.pop("input_ids", None),
            "input_features": input_features,
            "inputs_embeds": inputs_embeds,
        }
        outputs, hidden, mask, _ = read(
            self,
            attention_mask,
            given,
            output_hidden_states,
            initial_hidden_state=initial_hidden_state,
            initial_cell_state=initial_cell_state,
            output_final_state=output_final_state,
        )
        logits = self.lm_head(self.classifier_dropout(hidden))
        blank = torch.full_like(logits[:1, :1], _LOG_OF_ZERO)
        blank[..., self.config.pad_token_id] = 0
        logits = logits.where(mask.unsqueeze(-1), blank)
        loss = None
        if labels is not None:
            loss = self._loss(logits, mask, labels, kwargs.get("num_items_in_batch"))
        return CTCOutput(
            loss=loss,
            logits=logits,
            mask=mask,
            hidden_states=outputs.get("hidden_states"),
            final_hidden_state=outputs.get("final_hidden_state"),
            final_cell_state=outputs.get("final_cell_state"),
        )

    def _loss(
        self, logits: Tensor, mask: Tensor, labels: Tensor, items: Tensor | int | None
    ) -> Tensor:
        labels = labels.to(logits.device)
        if labels.dim() != 2 or len(labels) != len(logits) or labels.is_floating_point():
            raise ValueError(
                f"labels are {labels.dtype} of shape {tuple(labels.shape)}, expected integers "
                f"({len(logits)}, n)"
            )
        kept = labels != IGNORED
        known = labels[kept]
        blank, size = self.config.pad_token_id, self.config.vocab_size
        wrong = known[(known < 0) | (known >= size) | (known == blank)]
        if len(wrong):
            raise ValueError(
                f"labels hold {int(wrong[0])}, expected token ids from 0 to {size - 1} without "
                f"that of the blank, {blank}"
            )
        steps, lengths = mask.sum(1), kept.sum(1)
        too_long = needed_steps(labels) > steps
        if bool(too_long.any()):
            rows = ", ".join(map(str, too_long.nonzero().flatten()[:5].tolist()))
            warnings.warn(
                f"{int(too_long.sum())} of {len(labels)} texts are longer than the steps of their "
                f"sound allow (rows {rows} of the batch), and add 0 to the loss",
                stacklevel=2,
            )
        if logits.dtype in (torch.float16, torch.bfloat16):
            logits = logits.float()
        if not logits.shape[1]:  # the loss needs a step, even where no row has one
            logits = nn.functional.pad(logits, (0, 0, 0, 1))
        losses = nn.functional.ctc_loss(
            logits.log_softmax(-1).transpose(0, 1),
            known,
            steps,
            lengths,
            blank=blank,
            reduction="none",
            zero_infinity=True,
        )
        return divided(losses.sum(), kept.sum(), items)


def needed_steps(labels: Tensor) -> Tensor:
    """Return how many steps each text (batch, n) needs: one a token, and one between equal ones.

    Args:
        labels: Token ids, -100 to leave one out.
    """
    kept = labels != IGNORED
    tokens, real = compact(labels.unsqueeze(-1), kept)
    repeats = (tokens[:, 1:, 0] == tokens[:, :-1, 0]) & real[:, 1:]
    return kept.sum(1) + repeats.sum(1)
