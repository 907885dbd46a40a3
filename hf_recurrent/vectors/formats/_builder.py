"""Gathers the rows that a reader finds into one matrix and its vocabulary."""

import sys
import warnings
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors
from tqdm.auto import tqdm

from .._keyed_vectors import keyed_vectors


def progress_bar(path: Path, size: int) -> tqdm:
    """Makes a bar over the bytes of a file, which shows on a terminal only."""
    return tqdm(total=size, desc=path.name, unit="B", unit_scale=True, disable=None, leave=False)


class BadRowError(Exception):
    """A row that cannot be taken.

    Attributes:
        word: The word of the row, as far as it can be told.
        reason: What was found and what was expected.
    """

    def __init__(self, word: str, reason: str) -> None:
        super().__init__(reason)
        self.word = word if len(word) <= 60 else word[:57] + "..."
        self.reason = reason


class VectorBuilder:
    """Takes blocks of rows, keeps the first row of each word, and counts what it leaves out.

    Args:
        path: The file that is read, for messages.
        capacity: Rows that the file can hold at most, found from its size.
        dimension: Numbers in a row.
        limit: Words to take at most.
        strict: Whether a bad row ends the reading.
    """

    def __init__(
        self, path: Path, capacity: int, dimension: int, limit: int | None, strict: bool
    ) -> None:
        self.path = path
        self.limit = sys.maxsize if limit is None else limit
        self.strict = strict
        self.words: list[str] = []
        self.index: dict[str, int] = {}
        self.repeated = 0
        self.dropped = 0
        self.first_dropped = ""
        # The system hands out the pages of an empty array only as rows are written to them.
        self.matrix = np.empty((min(capacity, self.limit), dimension), dtype=np.float32)

    @property
    def full(self) -> bool:
        """Whether as many words are there as were asked for."""
        return len(self.words) >= self.limit

    def add(self, words: list[str], values: np.ndarray) -> None:
        """Takes rows of finite values `(len(words), dimension)` until the limit is reached."""
        start = len(self.words)
        end = start + len(words)
        rows = list(map(self.index.setdefault, words, range(start, end)))
        if len(self.index) < end or end > self.limit:
            words, values = self._first_rows(words, values, rows)
            end = start + len(words)
        self.matrix[start:end] = values
        self.words.extend(words)

    def reject(self, place: str, bad: BadRowError) -> None:
        """Ends the reading in one sentence or, where it is not strict, counts a dropped row.

        Raises:
            ValueError: If the reading is strict.
        """
        sentence = f"{place}, word {bad.word!r}: {bad.reason}"
        if self.strict:
            raise ValueError(f"{self.path}, {sentence}.")
        self.dropped += 1
        self.first_dropped = self.first_dropped or sentence

    def compare_with_header(self, promised: int | None) -> None:
        """Says that the file does not hold as many rows as its header promises.

        Raises:
            ValueError: If the reading is strict.
        """
        seen = len(self.words) + self.repeated + self.dropped
        if promised is None or seen == promised or (seen < promised and self.full):
            return
        sentence = f"{self.path}: the header promises {promised} vectors, and the file holds {seen}"
        if self.strict:
            raise ValueError(f"{sentence}.")
        warnings.warn(f"{sentence}; these were read.", stacklevel=4)

    def finish(self) -> KeyedVectors:
        """Gives the vectors, with one warning for repeated words and one for dropped rows.

        Raises:
            ValueError: If no row was taken.
        """
        bad = f"{self.dropped} bad rows were dropped (the first: {self.first_dropped})"
        if not self.words:
            reason = f": {bad}" if self.dropped else ""
            raise ValueError(f"{self.path}: the file holds no vectors{reason}.")
        if self.dropped:
            warnings.warn(f"{self.path}: {bad}.", stacklevel=4)
        if self.repeated:
            warnings.warn(
                f"{self.path}: {self.repeated} rows repeat an earlier word and were left out; "
                f"the first row of each word was kept.",
                stacklevel=4,
            )
        # No other view of the matrix is alive, so it is cut in place, without a copy.
        self.matrix.resize((len(self.words), self.matrix.shape[1]), refcheck=False)
        return keyed_vectors(self.words, self.index, self.matrix)

    def _first_rows(
        self, words: list[str], values: np.ndarray, rows: list[int]
    ) -> tuple[list[str], np.ndarray]:
        """Leaves out the rows whose word came before and those after the limit.

        Args:
            words: The words of the block.
            values: Their rows.
            rows: What the index says of the words once they are all entered, repeats or not.
        """
        start = len(self.words)
        first = [i for i, row in enumerate(rows) if row == start + i]
        kept = first[: self.limit - start]
        for i in first[len(kept) :]:
            del self.index[words[i]]
        read = kept[-1] + 1 if start + len(kept) == self.limit else len(words)
        self.repeated += read - len(kept)
        words = [words[i] for i in kept]
        self.index.update(zip(words, range(start, start + len(words)), strict=True))
        return words, values[kept]
