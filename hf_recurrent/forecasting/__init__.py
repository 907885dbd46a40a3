"""Forecasting: series read from files, frequencies, windows of training, and forecasts."""

from typing import TYPE_CHECKING

from .._lazy import import_lazily

if TYPE_CHECKING:
    from .forecasts import Forecast as Forecast
    from .forecasts import forecast as forecast
    from .frequencies import lags_for as lags_for
    from .frequencies import season_of as season_of
    from .frequencies import time_feature_names as time_feature_names
    from .frequencies import time_features as time_features
    from .reading import read_series as read_series
    from .series import Series as Series
    from .windows import SeriesWindows as SeriesWindows

import_lazily(__name__)
