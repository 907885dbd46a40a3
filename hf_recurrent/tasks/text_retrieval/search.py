"""A search over the documents of a collection, alone or beside BM25."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import datasets
import numpy as np
from numpy.typing import NDArray

from ...metrics.retrieval import average_precision
from ...retrieval.bm25 import Bm25
from ...retrieval.ranking import fuse, top, unit_rows
from .data import judgements
from .judging import DEPTH, Ranked

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
# Weights of an encoder beside BM25, among which the validation queries choose.
WEIGHTS = tuple(number / 10 for number in range(1, 10))


@dataclass(frozen=True)
class Searcher:
    """A search by scores.

    Attributes:
        scores: Returns the scores (queries, documents) of queries; minus infinity for a document
            that is never found.
        bm25: BM25 to fuse them with, if any.
        weight: The weight of ``scores`` beside BM25.
        index_bytes: Size of what is searched.
    """

    scores: Callable[[Sequence[str]], NDArray[Any]]
    bm25: Bm25 | None = None
    weight: float = 1.0
    index_bytes: int = 0

    def with_bm25(self, bm25: Bm25, weight: float) -> "Searcher":
        """Return the search fused with BM25."""
        return replace(self, bm25=bm25, weight=weight)

    def alone(self, query: str) -> NDArray[np.int64]:
        """Return the ranking for a query, without BM25."""
        return top(self.scores([query])[0], DEPTH)

    def predict(self, queries: Sequence[str]) -> list[Ranked]:
        """Return the rankings for queries, alone and fused."""
        return [
            Ranked(top(scores, DEPTH), self._fused(query, scores))
            for query, scores in zip(queries, self.scores(queries), strict=True)
        ]

    def _fused(self, query: str, scores: NDArray[Any]) -> NDArray[np.int64] | None:
        if self.bm25 is None:
            return None
        return top(fuse(self.bm25.scores(query), scores, self.weight), DEPTH)


def choose_weight(searcher: Searcher, bm25: Bm25, rows: datasets.Dataset) -> float:
    """Return the weight beside BM25 whose rankings have the best mean average precision."""
    queries, grades = rows["query"][:], judgements(rows)
    both = [
        (bm25.scores(query), scores, own)
        for query, scores, own in zip(queries, searcher.scores(queries), grades, strict=True)
    ]

    def figure(weight: float) -> float:
        return sum(
            average_precision(top(fuse(first, second, weight), DEPTH).tolist(), own)
            for first, second, own in both
        )

    return max(WEIGHTS, key=figure)


def dense_search(texts: Sequence[str], encode: Encode) -> Searcher:
    """Return a search by the cosines of vectors; a document without text is never found.

    Args:
        texts: The documents.
        encode: Returns the vectors of texts.
    """
    vectors = unit_rows(np.nan_to_num(encode(texts)))
    empty = np.array([not text for text in texts])

    def scores(queries: Sequence[str]) -> NDArray[np.float32]:
        found = unit_rows(encode(queries)) @ vectors.T
        found[:, empty] = -np.inf
        return found

    return Searcher(scores, index_bytes=vectors.nbytes)
