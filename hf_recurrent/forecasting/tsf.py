"""Monash's .tsf files: series of a forecasting archive as text (Godahewa et al. 2021)."""

from pathlib import Path

import numpy as np
import pandas as pd

from .._wording import counted
from ..data.encodings import decode_text
from .series import Series

_LARGEST = float(np.finfo(np.float32).max)
# Their names of frequencies, as pandas writes them.
_FREQUENCIES = {
    "yearly": "YS",
    "quarterly": "QS",
    "monthly": "MS",
    "weekly": "W",
    "daily": "D",
    "hourly": "h",
    "half_hourly": "30min",
    "minutely": "min",
    "10_minutes": "10min",
    "4_seconds": "4s",
}


def read_tsf(path: Path) -> list[Series]:
    """Read the series of a .tsf file.

    Raises:
        ValueError: If a line has a wrong form; the message names it.
        OSError: If the file cannot be read.
    """
    text, _ = decode_text(path.read_bytes(), path.name)
    attributes: list[tuple[str, str]] = []
    freq, data, series = None, False, []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        where = f"{path}, line {number}"
        if not line or line.startswith("#"):
            continue
        if line.startswith("@"):
            word, *told = line.split()
            if word == "@data":
                data = True
            elif word == "@attribute":
                if len(told) != 2 or told[1] not in ("string", "numeric", "date"):
                    raise ValueError(
                        f"{where}: expected '@attribute NAME string', numeric or date."
                    )
                attributes.append((told[0], told[1]))
            elif word == "@frequency" and told:
                if told[0] not in _FREQUENCIES:
                    raise ValueError(
                        f"{where}: the frequency is {told[0]!r}, expected one of "
                        f"{', '.join(_FREQUENCIES)}."
                    )
                freq = _FREQUENCIES[told[0]]
            continue
        if not data:
            raise ValueError(f"{where}: a series stands before the line @data.")
        series.append(_series(where, line, attributes, freq))
    if not series:
        raise ValueError(f"{path} has no series: expected lines after @data.")
    return series


def _series(where: str, line: str, attributes: list[tuple[str, str]], freq: str | None) -> Series:
    *told, values = line.split(":")
    if len(told) != len(attributes):
        raise ValueError(
            f"{where} has {counted(len(told), 'attribute')}, expected {len(attributes)}, and then "
            "the values, with colons between them."
        )
    try:
        numbers = [np.nan if v.strip() == "?" else float(v) for v in values.split(",")]
    except ValueError as error:
        raise ValueError(f"{where}: {error}: expected numbers, or ? for a missing one.") from None
    beyond = next((n for n in numbers if abs(n) > _LARGEST), None)
    if beyond is not None:
        raise ValueError(f"{where} holds {beyond:g}, expected finite numbers.")
    names = [value for value, (_, kind) in zip(told, attributes, strict=True) if kind != "date"]
    dates = [value for value, (_, kind) in zip(told, attributes, strict=True) if kind == "date"]
    start = None
    if dates and freq is not None:
        try:
            start = pd.to_datetime(dates[0], format="%Y-%m-%d %H-%M-%S")
        except ValueError:
            raise ValueError(
                f"{where}: the date is {dates[0]!r}, expected one such as 1990-01-31 00-00-00."
            ) from None
        offset = pd.tseries.frequencies.to_offset(freq)
        if freq == "W":  # weeks that begin on the day of the first step
            freq = f"W-{start.strftime('%a').upper()}"
        elif not offset.is_on_offset(start):
            start = offset.rollback(start)
    return Series(", ".join(names) or where, np.asarray(numbers, np.float32), freq, start)
