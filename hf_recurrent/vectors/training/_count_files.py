"""Keep counts that outgrow memory in sorted files, and merge them as they are read."""

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ._window_counts import BYTES_A_PAIR, Counts, merge

_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_LEAST_MEMORY = 10**6
_RUN = np.dtype([("key", "<i8"), ("sum", "<f8")])
_LEAST_RECORDS = 1024
_MERGED_AT_ONCE = 32


def parse_memory(memory: int | str) -> int:
    """Return a size such as "64MB" or "1.5GB" (powers of 1000) in bytes.

    Raises:
        ValueError: If it is not a size, or is less than 1MB.
    """
    text = str(memory).strip().upper()
    number, factor = (text[:-2], _UNITS[text[-2:]]) if text[-2:] in _UNITS else (text, 1)
    try:
        size = float(number) * factor
    except ValueError:
        size = -1.0
    if not _LEAST_MEMORY <= size < 2**62:
        raise ValueError(
            f"memory is {memory!r}, expected a size of at least 1MB, such as '64MB' or '4GB'."
        )
    return int(size)


@contextmanager
def full_disk_named(folder: Path, remedy: str) -> Iterator[None]:
    """Turn the error of a full disk into one sentence that names the folder."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise OSError(error.errno, f"The disk of the folder {folder} is full: {remedy}.") from error


class SortedRuns:
    """Counts in the files of a folder, each file sorted by its keys.

    Args:
        folder: An empty folder. The caller removes it.
        memory: Bytes that reading and merging may take.
    """

    def __init__(self, folder: Path, memory: int) -> None:
        self._folder = folder
        self._records_at_once = max(_LEAST_RECORDS, memory // (BYTES_A_PAIR * _MERGED_AT_ONCE))
        self._files = 0
        # A file of level n + 1 is the sum of _MERGED_AT_ONCE files of level n: merging thousands of
        # files at once would leave only a few records of each in memory.
        self._levels: list[list[Path]] = [[]]

    def add(self, counts: Counts) -> None:
        """Write counts to a new file."""
        self._levels[0].append(self._write([counts]))
        for level, paths in enumerate(self._levels):
            if len(paths) < _MERGED_AT_ONCE:
                return
            if level + 1 == len(self._levels):
                self._levels.append([])
            self._levels[level + 1].append(self._join(paths))
            self._levels[level] = []

    def merged(self) -> Iterator[Counts]:
        """Yield the sum of all files, part by part, in the order of the keys."""
        paths = [path for level in self._levels for path in level]
        while len(paths) > _MERGED_AT_ONCE:
            paths = [self._join(paths[:_MERGED_AT_ONCE]), *paths[_MERGED_AT_ONCE:]]
        return self._merge(paths)

    def _join(self, paths: list[Path]) -> Path:
        """Merge files into a new one, and remove them."""
        joined = self._write(self._merge(paths))
        for path in paths:
            path.unlink()
        return joined

    def _merge(self, paths: list[Path]) -> Iterator[Counts]:
        runs = [run for path in paths if (run := _Run(path, self._records_at_once)).fill()]
        while runs:
            # Up to here every run is in memory, so that no later part can have these keys.
            end = min((run.last_key for run in runs if run.unread), default=None)
            yield merge([run.take(end) for run in runs])
            runs = [run for run in runs if run.fill()]

    def _write(self, parts: Iterable[Counts]) -> Path:
        path = self._folder / f"run-{self._files}.bin"
        self._files += 1
        with path.open("wb") as file:
            for part in parts:
                records = np.empty(len(part.keys), dtype=_RUN)
                records["key"], records["sum"] = part.keys, part.sums
                # tofile() would not say that the disk is full.
                file.write(records.data)
        return path


class _Run:
    """A sorted file that is read piece by piece."""

    def __init__(self, path: Path, at_once: int) -> None:
        self.unread = path.stat().st_size // _RUN.itemsize
        self._path = path
        self._offset = 0
        self._at_once = at_once
        self._records = np.empty(0, dtype=_RUN)

    @property
    def last_key(self) -> int:
        """The largest key in memory."""
        return int(self._records["key"][-1])

    def take(self, end: int | None) -> Counts:
        """Return the records in memory up to a key, and forget them; None means all."""
        keys = self._records["key"]
        stop = len(keys) if end is None else int(np.searchsorted(keys, end, side="right"))
        taken, self._records = self._records[:stop], self._records[stop:]
        return Counts(np.ascontiguousarray(taken["key"]), np.ascontiguousarray(taken["sum"]))

    def fill(self) -> bool:
        """Read on if nothing is in memory, and return whether there are records now."""
        if not len(self._records) and self.unread:
            count = min(self._at_once, self.unread)
            self._records = np.fromfile(self._path, dtype=_RUN, count=count, offset=self._offset)
            self._offset += self._records.nbytes
            self.unread -= count
        return len(self._records) > 0
