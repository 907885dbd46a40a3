"""What a forecaster reads: series of any length, their gaps and lags, all aligned at their end.

A step that does not exist (padding) and a value that is missing are two things. Padding is what
``attention_mask`` names, on either side, and the steps before a row's first value; no layer reads
it. A missing value is one that ``past_observed_mask`` names or that is NaN; its step is read, with
the last value before it in its place, and with the mark that it was missing.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from .series_scaling import Scale


class Past(NamedTuple):
    """The past of a batch, of one length, each row at the end.

    Attributes:
        values: (batch, past) the values, 0 where none is known.
        observed: (batch, past, bool), true where a value is known.
        exists: (batch, past, bool), true from the first known value on, except for padding.
        features: (batch, past, features) the features of the steps, 0 in padding.
    """

    values: Tensor
    observed: Tensor
    exists: Tensor
    features: Tensor


class SeriesInputs(NamedTuple):
    """A batch as the layers read it.

    Attributes:
        vectors: (batch, steps, size), 0 on padding.
        mask: (batch, steps, bool), true on real steps.
        anchors: (batch, steps) the scaled values that the location of each step is added to.
        scale: What the values were scaled by.
        static: (batch, features) what is known of each series as a whole.
        values: (batch, time) the values, 0 where none is known.
        history: (batch, time) the scaled values, gaps filled.
        observed: (batch, time, bool), which of them are known.
        covariates: (batch, time, 2 * covariates) those of the past alone; see
            ``past_covariates.py``.
    """

    vectors: Tensor
    mask: Tensor
    anchors: Tensor
    scale: Scale
    static: Tensor
    values: Tensor
    history: Tensor
    observed: Tensor
    covariates: Tensor


def known(values: Tensor, observed_mask: Tensor | None, name: str) -> Tensor:
    """Return which values are known (batch, time, bool): marked so, and numbers.

    Raises:
        ValueError: If the mask has another shape than the values.
    """
    finite = values.isfinite()
    if observed_mask is None:
        return finite
    if observed_mask.shape != values.shape:
        raise ValueError(
            f"{name}_observed_mask has shape {tuple(observed_mask.shape)}, expected "
            f"{tuple(values.shape)} as {name}_values has"
        )
    return finite & observed_mask.bool()


def step_features(name: str, given: Tensor | None, like: Tensor, width: int) -> Tensor:
    """Return the features of steps (batch, time, width), checked.

    Args:
        name: The argument's name.
        given: The argument.
        like: (batch, time, ...), with as many rows and steps as the features should have.
        width: How many features the configuration says.

    Raises:
        ValueError: If features are missing, or have another shape.
    """
    shape = (*like.shape[:2], width)
    if given is None:
        if width:
            raise ValueError(
                f"{name} is missing, and the model reads {width} numbers for each step "
                "(num_time_features and num_dynamic_real_features), of the future too: give a "
                f"tensor of shape {shape}"
            )
        return like.new_zeros(shape)
    if given.shape != shape:
        raise ValueError(f"{name} has shape {tuple(given.shape)}, expected {shape}")
    return given


def read_past(
    length: int,
    values: Tensor,
    observed: Tensor,
    features: Tensor,
    attention_mask: Tensor | None = None,
) -> Past:
    """Return the last ``length`` steps of each row, with padding before shorter rows.

    Raises:
        ValueError: If ``attention_mask`` has another shape than the values.
    """
    exists = torch.ones_like(observed)
    if attention_mask is not None:
        if attention_mask.shape != values.shape:
            raise ValueError(
                f"attention_mask has shape {tuple(attention_mask.shape)}, expected "
                f"{tuple(values.shape)} as past_values has"
            )
        # The steps that exist move to the end, and keep their order.
        exists = attention_mask.bool()
        exists, order = exists.to(torch.uint8).sort(dim=1, stable=True)
        exists = exists.bool()
        values, observed = values.gather(1, order), observed.gather(1, order)
        features = features.gather(1, order.unsqueeze(-1).expand_as(features))
    lacking = length - values.shape[1]
    if lacking > 0:
        values, observed, exists = (
            torch.nn.functional.pad(x, (lacking, 0)) for x in (values, observed, exists)
        )
        features = torch.nn.functional.pad(features, (0, 0, lacking, 0))
    elif lacking < 0:
        values, observed, exists, features = (
            x[:, -lacking:] for x in (values, observed, exists, features)
        )
    observed = observed & exists
    exists = exists & (observed.cumsum(1) > 0)
    return Past(
        # A mask first: 0 * NaN would be NaN, in the gradient too.
        values.where(observed, 0),
        observed,
        exists,
        features.where(exists.unsqueeze(-1), 0),
    )


def with_future(
    past: Past,
    values: Tensor | None,
    observed_mask: Tensor | None,
    features: Tensor | None,
    steps: int,
) -> Past:
    """Return the past with so many steps of the future behind it.

    Args:
        past: The past.
        values: (batch, steps), or ``None`` where none is known.
        observed_mask: (batch, steps), nonzero where a value is known.
        features: (batch, steps, features).
        steps: How many steps.

    Raises:
        ValueError: If an argument is missing, or has a wrong shape.
    """
    rows = len(past.values)
    if values is None:
        values = past.values.new_full((rows, steps), torch.nan)
    elif len(values) != rows:
        raise ValueError(
            f"future_values has {len(values)} rows, expected {rows} as past_values has"
        )
    values = values.to(past.values)
    observed = known(values, observed_mask, "future")
    features = step_features("future_time_features", features, values, past.features.shape[-1])
    return Past(
        torch.cat([past.values, values.where(observed, 0)], 1),
        torch.cat([past.observed, observed], 1),
        torch.cat([past.exists, torch.ones_like(observed)], 1),
        torch.cat([past.features, features.to(past.features)], 1),
    )


def check_features(features: Tensor, past: int) -> None:
    """Check the features of all steps that exist.

    Args:
        features: (batch, steps, features), zeros on steps that do not.
        past: How many of the steps are the past.

    Raises:
        ValueError: If one is not finite, as it would make each number after it NaN.
    """
    wrong = ~features.isfinite().all(-1)
    if wrong.any():
        row, place = wrong.nonzero()[0].tolist()
        name = "past" if place < past else "future"
        raise ValueError(
            f"{name}_time_features holds a number that is not finite in row {row}: give all "
            "features of each step"
        )


def carried_forward(values: Tensor, observed: Tensor) -> Tensor:
    """Return values (batch, time) with the last known one in each gap, 0 before the first."""
    steps = torch.arange(values.shape[1], device=values.device)
    last = torch.where(observed, steps, -1).cummax(1).values
    return values.gather(1, last.clamp(min=0)).where(last >= 0, 0)


def lagged(values: Tensor, lags: list[int], start: int) -> Tensor:
    """Return the values that lie ``lags`` steps before each step (batch, steps, lags).

    Args:
        values: (batch, time).
        lags: None is larger than ``start``.
        start: The first of these steps; the last is the one after the end.
    """
    end = values.shape[1] + 1
    return torch.stack([values[:, start - lag : end - lag] for lag in lags], dim=-1)


def static_inputs(
    config: Any, categories: Tensor | None, numbers: Tensor | None, rows: int
) -> None:
    """Check what is given of each series as a whole.

    Raises:
        ValueError: If it is missing, has another shape, or a category is out of range.
    """
    for name, given, width in (
        ("static_categorical_features", categories, config.num_static_categorical_features),
        ("static_real_features", numbers, config.num_static_real_features),
    ):
        if given is None and width:
            raise ValueError(f"{name} is missing, expected a tensor of shape {(rows, width)}")
        if given is not None and given.shape != (rows, width):
            raise ValueError(
                f"{name} has shape {tuple(given.shape)}, expected {(rows, width)} by num_{name}"
            )
    if numbers is not None and not numbers.isfinite().all():
        raise ValueError("static_real_features holds a number that is not finite")
    if categories is not None and categories.is_floating_point():
        raise ValueError(
            f"static_categorical_features is {categories.dtype}, expected whole numbers"
        )
    if categories is not None and categories.numel():
        sizes = categories.new_tensor(config.cardinality)
        wrong = ((categories < 0) | (categories >= sizes)).nonzero()
        if len(wrong):
            row, column = wrong[0].tolist()
            raise ValueError(
                f"static_categorical_features holds {int(categories[row, column])} in column "
                f"{column}, expected 0 to {config.cardinality[column] - 1} as cardinality says"
            )
