"""Read the records that GloVe trains on, in random blocks, from memory or from a file."""

import functools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .cooccurrence import CooccurrenceFile, Cooccurrences

_BLOCK = 1 << 16
# From a file, a block is gathered from pieces of neighbouring records.
_PIECE = 1 << 10
_PIECES_OF_A_BLOCK = 1 << 8


class Block(NamedTuple):
    """Some records: int32 rows and columns, float32 logarithms of the counts, and weights."""

    rows: np.ndarray
    columns: np.ndarray
    logarithms: np.ndarray
    weights: np.ndarray


class Records:
    """All records.

    Attributes:
        count: Their number.

    Args:
        count: Their number.
        blocks: Returns functions that make the blocks of an epoch, in random order.
    """

    def __init__(
        self, count: int, blocks: Callable[[np.random.Generator], list[Callable[[], Block]]]
    ) -> None:
        self.count = count
        self.blocks = blocks


def records_of(
    cooccurrences: Cooccurrences | CooccurrenceFile,
    x_max: float,
    alpha: float,
    generator: np.random.Generator,
) -> Records:
    """Return the records of counts.

    Records in memory are shuffled once, and their blocks again for each epoch. Records of a file
    are shuffled again for each epoch: a block consists of pieces from all over the file.

    Args:
        cooccurrences: The counts.
        x_max: The smallest count whose weight is 1.
        alpha: The exponent of the weight of smaller counts.
        generator: Draws the order.
    """
    if isinstance(cooccurrences, CooccurrenceFile):
        return _from_file(cooccurrences, x_max, alpha)
    matrix = cooccurrences.matrix
    rows = np.repeat(np.arange(matrix.shape[0], dtype=np.int32), np.diff(matrix.indptr))
    order = np.arange(matrix.nnz)
    generator.shuffle(order)
    everything = _block(rows[order], matrix.indices[order], matrix.data[order], x_max, alpha)

    def blocks(generator: np.random.Generator) -> list[Callable[[], Block]]:
        starts = generator.permutation(range(0, matrix.nnz, _BLOCK))
        return [functools.partial(_part, everything, start) for start in starts]

    return Records(matrix.nnz, blocks)


def _from_file(cooccurrences: CooccurrenceFile, x_max: float, alpha: float) -> Records:
    records = cooccurrences.records()
    count = len(records)
    if cooccurrences.symmetric:
        steps = range(0, count, _BLOCK)
        same = sum(int(_on_diagonal(records[start : start + _BLOCK]).sum()) for start in steps)
        count = 2 * count - same

    def gather(starts: np.ndarray, seed: int) -> Block:
        found = np.concatenate([records[start : start + _PIECE] for start in starts])
        rows, columns, values = found["row"], found["column"], found["value"]
        if cooccurrences.symmetric:
            other = ~_on_diagonal(found)
            values = np.concatenate([values, values[other]])
            rows, columns = (
                np.concatenate([rows, columns[other]]),
                np.concatenate([columns, rows[other]]),
            )
        order = np.random.default_rng(seed).permutation(len(rows))
        return _block(rows[order], columns[order], values[order], x_max, alpha)

    def blocks(generator: np.random.Generator) -> list[Callable[[], Block]]:
        starts = generator.permutation(range(0, len(records), _PIECE))
        groups = np.split(starts, range(_PIECES_OF_A_BLOCK, len(starts), _PIECES_OF_A_BLOCK))
        seeds = generator.integers(2**63, size=len(groups)).tolist()
        return [functools.partial(gather, *chosen) for chosen in zip(groups, seeds, strict=True)]

    return Records(count, blocks)


def _on_diagonal(records: np.ndarray) -> np.ndarray:
    return records["row"] == records["column"]


def _part(everything: Block, start: int) -> Block:
    return Block(*(part[start : start + _BLOCK] for part in everything))


def _block(
    rows: np.ndarray, columns: np.ndarray, values: np.ndarray, x_max: float, alpha: float
) -> Block:
    values = values.astype(np.float32)
    weights = np.minimum(values / np.float32(x_max), 1) ** np.float32(alpha)
    return Block(
        np.ascontiguousarray(rows, dtype=np.int32),
        np.ascontiguousarray(columns, dtype=np.int32),
        np.log(values),
        weights,
    )
