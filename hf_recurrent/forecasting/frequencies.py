"""What a frequency of pandas says: its season, and the lags and time features of GluonTS for it."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# The longest lag.
LONGEST_LAG = 1200
_FIRST_LAGS = 7
# Steps of a season by the name of a frequency, as in GluonTS; 1 for any other.
_SEASONS = {"s": 3600, "min": 1440, "h": 24, "D": 1, "W": 1, "B": 5, "ME": 12, "QE": 4}
# Names that pandas had before its version 3, and those of today.
_RENAMED = {"S": "s", "T": "min", "H": "h", "M": "ME", "Q": "QE", "A": "YE", "Y": "YE"}
_FEATURES: dict[str, Callable[[Any], Any]] = {
    "second_of_minute": lambda index: index.second / 59,
    "minute_of_hour": lambda index: index.minute / 59,
    "hour_of_day": lambda index: index.hour / 23,
    "day_of_week": lambda index: index.day_of_week / 6,
    "day_of_month": lambda index: (index.day - 1) / 30,
    "day_of_year": lambda index: (index.day_of_year - 1) / 365,
    "week_of_year": lambda index: (index.isocalendar().week.to_numpy(float) - 1) / 52,
    "month_of_year": lambda index: (index.month - 1) / 11,
}
_DAYS = ("day_of_week", "day_of_month", "day_of_year")
_FEATURES_OF: dict[str, tuple[str, ...]] = {
    "YE": (),
    "QE": ("month_of_year",),
    "ME": ("month_of_year",),
    "W": ("day_of_month", "week_of_year"),
    "D": _DAYS,
    "B": _DAYS,
    "h": ("hour_of_day", *_DAYS),
    "min": ("minute_of_hour", "hour_of_day", *_DAYS),
    "s": ("second_of_minute", "minute_of_hour", "hour_of_day", *_DAYS),
}


def parse_frequency(freq: str) -> tuple[str, int]:
    """Return the name of a frequency and its multiple: ``("W", 2)`` for "2W-SUN".

    The beginnings of months, quarters and years have the names of their ends.

    Raises:
        ValueError: If pandas does not know it, or lags and features of it are not defined.
    """
    try:
        offset = pd.tseries.frequencies.to_offset(freq)
    except ValueError as error:
        raise ValueError(
            f"freq is {freq!r}, expected a frequency of pandas such as D, B, h, W-SUN or MS"
            + _name_of_today(freq)
        ) from error
    if offset.n < 1:
        raise ValueError(f"freq is {freq!r}, expected a step of at least 1")
    name = str(offset.rule_code).split("-")[0]
    if name in ("MS", "QS", "YS"):
        name = name[0] + "E"
    if name not in _FEATURES_OF:
        raise ValueError(
            f"freq is {freq!r}, expected years, quarters, months, weeks, days, business days, "
            "hours, minutes or seconds"
        )
    return name, int(offset.n)


def _name_of_today(freq: str) -> str:
    """Return a hint if the frequency has a name of earlier versions of pandas, else nothing."""
    parts = re.fullmatch(r"(\d*)([A-Z])(-\w+)?", freq)
    if parts is None or parts[2] not in _RENAMED:
        return ""
    return f"; pandas now writes {parts[1]}{_RENAMED[parts[2]]}{parts[3] or ''}"


def same_step(one: str, other: str) -> bool:
    """Check whether two frequencies have the same step, as weeks of any first day have.

    Raises:
        ValueError: If one is unknown.
    """
    return parse_frequency(one) == parse_frequency(other)


def season_of(freq: str) -> int:
    """Return the length of a season in steps, as GluonTS takes it for the MASE.

    Raises:
        ValueError: If the frequency is unknown.
    """
    name, multiple = parse_frequency(freq)
    season, rest = divmod(_SEASONS.get(name, 1), multiple)
    return 1 if rest else season


def lags_for(freq: str, longest: int = LONGEST_LAG) -> list[int]:
    """Return lags for a frequency: the last seven steps, and those about one season ago, or more.

    Raises:
        ValueError: If the frequency is unknown.
    """
    name, multiple = parse_frequency(freq)
    found = {lag for lag in _seasonal_lags(name, float(multiple)) if _FIRST_LAGS < lag <= longest}
    return [*range(1, _FIRST_LAGS + 1), *sorted(found)]


def _seasonal_lags(name: str, multiple: float) -> Iterable[int]:
    if name in ("ME", "QE"):
        yield from _around(12, 3, multiple * (3 if name == "QE" else 1), 1)
    if name == "s":
        yield from _around(60, 3, multiple, 2)
    if name in ("min", "s"):
        yield from _around(60, 3, multiple / (60 if name == "s" else 1), 2)
    hours = {"h": 1, "min": 60, "s": 3600}
    if name in hours:
        yield from _around(24, 7, multiple / hours[name], 1)
    days = {"D": 1, "h": 24, "min": 24 * 60}
    if name in days:
        yield from _around(7, 4, multiple / days[name], 1)
        yield from _near(30, multiple / days[name], 1)
    if name == "B":
        yield from _around(5, 4, multiple, 1)
        yield from _near(22, multiple, 1)
    weeks = {"W": 1, "D": 7, "B": 5, "h": 24 * 7, "min": 60 * 24 * 7}
    if name in weeks:
        steps = multiple / weeks[name]
        yield from _around(52, 3, steps, 1)
        yield from (int(week // steps) for week in (4, 8, 12))


def _around(season: int, cycles: int, multiple: float, beside: int) -> Iterable[int]:
    """Yield the lags of the last cycles of a season, with those beside each."""
    for cycle in range(1, cycles + 1):
        yield from _near(cycle * season, multiple, beside)


def _near(steps: int, multiple: float, beside: int) -> Iterable[int]:
    middle = int(steps // multiple)
    yield from range(middle - beside, middle + beside + 1)


def time_feature_names(freq: str) -> list[str]:
    """Return the names of the time features for a frequency.

    Raises:
        ValueError: If the frequency is unknown.
    """
    return list(_FEATURES_OF[parse_frequency(freq)[0]])


def time_features(names: Sequence[str], index: pd.DatetimeIndex) -> NDArray[np.float32]:
    """Return features (steps, names) of time stamps, each from -0.5 to 0.5.

    Raises:
        ValueError: If a name is unknown.
    """
    for name in names:
        if name not in _FEATURES:
            raise ValueError(f"there is no time feature {name!r}: expected {', '.join(_FEATURES)}")
    columns = [np.asarray(_FEATURES[name](index), np.float32) - 0.5 for name in names]
    return np.stack(columns, 1) if columns else np.zeros((len(index), 0), np.float32)
