"""Covariates that are known of the past alone, such as a temperature that was measured.

A step reads those of the step before it, as it reads the value before it. So the first step of the
future reads those of the last step of the past, and each later one reads the last known ones again
with the mark that they are not known, in training as in a forecast: nothing of the future is asked
for. A gap in the past is read in the same way.

Each of them is a series beside the one that is forecast, so each is scaled by its own past, in the
way that the values are.
"""

import torch
from torch import Tensor

from .series_inputs import carried_forward
from .series_scaling import find_scale


def check_covariates(given: Tensor | None, values: Tensor, width: int) -> Tensor:
    """Return ``past_dynamic_real_features`` (batch, time, width).

    Args:
        given: The argument.
        values: (batch, time), with as many rows and steps as the covariates should have.
        width: How many covariates the configuration says.

    Raises:
        ValueError: If they are missing, or have another shape.
    """
    shape = (*values.shape, width)
    if given is None and width:
        raise ValueError(
            f"past_dynamic_real_features is missing, and the model reads {width} numbers for each "
            "step of the past (num_past_dynamic_real_features): give a tensor of shape "
            f"{shape}, NaN where one is not known"
        )
    if given is None:
        return values.new_zeros(shape)
    if given.shape != shape:
        raise ValueError(
            f"past_dynamic_real_features has shape {tuple(given.shape)}, expected {shape} by "
            "num_past_dynamic_real_features"
        )
    return given


def read_covariates(
    kind: str | None, given: Tensor, exists: Tensor, context: int, lag: int
) -> Tensor:
    """Return scaled covariates without gaps, and then the marks of the known ones.

    Args:
        kind: See ``find_scale``, for ``context`` and ``lag`` too.
        given: (batch, past, covariates); NaN is a missing one.
        exists: (batch, past, bool), false in padding, which may hold anything.
        context: How many of the last steps are scaled by.
        lag: The distance of the two values of a change.

    Returns:
        (batch, past, 2 * covariates).
    """
    rows, steps, width = given.shape
    if not width:
        return given
    columns = given.transpose(1, 2).flatten(0, 1)
    seen = columns.isfinite() & exists.repeat_interleave(width, 0)
    values = columns.where(seen, 0)
    scale = find_scale(kind, values, seen, context, lag)
    filled = carried_forward(scale.apply(values).where(seen, 0), seen)
    both = torch.stack([filled, seen.to(filled)])
    return both.view(2, rows, width, steps).permute(1, 3, 0, 2).flatten(2)


def carried_on(covariates: Tensor, steps: int) -> Tensor:
    """Return what ``read_covariates`` gave with so many steps behind it that are not known."""
    values, marks = covariates[:, -1:].chunk(2, dim=-1)
    unknown = torch.cat([values, torch.zeros_like(marks)], dim=-1)
    return torch.cat([covariates, unknown.expand(-1, steps, -1)], dim=1)
