"""How the words of an evaluation set are found among those of the vectors."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypeAlias, get_args

import numpy as np
from gensim.models import KeyedVectors

from .._csls import unit_rows

__all__ = ["Case", "WordLookup", "rows_of", "unit_blocks"]

Case: TypeAlias = Literal["fold", "fall-back", "exact"]


class WordLookup:
    """Finds words among the most frequent ones of a set of vectors.

    Args:
        vectors: gensim KeyedVectors, those of fastText and compressed ones included.
        limit: Number of words to look among, from the first (the most frequent) on; None for all.
        case: "fold" takes words that differ in case alone for the same word, which has the vector
            of its first form, as gensim's `case_insensitive=True` does; "fall-back" takes a word as
            it is, else in lower case, Capitalised or in UPPER case; "exact" takes it as it is.

    Raises:
        ValueError: If `limit` is below 1, `case` is unknown, or there are no vectors.
    """

    def __init__(
        self, vectors: KeyedVectors, limit: int | None = None, case: Case = "fold"
    ) -> None:
        if limit is not None and limit < 1:
            raise ValueError(f"limit must be at least 1 or None, not {limit}.")
        if case not in get_args(Case):
            raise ValueError(f"case must be one of {', '.join(get_args(Case))}, not {case!r}.")
        if len(vectors.index_to_key) == 0:
            raise ValueError("There are no vectors to judge: the set of vectors is empty.")
        self.vectors = vectors
        self.words: Sequence[str] = vectors.index_to_key[:limit]
        self.case = case
        if case != "fold" and limit is None:
            self._index: dict[str, int] = vectors.key_to_index
        else:
            # Backwards, so that of several forms the first stays.
            rows = range(len(self.words) - 1, -1, -1)
            self._index = {self.key(self.words[row]): row for row in rows}

    def key(self, word: str) -> str:
        """Gives what words must have in common to be the same word."""
        return word.upper() if self.case == "fold" else word

    def row(self, word: str) -> int:
        """Gives the row of a word, -1 where it is unknown."""
        row = self._index.get(self.key(word), -1)
        if row < 0 and self.case == "fall-back":
            forms = (word.lower(), word.lower().capitalize(), word.upper())
            return next((self._index[form] for form in forms if form in self._index), -1)
        return row

    def rows(self, words: Iterable[str]) -> np.ndarray:
        """Gives the row of each word, int64, -1 where it is unknown."""
        return np.array([self.row(word) for word in words], dtype=np.int64)

    def forms(self, rows: Iterable[int]) -> dict[int, list[int]]:
        """Gives all rows that count as the same word as each of these rows."""
        wanted = {self.key(self.words[row]): row for row in rows}
        found: dict[int, list[int]] = {row: [] for row in wanted.values()}
        if self.case != "fold":
            return {row: [row] for row in found}
        for row, word in enumerate(self.words):
            first = wanted.get(word.upper())
            if first is not None:
                found[first].append(row)
        return found

    def composed(self, word: str) -> np.ndarray | None:
        """Gives the vector that fastText composes for a word it has not met, None without one."""
        if word in self.vectors.key_to_index or word not in self.vectors:
            return None
        vector = np.asarray(self.vectors[word], dtype=np.float32)
        return vector if vector.any() else None


def rows_of(vectors: KeyedVectors, rows: np.ndarray | slice) -> np.ndarray:
    """Gives rows of the matrix `(rows, dimension)`; of a compressed one no others are decoded."""
    return np.asarray(vectors.vectors[rows])


def unit_blocks(vectors: KeyedVectors, count: int, size: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yields the first `count` rows in blocks of `size`, at length 1, each after its first row."""
    for start in range(0, count, size):
        yield start, unit_rows(rows_of(vectors, slice(start, min(start + size, count))))
