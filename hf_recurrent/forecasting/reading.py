"""Series from tables (CSV, TSV, Parquet, JSON), wide or long, and from Monash's .tsf files."""

import os
import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .._wording import did_you_mean, listed
from ..data.tables import Table, read_table
from .frequencies import parse_frequency
from .series import Series
from .tsf import read_tsf

# Names that a column may have when none is given, in lower case.
TIMES = ("time", "date", "datetime", "timestamp", "ds", "month", "week", "day", "year")
ITEMS = ("item_id", "unique_id", "series", "item")
_LARGEST = float(np.finfo(np.float32).max)
_MISSING = ("", "na", "n/a", "#n/a", "#na", "<na>", "nan", "nat", "null", "none", "?", ".")
# What a column without a name is called: that of an index, which pandas writes too.
_NO_NAME = re.compile(r"(Unnamed: \d+|__index_level_\d+__)?$")


def read_series(
    path: str | os.PathLike[str],
    *,
    time_column: str | None = None,
    target_column: str | None = None,
    item_column: str | None = None,
    covariate_columns: str | None = None,
    past_covariate_columns: str | None = None,
    freq: str | None = None,
) -> list[Series]:
    """Read the series of a file.

    A table is long if a column names the item of each row, and otherwise wide: each target column
    is a series of its own, with the column's name, or in a long table one for each item, with the
    name "item, column".

    Args:
        path: A table, or a .tsf file, which tells its frequency and takes no columns.
        time_column: The column of time stamps; by default one with a usual name ("date", "ds").
        target_column: The column of values, or several with commas between them. The default of a
            wide table are all columns of numbers, and of a long one its only column of numbers.
        item_column: The column of items; by default one with a usual name ("unique_id").
        covariate_columns: Columns that are known for future steps too, with commas between them.
            Rows after the last value hold those of the future.
        past_covariate_columns: Columns that are known of the past alone, likewise; they may have
            gaps.
        freq: The frequency; by default that of the time stamps. With it, a step without a row is a
            missing value.

    Raises:
        ValueError: If a column is missing or named twice, a value is no number, or time stamps are
            unsorted, repeated or irregular; the message names the file and the series.
        OSError: If the file cannot be read.
    """
    file = Path(path)
    if file.suffix.lower() == ".tsf":
        options = {"time_column": time_column, "target_column": target_column}
        options |= {"item_column": item_column, "covariate_columns": covariate_columns}
        options |= {"past_covariate_columns": past_covariate_columns, "freq": freq}
        given = [name for name, value in options.items() if value]
        if given:
            raise ValueError(
                f"{file} is a .tsf file, which has no columns and tells its frequency: leave out "
                f"{given[0]}."
            )
        return read_tsf(file)
    return series_of_table(
        read_table(file),
        time_column,
        target_column,
        item_column,
        covariate_columns,
        past_covariate_columns,
        freq,
    )


