"""The named data sets of series, and the readers of their files."""

import csv
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ...data.rows import Splits
from ...data.sources import NamedDataset
from ...forecasting.reading import read_series
from ...forecasting.series import Series

_BY_TIME = "by time: the last windows are the test part, and as many before them validation"


@dataclass(frozen=True, kw_only=True)
class NamedSeries(NamedDataset):
    """A named data set of series.

    Attributes:
        season: Steps of a season, of the seasonal naive forecast.
        horizon: Steps of a window.
        windows: Number of windows.
    """

    season: int
    horizon: int
    windows: int = 5
    language: str = ""
    splits: str = _BY_TIME

    subfolder: ClassVar[str] = "series"


def _rows(series: list[Series]) -> Splits:
    return {"all": [{"series": each} for each in series]}


def _read_table(folder: Path, file: str, **columns: Any) -> Splits:
    return _rows(read_series(folder / file, **columns))


def _read_exchange_rate(folder: Path) -> Splits:
    """Read the rates as GluonTS has them: business days, and five windows of 30 after 6,071."""
    with gzip.open(folder / "exchange_rate.txt.gz", "rt", encoding="ascii") as file:
        table = np.loadtxt(file, delimiter=",", dtype=np.float32)
    start = pd.Timestamp("1990-01-01")
    return _rows(
        [
            Series(f"currency {column + 1}", table[: 6071 + 5 * 30, column], "B", start)
            for column in range(table.shape[1])
        ]
    )


def _read_m4(folder: Path) -> Splits:
    """Read training and test of the competition as one; its files have no time stamps."""
    found: dict[str, list[float]] = {}
    train, test = folder / "m4_weekly_train.csv.gz", folder / "m4_weekly_test.csv"
    for path, text in ((train, gzip.decompress(train.read_bytes())), (test, test.read_bytes())):
        for row in [*csv.reader(text.decode("ascii").splitlines())][1:]:
            values = [float(value) for value in row[1:] if value]
            if path == test and row[0] not in found:
                raise ValueError(f"{path}: the series {row[0]!r} is not in {train.name}.")
            found.setdefault(row[0], []).extend(values)
    return _rows([Series(name, np.array(v, np.float32), "W") for name, v in found.items()])


_SPECS = (
    NamedSeries(
        name="co2",
        title="carbon dioxide in the air of Mauna Loa, 1958 to 2001, weekly",
        license="public domain",
        files=("co2/co2.csv",),
        read=partial(_read_table, file="co2/co2.csv", freq="W-SAT"),
        package="statsmodels-series",
        season=52,
        horizon=52,
    ),
    NamedSeries(
        name="sunspots",
        title="sunspots, 1700 to 2008, yearly",
        license="public domain",
        files=("sunspots/sunspots.csv",),
        read=partial(_read_table, file="sunspots/sunspots.csv", freq="YS"),
        package="statsmodels-series",
        season=11,
        horizon=11,
    ),
    NamedSeries(
        name="seattle-weather",
        title="highest temperature of each day in Seattle, 2012 to 2015",
        license="public domain (NOAA)",
        files=("seattle-weather.csv",),
        read=partial(_read_table, file="seattle-weather.csv", target_column="temp_max"),
        package="seattle-weather",
        season=365,
        horizon=14,
    ),
    NamedSeries(
        name="air-passengers",
        title="passengers of airlines, 1949 to 1960, monthly",
        files=("AirPassengers.csv",),
        read=partial(_read_table, file="AirPassengers.csv", freq="MS"),
        season=12,
        horizon=12,
        windows=2,
    ),
    NamedSeries(
        name="exchange-rate",
        title="eight exchange rates against the US dollar, 1990 to 2013, business days",
        files=("exchange_rate.txt.gz",),
        read=_read_exchange_rate,
        season=5,
        horizon=30,
    ),
    NamedSeries(
        name="m4-weekly",
        title="the 359 weekly series of the M4 competition",
        files=("m4_weekly_train.csv.gz", "m4_weekly_test.csv"),
        read=_read_m4,
        season=52,
        horizon=13,
        windows=1,
    ),
    NamedSeries(
        name="etth1",
        title="loads and oil temperature of an electricity transformer, 2016 to 2018, hourly",
        license="CC BY-ND 4.0",
        publishable=False,
        files=("ETTh1.csv",),
        read=partial(_read_table, file="ETTh1.csv", time_column="date"),
        season=24,
        horizon=24,
        windows=10,
    ),
)
SERIES: Mapping[str, NamedSeries] = MappingProxyType({spec.name: spec for spec in _SPECS})
