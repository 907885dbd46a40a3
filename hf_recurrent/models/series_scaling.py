"""The size of each series, found from its own values alone.

A network that reads series of all sizes reads them scaled. transformers' scalers give a row without
a value the scale of its batch, so that a row alone and a row in a batch differ, a row of zeros the
scale 1e-10, a constant a scale near 0, and NaN under a mask stays NaN. Here each of these rows has
a scale of its own that is not near 0.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor


class Scale(NamedTuple):
    """What is subtracted from the values of each row, and what they are divided by: (batch, 1)."""

    loc: Tensor
    scale: Tensor

    def apply(self, values: Tensor) -> Tensor:
        """Return values (batch, time) as the network reads them."""
        return (values - self.loc) / self.scale

    def repeated(self, times: int) -> "Scale":
        """Return the same for a batch that repeats each row so many times."""
        return Scale(self.loc.repeat_interleave(times, 0), self.scale.repeat_interleave(times, 0))


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    """Return the weighted mean of each row (batch, 1), 0 where all weights are 0."""
    return (values * weights).sum(1, keepdim=True) / weights.sum(1, keepdim=True).clamp(min=1)


def _unit(values: Tensor) -> Tensor:
    """Return the largest absolute value of each row (batch, 1) where its square is no number.

    It is 1 for all others, of which nothing is rounded then.
    """
    largest = values.detach().abs().amax(1, keepdim=True)
    numbers = torch.finfo(values.dtype)
    # Sums of squares, and squares of small differences, want room of their own.
    usual = (largest < numbers.max**0.4) & (largest > numbers.tiny**0.4)
    return largest.masked_fill(usual | (largest == 0), 1)


def _by_mean(values: Tensor, weights: Tensor, lag: int) -> tuple[Tensor, Tensor]:
    size = _mean(values.abs(), weights)
    return torch.zeros_like(size), size


def _by_deviation(values: Tensor, weights: Tensor, lag: int) -> tuple[Tensor, Tensor]:
    loc = _mean(values, weights)
    variance = _mean((values - loc).square(), weights)
    # The slope of the square root at 0 is infinite, and 0 * inf would be the gradient.
    flat = variance <= 0
    return loc, variance.masked_fill(flat, 1).sqrt().masked_fill(flat, 0)


def _by_change(values: Tensor, weights: Tensor, lag: int) -> tuple[Tensor, Tensor]:
    steps = torch.arange(values.shape[1], device=values.device)
    last = steps.mul(weights > 0).amax(1, keepdim=True)
    both = weights[:, lag:] * weights[:, : values.shape[1] - lag]
    change = _mean((values[:, lag:] - values[:, : values.shape[1] - lag]).abs(), both)
    return values.gather(1, last), change


# How the location and the scale of rows follow from values (batch, time), which of them count
# (1 or 0, batch, time), and the lag of changes.
SCALINGS: dict[str, Callable[[Tensor, Tensor, int], tuple[Tensor, Tensor]]] = {
    "mean": _by_mean,
    "std": _by_deviation,
    "change": _by_change,
}


def find_scale(
    kind: str | None, values: Tensor, observed: Tensor, context: int, lag: int = 1
) -> Scale:
    """Return the location and the scale of each row.

    Args:
        kind: A name of ``SCALINGS``; ``None`` for 0 and 1.
        values: (batch, time), finite where they are observed.
        observed: (batch, time, bool), true where a value is known.
        context: How many of the last steps count; changes reach ``lag`` steps further back. A row
            without a value in them is scaled by its earlier values.
        lag: The distance of the two values of a change.

    Returns:
        The scale of a row without any value is 1 and its location 0. A row whose scale would be 0,
        or within rounding errors of it, has the mean of its absolute values as scale, and 1 if
        these are 0.
    """
    if kind is None or not values.shape[1]:
        loc = values.new_zeros(len(values), 1)
        return Scale(loc, torch.ones_like(loc))
    steps = torch.arange(values.shape[1], device=values.device)
    counting = context + lag if kind == "change" else context
    recent = observed & (steps >= values.shape[1] - counting)
    counted = torch.where(recent.any(1, keepdim=True), recent, observed)
    # A mask first: 0 * NaN would be NaN.
    known, weights = values.where(counted, 0), counted.to(values)
    unit = _unit(known)
    known = known / unit
    loc, scale = SCALINGS[kind](known, weights, lag)
    size = _mean(known.abs(), weights)
    flat = scale <= 4 * torch.finfo(values.dtype).eps * size
    instead = torch.where(size > 0, size, torch.ones_like(size))
    return Scale(loc * unit, torch.where(flat, instead, scale) * unit)
