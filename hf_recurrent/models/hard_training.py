"""Which units count in the loss of a batch, and how much.

A unit is what has a loss of its own: a row of a classifier, each label of a row with several labels
or in regression, a token of a tagger, and a whole sentence of a tagger with a CRF.

Training can weigh the units by their own difficulty, which is the plain loss per label: the
negative log-probability of the right label, without class weights and label smoothing; the squared
error in regression; the negative log-likelihood divided by the number of tags for a CRF, or the
longest sentence would be the hardest.

- The focal loss (Lin et al. 2017) multiplies the loss of a unit by (1 - p)^gamma, where p is the
  exponential of minus its difficulty: the probability of the right label, and for a CRF the
  geometric mean over the tags of a sentence. Sure units count less.
- Online hard example mining (Shrivastava et al. 2016) keeps the hardest share of the units.
- Self-paced learning (Kumar et al. 2010) keeps the units whose difficulty is below a limit, which
  rises during training (``SelfPacedLearning`` of ``hf_recurrent.training`` does this).

Focal loss and self-paced learning look at one unit alone, so with gradient accumulation and on
several devices their parts add up to the loss of the whole batch, exactly. The divisor is the
number of all labels, those of the units that are left out included: a batch of few easy units takes
a small step. Mining is different. Each part of a batch keeps its own hardest units, since a part
does not know the others, so the units that are kept are not the hardest of the whole batch. The
loss of a part is the mean over what it keeps, times the part's share of all labels. So the scale
does not depend on the number of parts, and with one part it is the mean over the units kept.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor


class HardTraining(NamedTuple):
    """How the units of a batch are weighed; the defaults leave the loss as it is.

    Attributes:
        focal_gamma: The exponent of the focal loss.
        hard_example_share: Share of the units that are kept, the hardest, rounded up.
        loss_limit: The difficulty from which on a unit is left out.
    """

    focal_gamma: float = 0.0
    hard_example_share: float = 1.0
    loss_limit: float = math.inf


def weighed(losses: Tensor, difficulty: Tensor, items: Tensor, hard: HardTraining) -> Tensor:
    """Return the losses (units,) times their weights, 0 for a unit that is left out.

    Args:
        losses: (units,) the loss of each, 0 for a unit without a label.
        difficulty: (units,) the plain loss per label.
        items: (units,) how many labels each has.
        hard: How the units are weighed.
    """
    if hard.focal_gamma:
        losses = losses * _focal_factor(difficulty, hard.focal_gamma)
    if hard.loss_limit < math.inf:
        # A loss that is no number is not left out, or training would go on without a word.
        losses = losses.where(~(difficulty >= hard.loss_limit), 0)
    if hard.hard_example_share < 1:
        kept = _hardest(difficulty, items > 0, hard.hard_example_share)
        # Divided by all labels, this is the mean over those that are kept.
        scale = items.sum() / items.where(kept, 0).sum().clamp(min=1)
        losses = losses.where(kept, 0) * scale
    return losses


def _focal_factor(difficulty: Tensor, gamma: float) -> Tensor:
    """Return (1 - p)^gamma; it is part of the loss, so it has a gradient too."""
    # At p = 1 the gradient of a power below 1 is infinite.
    smallest = torch.finfo(difficulty.dtype).tiny
    return (-torch.expm1(-difficulty)).clamp(min=smallest) ** gamma


def _hardest(difficulty: Tensor, labelled: Tensor, share: float) -> Tensor:
    """Return which units (units,) are the hardest ``share`` of the labelled ones, rounded up."""
    # 0.07 * 100 is a little more than 7.
    number = math.ceil(share * int(labelled.sum()) - 1e-9)
    hardest = difficulty.detach().masked_fill(~labelled, -math.inf).topk(number).indices
    return torch.zeros_like(labelled).index_fill(0, hardest, True)
