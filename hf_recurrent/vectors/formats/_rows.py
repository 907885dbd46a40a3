"""Every reader gives its rows to a collector, which keeps some and counts the others."""

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import KeyedVectors
from tqdm.auto import tqdm

from ..._wording import check_choice, counted
from .._keyed_vectors import keyed_vectors
from .._preparation import Preparation

DTYPES = ("float32", "float16")
# Also the longest row of a file: no row of word vectors is longer, whatever a header says.
BLOCK_BYTES = 1 << 20

# Returns the rows from start to stop, `(stop - start, dimension)`, in any float type.
Read = Callable[[int, int], np.ndarray]


def progress_bar(path: Path, total: int, unit: str = "B") -> tqdm:
    """Return a progress bar over the bytes or rows of a file, shown on a terminal only."""
    return tqdm(total=total, desc=path.name, unit=unit, unit_scale=True, disable=None, leave=False)


def check_dtype(dtype: str) -> np.dtype:
    """Return the type of the numbers from its name.

    Raises:
        ValueError: If it is neither float32 nor float16.
    """
    check_choice("dtype", str(dtype), DTYPES)
    return np.dtype(dtype)


def cast(path: Path, words: list[str], values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Return rows in another type.

    Raises:
        ValueError: If a number is too large for it.
    """
    if values.dtype == dtype:
        return values
    with np.errstate(over="ignore"):
        result = values.astype(dtype)
    finite = np.isfinite(result).all(axis=1)
    if not finite.all():
        raise ValueError(
            f"{path}, word {words[int(finite.argmin())]!r}: a number is too large for {dtype}, "
            f"which holds at most {np.finfo(dtype).max:.6g}."
        )
    return result


@dataclass
class Tally:
    """How often something was found, and the first place where it was.

    Attributes:
        count: How often.
        first: The first place, in words.
    """

    count: int = 0
    first: str = ""

    def add(self, place: str, count: int = 1) -> None:
        """Count something."""
        self.count += count
        self.first = self.first or place


class BadRowError(Exception):
    """A row that cannot be taken.

    Attributes:
        word: The word of the row, as far as it is known.
        reason: What was found and what was expected, as part of a sentence.
    """

    def __init__(self, word: str, reason: str) -> None:
        super().__init__(reason)
        self.word = word if len(word) <= 60 else word[:57] + "..."
        self.reason = reason


class RowCollector(ABC):
    """Take blocks of rows, keep the first row of each word, and count the other rows.

    Args:
        path: The file being read, for messages.
        limit: Most words to take.
        strict: Whether a bad row is an error.
        vocabulary: Words to take; None for all.

    Attributes:
        words: The words taken so far.
        index: The row of each.
        remarks: Sentences for the user about what was left out.
        preparation: How text becomes the words, if the source records it.
    """

    preparation: Preparation | None = None

    def __init__(
        self,
        path: Path,
        limit: int | None = None,
        strict: bool = True,
        vocabulary: frozenset[str] | None = None,
    ) -> None:
        self.path, self.strict, self.vocabulary = path, strict, vocabulary
        self.limit = sys.maxsize if limit is None else limit
        if vocabulary is not None:
            self.limit = min(self.limit, len(vocabulary))
        self.words: list[str] = []
        self.index: dict[str, int] = {}
        self.remarks: list[str] = []
        self.repeated = self.passed_over = 0
        self._dropped, self._foreign = Tally(), Tally()

    @property
    def full(self) -> bool:
        """Whether all words that were asked for have been taken."""
        return len(self.words) >= self.limit

    @property
    def rows_to_read(self) -> int:
        """Most rows that the reader has to read, without repeats."""
        return self.limit if self.vocabulary is None else sys.maxsize

    @abstractmethod
    def begin(self, capacity: int, dimension: int, promised: int | None = None) -> None:
        """Prepare for the rows.

        Args:
            capacity: Most rows that the file can hold, computed from its size.
            dimension: Numbers in a row.
            promised: Number of rows that a header gives.
        """

    @abstractmethod
    def store(self, words: list[str], values: np.ndarray) -> None:
        """Keep rows of new words, which are not yet in ``self.words``."""

    def add(self, words: list[str], values: np.ndarray) -> None:
        """Take rows of finite values ``(len(words), dimension)`` until the limit is reached."""
        if self.vocabulary is not None:
            wanted = [i for i, word in enumerate(words) if word in self.vocabulary]
            self.passed_over += len(words) - len(wanted)
            if not wanted:
                return
            words, values = [words[i] for i in wanted], values[wanted]
        start = len(self.words)
        end = start + len(words)
        rows = list(map(self.index.setdefault, words, range(start, end)))
        if len(self.index) < end or end > self.limit:
            words, values = self._first_rows(words, values, rows)
        self.store(words, values)
        self.words.extend(words)

    def add_checked(self, place: str, first: int, words: list[str], values: np.ndarray) -> None:
        """Take rows of any values up to the limit, and reject those with NaN or infinity.

        Args:
            place: The name of a row in messages, such as "line".
            first: Number of the first row.
            words: The words of the rows.
            values: Their numbers, ``(len(words), dimension)``.
        """
        finite = np.isfinite(values)
        if finite.all():  # much faster than by rows
            self.add(words, values)
            return
        for offset, word in enumerate(words):
            if self.full:
                return
            if finite[offset].all():
                self.add([word], values[offset : offset + 1])
            else:
                reason = "found NaN or infinity, expected finite numbers"
                self.reject(f"{place} {first + offset}", BadRowError(word, reason))

    def add_matrix(
        self, words: Sequence[str], dimension: int, read: Read, specials: Collection[int] = ()
    ) -> None:
        """Take the rows of a stored matrix, block by block, up to the limit.

        Args:
            words: The word of each row.
            dimension: Numbers in a row.
            read: Reads a part of the matrix.
            specials: Rows that are not words if all their numbers are 0.
        """
        self.begin(len(words), dimension, len(words) - len(specials))
        step = max(1, BLOCK_BYTES // (4 * dimension))
        with progress_bar(self.path, len(words), " rows") as bar:
            for start in range(0, len(words), step):
                if self.full:
                    break
                part = list(words[start : start + step])
                with np.errstate(over="ignore"):
                    values = read(start, start + len(part)).astype(np.float32, copy=False)
                bar.update(len(part))
                empty = [row - start for row in specials if start <= row < start + len(part)]
                empty = [row for row in empty if not values[row].any()]
                if empty:
                    kept = np.setdiff1d(np.arange(len(part)), empty)
                    part, values = [part[i] for i in kept], values[kept]
                self.add_checked("vector", start + 1, part, values)

    def reject(self, place: str, bad: BadRowError) -> None:
        """Raise an error for a bad row or, if the reading is not strict, count it as dropped.

        Raises:
            ValueError: If the reading is strict.
        """
        sentence = f"{place}, word {bad.word!r}: {bad.reason}"
        if self.strict:
            raise ValueError(f"{self.path}, {sentence}.")
        self._dropped.add(sentence)

    def check_utf8(self, place: str, word: str, data: bytes) -> None:
        """Count a word if its bytes, or those of its line, are not UTF-8."""
        try:
            data.decode()
        except UnicodeDecodeError:
            self._foreign.add(f"{place}, word {word[:60]!r}")

    def remark_on_utf8(self, advice: str) -> None:
        """Add a remark that counts the words not in UTF-8, if there are any."""
        if self._foreign.count:
            self.remarks.append(
                f"{self.path}: {counted(self._foreign.count, 'word', 'is', 'are')} not UTF-8 (the "
                f"first: {self._foreign.first}) and kept as escapes; {advice}."
            )

    def compare_with_header(self, promised: int | None) -> None:
        """Compare the number of rows in the file with that of its header.

        Raises:
            ValueError: If they differ and the reading is strict.
        """
        seen = len(self.words) + self.repeated + self.passed_over + self._dropped.count
        if promised is None or seen == promised or (seen < promised and self.full):
            return
        sentence = (
            f"{self.path}: the header promises {counted(promised, 'vector')}, and the file holds "
            f"{seen:,}"
        )
        if self.strict:
            raise ValueError(f"{sentence}.")
        self.remarks.append(f"{sentence}; these were read.")

    def end(self) -> None:
        """Add the remarks that count what was left out, after the last row.

        Raises:
            ValueError: If no row was taken.
        """
        dropped = self._dropped
        bad = f"{counted(dropped.count, 'bad row', 'was', 'were')} dropped (the first: "
        bad += f"{dropped.first})"
        if not self.words:
            reason = f": {bad}" if dropped.count else ""
            if self.passed_over:
                wanted = counted(len(self.vocabulary or ()), "word")
                reason = f" of the {wanted} of the vocabulary{reason}"
            raise ValueError(f"{self.path}: the file holds no vectors{reason}.")
        if dropped.count:
            self.remarks.append(f"{self.path}: {bad}.")
        if self.repeated:
            self.remarks.append(
                f"{self.path}: {counted(self.repeated, 'row', 'repeats', 'repeat')} an earlier "
                f"word and {'was' if self.repeated == 1 else 'were'} left out; the first row of "
                f"each word was kept."
            )

    def _first_rows(
        self, words: list[str], values: np.ndarray, rows: list[int]
    ) -> tuple[list[str], np.ndarray]:
        """Leave out rows after the limit, and rows whose word was there before.

        Args:
            words: The words of the block.
            values: Their rows.
            rows: The row of each word in the index, once all words of the block are entered.
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


class VectorBuilder(RowCollector):
    """Keep the rows in memory, as one matrix.

    Args:
        *arguments: As for ``RowCollector``.
        dtype: Type of the matrix, float32 or float16.
    """

    def __init__(self, *arguments: Any, dtype: np.dtype | str = "float32") -> None:
        super().__init__(*arguments)
        self.matrix = np.empty((0, 0), dtype=dtype)

    def begin(self, capacity: int, dimension: int, promised: int | None = None) -> None:
        """Make the matrix; its pages take memory only once rows are written to them."""
        self.matrix = np.empty((min(capacity, self.limit), dimension), dtype=self.matrix.dtype)

    def store(self, words: list[str], values: np.ndarray) -> None:
        """Put rows into the matrix."""
        start = len(self.words)
        self.matrix[start : start + len(words)] = cast(self.path, words, values, self.matrix.dtype)

    def finish(self) -> KeyedVectors:
        """Return the vectors.

        Raises:
            ValueError: If no row was taken.
        """
        self.end()
        # No other view of the matrix is alive, so it is cut in place, without a copy.
        self.matrix.resize((len(self.words), self.matrix.shape[1]), refcheck=False)
        return keyed_vectors(self.words, self.index, self.matrix)


class ChosenRows(RowCollector):
    """Record which rows are kept, for a matrix that is in memory already.

    Each row is given by its row number, counted from 0, in place of its numbers.

    Attributes:
        rows: The row numbers that are kept.
    """

    def begin(self, capacity: int, dimension: int, promised: int | None = None) -> None:
        """Forget the rows."""
        self.rows: list[int] = []

    def store(self, words: list[str], values: np.ndarray) -> None:
        """Record rows."""
        self.rows.extend(map(int, values[:, 0].tolist()))

    def choose(self, words: list[str], finite: np.ndarray | None = None) -> None:
        """Take the rows of all words except those that are not finite."""
        self.begin(len(words), 1)
        numbers = np.arange(len(words))[:, None]
        if finite is None or finite.all():
            self.add(words, numbers)
        else:
            self.add_checked("vector", 1, words, np.where(finite[:, None], numbers, np.nan))
        self.end()
