"""Series by the name of a data set, a file or a Hub id, cut into training, validation and test.

A row of the training part is a series up to the first window of validation. A row of validation or
test is a series up to the end of a window, whose last ``horizon`` values are to be forecast.
"""

import os
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import datasets
import numpy as np

from ..._wording import counted
from ...data.rows import Splits
from ...data.sources import HubSource, is_hub_id, load_hub_parts, load_named, unknown_name
from ...data.tables import Loaded, Table
from ...forecasting.frequencies import same_step, season_of
from ...forecasting.reading import read_series, series_of_table
from ...forecasting.series import Series, as_row, check_series, of_row
from .named import SERIES

_HORIZON, _WINDOWS = 24, 5
_NUMBERS = datasets.List(datasets.Value("float32"))
FEATURES = datasets.Features(
    {
        "series_name": datasets.Value("string"),
        "series_start": datasets.Value("string"),
        "series_freq": datasets.Value("string"),
        "series_values": _NUMBERS,
        "series_covariates": _NUMBERS,
        "num_covariates": datasets.Value("int64"),
        "series_past_covariates": _NUMBERS,
        "num_past_covariates": datasets.Value("int64"),
        "horizon_steps": datasets.Value("int64"),
        "season_steps": datasets.Value("int64"),
    }
)


def load_series(
    name_or_path: str | os.PathLike[str],
    *,
    data_dir: str | os.PathLike[str] | None = None,
    time_column: str | None = None,
    target_column: str | None = None,
    item_column: str | None = None,
    covariate_columns: str | None = None,
    past_covariate_columns: str | None = None,
    freq: str | None = None,
    season: Any = None,
    horizon: Any = None,
    windows: Any = None,
    config: str | None = None,
) -> datasets.DatasetDict:
    """Load series with the splits train, validation and test.

    The test part are the last ``windows`` windows of each series, and validation as many before
    them.

    Args:
        name_or_path: A name of ``SERIES``, a table or .tsf file, or a data set of the Hub.
        data_dir: Folder of the files of named data sets; the environment variable
            HF_RECURRENT_DATA by default.
        time_column: See ``read_series``, for all up to ``freq``.
        target_column: See there.
        item_column: See there.
        covariate_columns: See there.
        past_covariate_columns: See there.
        freq: See there.
        season: Steps of a season for the seasonal naive forecast; by default that of the data set,
            or of the frequency.
        horizon: Steps of a window.
        windows: Number of windows.
        config: The configuration of a data set of the Hub.

    Raises:
        ValueError: If an option or the data are wrong; the message names the file.
        OSError: If the data cannot be read or downloaded.
    """
    name = os.fspath(name_or_path)
    spec = SERIES.get(name)
    columns = {
        "time_column": time_column,
        "target_column": target_column,
        "item_column": item_column,
        "covariate_columns": covariate_columns,
        "past_covariate_columns": past_covariate_columns,
        "freq": freq,
    }
    if spec is not None:
        given = [option for option, value in columns.items() if value] + ["config"] * bool(config)
        if given:
            raise ValueError(
                f"The columns of '{name}' are known: {given[0]} is for files and data sets of the "
                "Hub."
            )
        loaded, origin = load_named(spec, _no_table, data_dir=data_dir)
        series = [each["series"] for each in loaded.splits["all"]]
        defaults = (spec.season, spec.horizon, spec.windows)
    else:
        if Path(name).exists():
            series, origin = read_series(name, **columns), f"the files of {Path(name).name}"
        elif is_hub_id(name):
            series, origin = _from_hub(name, config, columns), f"{name} of the Hub"
        else:
            raise unknown_name(name, SERIES)
        own = season_of(series[0].freq) if series and series[0].freq else 1
        defaults = (own, own if own > 1 else _HORIZON, _WINDOWS)
    told = [
        whole_number(option, value, default)
        for option, value, default in zip(
            ("season", "horizon", "windows"), (season, horizon, windows), defaults, strict=True
        )
    ]
    check_series(series)
    _check_steps(name, series)
    twice = [item for item, times in Counter(each.item for each in series).items() if times > 1]
    if twice:
        raise ValueError(
            f"The data set '{name}' has several series of the name {twice[0]!r}, expected a name "
            "of its own for each."
        )
    parts = cut(name, series, *told)
    info = datasets.DatasetInfo(
        description=f"{name}, from {origin}; {told[2]} windows of {told[1]} steps",
        license=spec.license if spec else "",
        features=FEATURES,
    )
    return datasets.DatasetDict(
        {
            part: datasets.Dataset.from_list(rows, features=FEATURES, info=info)
            for part, rows in parts.items()
        }
    )


