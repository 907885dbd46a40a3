"""Find the layout of a file of word vectors from its first bytes."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from ..._wording import counted
from ...data.encodings import packing
from ._row_style import NotRowsError, RowStyle, check_style, find_style
from ._rows import BLOCK_BYTES

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_HEADER = re.compile(rb"[ \t]*(\d{1,15})[ \t]+(\d{1,15})[ \t]*\r?\n")
# Bytes that text does not have and little-endian floats nearly always have.
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_SAMPLE_BYTES = 1 << 16
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Layout:
    """Where the rows of a file begin, and how wide they are.

    Attributes:
        format: "glove", "word2vec" or "word2vec-binary".
        dimension: Numbers in a row.
        count: Number of rows that the header gives, None without a header.
        start: Offset in bytes of the first row.
        first_line: Number of the line of the first row, counted from 1.
        size: Size of the file in bytes.
        padded: Whether any number of spaces and tabs separates the fields of a text, and not
            single spaces.
        mixed: Whether some of its first lines fit single spaces too.
    """

    format: str
    dimension: int
    count: int | None
    start: int
    first_line: int
    size: int
    padded: bool = False
    mixed: bool = False


def find_layout(path: Path, format: str) -> Layout:
    """Read the beginning of a file of rows and return its layout.

    Raises:
        ValueError: If the file is empty or not of the format, or if its header does not fit its
            size.
        OSError: If the file cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(BLOCK_BYTES)
    if not head:
        raise ValueError(f"{path}: the file is empty.")
    if name := packing(head):
        raise ValueError(f"{path}: the file is compressed ({name}); unpack it first.")
    if head.startswith(_UTF16) and b"\0" in head[:_SAMPLE_BYTES]:
        raise ValueError(f"{path}, line 1: the file is UTF-16; save it as UTF-8 first.")
    mark = len(BYTE_ORDER_MARK) if head.startswith(BYTE_ORDER_MARK) else 0
    header = _HEADER.match(head, mark)
    if format == "auto":
        format = _guess(head, header, size)
    whole, count, dimension, start = len(head) == size, None, None, mark
    if format != "glove":
        if header is None:
            raise ValueError(
                f"{path}, line 1: a {format} file begins with the number of words and the "
                f"dimension, and this one begins with {head[mark : mark + 40]!r}."
            )
        count, dimension = (int(group) for group in header.groups())
        start = header.end()
        most = min(size, BLOCK_BYTES) // (4 if format == "word2vec-binary" else 2)
        if not 1 <= dimension <= most:
            raise ValueError(
                f"{path}, line 1: the header promises {counted(dimension, 'number')} a row, "
                f"expected 1 to {most:,} in a file of {counted(size, 'byte')}."
            )
        if format == "word2vec-binary":
            return Layout(format, dimension, count, start, 2, size)
    rows, first_line = head[start:], 1 if count is None else 2
    style = find_style(rows, dimension, whole)
    if dimension is None and (style is None or b"\0" in head[:_SAMPLE_BYTES]):
        raise ValueError(
            f"{path}, line 1: the file is not text of word vectors; expected lines of a word "
            f"and numbers parted by spaces, and it begins with {rows[:40]!r}."
        )
    style = style or RowStyle(dimension or 0, False, 0, False)
    try:
        check_style(rows, style, has_header=count is not None, whole=whole)
    except NotRowsError as error:
        raise ValueError(
            f"{path}, line {first_line + error.line - 1}: {error}; expected lines of a word and "
            f"its numbers parted by single spaces."
        ) from None
    return Layout(
        format, style.dimension, count, start, first_line, size, style.padded, style.mixed
    )


def _guess(head: bytes, header: re.Match[bytes] | None, size: int) -> str:
    """Return the format, judged by the header, if there is one, and the rows after it."""
    if header is None:
        return "glove"
    rows, whole = head[header.end() :], len(head) == size
    count, dimension = (int(group) for group in header.groups())
    fitting = find_style(rows, dimension, whole) if dimension else None
    if fitting and fitting.fitting:
        return "word2vec"
    found = find_style(rows, whole=whole)
    # A GloVe file of one dimension may begin with two whole numbers.
    if found and found.dimension == 1 != dimension:
        return "glove"
    holds_floats = count * (4 * dimension + 1) <= size - header.end()
    sample = rows[:_SAMPLE_BYTES]
    binary = CONTROL.search(sample) or (holds_floats and not _is_utf8(sample))
    return "word2vec-binary" if found is None and binary else "word2vec"


def _is_utf8(sample: bytes) -> bool:
    """Return whether bytes are UTF-8, except for a character that is cut off at the end."""
    try:
        sample.decode()
    except UnicodeDecodeError as error:
        return error.end == len(sample) and error.reason == "unexpected end of data"
    return True
