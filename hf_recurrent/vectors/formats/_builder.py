"""Collect the rows that a reader finds in one matrix and its vocabulary."""

from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors

from .._keyed_vectors import keyed_vectors
from ._collector import RowCollector, cast


class VectorBuilder(RowCollector):
    """Keep the rows in memory, as one matrix.

    Args:
        path: The file being read, for messages.
        limit: Most words to take.
        strict: Whether a bad row is an error.
        vocabulary: Words to take; None for all.
        dtype: Type of the matrix, float32 or float16.
    """

    def __init__(
        self,
        path: Path,
        limit: int | None = None,
        strict: bool = True,
        vocabulary: frozenset[str] | None = None,
        dtype: np.dtype | str = "float32",
    ) -> None:
        super().__init__(path, limit, strict, vocabulary)
        self.dtype = np.dtype(dtype)
        self.matrix = np.empty((0, 0), dtype=self.dtype)

    def begin(self, capacity: int, dimension: int, promised: int | None = None) -> None:
        """Make the matrix; its pages take memory only once rows are written to them."""
        self.matrix = np.empty((min(capacity, self.limit), dimension), dtype=self.dtype)

    def store(self, words: list[str], values: np.ndarray) -> None:
        """Put rows into the matrix."""
        start = len(self.words)
        self.matrix[start : start + len(words)] = cast(self.path, words, values, self.dtype)

    def finish(self) -> KeyedVectors:
        """Return the vectors.

        Raises:
            ValueError: If no row was taken.
        """
        self.end()
        # No other view of the matrix is alive, so it is cut in place, without a copy.
        self.matrix.resize((len(self.words), self.matrix.shape[1]), refcheck=False)
        return keyed_vectors(self.words, self.index, self.matrix)
