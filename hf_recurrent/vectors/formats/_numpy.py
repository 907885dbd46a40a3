"""A folder of ``vectors.npy`` and ``vocabulary.txt``, one word per line."""

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ..._wording import counted
from ...data.encodings import open_text
from ._row_writer import RowWriter
from ._rows import RowCollector
from ._wanted import words_of_lines

MATRIX, WORDS = "vectors.npy", "vocabulary.txt"


def read(folder: Path, format: str, rows: RowCollector) -> None:
    """Read the folder; the matrix has any float type and the shape ``(words, dimension)``.

    Raises:
        ValueError: If a file is damaged, or the two do not fit together.
        OSError: If a file is missing or cannot be read.
    """
    path = folder / MATRIX
    with open_text(folder / WORDS) as text:
        words = words_of_lines(text.read())
    with path.open("rb") as file:
        shape, fortran, dtype = read_array_header(path, file)
        if dtype.kind != "f" or len(shape) != 2 or fortran or not shape[1]:
            raise ValueError(
                f"{path}: found an array of {dtype} and shape {shape}, expected float numbers row "
                f"by row in the shape (words, dimension)."
            )
        count, dimension = shape
        if count != len(words):
            raise ValueError(
                f"{path}: the matrix has {counted(count, 'row')} and {WORDS} beside it "
                f"{counted(len(words), 'word')}, expected a row for each word."
            )
        start = file.tell()

        def part(first: int, last: int) -> np.ndarray:
            file.seek(start + first * dimension * dtype.itemsize)
            return np.fromfile(file, dtype, (last - first) * dimension).reshape(-1, dimension)

        rows.add_matrix(words, dimension, part)


def read_array_header(path: Path, file: BinaryIO) -> tuple[Sequence[int], bool, np.dtype]:
    """Read the header of a ``.npy`` file and compare it with the file's size.

    Returns:
        The shape, whether the array is stored column by column, and the type.

    Raises:
        ValueError: If the header is damaged, is for Python objects, or does not fit the size.
    """
    size = path.stat().st_size
    start = file.read(12)
    file.seek(0)
    # Version 2 has four bytes for the length of the header, and numpy believes them.
    if start[6:8] == b"\x02\0" and int.from_bytes(start[8:], "little") > size:
        raise ValueError(
            f"{path}: the header is longer than the file, which has {counted(size, 'byte')}."
        )
    try:
        version = np.lib.format.read_magic(file)
        if version == (1, 0):
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
        elif version == (2, 0):
            shape, fortran, dtype = np.lib.format.read_array_header_2_0(file)
        else:
            raise ValueError(f"version {version}")
    except Exception as error:  # numpy's parser lets errors of many kinds through
        reason = " ".join(str(error).split())
        raise ValueError(f"{path}: the header is not that of a .npy file ({reason}).") from None
    if dtype.hasobject:
        raise ValueError(f"{path}: the array holds Python objects, that is a pickle; not read.")
    expected = file.tell() + math.prod(shape) * dtype.itemsize
    if expected != size:
        numbers = " x ".join(map(str, shape)) or "1"
        raise ValueError(
            f"{path}: the header promises {numbers} numbers, which make "
            f"{counted(expected, 'byte')}, and the file has {size:,}."
        )
    return shape, fortran, dtype


class Writer(RowWriter):
    """Write ``vectors.npy`` and ``vocabulary.txt``."""

    matrix = MATRIX

    def header(self, count: int) -> bytes:
        """Return the header, in which numpy leaves room for a longer count."""
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            header,
            {
                "descr": np.lib.format.dtype_to_descr(self.dtype),
                "fortran_order": False,
                "shape": (count, self.dimension),
            },
        )
        return header.getvalue()

    def end(self) -> None:
        """Correct the header and write the words."""
        super().end()
        (self.place / WORDS).write_bytes("".join(f"{word}\n" for word in self.words).encode())

    def reason_against(self, word: str) -> str:
        """Return why a line would be read back as another word."""
        if "\n" in word or word.endswith("\r"):
            return "a file of one word a line has no place for a word with a line end"
        if not self.words and word.startswith("\ufeff"):
            return "a file that begins with a byte order mark would lose it"
        return super().reason_against(word)
