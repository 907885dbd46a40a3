"""fastText's vectors in memory: a word's vector is made of its own row and its n-grams'."""

from collections.abc import Sequence

import numpy as np
from gensim.models.fasttext import FastTextKeyedVectors, ft_ngram_hashes

# The end of a line: for fastText a word without n-grams.
END = "</s>"
_WORDS_AT_ONCE = 1 << 12


def fasttext_vectors(
    words: list[str],
    index: dict[str, int],
    own: np.ndarray,
    ngrams: np.ndarray,
    lengths: tuple[int, int],
    buckets: list[np.ndarray],
    matrix: np.ndarray,
) -> FastTextKeyedVectors:
    """Return the parts of a fastText model as gensim's vectors, not copied.

    Args:
        words: The words in the order of the rows.
        index: The row of each word.
        own: The words' own vectors, ``(words, dimension)``.
        ngrams: The vectors of the n-grams by bucket, ``(buckets, dimension)``.
        lengths: Length of the shortest and of the longest n-gram, in characters.
        buckets: The buckets of the n-grams of each word, as from ``buckets_of``.
        matrix: The vectors of the words, as from ``compose``.
    """
    vectors = FastTextKeyedVectors(own.shape[1], *lengths, len(ngrams), dtype=own.dtype)
    vectors.index_to_key, vectors.key_to_index = words, index
    vectors.next_index, vectors.vectors = len(words), matrix
    vectors.vectors_vocab, vectors.vectors_ngrams = own, ngrams
    vectors.vectors_vocab_lockf = vectors.vectors_ngrams_lockf = np.ones(1, dtype=np.float32)
    vectors.buckets_word = buckets
    return vectors


def buckets_of(words: Sequence[str], lengths: tuple[int, int], buckets: int) -> list[np.ndarray]:
    """Return the buckets of the n-grams of each word, uint32, in gensim's order.

    ``</s>`` has none, as in fastText itself, so that its vector is its own row.
    """
    none = np.empty(0, dtype=np.uint32)
    if not buckets:
        return [none] * len(words)
    return [
        none if word == END else np.array(ft_ngram_hashes(word, *lengths, buckets), dtype=np.uint32)
        for word in words
    ]


def compose(own: np.ndarray, ngrams: np.ndarray, buckets: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean of each word's own vector and its n-grams' (Bojanowski et al. 2017).

    Rows are added in the same order as in gensim, so that float32 results are the same. Step j adds
    n-gram j of all words that have so many.
    """
    if not len(ngrams):
        return own
    result = np.empty_like(own)
    for start in range(0, len(own), _WORDS_AT_ONCE):
        part = buckets[start : start + _WORDS_AT_ONCE]
        sizes = np.array([len(row) for row in part])
        order = np.argsort(-sizes, kind="stable")
        alive = np.searchsorted(-sizes[order], -np.arange(sizes.max(initial=0)))
        ids = np.zeros((len(part), len(alive)), dtype=np.uint32)
        for row, place in enumerate(order):
            ids[row, : sizes[place]] = part[place]
        total = own[start + order].astype(np.float32, copy=False)
        with np.errstate(over="ignore"):
            for step, count in enumerate(alive):
                total[:count] += ngrams[ids[:count, step]]
            total /= (sizes[order] + 1).astype(np.float32)[:, None]
            result[start + order] = total
    return result
