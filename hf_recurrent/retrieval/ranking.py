"""Rankings of documents by their scores, fused rankings, and a test between two systems."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._wording import counted

_ROUNDS = 10_000


def top(scores: ArrayLike, size: int) -> NDArray[np.int64]:
    """Return the places of the highest scores, the highest first; equal ones in their order.

    Args:
        scores: (documents,) the scores; a document with minus infinity is left out.
        size: The largest number of places.
    """
    values = np.asarray(scores)
    places = np.flatnonzero(np.isfinite(values))
    if size < len(places):
        # A partition spares sorting all of them. All that equal the last one stay, to be sorted.
        last = np.partition(values[places], -size)[-size]
        places = places[values[places] >= last]
    order: NDArray[np.int64] = places[np.argsort(-values[places], kind="stable")][:size]
    return order


def unit_rows(vectors: ArrayLike) -> NDArray[np.float32]:
    """Return vectors (rows, width) of length 1; a vector of zeros stays as it is."""
    rows = np.asarray(vectors, np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled = rows / np.where(lengths > 0, lengths, 1)
    return scaled.astype(np.float32, copy=False)


def fuse(first: ArrayLike, second: ArrayLike, weight: float = 0.5) -> NDArray[np.float64]:
    """Return the weighted mean of two systems' scores, each scaled to mean 0 and deviation 1.

    Args:
        first: (documents,) the scores of a query.
        second: (documents,) those of another system; a document that it cannot score has minus
            infinity, and gets its lowest finite score.
        weight: The weight of the second system, from 0 to 1.
    """
    return (1 - weight) * _scaled(first) + weight * _scaled(second)


def _scaled(scores: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(scores, np.float64)
    finite = np.isfinite(values)
    if not finite.any():
        return np.zeros_like(values)
    values = np.where(finite, values, values[finite].min())
    deviation = values.std()
    scaled: NDArray[np.float64] = (values - values.mean()) / (deviation if deviation else 1.0)
    return scaled


def paired_p_value(
    first: Sequence[float], second: Sequence[float], rounds: int = _ROUNDS, seed: int = 0
) -> float:
    """Return the two-sided p-value of a randomisation test between two systems.

    The figures of a query are exchanged at random between the systems, and the share of rounds is
    counted whose mean difference is at least that found (Smucker et al. 2007).

    Args:
        first: A figure for each query.
        second: The figure of the other system for the same queries.
        rounds: Number of random exchanges.
        seed: Their seed.

    Raises:
        ValueError: If the numbers of queries differ, or there are none.
    """
    if len(first) != len(second) or not len(first):
        raise ValueError(
            f"The systems have figures for {len(first)} and {counted(len(second), 'query')}, "
            f"expected the same number, at least one."
        )
    differences = np.asarray(first, float) - np.asarray(second, float)
    found = abs(differences.mean())
    generator = np.random.default_rng(seed)
    signs = generator.choice([-1.0, 1.0], (rounds, len(differences)))
    # Sums in another order must not make an equal mean smaller.
    as_large = np.abs(signs @ differences / len(differences)) >= found - 1e-12
    return float((as_large.sum() + 1) / (rounds + 1))
