"""Rows of frames that are changed in another way in each epoch, alike in every run."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.epochs import EpochDataset


class Perturbation(EpochDataset):
    """A training set whose rows are changed by one of several factors, drawn in each epoch.

    The factor of a row depends on the seed, the epoch and its place only, so a resumed run and
    every rank see the same ones.

    Args:
        dataset: Rows with ``input_features`` (time, channels), in the order of training: a
            ``LengthGroupedDataset``, or another one with ``set_epoch``.
        factors: Those to draw from, all equally often.
        seed: Seed of the run.

    Raises:
        ValueError: If there is no factor, or one that is not a number above 0.
    """

    # The name of a factor and of several in messages, and what keeps the draws of two kinds apart.
    noun: str = "factor"
    nouns: str = "factors"
    stream: tuple[int, ...] = ()

    def __init__(self, dataset: Any, factors: Sequence[float], seed: int):
        if not factors:
            raise ValueError(f"{self.nouns} is empty, expected at least one number above 0")
        for factor in factors:
            check_factor(factor, self.noun)
        self.dataset = dataset
        self.factors = [*factors]
        self.seed = seed
        super().__init__()

    @abstractmethod
    def changed(self, frames: Any, factor: float) -> NDArray[np.float32]:
        """Return frames (time, channels) changed by a factor."""

    def set_epoch(self, epoch: int) -> None:
        """Draw the factors of an epoch, and order the rows as they are ordered in it."""
        super().set_epoch(epoch)
        if hasattr(self.dataset, "set_epoch"):
            self.dataset.set_epoch(epoch)

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> dict[str, Any]:
        self.follow_epoch()
        row = dict(self.dataset[index])
        drawn = np.random.default_rng([self.seed, self.epoch, index, *self.stream])
        factor = self.factors[drawn.integers(len(self.factors))]
        row["input_features"] = self.changed(row["input_features"], factor)
        return row


def check_factor(factor: float, noun: str) -> None:
    """Raise a ``ValueError`` if a factor is not a number above 0."""
    if not 0 < factor < float("inf"):
        raise ValueError(f"a {noun} is {factor}, expected a number above 0")
