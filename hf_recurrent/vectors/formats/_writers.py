"""Writers take a matrix in blocks of rows, so that no format needs it whole in memory."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..._wording import counted
from .._preparation import Preparation
from ._collector import cast
from ._layout import BYTE_ORDER_MARK, CONTROL
from ._row_style import holds_number, is_clean

_COPIED_BYTES = 1 << 22
_NUMBERS_AT_ONCE = 1 << 16


class RowWriter(ABC):
    """Write rows of finite numbers and different words.

    Args:
        path: The file or folder, for messages.
        dtype: Type of the numbers in the file.
        strict: Whether a word that the format cannot hold is an error.

    Attributes:
        words: The words written so far.
        remarks: Sentences for the user about what was left out.
        preparation: How text becomes the words; None to guess it from the words. Formats with a
            tokenizer keep it.
    """

    preparation: Preparation | None = None

    def __init__(self, path: Path, dtype: np.dtype, strict: bool = True) -> None:
        self.path, self.dtype, self.strict = path, dtype, strict
        self.dimension = 0
        self.words: list[str] = []
        self.remarks: list[str] = []
        self._refused = 0

    def begin(self, count: int, dimension: int) -> None:
        """Prepare for rows.

        Args:
            count: The expected number of rows.
            dimension: Numbers in a row.
        """
        self.dimension = dimension
        self.write_header(count)

    def write(self, words: list[str], values: np.ndarray) -> None:
        """Write rows ``(len(words), dimension)``.

        Raises:
            ValueError: If a number is NaN, infinity or too large for the type, or if the format
                cannot hold a word and the writing is strict.
        """
        finite = np.isfinite(values).all(axis=1)
        if not finite.all():
            word = words[int(finite.argmin())]
            raise ValueError(f"{self.path}: the vector of {word!r} has NaN or infinity; not saved.")
        bad = [row for row, word in enumerate(words) if self.reason_against(word)]
        if bad:
            word = words[bad[0]]
            reason = f"{self.path}, word {word!r}: {self.reason_against(word)}"
            if self.strict:
                raise ValueError(f"{reason}.")
            if not self._refused:
                self.remarks.append("")
            self._refused += len(bad)
            refused = counted(self._refused, "word", "was", "were")
            self.remarks[-1] = f"{refused} left out (the last: {reason})."
            kept = np.setdiff1d(np.arange(len(words)), bad)
            words, values = [words[row] for row in kept], values[kept]
        self.write_rows(words, cast(self.path, words, values, self.dtype))
        self.words.extend(words)

    def end(self) -> None:
        """Write what comes after the rows.

        Raises:
            ValueError: If no rows were written.
        """
        if not self.words:
            raise ValueError(f"{self.path}: there are no vectors to save.")

    def reason_against(self, word: str) -> str:
        """Return why the format cannot hold a word, empty if it can."""
        return "" if is_utf8(word) else "it is not valid Unicode"

    @abstractmethod
    def write_header(self, count: int) -> None:
        """Write what comes before the rows."""

    @abstractmethod
    def write_rows(self, words: list[str], values: np.ndarray) -> None:
        """Write rows of the type ``self.dtype``."""


class _CountedWriter(RowWriter):
    """Write one file that begins with the number of its rows and their dimension."""

    def __init__(self, path: Path, file: BinaryIO, dtype: np.dtype, strict: bool = True) -> None:
        super().__init__(path, dtype, strict)
        self.file = file
        self._header = b""

    def write_header(self, count: int) -> None:
        self._header = b"%d %d\n" % (count, self.dimension)
        self.file.write(self._header)

    def end(self) -> None:
        """Correct the header if the number of rows is not the expected one."""
        super().end()
        replace_start(self.file, len(self._header), b"%d %d\n" % (len(self.words), self.dimension))


class BinaryWriter(_CountedWriter):
    """Write word2vec's binary form, with a line end after each row, as the C program does."""

    def reason_against(self, word: str) -> str:
        """Return why a word would end too early."""
        if " " in word or "\n" in word:
            return "word2vec's binary form has no place for a word with a space or a line end"
        if CONTROL.search(word.encode("utf-8", "replace")):
            return "in word2vec's binary form a control character cannot be told from damage"
        return super().reason_against(word)

    def write_rows(self, words: list[str], values: np.ndarray) -> None:
        """Write rows."""
        width = 4 * self.dimension
        data = values.astype("<f4", copy=False).tobytes()
        parts = [
            b"%b %b\n" % (word.encode(), data[start : start + width])
            for word, start in zip(words, range(0, len(data), width), strict=True)
        ]
        self.file.write(b"".join(parts))


class TextWriter(_CountedWriter):
    """Write GloVe text or, with a header, word2vec text.

    Numbers have as few digits as are needed to read back the same float32.
    """

    def __init__(
        self, path: Path, file: BinaryIO, dtype: np.dtype, strict: bool = True, header: bool = True
    ) -> None:
        super().__init__(path, file, dtype, strict)
        self._has_header = header
        self._spaces, self._first = 0, ""

    def write_header(self, count: int) -> None:
        if self._has_header:
            super().write_header(count)

    def end(self) -> None:
        """Correct the header, and count the words that other programs would cut."""
        if self._has_header:
            super().end()
        else:
            RowWriter.end(self)
        if self._spaces:
            self.remarks.append(
                f"{self.path}: {counted(self._spaces, 'word', 'holds', 'hold')} spaces (the first: "
                f"{self._first!r}), which this package reads back and most other programs do not."
            )

    def reason_against(self, word: str) -> str:
        """Return why a line would be read back as another word."""
        if "\n" in word or "\0" in word:
            return "a line of text has no place for a word with a line end or a NUL"
        data = word.encode("utf-8", "replace")
        if not is_clean(data):
            return "in a line of text its blanks cannot be told from padding"
        if not self._has_header and holds_number(data):
            return "without a header its number counts as one of the vector"
        if not self.words and not self._has_header and word.startswith(BYTE_ORDER_MARK.decode()):
            return "a file that begins with a byte order mark would lose it"
        return super().reason_against(word)

    def write_rows(self, words: list[str], values: np.ndarray) -> None:
        """Write rows."""
        spaced = [word for word in words if " " in word]
        self._spaces += len(spaced)
        self._first = self._first or (spaced[0] if spaced else "")
        step = max(1, _NUMBERS_AT_ONCE // self.dimension)
        for start in range(0, len(words), step):
            self._write_lines(words[start : start + step], values[start : start + step])

    def _write_lines(self, words: list[str], values: np.ndarray) -> None:
        values = values.astype(np.float32, copy=False)
        fields = [pc.cast(pa.array(np.ascontiguousarray(part)), pa.string()) for part in values.T]
        lines = pc.binary_join_element_wise(pa.array(words, pa.string()), *fields, " ")
        lines = pc.binary_join_element_wise(lines, "", "\n")
        # The strings of an array follow each other in its last buffer.
        _, ends, text = lines.buffers()
        length = int(np.frombuffer(ends, np.int32)[len(words)])
        self.file.write(memoryview(text)[:length])


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


def is_utf8(word: str) -> bool:
    """Return whether a word can be encoded; lone surrogates cannot."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True
