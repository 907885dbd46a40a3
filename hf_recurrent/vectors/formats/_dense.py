"""Give the rows of a stored matrix to a collector, block by block."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from ._collector import RowCollector

BLOCK_BYTES = 1 << 20

# Returns the rows from start to stop, `(stop - start, dimension)`, in any float type.
Read = Callable[[int, int], np.ndarray]


def collect(
    rows: RowCollector,
    words: Sequence[str],
    dimension: int,
    read: Read,
    specials: Collection[int] = (),
) -> None:
    """Give the collector as many rows as it wants.

    Args:
        rows: The collector.
        words: The word of each row.
        dimension: Numbers in a row.
        read: Reads a part of the matrix.
        specials: Rows that are not words if all their numbers are 0.
    """
    rows.begin(len(words), dimension, len(words) - len(specials))
    step = max(1, BLOCK_BYTES // (4 * dimension))
    with bar(rows.path, len(words)) as progress:
        for start in range(0, len(words), step):
            if rows.full:
                break
            part = list(words[start : start + step])
            with np.errstate(over="ignore"):
                values = read(start, start + len(part)).astype(np.float32, copy=False)
            first = start + 1
            empty = [row - start for row in specials if start <= row < start + len(part)]
            empty = [row for row in empty if not values[row].any()]
            if empty:
                kept = np.setdiff1d(np.arange(len(part)), empty)
                part, values = [part[i] for i in kept], values[kept]
            rows.add_checked("vector", first, part, values)
            progress.update(len(part))


def bar(path: Path, rows: int) -> tqdm:
    """Return a progress bar over rows, shown on a terminal only."""
    return tqdm(
        total=rows, desc=path.name, unit=" rows", unit_scale=True, disable=None, leave=False
    )
