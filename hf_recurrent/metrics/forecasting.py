"""Errors of forecasts: MASE, weighted quantile loss, sMAPE and coverage, as GluonTS counts them.

Missing values of the future count nowhere. A forecast that is no number has no error, so the figure
is NaN then.
"""

from collections.abc import Sequence
from typing import Any

import datasets
import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._wording import counted
from ._base import SimpleMetric

_VALUES = datasets.Sequence(datasets.Value("float64"))
_QUANTILES = datasets.Sequence(_VALUES)
LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


class MeanAbsoluteScaledError(SimpleMetric):
    """Mean absolute error of each forecast over that of the seasonal naive forecast on its past.

    A series whose past never changes from season to season has no such error and does not count.
    Of a past that is no longer than a season, the error is that of the naive forecast.

    Example:
        >>> metric = MeanAbsoluteScaledError()
        >>> metric.compute(predictions=[[4.0, 4.0]], references=[[5.0, 7.0]], histories=[[1, 2, 4]])
        {'mase': 1.3333333333333333}
    """

    _description = "The mean absolute scaled error (Hyndman and Koehler 2006)."
    _inputs = """
Args:
    predictions: The forecasts, a list for each series.
    references: The values that followed, likewise; NaN for a missing one.
    histories: The values before, likewise.
    season: Number of steps of a season, 1 by default.
"""
    _value = _VALUES

    def _compute(
        self,
        predictions: Sequence[Any],
        references: Sequence[Any],
        histories: Sequence[Any],
        season: int = 1,
    ) -> dict[str, float]:
        return {"mase": scaled_error(references, predictions, histories, season)}


class WeightedQuantileLoss(SimpleMetric):
    """Twice the pinball loss over the sum of the absolute values, as a mean over levels.

    Example:
        >>> metric = WeightedQuantileLoss()
        >>> metric.compute(predictions=[[[8.0], [12.0]]], references=[[10.0]], levels=[0.1, 0.9])
        {'mean_weighted_quantile_loss': 0.04}
    """

    _description = "The mean weighted quantile loss."
    _inputs = """
Args:
    predictions: For each series a list for each level, with its quantile of each step.
    references: The values that followed, a list for each series; NaN for a missing one.
    levels: The levels, .1 to .9 by default.
"""
    _value = {"predictions": _QUANTILES, "references": _VALUES}  # noqa: RUF012

    def _compute(
        self,
        predictions: Sequence[Any],
        references: Sequence[Any],
        levels: Sequence[float] = LEVELS,
    ) -> dict[str, float]:
        found = weighted_quantile_loss(references, predictions, levels)
        return {"mean_weighted_quantile_loss": found}


class SymmetricPercentageError(SimpleMetric):
    """Mean over all steps of twice the absolute error over the sum of the absolute values.

    A step where both are 0 counts as 0.

    Example:
        >>> SymmetricPercentageError().compute(predictions=[[5.0, 0.0]], references=[[15.0, 0.0]])
        {'smape': 0.5}
    """

    _description = "The symmetric mean absolute percentage error, between 0 and 2."
    _inputs = """
Args:
    predictions: The forecasts, a list for each series.
    references: The values that followed, likewise; NaN for a missing one.
"""
    _value = _VALUES

    def _compute(self, predictions: Sequence[Any], references: Sequence[Any]) -> dict[str, float]:
        return {"smape": symmetric_error(references, predictions)}


class IntervalCoverage(SimpleMetric):
    """Share of the values between two quantiles, both included.

    Example:
        >>> metric = IntervalCoverage()
        >>> metric.compute(predictions=[[[1.0, 1.0], [3.0, 3.0]]], references=[[2.0, 4.0]])
        {'coverage': 0.5}
    """

    _description = "The coverage of prediction intervals."
    _inputs = """
Args:
    predictions: For each series the lower and the upper bounds of its steps, two lists.
    references: The values that followed, a list for each series; NaN for a missing one.
"""
    _value = {"predictions": _QUANTILES, "references": _VALUES}  # noqa: RUF012

    def _compute(self, predictions: Sequence[Any], references: Sequence[Any]) -> dict[str, float]:
        return {"coverage": coverage(references, predictions)}


def _array(values: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(values, np.float64)


def _known(
    right: ArrayLike, found: ArrayLike, *rows: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the values of a series that are known, and what was predicted of them.

    Args:
        right: (steps,) the values.
        found: (*rows, steps) the predictions.
        *rows: The number of levels or bounds, where there are some.

    Raises:
        ValueError: If there are more of the one than of the other.
    """
    values, predicted = _array(right), _array(found)
    expected = (*rows, *values.shape)
    if predicted.shape != expected:
        raise ValueError(
            f"the predictions of a series have shape {predicted.shape}, expected {expected}: its "
            f"references have {counted(len(values), 'step')}"
            + (f", and there are {rows[0]} levels" if rows else "")
        )
    known = np.isfinite(values)
    return values[known], predicted[..., known]


def scaled_error(
    references: Sequence[Any],
    predictions: Sequence[Any],
    histories: Sequence[Any],
    season: int | Sequence[int] = 1,
) -> float:
    """Return the MASE of forecasts; see ``MeanAbsoluteScaledError``.

    Args:
        references: The values that followed, a row for each series.
        predictions: The forecasts, likewise.
        histories: The values before, likewise.
        season: The number of steps of a season, one for all series or one for each.
    """
    seasons = [season] * len(references) if isinstance(season, int) else season
    errors = []
    for right, found, past, lag in zip(references, predictions, histories, seasons, strict=True):
        history = _array(past)
        lag = lag if lag < len(history) else 1  # as GluonTS does
        changes = np.abs(history[lag:] - history[: len(history) - lag])
        changes = changes[np.isfinite(changes)]
        values, predicted = _known(right, found)
        if len(changes) and changes.mean() > 0 and len(values):
            errors.append(np.abs(values - predicted).mean() / changes.mean())
    return float(np.mean(errors)) if errors else float("nan")


def weighted_quantile_loss(
    references: Sequence[Any], quantiles: Sequence[Any], levels: Sequence[float] = LEVELS
) -> float:
    """Return the mean weighted quantile loss of quantiles (levels, steps) of each series."""
    total, losses = 0.0, np.zeros(len(levels))
    share = _array(levels)[:, None]
    for right, found in zip(references, quantiles, strict=True):
        values, predicted = _known(right, found, len(levels))
        above = values - predicted
        losses += (2 * np.maximum(share * above, (share - 1) * above)).sum(axis=1)
        total += np.abs(values).sum()
    return float((losses / total).mean()) if total else float("nan")


def symmetric_error(references: Sequence[Any], predictions: Sequence[Any]) -> float:
    """Return the sMAPE of forecasts; see ``SymmetricPercentageError``."""
    pairs = [_known(*pair) for pair in zip(references, predictions, strict=True)]
    right, found = (np.concatenate(each) for each in zip(*pairs, strict=True))
    size = np.abs(right) + np.abs(found)
    errors = 2 * np.abs(right - found) / np.where(size == 0, 1, size)
    return float(errors.mean()) if len(errors) else float("nan")


def coverage(references: Sequence[Any], bounds: Sequence[Any]) -> float:
    """Return the share of values between two bounds (2, steps) of each series."""
    pairs = [_known(*pair, 2) for pair in zip(references, bounds, strict=True)]
    right = np.concatenate([values for values, _ in pairs])
    low, high = np.concatenate([predicted for _, predicted in pairs], axis=1)
    if not len(right) or np.isnan(low).any() or np.isnan(high).any():
        return float("nan")
    return float(((right >= low) & (right <= high)).mean())
