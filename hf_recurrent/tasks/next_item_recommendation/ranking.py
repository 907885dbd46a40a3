"""The ranks of right items, and the items that are recommended, from the scores of a model."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...metrics.recommendation import conservative_ranks
from .catalog import Catalog

K = 20
Ids = NDArray[np.int64]
# Yields, for sessions of ids, the place of a session, the place of the first of some steps in a
# row, and the scores (steps, items) after these steps; -inf for an item without a score.
Scorer = Callable[[Sequence["Query"]], Iterator[tuple[int, int, NDArray[Any]]]]


class Session(list[str]):
    """The items of a session, of which the last ``targets`` are to be predicted.

    Args:
        items: The items.
        targets: Number of targets.
    """

    def __init__(self, items: Sequence[str], targets: int = 1) -> None:
        super().__init__(items)
        self.targets = targets


class Query(NamedTuple):
    """The known items of a session.

    Attributes:
        ids: Their ids.
        first: The place of the first item that is to be predicted.
    """

    ids: Ids
    first: int


class Ranked(NamedTuple):
    """The answers of a model to a session.

    Attributes:
        ranks: The rank of each target that is known.
        recommended: The items that are recommended at each of these steps, the best first.
    """

    ranks: list[int]
    recommended: list[list[str]]


def rank_sessions(
    sessions: Sequence[Session], scorer: Scorer, catalog: Catalog, drops_seen: bool
) -> list[Ranked]:
    """Return the ranks of the targets of sessions, each among all items that are known.

    Unknown items are left out: they are no targets, and nothing is predicted from them alone.

    Args:
        sessions: The sessions.
        scorer: The scores of a model.
        catalog: The items that it knows.
        drops_seen: Whether no item is recommended that the session has had.
    """
    queries = [query_of(session, catalog) for session in sessions]
    found: list[list[tuple[int, list[int], list[list[str]]]]] = [[] for _ in queries]
    for place, first, scores in scorer(queries):
        ids = queries[place].ids
        targets = ids[first + 1 : first + 1 + len(scores)]
        if drops_seen:
            scores = without_seen(scores, ids, first)
        ranks = conservative_ranks(scores, targets).tolist()
        names = [[catalog.items[item] for item in row] for row in best(scores)]
        found[place].append((first, ranks, names))
    return [_joined(pieces) for pieces in found]


def query_of(session: Session, catalog: Catalog) -> Query:
    """Return the known items of a session, with the place of the first known target."""
    history = len(session) - session.targets
    return Query(catalog.known(session), max(len(catalog.known(session[:history])), 1))


def _joined(pieces: list[tuple[int, list[int], list[list[str]]]]) -> Ranked:
    ordered = sorted(pieces, key=lambda piece: piece[0])
    return Ranked(
        [rank for _, ranks, _ in ordered for rank in ranks],
        [names for _, _, steps in ordered for names in steps],
    )


def without_seen(scores: NDArray[Any], ids: Ids, first: int) -> NDArray[Any]:
    """Return scores with -inf for the items that a session has had up to each step."""
    kept = scores.copy()
    for step in range(len(kept)):
        kept[step, ids[: first + step + 1]] = -np.inf
    return kept


def best(scores: NDArray[Any], number: int = K) -> list[list[int]]:
    """Return the items with the highest scores at each step, the best first.

    Items without a score are left out; of equal scores the lower id comes first.
    """
    number = min(number, scores.shape[1])
    borders = np.partition(-scores, number - 1, axis=1)[:, number - 1]
    return [_best_of(row, -border, number) for row, border in zip(scores, borders, strict=True)]


def _best_of(scores: NDArray[Any], border: float, number: int) -> list[int]:
    """Return the best of the items whose score is not below a border."""
    found = np.flatnonzero((scores >= border) & (scores > -np.inf))
    order = np.argsort(-scores[found], kind="stable")[:number]
    ids: list[int] = found[order].tolist()
    return ids
