"""Tells by its first bytes how a file of word vectors is laid out."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

# Also the longest row: more is no row of word vectors, and a header is not believed about it.
BLOCK_BYTES = 1 << 20
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_HEADER = re.compile(rb"(\d{1,15}) +(\d{1,15}) *\r?\n")
# Bytes that text does not have and little-endian floats nearly always have.
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_COMPRESSED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz"}
_SAMPLE_BYTES = 1 << 16
_SAMPLE_LINES = 50


@dataclass(frozen=True)
class Layout:
    """Where the rows of a file begin and how wide they are.

    Attributes:
        format: "glove", "word2vec" or "word2vec-binary".
        dimension: Numbers in a row.
        count: Rows that the header promises, None where there is no header.
        start: Offset in bytes of the first row.
        first_line: Number of the line that the first row stands on, counted from 1.
        size: Size of the file in bytes.
    """

    format: str
    dimension: int
    count: int | None
    start: int
    first_line: int
    size: int


def is_number(field: bytes) -> bool:
    """Tells whether a field of a text row reads as a number, NaN and infinity included."""
    try:
        float(field)
    except ValueError:
        return False
    return True


def numbers_at_end(fields: list[bytes]) -> int:
    """Counts the numbers that a row ends with; its first field is always the word."""
    count = 0
    for field in reversed(fields[1:]):
        if not is_number(field):
            break
        count += 1
    return count


def find_layout(path: Path, format: str) -> Layout:
    """Reads the beginning of a file of rows and tells its layout.

    Raises:
        ValueError: If the file is empty, not of the format, or its header cannot be true of a file
            of its size.
        OSError: If the file cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(BLOCK_BYTES)
    if not head:
        raise ValueError(f"{path}: the file is empty.")
    for magic, name in _COMPRESSED.items():
        if head.startswith(magic):
            raise ValueError(f"{path}: the file is compressed ({name}); unpack it first.")
    mark = len(BYTE_ORDER_MARK) if head.startswith(BYTE_ORDER_MARK) else 0
    header = _HEADER.match(head, mark)
    if format == "auto":
        format = _guess(head, header, size)
    if format == "glove":
        dimension = _dimension(head[mark:])
        if dimension == 0 or b"\0" in head[:_SAMPLE_BYTES]:
            raise ValueError(
                f"{path}: the file is not text of word vectors; expected lines of a word and "
                f"numbers parted by spaces, and it begins with {head[mark : mark + 40]!r}."
            )
        return Layout(format, dimension, None, mark, 1, size)
    if header is None:
        raise ValueError(
            f"{path}, line 1: a {format} file begins with the number of words and the dimension, "
            f"and this one begins with {head[mark : mark + 40]!r}."
        )
    count, dimension = (int(group) for group in header.groups())
    bytes_per_number = 4 if format == "word2vec-binary" else 2
    most = min(size, BLOCK_BYTES) // bytes_per_number
    if not 1 <= dimension <= most:
        raise ValueError(
            f"{path}, line 1: the header promises {dimension} numbers a row, expected 1 to {most} "
            f"in a file of {size} bytes."
        )
    return Layout(format, dimension, count, header.end(), 2, size)


def _guess(head: bytes, header: re.Match[bytes] | None, size: int) -> str:
    """Tells the format by whether there is a header and by what the rows after it look like."""
    if header is None:
        return "glove"
    rows = head[header.end() :]
    count, dimension = (int(group) for group in header.groups())
    found = _dimension(rows)
    # A GloVe file of one dimension may begin with two whole numbers.
    if found == 1 != dimension:
        return "glove"
    holds_floats = count * (4 * dimension + 1) <= size - header.end()
    binary = _CONTROL.search(rows, 0, _SAMPLE_BYTES) or (holds_floats and rows)
    return "word2vec-binary" if found == 0 and binary else "word2vec"


def _dimension(rows: bytes) -> int:
    """Gives the commonest count of numbers of the first lines, so that no one bad line decides."""
    lines = rows.split(b"\n", _SAMPLE_LINES)[:_SAMPLE_LINES]
    counts = Counter(numbers_at_end(line.rstrip(b"\r ").split(b" ")) for line in lines)
    del counts[0]
    return max(counts, key=counts.__getitem__, default=0)
