"""Nearest neighbours by cosine and by CSLS, in blocks that bound the memory.

CSLS subtracts from the cosine of two vectors the mean cosine of each with its nearest neighbours on
the other side. So hubs, which are near to everything, rank lower (Conneau et al. 2018, Word
Translation Without Parallel Data, section 2.3):

    CSLS(x, y) = 2 cos(x, y) - r(x) - r(y)

where r is the mean cosine with the ``NEIGHBORHOOD`` nearest vectors of the other side.
"""

import numpy as np

NEIGHBORHOOD = 10

_SCORES_AT_ONCE = 1 << 23  # float32: 32 MiB


def unit_rows(matrix: np.ndarray) -> np.ndarray:
    """Return the rows scaled to length 1, float32; rows of zeros stay zeros."""
    rows = np.array(matrix, dtype=np.float32)
    norms = np.linalg.norm(rows, axis=-1, keepdims=True)
    rows /= np.where(norms > 0, norms, 1)
    return rows


def neighborhood_cosine(
    rows: np.ndarray, others: np.ndarray, count: int = NEIGHBORHOOD
) -> np.ndarray:
    """Return for each row its mean cosine with its nearest rows of the other side.

    Args:
        rows: Of length 1, (rows, dimension).
        others: Of length 1, (others, dimension).
        count: Number of nearest rows; all of the other side if it has fewer.

    Returns:
        (rows,), float32.
    """
    count = min(count, len(others))
    means = np.empty(len(rows), dtype=np.float32)
    for start, end in _blocks(len(rows), len(others)):
        cosines = rows[start:end] @ others.T
        cosines.partition(len(others) - count, axis=1)
        means[start:end] = cosines[:, len(others) - count :].mean(axis=1)
    return means


def top_neighbors(
    rows: np.ndarray,
    others: np.ndarray,
    count: int = 1,
    *,
    row_means: np.ndarray | None = None,
    other_means: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest rows of the other side, by cosine or, with means, by CSLS.

    Args:
        rows: Of length 1, (rows, dimension).
        others: Of length 1, (others, dimension).
        count: Number of nearest rows; all of the other side if it has fewer.
        row_means: ``neighborhood_cosine(rows, others)``; not needed if only the order
            matters, because it is the same for all neighbours of a row.
        other_means: ``neighborhood_cosine(others, rows)``, with all rows of this side.

    Returns:
        Positions and scores, both (rows, count), best first. Among equal scores at the end of
        the list the choice is not defined.
    """
    count = min(count, len(others))
    positions = np.empty((len(rows), count), dtype=np.int64)
    scores = np.empty((len(rows), count), dtype=np.float32)
    for start, end in _blocks(len(rows), len(others)):
        found = rows[start:end] @ others.T
        if other_means is not None:
            found *= 2
            found -= other_means
            if row_means is not None:
                found -= row_means[start:end, None]
        positions[start:end], scores[start:end] = _best(found, count)
    return positions, scores


def _best(scores: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions and values of the ``count`` largest of each row, best first."""
    if count == 1:
        best = scores.argmax(axis=1)[:, None]
    else:
        best = np.argpartition(scores, scores.shape[1] - count, axis=1)[:, -count:]
        best.sort(axis=1)
        order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable")
        best = np.take_along_axis(best, order, axis=1)
    return best, np.take_along_axis(scores, best, axis=1)


def _blocks(rows: int, others: int) -> list[tuple[int, int]]:
    step = max(1, _SCORES_AT_ONCE // max(others, 1))
    return [(start, min(start + step, rows)) for start in range(0, rows, step)]
