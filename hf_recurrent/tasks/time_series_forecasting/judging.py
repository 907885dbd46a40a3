"""The figures of forecasts, and a few of them for the page."""

from collections.abc import Sequence
from typing import Any

import datasets
import numpy as np

from ...forecasting.forecasts import Forecast
from ...forecasting.frequencies import season_of
from ...metrics.forecasting import (
    coverage,
    scaled_error,
    symmetric_error,
    weighted_quantile_loss,
)
from .data import futures, histories

_SHOWN = 4
_HISTORY = 3  # horizons before a shown window


def judge(predictions: Sequence[Forecast], rows: datasets.Dataset) -> dict[str, float]:
    """Return wQL, MASE, sMAPE and coverage of forecasts."""
    right, before = futures(rows), histories(rows)
    medians = [each.median for each in predictions]
    seasons = [season_of(each.freq) if each.freq else 1 for each in before]
    return {
        "mean_weighted_quantile_loss": weighted_quantile_loss(
            right, [each.quantiles for each in predictions]
        ),
        "mase": scaled_error(right, medians, [each.values for each in before], seasons),
        "smape": symmetric_error(right, medians),
        "band_coverage": coverage(right, [each.quantiles[[0, -1]] for each in predictions]),
    }


def examples(rows: datasets.Dataset, predictions: Sequence[Forecast]) -> list[dict[str, Any]]:
    """Return the last windows of some series, with what was before, forecast and true."""
    shown = []
    places = np.unique(np.linspace(0, len(rows) - 1, _SHOWN).astype(int))
    for place in places.tolist():
        past, right = histories(rows.select([place]))[0], futures(rows.select([place]))[0]
        kept = past.values[-_HISTORY * len(right) :]
        shown.append(
            {
                "item": past.item,
                "past": _json(kept),
                "future": _json(right),
                "quantiles": [_json(row) for row in predictions[place].quantiles],
                "labels": past.times(len(right))[len(past) - len(kept) :],
            }
        )
    return shown


def _json(values: Any) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
