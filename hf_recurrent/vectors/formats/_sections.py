"""Read a binary file section by section; each count is checked against the file's size."""

import struct
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import numpy as np
from tqdm.auto import tqdm

from ..._wording import counted

# Longer than any word.
_MOST_WORD_BYTES = 1 << 16
_BLOCK_BYTES = 1 << 20


class Sections:
    """A little-endian file that is read from beginning to end.

    Attributes:
        section: Name of the section being read, for messages.
    """

    def __init__(self, path: Path, file: BinaryIO, size: int, bar: tqdm) -> None:
        self.path, self.size, self.section = path, size, "beginning"
        self._file, self._bar = file, bar
        self._buffer, self._place, self._taken = b"", 0, 0

    @property
    def left(self) -> int:
        """Number of bytes that are not read yet."""
        return self.size - self._taken

    def fail(self, found: str) -> NoReturn:
        """Raise an error that names the file and the section."""
        raise ValueError(f"{self.path}, {self.section}: {found}.")

    def need(self, count: int) -> None:
        """Check that the file has so many more bytes."""
        if count > self.left:
            promised = counted(count, "more byte", "is", "are")
            self.fail(f"the file is cut off: {promised} promised, and {self.left:,} left")

    def rewind(self) -> None:
        """Go back to the beginning."""
        self._file.seek(0)
        self._buffer, self._place, self._taken = b"", 0, 0

    def read(self, form: str) -> tuple[Any, ...]:
        """Read numbers in the form of ``struct``."""
        count = struct.calcsize("<" + form)
        self.need(count)
        self._fill(count)
        numbers = struct.unpack_from("<" + form, self._buffer, self._place)
        self._advance(count)
        return numbers

    def counts(self, form: str, *names: str) -> tuple[int, ...]:
        """Read counts, which must not be negative."""
        numbers = self.read(form)
        for name, number in zip(names, numbers, strict=True):
            if number < 0:
                self.fail(f"found {number} {name}, expected at least 0")
        return numbers

    def entry(self, row: int) -> tuple[str, int, int]:
        """Read an entry of a dictionary: a word that ends in a zero byte, a count and a type."""
        end = self._buffer.find(b"\0", self._place)
        if end < 0:
            self._fill(min(_MOST_WORD_BYTES, self.left))
            end = self._buffer.find(b"\0", self._place)
        length = end - self._place
        if end < 0 and self.left <= _MOST_WORD_BYTES:
            self.fail(f"the file is cut off in entry {row + 1}")
        if end < 0 or length >= _MOST_WORD_BYTES:
            self.fail(f"entry {row + 1}: found no end of its word within {_MOST_WORD_BYTES} bytes")
        word = self._buffer[self._place : end].decode("utf-8", errors="backslashreplace")
        self._advance(length + 1)
        count, kind = self.read("qb")
        return word, count, kind

    def floats(self, rows: int, columns: int) -> np.ndarray:
        """Read a matrix of float32 ``(rows, columns)``, after ``need`` has checked its size."""
        self._file.seek(self._taken)
        self._buffer, self._place = b"", 0
        matrix = np.fromfile(self._file, "<f4", rows * columns)
        if len(matrix) < rows * columns:
            self.fail("the file is cut off")
        self._taken += matrix.nbytes
        self._bar.update(matrix.nbytes)
        return matrix.reshape(rows, columns)

    def _fill(self, count: int) -> None:
        """Fill the buffer until it has so many bytes."""
        if len(self._buffer) - self._place < count:
            rest = self._buffer[self._place :]
            self._buffer = rest + self._file.read(max(_BLOCK_BYTES, count - len(rest)))
            self._place = 0
            if len(self._buffer) < count:
                self.fail("the file is cut off")

    def _advance(self, count: int) -> None:
        self._place += count
        self._taken += count
        self._bar.update(count)
