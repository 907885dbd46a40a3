"""Read a binary file section by section; each count is checked against the file's size."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import numpy as np
from tqdm.auto import tqdm

from ..._wording import counted

# Longer than any word.
_MOST_WORD_BYTES = 1 << 16
_BLOCK_BYTES = 1 << 20
# The count and the type of an entry, after its word.
_ENTRY = struct.Struct("<qb")


class Sections:
    """A little-endian file that is read from beginning to end.

    Attributes:
        section: Name of the section being read, for messages.
    """

    def __init__(self, path: Path, file: BinaryIO, size: int, bar: tqdm) -> None:
        self.path, self.file, self.size, self.section = path, file, size, "beginning"
        self._bar = bar

    @property
    def left(self) -> int:
        """Number of bytes that are not read yet."""
        return self.size - self.file.tell()

    def fail(self, found: str) -> NoReturn:
        """Raise an error that names the file and the section."""
        raise ValueError(f"{self.path}, {self.section}: {found}.")

    def need(self, count: int) -> None:
        """Check that the file has so many more bytes."""
        if count > self.left:
            promised = counted(count, "more byte", "is", "are")
            self.fail(f"the file is cut off: {promised} promised, and {self.left:,} left")

    def read(self, form: str) -> tuple[Any, ...]:
        """Read numbers in the form of ``struct``."""
        numbers = struct.Struct("<" + form)
        self.need(numbers.size)
        data = self.file.read(numbers.size)
        if len(data) < numbers.size:
            self.fail("the file is cut off")
        return numbers.unpack(data)

    def counts(self, form: str, *names: str) -> tuple[int, ...]:
        """Read counts, which must not be negative."""
        numbers = self.read(form)
        for name, number in zip(names, numbers, strict=True):
            if number < 0:
                self.fail(f"found {number} {name}, expected at least 0")
        return numbers

    def entries(self, count: int) -> Iterator[tuple[str, int, int]]:
        """Read the entries of a dictionary: a word and a zero byte, a count and a type."""
        buffer, place = b"", 0
        for row in range(1, count + 1):
            end = buffer.find(b"\0", place) + 1
            if not end or len(buffer) < end + _ENTRY.size:
                buffer, place = buffer[place:] + self.file.read(_BLOCK_BYTES), 0
                end = buffer.find(b"\0") + 1
            if end - place > _MOST_WORD_BYTES or (not end and len(buffer) > _MOST_WORD_BYTES):
                self.fail(f"entry {row}: found no end of its word within {_MOST_WORD_BYTES} bytes")
            if not end or len(buffer) < end + _ENTRY.size:
                self.fail(f"the file is cut off in entry {row}")
            word = buffer[place : end - 1].decode("utf-8", errors="backslashreplace")
            place = end + _ENTRY.size
            yield word, *_ENTRY.unpack_from(buffer, end)
        self.file.seek(place - len(buffer), 1)
        self._bar.update(self.file.tell() - self._bar.n)

    def floats(self, rows: int, columns: int) -> np.ndarray:
        """Read a matrix of float32 ``(rows, columns)``, after ``need`` has checked its size."""
        matrix = np.fromfile(self.file, "<f4", rows * columns)
        if len(matrix) < rows * columns:
            self.fail("the file is cut off")
        self._bar.update(matrix.nbytes)
        return matrix.reshape(rows, columns)
