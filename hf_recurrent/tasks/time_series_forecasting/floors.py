"""The honest floors: naive and seasonal naive forecasts, and the methods of statsforecast."""

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from ..._extras import require
from ...forecasting.forecasts import Forecast
from ...forecasting.series import STEPS, Series
from ...metrics.forecasting import LEVELS
from ..fitted import Fitted
from ..floors import floor
from ..model_rows import Work

Values = NDArray[np.float32]
Method = Callable[[Values, int], Forecast]
# The longest season of the methods of statsforecast.
_LONGEST_SEASON = 24


def fit_floor(work: Work) -> Fitted:
    """Return a floor, which is fitted anew to the past of each window.

    Raises:
        ImportError: If it is of statsforecast, which is not installed.
    """
    kind = work.row.config["floor"]
    horizon, season = (int(work.data["train"][0][name]) for name in STEPS)
    longest = work.row.config.get("longest")
    method: Method
    if kind == "naive":
        method, note = partial(seasonal_naive, season=1), ""
    elif kind == "seasonal naive":
        method, note = partial(seasonal_naive, season=season), f"season of {season} steps"
    else:
        own = season if season <= _LONGEST_SEASON else 1
        method = partial(statistical, kind=kind, season=own)
        note = f"season of {own} steps" if own > 1 else "no season"
        require("statsforecast.models", "forecasting", f"The floor {kind}")

    def predict(series: Sequence[Series]) -> list[Forecast]:
        pasts = (each.carried_forward() for each in series)
        return [method(past if longest is None else past[-longest:], horizon) for past in pasts]

    return floor(work, kind, predict, note, horizon=horizon, season=season)


def seasonal_naive(values: Values, horizon: int, season: int = 1) -> Forecast:
    """Return the last season again, with normal errors that grow with the root of the seasons.

    The deviation is that of the changes from season to season on the past.

    Args:
        values: The past, without gaps.
        horizon: Steps to forecast.
        season: Steps of a season; 1 for the naive forecast. A past that is shorter gives the naive
            forecast.
    """
    past = values.astype(np.float64)
    season = season if season <= len(past) else 1
    steps = np.arange(horizon)
    middle = past[len(past) - season + steps % season]
    errors = past[season:] - past[: len(past) - season]
    deviation = np.sqrt(np.mean(errors**2)) if len(errors) else 0.0
    spread = deviation * np.sqrt(steps // season + 1)
    return Forecast(middle + norm.ppf(LEVELS)[:, None] * spread)


def statistical(values: Values, horizon: int, kind: str, season: int) -> Forecast:
    """Return the forecast of a method of statsforecast, ``AutoETS`` or ``AutoTheta``.

    A past on which it cannot be fitted, such as one of a few steps, gives the naive forecast.

    Args:
        values: The past, without gaps.
        horizon: Steps to forecast.
        kind: The name of the method.
        season: Steps of a season.
    """
    methods = require("statsforecast.models", "forecasting", f"The floor {kind}")
    widths = [round(100 * (1 - 2 * level)) for level in LEVELS if level < 0.5]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found: Any = getattr(methods, kind)(season_length=season).forecast(
                y=values.astype(np.float64), h=horizon, level=widths
            )
        except Exception:  # it raises plain ones
            return seasonal_naive(values, horizon)
    low = [found[f"lo-{width}"] for width in widths]
    high = [found[f"hi-{width}"] for width in reversed(widths)]
    return Forecast(np.stack([*low, found["mean"], *high]).astype(np.float64))
