"""Reads word vectors from the binary form of word2vec: a word, a space, little-endian float32."""

from pathlib import Path

import numpy as np

from ._collector import RowCollector, progress_bar
from ._layout import BLOCK_BYTES, Layout


def read_binary(path: Path, layout: Layout, rows: RowCollector) -> None:
    """Reads word2vec's binary form, with or without a line end after each row.

    Raises:
        ValueError: As `load_vectors` says.
    """
    assert layout.count is not None
    row_bytes = 4 * layout.dimension
    # A row also has the space after its word.
    possible = (layout.size - layout.start) // (row_bytes + 1)
    if rows.strict and layout.count > possible:
        raise ValueError(
            f"{path}: the header promises {layout.count} vectors of {layout.dimension} numbers, "
            f"and a file of {layout.size} bytes holds at most {possible}."
        )
    rows.begin(possible, layout.dimension, layout.count)
    row, buffer = 1, b""
    with path.open("rb", buffering=0) as file, progress_bar(path, layout.size) as bar:
        file.seek(layout.start)
        while not rows.full and (chunk := file.read(BLOCK_BYTES)):
            buffer += chunk
            words, values, used = _parse(buffer, layout.dimension)
            if not words and len(buffer) > BLOCK_BYTES + row_bytes:
                raise ValueError(
                    f"{path}, vector {row}: found no word within {len(buffer)} bytes, so the file "
                    f"is damaged or is not in word2vec's binary form."
                )
            rows.add_checked("vector", row, words, values)
            row += len(words)
            buffer = buffer[used:]
            bar.update(len(chunk))
    rows.compare_with_header(layout.count)


def _parse(buffer: bytes, dimension: int) -> tuple[list[str], np.ndarray, int]:
    """Cuts the whole rows off the beginning of a buffer.

    Returns:
        Their words, their values `(words, dimension)`, and the number of bytes they take.
    """
    width = 4 * dimension
    words: list[str] = []
    starts: list[int] = []
    position = 0
    while (start := buffer.find(b" ", position) + 1) and start + width <= len(buffer):
        word = buffer[position : start - 1].lstrip(b"\n")
        words.append(word.decode("utf-8", errors="backslashreplace"))
        starts.append(start)
        position = start + width
    if not words:
        return words, np.empty((0, dimension), dtype=np.float32), 0
    # One look at each place of the buffer as a row, without copying, and then the true rows.
    windows = np.lib.stride_tricks.sliding_window_view(np.frombuffer(buffer, np.uint8), width)
    return words, windows[starts].view("<f4").astype(np.float32, copy=False), position
