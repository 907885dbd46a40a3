"""The honest floors: popularity, neighbours of items, and rules; none of them is a network.

Each is a class that reads training sessions, the oldest first, and gives the scores of all items
after the items of a session. An item of which it knows nothing has the score 0.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..fitted import Fitted
from ..model_rows import Work
from .catalog import Catalog
from .neighbors import SessionNeighbors, by_popularity
from .ranking import Ids, Query, Ranked, Scorer, Session, rank_sessions
from .refitting import refitted

Scores = NDArray[np.float64]


class Floor(Protocol):
    """A model without a network."""

    def scores(self, ids: Ids) -> Scores:
        """Return the scores (items,) after the items of a session, which has at least one."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what it has learned."""


class Popularity:
    """The number of training events of each item.

    Args:
        sessions: The ids of each training session.
        items: The number of items.
    """

    def __init__(self, sessions: Sequence[Ids], items: int) -> None:
        self.counts = np.bincount(np.concatenate(sessions), minlength=items).astype(np.float64)

    def scores(self, ids: Ids) -> Scores:
        """Return the counts."""
        return self.counts

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the counts."""
        return {"counts": self.counts}


class SessionPopularity(Popularity):
    """How often the session has had an item; of equal ones the more popular item is first."""

    def scores(self, ids: Ids) -> Scores:
        """Return the counts in the session, with a share of the counts in training."""
        own = np.bincount(ids, minlength=len(self.counts))
        return own + self.counts / (self.counts.max() + 1)


class ItemNeighbors:
    """The sessions that an item has in common with the last item of the session (item-kNN).

    The similarity is the cosine of the vectors of sessions, with a number added to the counts below
    it, so that rare items do not lead by chance (Hidasi et al. 2016).

    Args:
        sessions: The ids of each training session.
        items: The number of items.
        damping: The number.
    """

    def __init__(self, sessions: Sequence[Ids], items: int, damping: float = 20.0) -> None:
        rows = np.repeat(np.arange(len(sessions)), [len(ids) for ids in sessions])
        columns = np.concatenate(sessions)
        had = sparse.csr_array((np.ones(len(rows)), (rows, columns)), (len(sessions), items))
        had.data[:] = 1.0  # an item that a session has had twice counts once
        shared = (had.T @ had).tocoo()
        own = shared.diagonal()
        below = np.sqrt((own[shared.row] + damping) * (own[shared.col] + damping))
        values = np.where(shared.row == shared.col, 0.0, shared.data / below)
        self.similarities = sparse.csr_array((values, (shared.row, shared.col)), shared.shape)

    def scores(self, ids: Ids) -> Scores:
        """Return the similarities with the last item."""
        return _row(self.similarities, ids[-1])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the similarities."""
        return _parts(self.similarities)


class Rules:
    """Sequential rules: which items followed the last item, nearer ones more (Ludewig et al. 2018).

    An item that came j steps after another adds 1/j to the score of that pair. With one step these
    are the counts of a Markov chain. Items with equal scores are in the order of their popularity.

    Args:
        sessions: The ids of each training session.
        items: The number of items.
        steps: The largest distance.
    """

    def __init__(self, sessions: Sequence[Ids], items: int, steps: int = 10) -> None:
        weights: Counter[tuple[int, int]] = Counter()
        for ids in sessions:
            told = ids.tolist()
            for distance in range(1, min(steps, len(told) - 1) + 1):
                for pair in zip(told, told[distance:], strict=False):
                    weights[pair] += 1 / distance  # type: ignore[assignment]
        rows, columns = np.array([*weights]).T if weights else np.empty((2, 0), np.int64)
        values = np.array([*weights.values()])
        self.counts = np.bincount(np.concatenate(sessions), minlength=items)
        self.weights = sparse.csr_array((values, (rows, columns)), (items, items))

    def scores(self, ids: Ids) -> Scores:
        """Return the weights of the pairs with the last item, and a little for the popularity."""
        return _row(self.weights, ids[-1]) + by_popularity(self.counts)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the weights and the counts."""
        return _parts(self.weights) | {"counts": self.counts}


KINDS: dict[str, Any] = {
    "popularity": Popularity,
    "session popularity": SessionPopularity,
    "item neighbors": ItemNeighbors,
    "rules": Rules,
    "session neighbors": SessionNeighbors,
}


def _row(matrix: sparse.csr_array, row: int) -> Scores:
    scores = np.zeros(matrix.shape[1])
    places = slice(*matrix.indptr[row : row + 2])
    scores[matrix.indices[places]] = matrix.data[places]
    return scores


def _parts(matrix: sparse.csr_array) -> dict[str, NDArray[Any]]:
    return {name: getattr(matrix, name) for name in ("data", "indices", "indptr")}


def scorer_of(floor: Floor) -> Scorer:
    """Return the scores of a floor step by step; items that it knows nothing of have none."""

    def scorer(queries: Sequence[Query]) -> Iterator[tuple[int, int, NDArray[Any]]]:
        for place, (ids, first) in enumerate(queries):
            for step in range(first - 1, len(ids) - 1):
                scores = floor.scores(ids[: step + 1])
                yield place, step, np.where(scores > 0, scores, -np.inf)[None]

    return scorer


def fit_floor(work: Work) -> Fitted:
    """Count what the row's floor counts."""
    return refitted(work, _fit)


def _fit(work: Work) -> Fitted:
    settings = dict(work.row.config)
    kind = KINDS[settings.pop("floor")]
    start = time.perf_counter()
    catalog = Catalog.of(work.data["train"])
    sessions = [catalog.known(items) for items in work.data["train"]["items"]]
    floor: Floor = kind(sessions, len(catalog.items), **settings)
    seconds = time.perf_counter() - start
    scorer, drops_seen = scorer_of(floor), bool(work.data["train"]["drops_seen"][0])
    arrays: dict[str, Any] = floor.arrays()

    def predict(sessions: Sequence[Session]) -> list[Ranked]:
        return rank_sessions(sessions, scorer, catalog, drops_seen)

    def save(folder: Path) -> None:
        np.savez_compressed(folder / "floor.npz", items=np.array(catalog.items), **arrays)

    size = sum(array.size for array in arrays.values())
    return Fitted(
        predict=predict,
        save=save,
        validation=float("nan"),  # `refitted` knows it
        parameters=size,
        trainable_parameters=size,
        training_seconds=seconds,
        training_rate=len(sessions) / max(seconds, 1e-9),
        truncation="none",
        respond=lambda session: predict([Session(session)]),
    )
