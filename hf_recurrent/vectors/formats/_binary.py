"""Read the binary form of word2vec: a word, a space, and little-endian float32 numbers."""

from pathlib import Path

import numpy as np

from ..._wording import counted
from ._collector import BadRowError, RowCollector, progress_bar
from ._layout import BLOCK_BYTES, CONTROL, Layout

# No vector has numbers as large, and letters that are read as numbers mostly are larger.
_LARGEST = 1e12
_SPACED = "so the file very likely has words with spaces, which this form has no place for"


def read_binary(path: Path, layout: Layout, rows: RowCollector) -> None:
    """Read word2vec's binary form, with or without a line end after each row.

    A word ends at the next space. gensim and others write words with spaces all the same. From the
    first such word on, bytes of numbers are read as words, and letters as numbers. So a word with
    control bytes and a number far too large are bad rows, and a remark counts the words that are
    not UTF-8.

    Raises:
        ValueError: As for ``load_vectors``.
    """
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
    foreign = _ForeignWords(path)
    with path.open("rb", buffering=0) as file, progress_bar(path, layout.size) as bar:
        file.seek(layout.start)
        while not rows.full and (chunk := file.read(BLOCK_BYTES)):
            buffer += chunk
            raw, values, used = _parse(buffer, layout.dimension)
            words, plain = _decoded(raw)
            if not plain:
                foreign.add(row, raw)
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
    rows.remarks.extend(foreign.remarks())


class _ForeignWords:
    """Count words that are not UTF-8."""

    def __init__(self, path: Path) -> None:
        self._path, self._count, self._first = path, 0, ""

    def add(self, row: int, raw: list[bytes]) -> None:
        for number, word in enumerate(raw, row):
            text = word.decode("utf-8", errors="backslashreplace")
            if text.encode() != word:
                self._first = self._first or f"vector {number}, word {text[:60]!r}"
                self._count += 1

    def remarks(self) -> list[str]:
        if not self._count:
            return []
        return [
            f"{self._path}: {counted(self._count, 'word', 'is', 'are')} not UTF-8 (the first: "
            f"{self._first}) and kept as escapes; where they look like bytes of numbers, the "
            f"file has words with "
            f"spaces and was read wrong."
        ]


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


def _decoded(raw: list[bytes]) -> tuple[list[str], bool]:
    """Return words as text, with escapes for bytes not in UTF-8, and whether all are UTF-8."""
    try:
        return (b" ".join(raw).decode().split(" ") if raw else []), True
    except UnicodeDecodeError:
        return [word.decode("utf-8", errors="backslashreplace") for word in raw], False


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
