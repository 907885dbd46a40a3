"""How the words of an evaluation set are found among those of the vectors."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal, TypeAlias, get_args

import numpy as np
from gensim.models import KeyedVectors

from .._csls import unit_rows

__all__ = ["Case", "WordLookup", "rows_of", "unit_blocks"]

Case: TypeAlias = Literal["fold", "fall-back", "exact", "gensim"]


class WordLookup:
    """Finds words among the most frequent ones of a set of vectors.

    A word that the vectors hold has its own vector in all cases but "gensim".

    Args:
        vectors: gensim ``KeyedVectors``, those of fastText and compressed ones included.
        limit: Number of words to look among, from the first (the most frequent) on; ``None`` for
            all.
        case: What a word that the vectors lack may be taken for. "fold": the first word of the same
            lower case, else its UPPER case, and for a word in capitals the first that has it as its
            UPPER case; words of the same lower case count as the same answer. "fall-back": lower
            case, Capitalised or UPPER case. "exact": nothing. "gensim": words of the same UPPER
            case are the same word, which has the vector of the first, as with gensim's
            ``case_insensitive=True``; so Turkish "ı" is "i" and German "ß" is "ss".

    Raises:
        ValueError: If ``limit`` is below 1, ``case`` is unknown, or there are no vectors.
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
        self._index: Mapping[str, int] = (
            vectors.key_to_index if limit is None else self._first_rows(str)
        )

    def key(self, word: str) -> str:
        """Return what words must have in common to count as the same word."""
        if self.case == "gensim":
            return word.upper()
        return word.lower() if self.case == "fold" else word

    def row(self, word: str) -> int:
        """Return the row of a word, -1 where it is unknown."""
        if self.case == "gensim":
            return self._by_key.get(word.upper(), -1)
        row = self._index.get(word, -1)
        if row >= 0 or self.case == "exact":
            return row
        if self.case == "fall-back":
            forms = (word.lower(), word.lower().capitalize(), word.upper())
            return next((self._index[form] for form in forms if form in self._index), -1)
        row = self._by_key.get(word.lower(), -1)
        capitals = word.upper()
        if row < 0:
            # Upper case loses what tells letters apart, so it is tried only where one side has it.
            row = (self._by_capitals if word == capitals else self._index).get(capitals, -1)
        return row

    def rows(self, words: Iterable[str]) -> np.ndarray:
        """Return the row of each word, int64, -1 where it is unknown."""
        return np.array([self.row(word) for word in words], dtype=np.int64)

    def same(self, row: int, other: int) -> bool:
        """Return whether the words of two rows count as the same."""
        return row == other or self.key(self.words[row]) == self.key(self.words[other])

    def forms(self, rows: Iterable[int]) -> dict[int, list[int]]:
        """Return all rows that count as the same word as each of these rows."""
        rows = set(rows)
        if self.case not in ("fold", "gensim"):
            return {row: [row] for row in rows}
        found: dict[str, list[int]] = {self.key(self.words[row]): [] for row in rows}
        for row, word in enumerate(self.words):
            forms = found.get(self.key(word))
            if forms is not None:
                forms.append(row)
        return {row: found[self.key(self.words[row])] for row in rows}

    @cached_property
    def _by_key(self) -> dict[str, int]:
        return self._first_rows(self.key)

    @cached_property
    def _by_capitals(self) -> dict[str, int]:
        return self._first_rows(str.upper)

    def _first_rows(self, key: Callable[[str], str]) -> dict[str, int]:
        # Backwards, so that of several words of the same key the first stays.
        return {key(self.words[row]): row for row in range(len(self.words) - 1, -1, -1)}

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
