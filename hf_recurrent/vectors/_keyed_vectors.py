"""Wrap a matrix as gensim's ``KeyedVectors``, the form of dense word vectors in memory."""

import numpy as np
from gensim.models import KeyedVectors


def keyed_vectors(words: list[str], index: dict[str, int], matrix: np.ndarray) -> KeyedVectors:
    """Wrap a vocabulary and its matrix as ``KeyedVectors``, without a copy.

    Args:
        words: The words in the order of the rows.
        index: The row of each word.
        matrix: float32, (words, dimension).
    """
    vectors = KeyedVectors(matrix.shape[1])
    vectors.index_to_key = words
    vectors.key_to_index = index
    vectors.vectors = matrix
    vectors.next_index = len(words)
    return vectors
