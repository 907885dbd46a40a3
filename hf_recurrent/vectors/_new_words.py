"""Make first vectors for words that a set of vectors lacks."""

from collections.abc import Iterable, Sequence

import numpy as np
from gensim.models import KeyedVectors

from .training.cooccurrence import count_cooccurrences

# Of the largest eigenvalue of the context means' products.
_RIDGE = 1e-3


def vectors_from_subwords(
    keyed_vectors: KeyedVectors, words: Sequence[str]
) -> dict[str, np.ndarray]:
    """Return fastText's vectors of words, by their n-grams; words without n-grams are left out."""
    found = {word: np.array(keyed_vectors.get_vector(word)) for word in words}
    return {word: vector for word, vector in found.items() if vector.any()}


def vectors_from_contexts(
    keyed_vectors: KeyedVectors,
    sentences: Iterable[Sequence[str]],
    known: Sequence[str],
    unknown: Sequence[str],
    window: int,
) -> dict[str, np.ndarray]:
    """Return vectors of words, made from the mean vector of the known words around them.

    Means of contexts are close together, all near those of the most frequent words. So they are
    mapped by the matrix that maps the known words' own means to their vectors, in least squares
    weighted by the logarithm of the size of each word's context (Khodak et al. 2018, A La Carte
    Embedding).

    Args:
        keyed_vectors: The vectors.
        sentences: The corpus.
        known: Words of the corpus that have a vector.
        unknown: Words that get a vector.
        window: Words of context on either side.

    Returns:
        A vector for each unknown word that has a known word around it.
    """
    counted = count_cooccurrences(
        sentences, words=[*known, *unknown], window=window, weighting="flat", progress=False
    )
    vectors = np.array(
        keyed_vectors.vectors[[keyed_vectors.key_to_index[word] for word in known]],
        dtype=np.float64,
    )
    contexts = counted.matrix[:, : len(known)]
    totals = np.asarray(contexts.sum(axis=1)).ravel()
    means = (contexts @ vectors) / np.maximum(totals, 1)[:, None]
    own, theirs = means[: len(known)], means[len(known) :]
    weights = np.log1p(totals[: len(known), None])
    products = own.T @ (weights * own)
    ridge = _RIDGE * np.linalg.eigvalsh(products)[-1] + np.finfo(np.float64).tiny
    mapping = np.linalg.solve(products + ridge * np.eye(len(products)), own.T @ (weights * vectors))
    placed = np.flatnonzero(totals[len(known) :] > 0)
    mapped = (theirs[placed] @ mapping).astype(np.float32)
    return {unknown[row]: vector for row, vector in zip(placed.tolist(), mapped, strict=True)}