def series_of_table(
    table: Table,
    time_column: str | None = None,
    target_column: str | None = None,
    item_column: str | None = None,
    covariate_columns: str | None = None,
    past_covariate_columns: str | None = None,
    freq: str | None = None,
) -> list[Series]:
    """Return the series of a table; see ``read_series``."""
    source, columns = table.source, table.columns
    if freq is not None:
        _checked(source, parse_frequency, freq)
    named = {
        "time_column": time_column,
        "target_column": target_column,
        "item_column": item_column,
        "covariate_columns": covariate_columns,
        "past_covariate_columns": past_covariate_columns,
    }
    told = {option: _named(source, columns, given, option) for option, given in named.items()}
    _check_uses(source, told)
    time = _column(source, columns, told, "time_column", TIMES)
    item = _column(source, columns, told, "item_column", ITEMS)
    if time is None:
        raise ValueError(
            f"{source} has no column of a usual name for the time ({', '.join(TIMES)}) among its "
            f"columns, {listed([repr(name) for name in columns])}: name it by time_column."
        )
    targets = told["target_column"]
    if not targets:
        uses = {time, item, *(name for names in told.values() for name in names)}
        left = [c for c in columns if c not in uses]
        targets = [c for c in left if _is_numeric(columns[c]) and not _NO_NAME.match(c)]
        _warn_of_others(source, {c: columns[c] for c in left if c not in targets})
        if item is not None and len(targets) > 1:
            raise ValueError(
                f"{source} has items, and {listed(targets)} are all columns of numbers: name that "
                "of the values by target_column, or several with commas between them."
            )
    if not targets:
        raise ValueError(f"{source} has no column of numbers: name one by target_column.")
    stamps = _stamps(source, columns[time], time)

    def numbers(names: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([_numbers(source, columns[name], name) for name in names], 1)

    extra, past = told["covariate_columns"], told["past_covariate_columns"]
    covariates = numbers(extra) if extra else None
    past_covariates = numbers(past) if past else None
    values = dict(zip(targets, numbers(targets).T, strict=True))
    places: dict[str | None, Any] = {None: np.arange(len(stamps))}
    if item is not None:
        found: dict[str | None, list[int]] = {}
        for row, name in enumerate(columns[item]):
            if name is None or name != name or not str(name).strip():
                raise ValueError(
                    f"{source}, row {row + 1}: column '{item}' is empty, expected the name of a "
                    "series in each row."
                )
            found.setdefault(str(name), []).append(row)
        places = {name: np.array(rows) for name, rows in found.items()}
    several = len(targets) > 1
    return [
        _series(
            source,
            target if name is None else f"{name}, {target}" if several else name,
            stamps,
            values[target],
            covariates,
            past_covariates,
            rows,
            freq,
            item is None,
        )
        for name, rows in places.items()
        for target in targets
    ]


def _check_uses(source: str, told: Mapping[str, Sequence[str]]) -> None:
    """Raise ``ValueError`` if a column is named twice."""
    uses: dict[str, str] = {}
    for option, names in told.items():
        for name in names:
            if name in uses:
                where = f"{uses[name]} and {option}" if uses[name] != option else option
                raise ValueError(
                    f"{source}: the column '{name}' is named twice, by {where}: expected each "
                    "column once."
                )
            uses[name] = option


def _checked(source: str, check: Any, *given: Any) -> Any:
    try:
        return check(*given)
    except ValueError as error:
        raise ValueError(f"{source}: {error}.") from None


def _column(
    source: str,
    columns: Mapping[str, Any],
    told: Mapping[str, Sequence[str]],
    option: str,
    usual: Sequence[str],
) -> Any:
    """Return the one column that an option names, or else one of a usual name without a use."""
    if len(told[option]) > 1:
        raise ValueError(f"{source}: {option} names {listed(told[option])}, expected one column.")
    if told[option]:
        return told[option][0]
    taken = {name for names in told.values() for name in names}
    return next((c for c in columns if c.lower() in usual and c not in taken), None)


def _named(source: str, columns: Mapping[str, Any], given: str | None, option: str) -> list[str]:
    whole = [given] if given and given in columns else (given or "").split(",")
    names = [name.strip() for name in whole if name.strip()]
    for name in names:
        if name not in columns:
            raise ValueError(
                f"{source} has no column '{name}' (its columns are "
                f"{', '.join(map(repr, columns))}): name the column by {option}."
                f"{did_you_mean(name, columns)}"
            )
    return names


def _is_missing(value: Any) -> bool:
    return value is None or value != value or str(value).strip().lower() in _MISSING


def _warn_of_others(source: str, columns: Mapping[str, Sequence[Any]]) -> None:
    """Warn of columns that are no targets for a few values that are no numbers."""
    for name, values in columns.items():
        wrong = [row for row, value in enumerate(values) if not _is_numeric([value])]
        wrong = [row for row in wrong if not _is_missing(values[row])]
        if 0 < len(wrong) < len(values) / 2:
            warnings.warn(
                f"{source}: the column '{name}' is not forecast, as row {wrong[0] + 1} of it holds "
                f"{str(values[wrong[0]])[:40]!r}, which is no number: name it by target_column, or "
                "leave such values empty.",
                stacklevel=4,
            )


def _is_numeric(values: Sequence[Any]) -> bool:
    try:
        [float(value) for value in values if not _is_missing(value)]
    except (TypeError, ValueError):
        return False
    return any(not _is_missing(value) for value in values)


def _numbers(source: str, values: Sequence[Any], name: str) -> NDArray[np.float32]:
    found = np.full(len(values), np.nan, np.float32)
    for row, value in enumerate(values):
        if _is_missing(value):
            continue
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise ValueError(
                f"{source}, row {row + 1}: column '{name}' holds {str(value)[:40]!r}, expected a "
                "number, or nothing for a missing value."
            ) from None
        if not abs(number) < _LARGEST:
            raise ValueError(
                f"{source}, row {row + 1}: column '{name}' holds {value}, expected a finite number."
            )
        found[row] = number
    return found


def _stamps(source: str, values: Sequence[Any], name: str) -> pd.DatetimeIndex:
    texts = [str(value).strip() for value in values]
    # Years and days without hyphens are dates, and not nanoseconds since 1970.
    form = {4: "%Y", 6: "%Y%m", 8: "%Y%m%d"}.get(len(texts[0])) if texts else None
    digits = bool(texts) and all(t.isdigit() and len(t) == len(texts[0]) for t in texts)
    try:
        index = pd.DatetimeIndex(
            pd.to_datetime(texts, format=form if digits and form else "ISO8601")
        )
    except (ValueError, TypeError):
        wrong = next((row for row, text in enumerate(texts) if not _is_stamp(text)), None)
        if wrong is None:  # each is one, and together they are not
            raise ValueError(
                f"{source}: column '{name}' mixes time stamps of several time zones, such as those "
                "of summer and winter: expected all of one, or without any."
            ) from None
        raise ValueError(
            f"{source}, row {wrong + 1}: column '{name}' holds {texts[wrong][:40]!r}, expected a "
            "date such as 2024-05-31 or 2024-05-31 12:00."
        ) from None
    if index.hasnans:
        raise ValueError(
            f"{source}, row {int(index.isna().argmax()) + 1}: column '{name}' is empty, expected a "
            "date such as 2024-05-31 in each row."
        )
    return index.tz_localize(None) if index.tz is not None else index


def _is_stamp(text: str) -> bool:
    try:
        pd.to_datetime([text], format="ISO8601")
    except (ValueError, TypeError):
        return False
    return True


def _series(
    source: str,
    item: str,
    stamps: pd.DatetimeIndex,
    values: NDArray[np.float32],
    covariates: NDArray[np.float32] | None,
    past_covariates: NDArray[np.float32] | None,
    rows: NDArray[Any],
    freq: str | None,
    is_alone: bool,
) -> Series:
    """Return a series at regular steps, from its rows of a table."""
    own = stamps[rows]
    where = f"{source}, series {item!r}"
    wrong = np.flatnonzero(own[1:] <= own[:-1])
    if len(wrong):
        earlier, later = own[wrong[0]], own[wrong[0] + 1]
        how = "stands twice" if later == earlier else "is before the time stamp above it"
        raise ValueError(
            f"{where}: the time stamp {later} {how}: expected one row for each step, sorted by "
            f"time{', or the name of the column of items, item_column' if is_alone else ''}."
        )
    step = freq or _inferred(where, own)
    grid = pd.date_range(own[0], own[-1], freq=step)
    places = grid.get_indexer(own)
    if (places < 0).any():
        off = own[int(np.argmax(places < 0))]
        raise ValueError(
            f"{where}: the time stamp {off} is no step of the frequency {step} that begins at "
            f"{own[0]}: expected another frequency (freq), or regular time stamps."
        )

    def spread_out(given: NDArray[np.float32]) -> NDArray[np.float32]:
        found = np.full((len(grid), *given.shape[1:]), np.nan, np.float32)
        found[places] = given[rows]
        return found

    spread = spread_out(values)
    told = past = np.zeros((0, 0), np.float32)
    if covariates is not None:
        told = spread_out(covariates)
        if np.isnan(told).any():
            missing = grid[int(np.argmax(np.isnan(told).any(1)))]
            raise ValueError(
                f"{where}: a covariate is missing at {missing}, and each step needs all of them."
            )
        known = np.isfinite(spread)
        if known.any():  # what follows the last value is the future
            spread = spread[: len(spread) - int(np.argmax(known[::-1]))]
    if past_covariates is not None:
        past = spread_out(past_covariates)[: len(spread)]
    return Series(item, spread, step, grid[0], told, past)


def _inferred(where: str, stamps: pd.DatetimeIndex) -> str:
    found: Any = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas 3 announces that it will return an object
        if len(stamps) > 2:
            found = pd.infer_freq(stamps)
    try:
        if found is not None:
            parse_frequency(getattr(found, "freqstr", found))
            return str(getattr(found, "freqstr", found))
    except ValueError:
        found = None
    raise ValueError(
        f"{where}: the time stamps have no regular frequency: expected equal steps of at least "
        "three, or the option freq, which names the frequency, so that steps without a row are "
        "missing values."
    )
