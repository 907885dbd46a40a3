"""The binary form of word2vec: a word, a space, and little-endian float32 numbers."""

from pathlib import Path

import numpy as np

from ..._wording import counted
from ._layout import CONTROL, find_layout
from ._row_writer import RowWriter
from ._rows import BLOCK_BYTES, BadRowError, RowCollector, progress_bar

# No vector has numbers as large, and letters that are read as numbers mostly are larger.
_LARGEST = 1e12
_SPACED = "so the file very likely has words with spaces, which this form has no place for"


def read(path: Path, format: str, rows: RowCollector) -> None:
    """Read word2vec's binary form, with or without a line end after each row.

    A word ends at the next space. gensim and others write words with spaces all the same. From the
    first such word on, bytes of numbers are read as words, and letters as numbers. So a word with
    control bytes and a number far too large are bad rows, and a remark counts the words that are
    not UTF-8.

    Raises:
        ValueError: As for ``load_vectors``.
    """
    layout = find_layout(path, format)
    assert layout.count is not None
    row_bytes = 4 * layout.dimension
    # A row also has the space after its word.
    possible = (layout.size - layout.start) // (row_bytes + 1)
    if rows.strict and layout.count > possible:
        raise ValueError(
            f"{path}: the header promises {counted(layout.count, 'vector')} of "
            f"{counted(layout.dimension, 'number')}, and a file of "
            f"{counted(layout.size, 'byte')} holds at most {possible:,}."
        )
    rows.begin(possible, layout.dimension, layout.count)
    row, buffer = 1, b""
    with path.open("rb", buffering=0) as file, progress_bar(path, layout.size) as bar:
        file.seek(layout.start)
        while not rows.full and (chunk := file.read(BLOCK_BYTES)):
            buffer += chunk
            raw, values, used = _parse(buffer, layout.dimension)
            try:
                words = b" ".join(raw).decode().split(" ") if raw else []
            except UnicodeDecodeError:
                words = [word.decode("utf-8", errors="backslashreplace") for word in raw]
                for number, (word, data) in enumerate(zip(words, raw, strict=True), row):
                    rows.check_utf8(f"vector {number}", word, data)
            if not words and len(buffer) > BLOCK_BYTES + row_bytes:
                raise ValueError(
                    f"{path}, vector {row}: found no word within "
                    f"{counted(len(buffer), 'byte')}, so the file "
                    f"is damaged or is not in word2vec's binary form."
                )
            _add(rows, row, raw, words, values)
            row += len(words)
            buffer = buffer[used:]
            bar.update(len(chunk))
    rows.compare_with_header(layout.count)
    left = len(buffer.strip(b"\n"))
    if left and not rows.full:
        sentence = (
            f"{path}: after the last whole vector there {'is' if left == 1 else 'are'} "
            f"{counted(left, 'byte')} more, {_SPACED}"
        )
        if rows.strict:
            raise ValueError(f"{sentence}.")
        rows.remarks.append(f"{sentence}; they were passed over.")
    rows.remark_on_utf8(
        "where they look like bytes of numbers, the file has words with spaces and was read wrong"
    )


def _add(
    rows: RowCollector, first: int, raw: list[bytes], words: list[str], values: np.ndarray
) -> None:
    """Add rows, and reject those that are not rows of word vectors."""
    # NaN makes these comparisons false too.
    tame = not words or bool(values.min() > -_LARGEST and values.max() < _LARGEST)
    if tame and not CONTROL.search(b" ".join(raw)):
        rows.add(words, values)
        return
    for offset, word in enumerate(words):
        if rows.full:
            return
        row = values[offset : offset + 1]
        largest = float(np.abs(row).max())
        if CONTROL.search(raw[offset]):
            reason = f"the word holds control bytes, {_SPACED}"
        elif _LARGEST <= largest < np.inf:
            reason = f"found the number {largest:.3g}, {_SPACED}"
        else:
            rows.add_checked("vector", first + offset, [word], row)
            continue
        rows.reject(f"vector {first + offset}", BadRowError(word, reason))


def _parse(buffer: bytes, dimension: int) -> tuple[list[bytes], np.ndarray, int]:
    """Parse the whole rows at the beginning of a buffer.

    Returns:
        Their words, their values ``(words, dimension)``, and the number of bytes they take.
    """
    width = 4 * dimension
    words: list[bytes] = []
    starts: list[int] = []
    position = 0
    while (start := buffer.find(b" ", position) + 1) and start + width <= len(buffer):
        words.append(buffer[position : start - 1].lstrip(b"\n"))
        starts.append(start)
        position = start + width
    if not words:
        return words, np.empty((0, dimension), dtype=np.float32), 0
    # A view of the buffer at each place as a row, without copying; then the true rows.
    windows = np.lib.stride_tricks.sliding_window_view(np.frombuffer(buffer, np.uint8), width)
    return words, windows[starts].view("<f4").astype(np.float32, copy=False), position


class Writer(RowWriter):
    """Write word2vec's binary form, with a line end after each row, as the C program does."""

    def header(self, count: int) -> bytes:
        """Return the header."""
        return b"%d %d\n" % (count, self.dimension)

    def reason_against(self, word: str) -> str:
        """Return why a word would end too early."""
        if " " in word or "\n" in word:
            return "word2vec's binary form has no place for a word with a space or a line end"
        if CONTROL.search(word.encode("utf-8", "replace")):
            return "in word2vec's binary form a control character cannot be told from damage"
        return super().reason_against(word)

    def write_rows(self, words: list[str], values: np.ndarray) -> None:
        """Write words and numbers in turn."""
        width, data = 4 * self.dimension, values.tobytes()
        parts = [
            b"%b %b\n" % (word.encode(), data[start : start + width])
            for word, start in zip(words, range(0, len(data), width), strict=True)
        ]
        self.file.write(b"".join(parts))
