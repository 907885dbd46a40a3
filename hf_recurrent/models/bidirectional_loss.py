"""The losses of a bidirectional language model: each token predicted from both sides."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from .bounded_sentences import BoundedSentences
from .checks import check_choice, check_dropouts
from .loss import IGNORED, known_labels
from .output_loss import SampledLoss
from .output_loss_fields import check_output_loss
from .vocabulary_loss import may_skip_logits, vocabulary_loss

OUTPUT_LOSSES = ("cross_entropy", "sampled_softmax", "nce")


class DirectionLosses(NamedTuple):
    """The losses of both directions.

    Attributes:
        forward: The summed loss of the forward direction, a scalar.
        backward: Likewise of the backward direction.
        predicted: How many targets each direction has, boundaries included.
        labels: How many labels were given.
    """

    forward: Tensor
    backward: Tensor
    predicted: list[Tensor]
    labels: Tensor

    def mean(self, direction: int) -> Tensor:
        """Return the mean loss of a target, of the forward (0) or the backward direction (1)."""
        total = (self.forward, self.backward)[direction]
        return total.detach() / self.predicted[direction].clamp(min=1)


def check_pretraining(config: Any) -> None:
    """Check the fields of ``ElmoForPreTraining``.

    Raises:
        ValueError: If a field has a wrong value.
    """
    check_dropouts(config, "classifier_dropout")
    check_choice("output_loss", config.output_loss, OUTPUT_LOSSES)
    check_output_loss(config)
    for name in ("bos_token_id", "eos_token_id"):
        value = getattr(config, name)
        if value is not None and not (isinstance(value, int) and 0 <= value < config.vocab_size):
            raise ValueError(
                f"{name} is {value}, expected an id below vocab_size {config.vocab_size}, or None"
            )


def direction_losses(
    head: nn.Linear,
    hidden: Sequence[Tensor],
    sentences: BoundedSentences,
    mask: Tensor,
    labels: Tensor,
    config: Any,
    sampled: SampledLoss | None = None,
) -> DirectionLosses:
    """Return the losses of both directions.

    Args:
        head: The output layer, which both share.
        hidden: (steps, hidden_size) the packed outputs of each direction.
        sentences: The layout of the steps.
        mask: (batch, time, bool), true on the tokens that were read.
        labels: (batch, time) ids of the tokens, -100 to leave one out.
        config: ``bos_token_id`` and ``eos_token_id``, which boundaries have as their labels.
        sampled: The loss that draws negatives, in training; each direction draws its own.

    Raises:
        ValueError: If the labels have another shape, or one is unknown.
    """
    if labels.shape != mask.shape:
        raise ValueError(
            f"labels has shape {tuple(labels.shape)}, expected {tuple(mask.shape)}, one for each "
            "token"
        )
    if labels.is_floating_point():
        raise ValueError(f"labels is {labels.dtype}, expected integers")
    items = (labels != IGNORED).sum()  # as ``Trainer`` counts them
    labels = labels.to(mask.device).long().where(mask, IGNORED)
    known_labels(labels, len(head.weight))
    every = _labels_of_steps(labels, mask, sentences, config.bos_token_id, config.eos_token_id)
    # The label of the step after each one, and of the step before.
    pad, place = nn.functional.pad, sentences.ragged
    found = (pad(every[:, 1:], (0, 1), value=IGNORED), pad(every[:, :-1], (1, 0), value=IGNORED))
    targets = [each.flatten()[place.index] if place.counts else each[:0, 0] for each in found]
    totals = [_total(head, side, each, sampled) for side, each in zip(hidden, targets, strict=True)]
    predicted = [(each != IGNORED).sum() for each in targets]
    return DirectionLosses(totals[0], totals[1], predicted, items)


def _labels_of_steps(
    labels: Tensor, mask: Tensor, sentences: BoundedSentences, begin: int | None, end: int | None
) -> Tensor:
    """Return the label of each step (batch, time + 2), -100 where there is none.

    Args:
        labels: (batch, time), -100 on padding.
        mask: (batch, time, bool), true on the tokens that were read.
        sentences: The layout of the steps.
        begin: The label of the begin of a sentence, if it has one.
        end: Likewise of its end.
    """
    steps = nn.functional.pad(labels.gather(1, sentences.positions), (1, 1), value=IGNORED)
    lengths = mask.sum(1, keepdim=True)
    for place, beside, label in (
        (torch.zeros_like(lengths), torch.ones_like(lengths), begin),
        (lengths + 1, lengths, end),
    ):
        is_left_out = (steps.gather(1, beside) == IGNORED) | (lengths == 0)
        boundary = torch.full_like(lengths, IGNORED if label is None else label)
        steps = steps.scatter(1, place, boundary.masked_fill(is_left_out, IGNORED))
    return steps


def _total(head: nn.Linear, hidden: Tensor, targets: Tensor, sampled: SampledLoss | None) -> Tensor:
    may_skip = may_skip_logits(head)
    if sampled is not None:
        return sampled(hidden, head, targets, None if may_skip else head(hidden))
    if may_skip:
        return vocabulary_loss(hidden, head, targets)
    logits = head(hidden)
    logits = logits.float() if logits.dtype in (torch.float16, torch.bfloat16) else logits
    return nn.functional.cross_entropy(logits, targets, ignore_index=IGNORED, reduction="sum")


def direction_logits(
    head: nn.Module, hidden: Sequence[Tensor], sentences: BoundedSentences, mask: Tensor
) -> list[Tensor]:
    """Return the logits (batch, time, vocab_size) of each direction about each token.

    The arguments are those of ``direction_losses``.
    """
    time = mask.shape[1]
    columns = sentences.positions.argsort(1).unsqueeze(-1)  # the token of each column
    found = []
    # The step before a token predicts it forward, and the step after it backward.
    for side, first in zip(hidden, (0, 2), strict=True):
        steps = sentences.steps(head(side))[:, first : first + time]
        logits = steps.gather(1, columns.expand_as(steps))
        found.append(logits.where(mask.unsqueeze(-1), 0))
    return found
