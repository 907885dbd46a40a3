"""Rows are dictionaries; a split gets values of a row by the name of a column or a function."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

Row = dict[str, Any]
Rows = list[Row]
Splits = dict[str, Rows]
# The name of a column, or a function of the row.
Column = str | Callable[[Row], Any]


def column_values(rows: Sequence[Row], column: Column) -> list[Any]:
    """Return the value of a column for each row.

    Raises:
        ValueError: If a row does not have the column.
    """
    if callable(column):
        return [column(row) for row in rows]
    for number, row in enumerate(rows, 1):
        if column not in row:
            known = ", ".join(map(repr, row)) or "none"
            raise ValueError(f"Row {number} has no column {column!r}; its columns are {known}.")
    return [row[column] for row in rows]


def is_missing(value: Any) -> bool:
    """Check whether a value is missing: ``None``, white space only, or NaN and the like."""
    blank = isinstance(value, str) and not value.strip()
    return value is None or blank or bool(value != value)


def present_values(
    rows: Sequence[Row], column: Column, what: str, where: str | None = None
) -> list[Any]:
    """Return the value of a column for each row; a missing value is an error.

    Args:
        rows: The rows.
        column: The column.
        what: The name of the column in messages, such as "time".
        where: Where the rows are, for messages, such as "the part 'train'"; by default their
            number.

    Raises:
        ValueError: If a row does not have the column or its value.
    """
    values = column_values(rows, column)
    for number, value in enumerate(values, 1):
        if is_missing(value):
            raise ValueError(
                f"Row {number} of {where or len(rows)} has no {what}, and every row needs one."
            )
    return values


def seeded_digest(seed: int, text: str) -> bytes:
    """Return a key that sorts texts in random order, the same on every machine for each seed."""
    return hashlib.sha256(f"{seed}\n{text}".encode("utf-8", "surrogatepass")).digest()
