"""Splits by time: the test part comes after the training part."""

import datetime
import itertools
from collections import Counter
from decimal import Decimal
from numbers import Real
from typing import Any

from .._wording import counted
from .rows import Column, Rows, Splits, is_missing, present_values

_NUMBER, _DATE, _ZONED = "a number", "a date", "a date with its time zone"
_EXPECTED = "expected a number, or a date such as 2024-05-31 or 2024-05-31T12:00"


def time_cell(value: Any, names: list[str] | None = None) -> Any:
    """Return the time of a row in a table, in a form that can be compared (``read_times``).

    Args:
        value: The value in the table.
        names: Names of classes; ``None`` for times.

    Raises:
        ValueError: If it is missing, or not a time.
    """
    if is_missing(value):
        raise ValueError("the time is missing, and every row needs one.")
    read = _read(value)
    if read is None:
        raise ValueError(f"{str(value)[:40]!r} is no time: {_EXPECTED}.")
    return read


def draw_latest(rows: Rows, size: int, parts: int, time: Column) -> tuple[Rows, Rows]:
    """Draw about ``size`` of the latest rows; return them and the rest, in order.

    Rows with the same time stay together. No other cut is nearer to ``size``; of two equally near
    cuts the later one is chosen.

    Args:
        rows: The rows.
        size: The wanted number of rows.
        parts: The number of parts that are still to be made from these rows; enough times remain
            for the others.
        time: The time of a row (``read_times``).

    Raises:
        ValueError: If a row has no time, the times have no order, or there are fewer different
            times than parts.
    """
    times = read_times(rows, time)
    counts = Counter(times)
    if len(counts) < parts:
        raise ValueError(
            f"The rows have {counted(len(counts), 'different time')}, and {parts} parts need at "
            f"least {parts}, as rows of one time are never cut apart."
        )
    latest_first = sorted(counts, reverse=True)
    border, drawn, nearest = latest_first[0], 0, float("inf")
    for moment in latest_first[: len(latest_first) - parts + 1]:
        drawn += counts[moment]
        if abs(drawn - size) >= nearest:
            break
        border, nearest = moment, abs(drawn - size)
    return (
        [row for moment, row in zip(times, rows, strict=True) if moment >= border],
        [row for moment, row in zip(times, rows, strict=True) if moment < border],
    )


def read_times(rows: Rows, time: Column, where: str | None = None) -> list[Any]:
    """Return the time of each row, all of one kind, so that they can be ordered.

    A time is a number, a date, a date with its time of day, or a text with one of them; so "9" is
    before "10". Dates are in ISO 8601. Either all times have a time zone, or none.

    Args:
        rows: The rows.
        time: The time of a row.
        where: Where the rows are, for messages, such as "the part 'train'".

    Raises:
        ValueError: If a row has no time, or its time is not one of these, or is of another kind
            than that of the first row; the message names the row.
    """
    found: list[Any] = []
    first = ""
    for number, value in enumerate(present_values(rows, time, "time", where), 1):
        read = _read(value)
        if read is None:
            raise ValueError(
                f"Row {number} of {where or len(rows)} has the time {str(value)[:40]!r}: "
                f"{_EXPECTED}."
            )
        kind = _kind(read)
        first = first or kind
        if kind != first:
            raise ValueError(
                f"Row {number} of {where or len(rows)} has the time {str(value)[:40]!r}, {kind}, "
                f"and that of row 1 is {first}: times of two kinds have no order."
            )
        found.append(read)
    return found


def out_of_order(splits: Splits, time: Column) -> tuple[str, str] | None:
    """Return the first two successive parts that overlap in time; ``None`` if there are none."""
    parts = {part: read_times(rows, time) for part, rows in splits.items() if rows}
    for earlier, later in itertools.pairwise(parts):
        a, b = parts[earlier], parts[later]
        if _kind(a[0]) != _kind(b[0]) or max(a) >= min(b):
            return earlier, later
    return None


def _read(value: Any) -> Any:
    """Return a time in a form that can be compared; ``None`` if the value is not a time."""
    if isinstance(value, str):
        value = _read_text(value.strip())
    if isinstance(value, datetime.datetime):
        return _in_utc(value)
    if isinstance(value, datetime.date):
        return datetime.datetime.combine(value, datetime.time())
    is_number = isinstance(value, (Real, Decimal)) and not isinstance(value, bool)
    return value if is_number and value == value else None


def _in_utc(value: datetime.datetime) -> datetime.datetime:
    """Return a time with a zone in UTC.

    Python compares two times of the same zone by the local clock, which goes through one hour twice
    when summer time ends.
    """
    if value.utcoffset() is None:
        return value
    try:
        return value.astimezone(datetime.UTC)
    except OverflowError:  # on the first or the last possible day
        return value


def _read_text(text: str) -> Any:
    # An integer stays an integer: a float has too few digits for a time in nanoseconds.
    for read in (int, float, datetime.datetime.fromisoformat):
        try:
            return read(text)
        except ValueError:
            continue
    return None


def _kind(value: Any) -> str:
    if not isinstance(value, datetime.datetime):
        return _NUMBER
    return _DATE if value.utcoffset() is None else _ZONED
