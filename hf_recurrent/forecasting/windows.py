"""Windows of series as batches of a forecaster, made when they are asked for.

All series are in one array, so the memory is that of the series, whatever the number of windows,
and a batch is one look-up. Time features are computed once for the calendar that the series share.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from .._wording import counted
from ..data.epochs import EpochDataset
from .frequencies import time_features
from .series import Series


class SeriesWindows(EpochDataset):
    """Windows of some length at every place of series, for training or to forecast.

    A row has ``past_values``, ``past_observed_mask``, ``past_time_features``, ``future_values``,
    ``future_observed_mask`` and ``future_time_features``, and ``past_dynamic_real_features`` if the
    series have covariates of the past alone; what is before the begin of a series is not observed.
    Give ``Trainer`` the data set with ``SeriesWindows.collate`` as data collator, as whole batches
    are made at once.

    Args:
        series: The series.
        past: How many steps a window has before its future (``config.past_length``).
        future: How many steps are predicted.
        features: The names of the time features.
        shortest: How many steps a window has before its future, at least.
        ends: For each series, where the future of its only window begins; without it there is a
            window at every place.
        drawn: How many windows are drawn at random for an epoch, each series with the same
            probability, in place of all windows in order.
        seed: The seed of these draws. The window at a place follows from the seed, the epoch and
            the place, so that a resumed run, workers of a loader and ranks all see the same ones.
        past_covariates: Whether windows hold the covariates of the past alone, if there are any;
            models of transformers do not take them.

    Raises:
        ValueError: If no series has a window, ``drawn`` is below 1, series have other numbers of
            covariates, or series with time features have no time stamps.
    """

    def __init__(
        self,
        series: Sequence[Series],
        past: int,
        future: int,
        features: Sequence[str] = (),
        *,
        shortest: int = 1,
        ends: Sequence[int] | None = None,
        drawn: int | None = None,
        seed: int = 0,
        past_covariates: bool = True,
    ) -> None:
        if drawn is not None and drawn < 1:
            raise ValueError(
                f"the number of windows drawn for an epoch is {drawn}, expected 1 or more."
            )
        if not series:
            raise ValueError("there is no series to take windows of.")
        self.past, self.future, self._drawn, self._seed = past, future, drawn, seed
        _check_covariates(
            series,
            [len(each) for each in series]
            if ends is None
            else [max(len(each), end + future) for each, end in zip(series, ends, strict=True)],
        )
        lengths = np.array([len(each) for each in series])
        # Each series has as many missing values before it and behind it as a window may reach.
        padded = lengths + past + future
        self._starts = np.cumsum([0, *padded[:-1]]) + past
        self._values = np.full(int(padded.sum()), np.nan, np.float32)
        for each, start in zip(series, self._starts, strict=True):
            self._values[start : start + len(each)] = each.values
        width = series[0].covariates.shape[1]
        self._covariates = np.zeros((len(self._values) if width else 0, width), np.float32)
        for each, start in zip(series, self._starts, strict=True):
            if width:
                given = each.covariates[: len(each) + future]
                self._covariates[start : start + len(given)] = given
        width = series[0].past_covariates.shape[1] if past_covariates else 0
        self._past_covariates = np.full((len(self._values) if width else 0, width), np.nan, "f4")
        for each, start in zip(series, self._starts, strict=True):
            if width:
                self._past_covariates[start : start + len(each)] = each.past_covariates
        self._calendar, self._offsets = _calendar(series, features, past, future)
        if ends is None:
            windows = np.maximum(lengths - shortest - future + 1, 0)
            if not windows.any():
                raise ValueError(
                    f"no series is long enough: the longest has {int(lengths.max(initial=0))} "
                    f"steps, and training needs {shortest + future}, some to read and {future} to "
                    "predict."
                )
            self._first = np.cumsum([0, *windows])
            self._begin = np.full(len(series), shortest)
        else:
            self._first = np.arange(len(series) + 1)
            self._begin = np.asarray(ends)
        super().__init__()

    def __len__(self) -> int:
        return int(self._first[-1]) if self._drawn is None else self._drawn

    def begin_epoch(self, epoch: int) -> None:
        """Draw the windows of an epoch, each series with the same probability."""
        if self._drawn is None:
            return
        random = np.random.default_rng([self._seed, epoch])
        counts = np.diff(self._first)
        series = random.choice(np.flatnonzero(counts), self._drawn)
        self._windows = self._first[series] + random.integers(counts[series])

    def __getitem__(self, place: int) -> dict[str, Tensor]:
        """Return one window."""
        return {name: value[0] for name, value in self.batch([place]).items()}

    def __getitems__(self, places: list[int]) -> "list[dict[str, Tensor]]":
        """Return a batch of windows, in the form of a list that ``collate`` takes."""
        return [self.batch(places)]

    @staticmethod
    def collate(rows: list[dict[str, Tensor]]) -> dict[str, Tensor]:
        """Return the batch that the data set made."""
        if len(rows) == 1 and rows[0]["past_values"].dim() == 2:
            return rows[0]
        return {name: torch.stack([row[name] for row in rows]) for name in rows[0]}

    def batch(self, places: Sequence[int] | NDArray[Any]) -> dict[str, Tensor]:
        """Return the windows at these places of the epoch as one batch."""
        self.follow_epoch()
        chosen = np.asarray(places)
        chosen = np.where(chosen < 0, chosen + len(self), chosen)
        if self._drawn is not None:
            chosen = self._windows[chosen]
        owner = np.searchsorted(self._first, chosen, side="right") - 1
        begin = self._begin[owner] + chosen - self._first[owner]
        steps = np.arange(-self.past, self.future)
        at = (self._starts[owner] + begin)[:, None] + steps
        values = self._values[at]
        observed = np.isfinite(values)
        parts = [self._calendar[(self._offsets[owner] + begin)[:, None] + steps]]
        if self._covariates.shape[1]:
            parts.append(self._covariates[at])
        features = np.concatenate(parts, axis=-1) if len(parts) > 1 else parts[0]
        told = {
            # Models of transformers multiply by the mask, and 0 * NaN is NaN.
            "values": np.where(observed, values, np.float32(0)),
            "observed_mask": observed.astype(np.float32),
            "time_features": features,
        }
        batch: dict[str, Tensor] = {}
        for name, array in told.items():
            whole = torch.from_numpy(np.ascontiguousarray(array))
            batch[f"past_{name}"] = whole[:, : self.past]
            batch[f"future_{name}"] = whole[:, self.past :]
        if self._past_covariates.shape[1]:
            given = self._past_covariates[at[:, : self.past]]
            batch["past_dynamic_real_features"] = torch.from_numpy(given)
        return batch


def _check_covariates(series: Sequence[Series], needed: Sequence[int]) -> None:
    """Raise ``ValueError`` unless all series have as many covariates, of as many steps as needed.

    Args:
        series: The series.
        needed: The number of steps of each whose covariates are read.
    """
    first = series[0]
    for each, steps in zip(series, needed, strict=True):
        for name, most in (("covariates", steps), ("past_covariates", len(each))):
            given, width = getattr(each, name), getattr(first, name).shape[1]
            if given.shape[1] != width or (width and len(given) < most):
                kind = name.replace("_", " ")
                raise ValueError(
                    f"the series {each.item!r} has {given.shape[1]} {kind} of "
                    f"{counted(len(given), 'step')}, "
                    f"expected {width} of {most}, as the series {first.item!r} has {width}."
                )


def _calendar(
    series: Sequence[Series], names: Sequence[str], past: int, future: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the features of all steps of all series, and where each series begins in them."""
    if not names:
        longest = max((len(each) for each in series), default=0)
        empty = np.zeros((longest + past + future, 0), np.float32)
        return empty, np.full(len(series), past)
    tables: list[NDArray[np.float32]] = []
    found: dict[tuple[Any, Any], int] = {}
    total = 0
    by_start: dict[tuple[Any, Any], int] = {}
    for each in series:
        key = (each.start, each.freq)
        by_start[key] = max(by_start.get(key, 0), len(each))
    for (start, freq), longest in by_start.items():
        if start is None or freq is None:
            raise ValueError(
                "the series have no time stamps, and the model reads time features: "
                f"{', '.join(names)}."
            )
        offset = pd.tseries.frequencies.to_offset(freq)
        index = pd.date_range(start, periods=longest + future, freq=freq)
        before = pd.date_range(end=index[0] - offset, periods=past, freq=freq)
        table = time_features(names, before.append(index))
        found[start, freq] = total + past
        tables.append(table)
        total += len(table)
    offsets = [found[each.start, each.freq] for each in series]
    return np.concatenate(tables), np.array(offsets)
