"""Writers take a matrix in blocks of rows, so that no format needs it whole in memory."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from ..._terminal import is_utf8
from ..._whole import whole_files, whole_folder
from ..._wording import counted
from .._preparation import Preparation
from ._rows import Tally, cast
from .table import FORMATS

if TYPE_CHECKING:
    from ._tokenizer_files import KeptTokenizer

_COPIED_BYTES = 1 << 22


class RowWriter(ABC):
    """Write rows of finite numbers and different words.

    Each format that is made of rows has a subclass.

    Args:
        path: The file or folder, for messages.
        place: The temporary file or folder to write.
        file: The file of the rows, which is ``matrix`` in a folder.
        format: Name of the format.
        dtype: Type of the numbers in the file.
        strict: Whether a word that the format cannot hold is an error.
        kept: For formats with a tokenizer: a tokenizer to keep, whose tokens are the words.

    Attributes:
        words: The words written so far.
        remarks: Sentences for the user about what was left out.
        preparation: How text becomes the words; None to guess it from the words. Formats with a
            tokenizer keep it.
        marked: Whether the vectors were made of data that may not be passed on. Only formats with a
            tokenizer have a place for it.
    """

    # Name of the file of the rows, for a format that is a folder.
    matrix = ""
    preparation: Preparation | None = None
    marked = False

    def __init__(
        self,
        path: Path,
        place: Path,
        file: BinaryIO,
        format: str,
        dtype: np.dtype,
        strict: bool = True,
        kept: "KeptTokenizer | None" = None,
    ) -> None:
        self.path, self.place, self.file, self.format = path, place, file, format
        self.dtype, self.strict, self.kept = dtype.newbyteorder("<"), strict, kept
        self.dimension = 0
        self.words: list[str] = []
        self.remarks: list[str] = []
        self._header, self._refused = b"", Tally()

    def begin(self, count: int, dimension: int) -> None:
        """Prepare for rows.

        Args:
            count: The expected number of rows.
            dimension: Numbers in a row.
        """
        self.dimension = dimension
        self._header = self.header(count)
        self.file.write(self._header)

    def write(self, words: list[str], values: np.ndarray) -> None:
        """Write rows ``(len(words), dimension)``.

        Raises:
            ValueError: If a number is NaN, infinity or too large for the type, or if the format
                cannot hold a word and the writing is strict.
        """
        finite = np.isfinite(values)
        if not finite.all():
            word = words[int(finite.all(axis=1).argmin())]
            raise ValueError(f"{self.path}: the vector of {word!r} has NaN or infinity; not saved.")
        bad = [row for row, word in enumerate(words) if self.reason_against(word)]
        if bad:
            word = words[bad[0]]
            reason = f"{self.path}, word {word!r}: {self.reason_against(word)}"
            if self.strict:
                raise ValueError(f"{reason}.")
            self._refused.add(reason, len(bad))
            kept = np.setdiff1d(np.arange(len(words)), bad)
            words, values = [words[row] for row in kept], values[kept]
        self.write_rows(words, cast(self.path, words, values, self.dtype))
        self.words.extend(words)

    def end(self) -> None:
        """Correct the header, and write what comes after the rows.

        Raises:
            ValueError: If no rows were written.
        """
        if not self.words:
            raise ValueError(f"{self.path}: there are no vectors to save.")
        if self._refused.count:
            refused = counted(self._refused.count, "word", "was", "were")
            self.remarks.append(f"{refused} left out (the first: {self._refused.first}).")
        replace_start(self.file, len(self._header), self.header(len(self.words)))

    def reason_against(self, word: str) -> str:
        """Return why the format cannot hold a word, empty if it can."""
        return "" if is_utf8(word) else "it is not valid Unicode"

    @abstractmethod
    def header(self, count: int) -> bytes:
        """Return what comes before that many rows."""

    def write_rows(self, words: list[str], values: np.ndarray) -> None:
        """Write rows of the type ``self.dtype``: their numbers, unless the format differs."""
        self.file.write(np.ascontiguousarray(values).data)


@contextmanager
def open_writer(
    path: Path,
    format: str,
    dtype: np.dtype,
    strict: bool = True,
    kept: "KeptTokenizer | None" = None,
) -> Iterator[RowWriter]:
    """Open the writer of a format of rows, and end it after a block without errors.

    Args:
        path: The file or folder.
        format: Name of the format.
        dtype: Type of the numbers.
        strict: Whether a word that the format cannot hold is an error.
        kept: For formats with a tokenizer: the tokenizer to keep.
    """
    kind: type[RowWriter] = FORMATS[format].code.Writer
    whole = whole_files if FORMATS[format].ending else whole_folder
    with whole(path) as place, (place / kind.matrix).open("w+b") as file:
        writer = kind(path, place, file, format, dtype, strict, kept)
        yield writer
        writer.end()


def replace_start(file: BinaryIO, length: int, start: bytes) -> None:
    """Replace the first bytes of a file, and move the rest if the length changes."""
    end = file.seek(0, 2)
    shift = len(start) - length
    places = range(length, end, _COPIED_BYTES) if shift else range(0)
    for place in places if shift < 0 else reversed(places):
        file.seek(place)
        data = file.read(min(_COPIED_BYTES, end - place))
        file.seek(place + shift)
        file.write(data)
    file.seek(0)
    file.write(start)
    file.truncate(end + shift)
