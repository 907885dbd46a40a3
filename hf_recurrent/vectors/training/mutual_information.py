"""Compute positive pointwise mutual information of counts, and vectors from its SVD."""

import math

import numpy as np
from gensim.models import KeyedVectors
from scipy.sparse import csr_array
from scipy.sparse.linalg import svds

from ..._wording import counted
from .cooccurrence import Cooccurrences
from .settings import PpmiSettings, PpmiSvdSettings
from .vocabulary import vectors_with_counts


def ppmi(
    cooccurrences: Cooccurrences,
    *,
    shift: float = PpmiSettings.shift,
    smoothing: float = PpmiSettings.smoothing,
) -> csr_array:
    """Turn counts into shifted positive pointwise mutual information.

    max(0, log(P(i, j) / (P(i) P'(j))) - log(shift)), where P'(j) is in proportion to the count of
    the context j to the power of ``smoothing`` (Levy, Goldberg and Dagan, 2015, sections 3.1, 3.2).

    Args:
        cooccurrences: The counts.
        shift: 1 has no effect; k corresponds to k negative samples of word2vec.
        smoothing: A value below 1 lowers the values of rare contexts; 1 has no effect.

    Returns:
        float32, ``(words, words)``, with no stored zeros.

    Raises:
        ValueError: If an argument is out of range.
    """
    PpmiSettings(shift=shift, smoothing=smoothing)
    counts = cooccurrences.matrix
    words = counts.sum(axis=1, dtype=np.float64)
    contexts = counts.sum(axis=0, dtype=np.float64) ** smoothing
    # In the logarithms, the sum of all counts is there once in P(i, j) and once in P(i).
    row_terms = np.log(np.where(words > 0, words, 1))
    column_terms = np.log(np.where(contexts > 0, contexts, 1)) - math.log(contexts.sum() or 1)
    values = np.log(counts.data, dtype=np.float64)
    values -= np.repeat(row_terms, np.diff(counts.indptr))
    values -= column_terms[counts.indices]
    values -= math.log(shift)
    positive = np.maximum(values, 0).astype(np.float32)
    result = csr_array((positive, counts.indices.copy(), counts.indptr.copy()), shape=counts.shape)
    result.eliminate_zeros()
    return result


def svd_vectors(
    cooccurrences: Cooccurrences,
    vector_size: int = PpmiSvdSettings.vector_size,
    *,
    shift: float = PpmiSvdSettings.shift,
    smoothing: float = PpmiSvdSettings.smoothing,
    eigenvalue_weighting: float = PpmiSvdSettings.eigenvalue_weighting,
    seed: int = 0,
) -> KeyedVectors:
    """Make word vectors by a truncated SVD of the PPMI matrix (Levy, Goldberg and Dagan, 2015).

    With the largest singular values S and their left vectors U, the vectors are the rows of U S^p,
    the most important dimension first. The sign of each dimension is such that its largest entry is
    positive.

    Args:
        cooccurrences: The counts.
        vector_size: Length of a vector; smaller than the number of words.
        shift: As in ``ppmi``.
        smoothing: As in ``ppmi``.
        eigenvalue_weighting: p: 1 is the SVD itself, 0 leaves S out, and values in between are
            better at similarity.
        seed: Seed of the first vector of the iteration; it changes only the last digits.

    Returns:
        The vectors in the order of the words, with their counts ("count" of ``get_vecattr``).

    Raises:
        ValueError: If an argument is out of range, or the PPMI matrix is empty.
    """
    size = len(cooccurrences.words)
    if not 1 <= vector_size < size:
        raise ValueError(
            f"vector_size is {vector_size}, expected at least 1 and fewer than the "
            f"{counted(size, 'word')}."
        )
    matrix = ppmi(cooccurrences, shift=shift, smoothing=smoothing)
    if not matrix.nnz:
        raise ValueError(
            "The PPMI matrix is empty: no two words stand together more than by chance."
        )
    start = np.random.default_rng(seed).normal(size=size)
    left, values, _ = svds(matrix.astype(np.float64), k=vector_size, v0=start)
    order = np.argsort(-values)
    left, values = left[:, order], values[order]
    left *= np.sign(left[np.abs(left).argmax(axis=0), np.arange(vector_size)])
    vectors = (left * values**eigenvalue_weighting).astype(np.float32)
    return vectors_with_counts(cooccurrences.words, vectors, cooccurrences.counts)
