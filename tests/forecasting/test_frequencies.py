"""Seasons, lags and time features of frequencies, as GluonTS has them."""

import numpy as np
import pandas as pd
import pytest

from hf_recurrent.forecasting.frequencies import (
    lags_for,
    parse_frequency,
    season_of,
    time_feature_names,
    time_features,
)

ALL = ("YS", "QS", "2MS", "ME", "W-SUN", "2W", "D", "3D", "B", "h", "2h", "6h", "30min", "min")
ALL += ("15s", "s")


def test_lags_by_the_table() -> None:
    business = [*range(1, 8), 9, 10, 11, 14, 15, 16, *range(19, 24), 39, 59]
    assert lags_for("B") == [*business, 258, 259, 260, 518, 519, 520, 778, 779, 780]
    weekly = [*range(1, 9), 12, 51, 52, 53, 103, 104, 105, 155, 156, 157]
    assert lags_for("W-SAT") == weekly
    hourly = lags_for("h")
    assert hourly[:10] == [1, 2, 3, 4, 5, 6, 7, 23, 24, 25]
    assert hourly[-3:] == [719, 720, 721]
    assert lags_for("MS", longest=13) == [1, 2, 3, 4, 5, 6, 7, 11, 12, 13]
    assert lags_for("YE") == [1, 2, 3, 4, 5, 6, 7]


def test_seasons() -> None:
    found = {freq: season_of(freq) for freq in ("B", "W-MON", "h", "2h", "5h", "MS", "QS", "D")}
    assert found == {"B": 5, "W-MON": 1, "h": 24, "2h": 12, "5h": 1, "MS": 12, "QS": 4, "D": 1}


def test_features_by_hand() -> None:
    index = pd.DatetimeIndex(["2024-01-01 00:00", "2024-12-31 23:00"])  # a Monday, a Tuesday
    names = time_feature_names("h")
    assert names == ["hour_of_day", "day_of_week", "day_of_month", "day_of_year"]
    found = time_features(names, index)
    assert found[0].tolist() == [-0.5, -0.5, -0.5, -0.5]
    np.testing.assert_allclose(found[1], [0.5, 1 / 6 - 0.5, 0.5, 0.5], atol=1e-6)
    assert time_features([], index).shape == (2, 0)
    with pytest.raises(ValueError, match="'moon'"):
        time_features(["moon"], index)


@pytest.mark.parametrize("freq", ["fortnight", "3L", "", "0D", "-1D"])
def test_unknown(freq: str) -> None:
    with pytest.raises(ValueError, match="freq is"):
        parse_frequency(freq)


@pytest.mark.parametrize(("freq", "today"), [("2H", "2h"), ("M", "ME"), ("A-DEC", "YE-DEC")])
def test_a_name_of_earlier_pandas_is_told_that_of_today(freq: str, today: str) -> None:
    if pd.__version__ < "3":
        pytest.skip("pandas below 3 takes the old names")
    with pytest.raises(ValueError, match=f"; pandas now writes {today}$"):
        parse_frequency(freq)
    assert parse_frequency(today)


@pytest.mark.parametrize("freq", ALL)
def test_equal_to_gluonts(freq: str) -> None:
    gluonts = pytest.importorskip("gluonts.time_feature", reason="gluonts is not installed")
    if parse_frequency(freq)[0] != "QE":
        assert lags_for(freq) == gluonts.get_lags_for_frequency(freq, lag_ub=1200)
    assert season_of(freq) == gluonts.get_seasonality(freq)
    index = pd.date_range("2021-03-05", periods=200, freq=freq)
    own = time_features(time_feature_names(freq), index)
    others = [f(index) for f in gluonts.time_features_from_frequency_str(freq)]
    assert own.shape[1] == len(others)
    for column, other in zip(own.T, others, strict=True):
        np.testing.assert_allclose(column, np.asarray(other, float), atol=1e-6)
