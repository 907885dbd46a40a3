"""Look-up of the words of an evaluation set among the words of the vectors."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal, TypeAlias, get_args

import numpy as np
from gensim.models import KeyedVectors

from ..._wording import check_choice
from .._csls import unit_rows

Case: TypeAlias = Literal["fold", "fall-back", "exact", "gensim"]


class WordLookup:
    """Find words among the most frequent words of a set of vectors.

    A word with a vector of its own has that vector, except in the case "gensim".

    Args:
        vectors: gensim ``KeyedVectors``, those of fastText and compressed ones included.
        limit: Number of words to use, the most frequent first; ``None`` for all.
        case: Which other form is tried for a word without a vector. "fold": the first word of the
            same lower case, else its UPPER case, and for a word in capitals the first whose UPPER
            case it is; words of the same lower case count as the same answer. "fall-back": lower
            case, Capitalised or UPPER case. "exact": no other form. "gensim": words of the same
            UPPER case are the same word, with the vector of the first one, as with gensim's
            ``case_insensitive=True``; so Turkish "ı" is "i" and German "ß" is "ss".

    Raises:
        ValueError: If ``limit`` is below 1, ``case`` is unknown, or there are no vectors.
    """

    def __init__(
        self, vectors: KeyedVectors, limit: int | None = None, case: Case = "fold"
    ) -> None:
        if limit is not None and limit < 1:
            raise ValueError(f"limit must be at least 1 or None, not {limit}.")
        check_choice("case", case, get_args(Case))
        if len(vectors.index_to_key) == 0:
            raise ValueError("There are no vectors to judge: the set of vectors is empty.")
        self.vectors = vectors
        self.words: Sequence[str] = vectors.index_to_key[:limit]
        self.case = case
        self._index: Mapping[str, int] = (
            vectors.key_to_index if limit is None else self._first_rows(str)
        )

    def key(self, word: str) -> str:
        """Return the form that two words share if they count as the same word."""
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
            # Different letters can have one upper case, so it is tried only where one side has it.
            row = (self._by_capitals if word == capitals else self._index).get(capitals, -1)
        return row

    def rows(self, words: Iterable[str]) -> np.ndarray:
        """Return the row of each word, int64, -1 where it is unknown."""
        return np.array([self.row(word) for word in words], dtype=np.int64)

    def same(self, row: int, other: int) -> bool:
        """Check whether the words of two rows count as the same word."""
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
        # Backwards, so that the first of several words with the same key is kept.
        return {key(self.words[row]): row for row in range(len(self.words) - 1, -1, -1)}

    def composed(self, word: str) -> np.ndarray | None:
        """Return the vector that fastText composes for an unknown word, None without one."""
        if word in self.vectors.key_to_index or word not in self.vectors:
            return None
        vector = np.asarray(self.vectors[word], dtype=np.float32)
        return vector if vector.any() else None


def rows_of(vectors: KeyedVectors, rows: np.ndarray | slice) -> np.ndarray:
    """Return rows of the matrix, ``(rows, dimension)``; only these are decoded if compressed."""
    return np.asarray(vectors.vectors[rows])


def unit_blocks(vectors: KeyedVectors, count: int, size: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield blocks of the first ``count`` rows at length 1, each after its first row number."""
    for start in range(0, count, size):
        yield start, unit_rows(rows_of(vectors, slice(start, min(start + size, count))))
