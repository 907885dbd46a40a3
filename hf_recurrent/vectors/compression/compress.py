"""Smaller word vectors: fewer words, fewer dimensions, fewer bits."""

from collections.abc import Iterable

import numpy as np
from gensim.models import KeyedVectors

from .._preparation import keep_preparation, known_preparation
from .keyed_vectors import CompressedKeyedVectors
from .rows import CODINGS, ROWS_AT_ONCE

__all__ = ["METHODS", "compress_vectors", "principal_components"]

METHODS = tuple(CODINGS)


def compress_vectors(
    keyed_vectors: KeyedVectors,
    method: str = "int8",
    *,
    vocabulary_size: int | None = None,
    vocabulary: Iterable[str] | None = None,
    pca: int | None = None,
    subspace_size: int = 2,
    seed: int = 0,
) -> CompressedKeyedVectors:
    """Compress word vectors, which stay compressed in memory and in a saved model.

    First words are removed, then dimensions, and then each row is coded.

    Args:
        keyed_vectors: The vectors.
        method: "fp16" (half the size), "int8" (whole numbers and a scale a row, a quarter) or "pq"
            (product quantisation, Jegou et al. 2011: a byte for ``subspace_size`` numbers, by
            default an eighth).
        vocabulary_size: Number of words to keep, from the first on, which are the most frequent.
        vocabulary: The words to keep; words without a vector are ignored.
        pca: Number of dimensions to keep, by principal component analysis.
        subspace_size: Dimensions that share a byte in "pq".
        seed: Seed of "pq".

    Returns:
        The vectors, used like ``KeyedVectors``. ``model_from_compressed`` makes a model of them.

    Raises:
        ValueError: If an argument is out of range, no word is left, or a number is not finite.
    """
    check_method(method, subspace_size)
    if vocabulary_size is not None and vocabulary_size < 1:
        raise ValueError(f"vocabulary_size is {vocabulary_size}, expected at least 1.")
    size = keyed_vectors.vector_size
    if pca is not None and not 1 <= pca <= size:
        raise ValueError(
            f"pca is {pca}, expected at least 1 and at most {size}, the vectors' dimension."
        )
    rows = _kept_rows(keyed_vectors, vocabulary_size, vocabulary)
    words = keyed_vectors.index_to_key
    if rows is None:
        matrix, words = keyed_vectors.vectors, list(words)
    else:
        matrix, words = keyed_vectors.vectors[rows], [words[row] for row in rows]
    _check_finite(words, matrix)
    if pca is not None:
        matrix = principal_components(matrix, pca)
    coded = CODINGS[method].encode(matrix, subspace_size=subspace_size, seed=seed)
    compressed = CompressedKeyedVectors(words, coded)
    for name, values in keyed_vectors.expandos.items():
        compressed.expandos[name] = values if rows is None else values[rows]
    keep_preparation(compressed, known_preparation(keyed_vectors))
    return compressed


def check_method(method: str, subspace_size: int) -> None:
    """Raise ``ValueError`` for an unknown method or a sub-space below 1."""
    if method not in CODINGS:
        raise ValueError(f"method is {method!r}, expected one of {', '.join(METHODS)}.")
    if subspace_size < 1:
        raise ValueError(f"subspace_size is {subspace_size}, expected at least 1.")


def principal_components(matrix: np.ndarray, count: int) -> np.ndarray:
    """Project rows, without their mean, on their first principal components.

    Args:
        matrix: (rows, dimension).
        count: Number of components.

    Returns:
        float32, (rows, count). The first component has the largest variance, and the largest
        entry of each component's direction is positive, so that the result is unique.
    """
    # Imported here because the import takes a second.
    from sklearn.decomposition import PCA

    # In float32 a large mean would cost digits of the covariance.
    centred = matrix - matrix.mean(axis=0, dtype=np.float64).astype(np.float32)
    return PCA(count, svd_solver="covariance_eigh").fit_transform(centred)


def _kept_rows(
    keyed_vectors: KeyedVectors, vocabulary_size: int | None, vocabulary: Iterable[str] | None
) -> np.ndarray | None:
    """Return the rows to keep in their order, None for all."""
    if vocabulary is None and vocabulary_size is None:
        return None
    index = keyed_vectors.key_to_index
    if vocabulary is None:
        return np.arange(min(vocabulary_size or 0, len(index)))
    rows = np.array(sorted({index[word] for word in vocabulary if word in index}), dtype=np.int64)
    if not len(rows):
        raise ValueError("None of the words of vocabulary has a vector.")
    return rows[:vocabulary_size]


def _check_finite(words: list[str], matrix: np.ndarray) -> None:
    if not len(words):
        raise ValueError("There are no vectors to compress.")
    for start in range(0, len(words), ROWS_AT_ONCE):
        finite = np.isfinite(matrix[start : start + ROWS_AT_ONCE]).all(axis=1)
        if not finite.all():
            word = words[start + int(finite.argmin())]
            raise ValueError(f"The vector of {word!r} holds a number that is not finite.")
