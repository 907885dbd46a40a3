"""Count how often words occur near one another: the input of PPMI, SVD and GloVe."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from ..._whole import whole_file
from .._preparation import Preparation
from ._counting import counting
from ._window_counts import Counts, WindowCounter
from .settings import CooccurrenceSettings

# What a file of counts is made of.
RECORD = np.dtype([("row", "<i4"), ("column", "<i4"), ("value", "<f4")])


@dataclass(frozen=True)
class Cooccurrences:
    """The counts of a corpus.

    Attributes:
        words: The vocabulary, by falling frequency or as it was given.
        counts: int64, how often each word occurs.
        matrix: float32, ``(words, words)``: row i, column j is the summed weight of j within the
            window of i (only of the words before i if the counts are not symmetric). Sums are
            made in float64 and rounded once; whole numbers are exact up to 16,777,216.
        preparation: How text becomes these words; None if that is not known.
    """

    words: list[str]
    counts: np.ndarray
    matrix: csr_array
    preparation: Preparation | None = None


@dataclass(frozen=True)
class CooccurrenceFile:
    """The counts of a corpus in a file, for counts that outgrow memory. GloVe trains from it.

    Attributes:
        words: The vocabulary, by falling frequency or as it was given.
        counts: int64, how often each word occurs.
        path: A file of ``RECORD`` items, sorted by row and column.
        symmetric: Whether a record of row i, column j is valid for row j, column i too; then the
            file contains only one of the two.
    """

    words: list[str]
    counts: np.ndarray
    path: Path
    symmetric: bool

    def records(self) -> np.ndarray:
        """Map the records into memory, so that only the used ones are read."""
        if not self.path.stat().st_size:
            return np.empty(0, dtype=RECORD)
        return np.memmap(self.path, dtype=RECORD, mode="r")


def count_cooccurrences(
    sentences: Iterable[Sequence[str]],
    *,
    words: Sequence[str] | None = None,
    progress: bool = True,
    **options: Any,
) -> Cooccurrences:
    """Count how often words occur within a window of one another.

    Rare words are left out before distances are measured, and no pair crosses the end of a
    sentence, as in the program of GloVe (Pennington, Socher and Manning, 2014).

    Args:
        sentences: The corpus; each sentence is a list of words. It is read once.
        words: The vocabulary; None takes the words that occur at least ``min_count`` times.
        progress: Whether to show bars on a terminal.
        **options: The fields of ``CooccurrenceSettings``: ``window`` (cut to the longest sentence,
            and then at most 1000), ``weighting``, ``symmetric``, ``memory``, and ``min_count`` and
            ``max_vocabulary``, which have no effect if ``words`` is given.

    Raises:
        ValueError: If the corpus has no words, no word is left, or an argument is out of range.
        OSError: If the temporary folder cannot be written.
    """
    settings = CooccurrenceSettings(**options)
    with counting(sentences, words, settings, progress) as count:
        matrix = _matrix(count.parts(), count.counter, len(count.words), settings.symmetric)
        return Cooccurrences(count.words, count.counts, matrix)


def count_cooccurrences_to_file(
    sentences: Iterable[Sequence[str]],
    path: str | os.PathLike[str],
    *,
    words: Sequence[str] | None = None,
    memory: int | str = "1GB",
    progress: bool = True,
    **options: Any,
) -> CooccurrenceFile:
    """Count as ``count_cooccurrences`` does, into a file, for counts that do not fit in memory.

    Args:
        sentences: The corpus; each sentence is a list of words. It is read once.
        path: The file to write the counts to; it is written whole or not at all. What does not
            fit in ``memory`` is written to the same folder for the time of the counting.
        words: As in ``count_cooccurrences``.
        memory: Memory for the counting, besides the vocabulary.
        progress: Whether to show bars on a terminal.
        **options: As in ``count_cooccurrences``.

    Raises:
        ValueError: If the corpus has no words, no word is left, or an argument is out of range.
        OSError: If the folder cannot be written.
    """
    path = Path(path)
    folder = path.absolute().parent
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder} to write {path.name} to.")
    settings = CooccurrenceSettings(memory=memory, **options)
    with counting(sentences, words, settings, progress, folder) as count, whole_file(path) as file:
        for part in count.parts():
            file.write(_records(part, count.counter, settings.symmetric).data)
    return CooccurrenceFile(count.words, count.counts, path, settings.symmetric)


def _matrix(
    parts: Iterable[Counts], counter: WindowCounter, size: int, symmetric: bool
) -> csr_array:
    sizes = np.zeros(size + 1, dtype=np.int64)
    columns, values = [np.empty(0, dtype=np.int32)], [np.empty(0)]
    for part in parts:
        if not len(part.keys):
            continue
        rows = part.keys >> counter.bits
        found = np.bincount(rows - rows[0])
        sizes[rows[0] + 1 : rows[0] + 1 + len(found)] += found
        columns.append((part.keys & ((1 << counter.bits) - 1)).astype(np.int32))
        values.append(part.sums / counter.scale)
    entries = (np.concatenate(values), np.concatenate(columns), np.cumsum(sizes))
    matrix = csr_array(entries, shape=(size, size))
    if symmetric:
        matrix = matrix + matrix.T.tocsr()
    return matrix.astype(np.float32)


def _records(part: Counts, counter: WindowCounter, symmetric: bool) -> np.ndarray:
    records = np.empty(len(part.keys), dtype=RECORD)
    records["row"] = part.keys >> counter.bits
    records["column"] = part.keys & ((1 << counter.bits) - 1)
    sums = part.sums / counter.scale
    if symmetric:
        # A pair of the same word counts twice, once for each of the two.
        sums[records["row"] == records["column"]] *= 2
    records["value"] = sums
    return records
