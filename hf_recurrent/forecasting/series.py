"""A series: its values at equal steps of time, and what else is known of the steps."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# The columns of a row that say how many steps are forecast, and how many a season has.
STEPS = ("horizon_steps", "season_steps")


def _nothing() -> NDArray[np.float32]:
    return np.zeros((0, 0), np.float32)


@dataclass(frozen=True)
class Series:
    """Values at equal steps.

    What is given as a list, in another precision or as a text is made what the attributes say.

    Attributes:
        item: Its name.
        values: (steps,) numbers; NaN for a missing one.
        freq: The step, as pandas writes it; ``None`` if it is not known.
        start: The time of the first step; ``None`` if it is not known.
        covariates: (steps or more, covariates) numbers that are known for future steps too.
        past_covariates: (steps, covariates) numbers that are known of the past alone; NaN for a
            missing one.
    """

    item: str
    values: NDArray[np.float32]
    freq: str | None = None
    start: pd.Timestamp | None = None
    covariates: NDArray[np.float32] = field(default_factory=_nothing, repr=False)
    past_covariates: NDArray[np.float32] = field(default_factory=_nothing, repr=False)

    def __post_init__(self) -> None:
        """Make arrays and a time stamp; raise a ``ValueError`` if they have another form."""
        for name, dimensions in (("values", 1), ("covariates", 2), ("past_covariates", 2)):
            given = np.asarray(getattr(self, name), np.float32)
            if given.ndim != dimensions:
                raise ValueError(
                    f"the series {self.item!r}: {name} has shape {given.shape}, expected "
                    f"{'(steps,)' if dimensions == 1 else '(steps, covariates)'}"
                )
            object.__setattr__(self, name, given)
        if self.start is not None:
            object.__setattr__(self, "start", pd.Timestamp(self.start))

    def __len__(self) -> int:
        return len(self.values)

    def index(self, steps: int | None = None) -> pd.DatetimeIndex:
        """Return the time stamps of so many steps, by default of those that have a value.

        Raises:
            ValueError: If the time is not known.
        """
        if self.start is None or self.freq is None:
            raise ValueError(f"the series {self.item!r} has no time stamps")
        return pd.date_range(
            self.start, periods=len(self) if steps is None else steps, freq=self.freq
        )

    def times(self, steps: int) -> list[str]:
        """Return the times of all steps and of so many after them; their numbers without any."""
        total = len(self) + steps
        if self.start is None or self.freq is None:
            return [str(step + 1) for step in range(total)]
        index = self.index(total)
        whole = bool((index == index.normalize()).all())
        return [str(each.date() if whole else each) for each in index]

    def until(self, end: int) -> "Series":
        """Return the series with its first values only; what is known of the future stays."""
        return replace(self, values=self.values[:end], past_covariates=self.past_covariates[:end])

    def carried_forward(self) -> NDArray[np.float32]:
        """Return the values with the last known one in each gap, without missing ones at the start.

        A series without any value gives an empty array.
        """
        filled = pd.Series(self.values).ffill().to_numpy()
        return filled[np.isfinite(filled)]


def check_series(series: Sequence[Series], counts: bool = False) -> None:
    """Check that each series has a value, and that it holds counts where these are wanted.

    Raises:
        ValueError: If one has none, or another value; the message names the series.
    """
    for each in series:
        known = each.values[np.isfinite(each.values)]
        if not len(known):
            raise ValueError(f"the series {each.item!r} has no value: every step of it is missing.")
        if counts:
            wrong = known[(known < 0) | (known != np.round(known))]
            if len(wrong):
                raise ValueError(
                    f"the series {each.item!r} holds {float(wrong[0]):g}, expected counts, which "
                    "are whole numbers of at least 0."
                )


def as_row(series: Series, horizon: int, season: int) -> dict[str, Any]:
    """Return a series as the row of a data set; ``of_row`` is the way back."""
    return {
        "series_name": series.item,
        "series_start": "" if series.start is None else series.start.isoformat(),
        "series_freq": series.freq or "",
        "series_values": series.values,
        "series_covariates": series.covariates.ravel(),
        "num_covariates": series.covariates.shape[1],
        "series_past_covariates": series.past_covariates.ravel(),
        "num_past_covariates": series.past_covariates.shape[1],
        "horizon_steps": horizon,
        "season_steps": season,
    }


def of_row(row: Any) -> Series:
    """Return the series of a row."""
    return Series(
        row["series_name"],
        _numbers(row["series_values"]),
        row["series_freq"] or None,
        pd.Timestamp(row["series_start"]) if row["series_start"] else None,
        _table(row["series_covariates"], int(row["num_covariates"])),
        _table(row["series_past_covariates"], int(row["num_past_covariates"])),
    )


def _numbers(given: Any) -> NDArray[np.float32]:
    return np.asarray([np.nan if value is None else value for value in given], np.float32)


def _table(given: Any, width: int) -> NDArray[np.float32]:
    return _numbers(given).reshape(-1, width) if width else _nothing()