def _check_steps(name: str, series: Sequence[Series]) -> None:
    """Raise ``ValueError`` unless all series have the same step: one model has lags of one."""
    items: dict[str, str] = {}  # the first of each frequency that is known
    for each in series:
        if each.freq:
            items.setdefault(each.freq, each.item)
    for freq in items:
        first = next(iter(items))
        if not same_step(freq, first):
            raise ValueError(
                f"The data set '{name}' has series of the frequencies {first} "
                f"({items[first]!r}) and {freq} ({items[freq]!r}), expected the same for all: "
                "name it by freq, or put those of one frequency into a file of their own."
            )


def whole_number(option: str, value: Any, default: int | None) -> int:
    """Return the value of an option, a whole number of at least 1.

    Raises:
        ValueError: If it is none; the message names the option.
    """
    try:
        number = int(default or 0) if value is None else int(value)
    except (TypeError, ValueError):
        number = 0
    if number < 1:
        raise ValueError(f"{option} is {value!r}, expected a whole number of at least 1.")
    return number


def cut(name: str, series: Sequence[Series], season: int, horizon: int, windows: int) -> Splits:
    """Return the rows of the three parts.

    Raises:
        ValueError: If no series is long enough.
    """
    parts: Splits = {"train": [], "validation": [], "test": []}
    held = horizon * windows
    short = []
    for each in series:
        begin = len(each) - 2 * held
        # Without a value before the first window there is nothing to forecast from.
        if begin < 2 or not np.isfinite(each.values[:begin]).any():
            short.append(each)
            continue
        parts["train"].append(as_row(each.until(begin), horizon, season))
        for part, first in (("validation", begin), ("test", begin + held)):
            for number in range(1, windows + 1):
                end = first + number * horizon
                if np.isfinite(each.values[end - horizon : end]).any():
                    parts[part].append(as_row(each.until(end), horizon, season))
    if not parts["train"] or not parts["test"] or not parts["validation"]:
        longest = max(map(len, series), default=0)
        raise ValueError(
            f"The data set '{name}' is too short: its longest series has {longest} steps, and "
            f"{windows} windows of {horizon} steps for validation and for the test need "
            f"{2 * held + 2}, with a value before them: set a smaller horizon, or fewer windows."
        )
    if short:
        left = f"{len(short)} short series " + ("is" if len(short) == 1 else "are")
        warnings.warn(
            f"{left} left out, the first {short[0].item!r} of {counted(len(short[0]), 'step')}: "
            f"windows for validation and for the test need {2 * held + 2}, with a value before "
            "them.",
            stacklevel=3,
        )
    return parts


def histories(rows: datasets.Dataset) -> list[Series]:
    """Return the series before each window; covariates go on over it."""
    told = ((of_row(row), int(row["horizon_steps"])) for row in rows)
    return [series.until(len(series) - horizon) for series, horizon in told]


def futures(rows: datasets.Dataset) -> list[Any]:
    """Return the values of each window."""
    return [of_row(row).values[-int(row["horizon_steps"]) :] for row in rows]


def _no_table(*given: Any) -> Loaded:
    raise FileNotFoundError("the Hub is not known to have it in a form that is read here")


def _from_hub(name: str, config: str | None, columns: dict[str, Any]) -> list[Series]:
    parts = load_hub_parts(HubSource(name, config=config))
    data = parts["train"] if "train" in parts else next(iter(parts.values()))
    told = {column: data[column][:] for column in data.column_names}
    return series_of_table(Table(f"'{name}' of the Hub", told, {}), **columns)
