"""Text, with a header or without: a word and its numbers on a line, separated by spaces."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from ..._wording import counted
from ._layout import BYTE_ORDER_MARK, Layout, find_layout
from ._row_style import BLANKS, fields_of, holds_number, is_clean, numbers_at_end
from ._row_writer import RowWriter
from ._rows import BLOCK_BYTES, BadRowError, RowCollector, Tally, progress_bar

_BLANKS = re.compile(rb"[ \t]+")
_NUMBERS_AT_ONCE = 1 << 16


def read(path: Path, format: str, rows: RowCollector) -> None:
    """Read GloVe or word2vec text, block by block.

    pyarrow's CSV parser reads a block. If it cannot, ``parse_line`` reads the block line by line;
    its result is the definition of the format. Numbers are rounded from float64, as in gensim. In a
    file of single spaces, words with blanks around them are kept, and a remark counts them.

    Raises:
        ValueError: As for ``load_vectors``.
    """
    layout = find_layout(path, format)
    # A number and the space before it take two bytes, so a header cannot ask for more memory.
    capacity = layout.size // (2 * layout.dimension)
    if rows.vocabulary is None:
        capacity = min(capacity, _count_lines(path, layout.start, rows.rows_to_read))
    rows.begin(capacity, layout.dimension, layout.count)
    blanks = Tally()
    with progress_bar(path, layout.size) as bar:
        for line, block in _blocks(path, layout):
            plain = _with_single_spaces(block) if layout.padded else block
            parsed = _parse_block(plain, layout.dimension)
            if parsed is None:
                _add_lines(rows, block, line, layout, blanks)
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
    if blanks.count:
        end, have = ("ends", "has") if blanks.count == 1 else ("end", "have")
        rows.remarks.append(
            f"{path}: {counted(blanks.count, 'word', 'begins', 'begin')} or {end} with a blank or "
            f"{have} a number after a tab (the first: {blanks.first}), and this was kept."
        )
    rows.remark_on_utf8("save the file as UTF-8 to have the letters")


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


def _add_lines(rows: RowCollector, block: bytes, line: int, layout: Layout, blanks: Tally) -> None:
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
            rows.check_utf8(f"line {number}", word, text)
            if not is_clean(word.encode("utf-8", "surrogatepass")):
                blanks.add(f"line {number}, word {word[:60]!r}")
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


class Writer(RowWriter):
    """Write GloVe text or, with a header, word2vec text.

    Numbers have as few digits as are needed to read back the same float32.
    """

    def header(self, count: int) -> bytes:
        """Return the header, if the format has one."""
        return b"%d %d\n" % (count, self.dimension) if self.format == "word2vec" else b""

    def end(self) -> None:
        """Correct the header, and count the words that other programs would cut."""
        super().end()
        if spaced := [word for word in self.words if " " in word]:
            self.remarks.append(
                f"{self.path}: {counted(len(spaced), 'word', 'holds', 'hold')} spaces (the first: "
                f"{spaced[0]!r}), which this package reads back and most other programs do not."
            )

    def reason_against(self, word: str) -> str:
        """Return why a line would be read back as another word."""
        if "\n" in word or "\0" in word:
            return "a line of text has no place for a word with a line end or a NUL"
        data = word.encode("utf-8", "replace")
        if not is_clean(data):
            return "in a line of text its blanks cannot be told from padding"
        if self.format == "glove" and holds_number(data):
            return "without a header its number counts as one of the vector"
        if not self.words and self.format == "glove" and data.startswith(BYTE_ORDER_MARK):
            return "a file that begins with a byte order mark would lose it"
        return super().reason_against(word)

    def write_rows(self, words: list[str], values: np.ndarray) -> None:
        """Write lines."""
        step = max(1, _NUMBERS_AT_ONCE // self.dimension)
        for start in range(0, len(words), step):
            part = np.ascontiguousarray(values[start : start + step].T)
            fields = [pc.cast(pa.array(numbers), pa.string()) for numbers in part]
            lines = pa.array(words[start : start + step], pa.string())
            lines = pc.binary_join_element_wise(lines, *fields, " ")
            lines = pc.binary_join_element_wise(lines, "", "\n")
            # The strings of an array follow each other in its last buffer.
            _, ends, text = lines.buffers()
            self.file.write(memoryview(text)[: np.frombuffer(ends, np.int32)[len(lines)]])
