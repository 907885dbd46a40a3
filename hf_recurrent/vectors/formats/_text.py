"""Read word vectors from text: a word and its numbers on a line, separated by spaces."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from ..._wording import counted
from ._collector import BadRowError, RowCollector, progress_bar
from ._layout import BLOCK_BYTES, BYTE_ORDER_MARK, Layout
from ._row_style import BLANKS, fields_of, is_clean, numbers_at_end

_BLANKS = re.compile(rb"[ \t]+")


def read_text(path: Path, layout: Layout, rows: RowCollector) -> None:
    """Read GloVe or word2vec text, block by block.

    pyarrow's CSV parser reads a block. If it cannot, ``parse_line`` reads the block line by line;
    its result is the definition of the format. Numbers are rounded from float64, as in gensim. In a
    file of single spaces, words with blanks around them are kept, and a remark counts them.

    Raises:
        ValueError: As for ``load_vectors``.
    """
    # A number and the space before it take two bytes, so a header cannot ask for more memory.
    capacity = layout.size // (2 * layout.dimension)
    if rows.vocabulary is None:
        capacity = min(capacity, _count_lines(path, layout.start, rows.rows_to_read))
    rows.begin(capacity, layout.dimension, layout.count)
    odd = _OddWords(path)
    with progress_bar(path, layout.size) as bar:
        for line, block in _blocks(path, layout):
            plain = _with_single_spaces(block) if layout.padded else block
            parsed = _parse_block(plain, layout.dimension)
            if parsed is None:
                _add_lines(rows, block, line, layout, odd)
            else:
                rows.add(*parsed)
            bar.update(len(block))
            if rows.full:
                break
    rows.compare_with_header(layout.count)
    if layout.mixed:
        rows.remarks.append(
            f"{path}: some lines part their fields by single spaces and some by more, or by tabs; "
            f"all were read as columns, so that no word begins or ends with a blank."
        )
    rows.remarks.extend(odd.remarks())


class _OddWords:
    """Count words with a blank that may be padding, and words not in UTF-8."""

    def __init__(self, path: Path) -> None:
        self._path, self._count, self._first = path, 0, ""
        self._foreign, self._first_foreign = 0, ""

    def look_at(self, line: int, word: str, text: bytes) -> None:
        """Count a word if it is odd; ``text`` is its whole line."""
        place = f"line {line}, word {word[:60]!r}"
        if not is_clean(word.encode("utf-8", "surrogatepass")):
            self._first = self._first or place
            self._count += 1
        try:
            text.decode()
        except UnicodeDecodeError:
            self._first_foreign = self._first_foreign or place
            self._foreign += 1

    def remarks(self) -> list[str]:
        return [*self._of_blanks(), *self._of_encoding()]

    def _of_encoding(self) -> list[str]:
        if not self._foreign:
            return []
        return [
            f"{self._path}: {counted(self._foreign, 'word', 'is', 'are')} not UTF-8 (the first: "
            f"{self._first_foreign}) and kept as escapes; save the file as UTF-8 to have the "
            f"letters."
        ]

    def _of_blanks(self) -> list[str]:
        if not self._count:
            return []
        return [
            f"{self._path}: {counted(self._count, 'word', 'begins', 'begin')} or "
            f"{'ends' if self._count == 1 else 'end'} with a blank or "
            f"{'has' if self._count == 1 else 'have'} a number after a tab (the first: "
            f"{self._first}), and this was kept."
        ]


def _with_single_spaces(block: bytes) -> bytes:
    """Return the lines of padded columns with a single space between fields and none around."""
    block = _BLANKS.sub(b" ", block).replace(b"\n ", b"\n")
    return block[1:] if block.startswith(b" ") else block


def _count_lines(path: Path, start: int, limit: int) -> int:
    """Count the lines from an offset on, and stop at ``limit``."""
    count, last = 0, ord("\n")
    buffer = bytearray(1 << 18)
    with path.open("rb", buffering=0) as file:
        file.seek(start)
        while count < limit and (length := file.readinto(buffer)):
            count += buffer.count(b"\n", 0, length)
            last = buffer[length - 1]
    return min(count if last == ord("\n") else count + 1, limit)


def _blocks(path: Path, layout: Layout) -> Iterator[tuple[int, bytes]]:
    """Yield blocks of whole lines, each with the number of its first line.

    Raises:
        ValueError: If a line is longer than any row of word vectors.
    """
    line, tail = layout.first_line, b""
    with path.open("rb", buffering=0) as file:
        file.seek(layout.start)
        while chunk := file.read(BLOCK_BYTES):
            end = chunk.rfind(b"\n") + 1
            if end:
                block, tail = tail + chunk[:end], chunk[end:]
                yield line, block
                line += block.count(b"\n")
            else:
                tail += chunk
            if len(tail) > BLOCK_BYTES:
                raise ValueError(
                    f"{path}, line {line}: the line is longer than {BLOCK_BYTES} bytes, so the "
                    f"file is not text of word vectors."
                )
    if tail:
        yield line, tail


def _parse_block(block: bytes, dimension: int) -> tuple[list[str], np.ndarray] | None:
    """Parse whole lines fast; return None if ``parse_line`` might read them differently."""
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    if b" \n" in block:
        block = block.replace(b" \n", b"\n")
    # The parser ends lines at a carriage return and drops a byte order mark; a tab is odd.
    if any(byte in block for byte in (b"\r", b"\0", b"\t")) or block.startswith(BYTE_ORDER_MARK):
        return None
    names = [str(column) for column in range(dimension + 1)]
    types = dict.fromkeys(names, pa.float64()) | {"0": pa.string()}
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(block),
            pa_csv.ReadOptions(use_threads=False, block_size=len(block) + 1, column_names=names),
            pa_csv.ParseOptions(
                delimiter=" ", quote_char=False, double_quote=False, escape_char=False
            ),
            # Words such as "null", "nan" and "NA" are words.
            pa_csv.ConvertOptions(column_types=types, null_values=[]),
        )
    except pa.ArrowInvalid:
        return None
    values = np.empty((table.num_rows, dimension), dtype=np.float32)
    with np.errstate(over="ignore"):
        for column in range(dimension):
            values[:, column] = table.column(column + 1)
    if not np.isfinite(values).all():
        return None
    return table.column(0).to_pylist(), values


def _add_lines(rows: RowCollector, block: bytes, line: int, layout: Layout, odd: _OddWords) -> None:
    """Add the lines of a block one by one, until the collector is full."""
    lines = block.split(b"\n")
    for number, text in enumerate(lines, line):
        text = text.removesuffix(b"\r").rstrip(BLANKS)
        if not text or rows.full:
            continue
        try:
            word, values = parse_line(
                text, layout.dimension, padded=layout.padded, known=layout.count is not None
            )
        except BadRowError as bad:
            rows.reject(f"line {number}", bad)
        else:
            odd.look_at(number, word, text)
            rows.add([word], values[None])


def parse_line(
    line: bytes, dimension: int, *, padded: bool = False, known: bool = False
) -> tuple[str, np.ndarray]:
    """Parse a line: it ends in exactly ``dimension`` numbers, and all before them is the word.

    So a word may have spaces (such as ". . ." in GloVe 840B), and may look like a number. But a
    line whose word has spaces and ends in a number counts as too wide, unless a header gives the
    dimension.

    Args:
        line: The line, without its end and blanks before it.
        dimension: Numbers in a row.
        padded: Whether any number of blanks separates fields; if not, one space does.
        known: Whether a header gives the dimension, so that a word may end in a number.

    Raises:
        BadRowError: If the line does not have that form, or a number is not finite in float32.
    """
    fields = fields_of(line, padded)
    found = numbers_at_end(fields)
    if known:
        found = min(found, dimension)
    text = b" ".join(fields[: len(fields) - found])
    word = text.decode("utf-8", errors="backslashreplace")
    if b"\0" in line:
        raise BadRowError(word, "found a NUL byte, so the line is not text")
    if found != dimension:
        raise BadRowError(
            word, f"found {counted(found, 'number')} at its end, expected {dimension}"
        )
    with np.errstate(over="ignore"):
        values = np.array([float(field) for field in fields[-dimension:]]).astype(np.float32)
    if not np.isfinite(values).all():
        raise BadRowError(word, "found NaN or infinity, expected finite numbers")
    return word, values
