"""The rows of an ``NgramEmbedding`` with which its words have the same vectors as in fastText."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn


class Hashing(NamedTuple):
    """How a set of vectors cuts words into n-grams and hashes them."""

    min_n: int
    max_n: int
    bucket: int


class NgramRows(NamedTuple):
    """The rows of an ``NgramEmbedding``.

    Attributes:
        own: (words, size) the rows of words.
        table: (bucket, size) the rows of n-grams; it may share the memory of the vectors.
        buckets: The buckets of the n-grams of all words.
    """

    own: Tensor
    table: Tensor
    buckets: Tensor


def has_ngrams(vectors: Any) -> bool:
    """Check whether a set of vectors has vectors of n-grams."""
    return getattr(vectors, "bucket", 0) > 0 and getattr(vectors, "max_n", 0) > 0


def hashing_of(sets: Sequence[Any]) -> Hashing | None:
    """Return how the sets cut and hash n-grams, ``None`` if no set has any.

    Raises:
        ValueError: If the sets differ, or one was made by gensim before 3.8, which hashed wrongly.
    """
    with_ngrams = [vectors for vectors in sets if has_ngrams(vectors)]
    if any(not getattr(vectors, "compatible_hash", True) for vectors in with_ngrams):
        raise ValueError(
            "The vectors hash n-grams as old versions of gensim did, which is not fastText's way: "
            "train or convert them anew, or leave the n-grams out by ngrams=False."
        )
    ways = {Hashing(vectors.min_n, vectors.max_n, vectors.bucket) for vectors in with_ngrams}
    if len(ways) > 1:
        raise ValueError(
            f"The sets cut or hash n-grams differently ({', '.join(map(str, sorted(ways)))}), and "
            f"a token has one list of n-grams: leave them out by ngrams=False."
        )
    return ways.pop() if ways else None


def rows_of_ngrams(
    words: Sequence[str],
    special: set[str],
    vectors: Any,
    pad_token_id: int | None,
    ids_of_word: Callable[[str], tuple[int, ...]],
) -> NgramRows:
    """Return the rows of an ``NgramEmbedding``, in which a word has the mean of its rows.

    The row of a word is chosen so that this mean is the vector of the word in the set. For a word
    that is not in the set, the mean is that of its n-grams alone.

    Args:
        words: The words of the ids 0, 1, 2 and so on.
        special: The words among them that have no n-grams.
        vectors: The vectors, as gensim's ``FastTextKeyedVectors``.
        pad_token_id: The row that is zero; ``None`` if there is none.
        ids_of_word: Returns 1 + the bucket of each n-gram of a word.
    """
    flat, counts = buckets_of(("" if word in special else word for word in words), ids_of_word)
    index = np.array([vectors.key_to_index.get(word, -1) for word in words])
    targets = np.empty((len(words), vectors.vector_size), dtype=np.float32)
    targets[index >= 0] = vectors.vectors[index[index >= 0]]
    mean = vectors.vectors.mean(axis=0)
    for row in np.flatnonzero(index < 0).tolist():
        targets[row] = vectors.get_vector(words[row]) if counts[row] else mean
    if pad_token_id is not None:
        targets[pad_token_id] = 0
    # A copy if the array is mapped from a file, or has another type.
    table = torch.from_numpy(np.require(vectors.vectors_ngrams, np.float32, ["C", "W"]))
    sums = nn.functional.embedding_bag(flat, table, counts.cumsum(0) - counts, mode="sum")
    own = torch.from_numpy(targets).mul_(counts.unsqueeze(1) + 1).sub_(sums)
    return NgramRows(own, table, flat)


def buckets_of(
    words: Iterable[str], ids_of_word: Callable[[str], tuple[int, ...]]
) -> tuple[Tensor, Tensor]:
    """Return the buckets of the n-grams of words, word after word, and their number for each word.

    An empty string is a word without n-grams.
    """
    ids, counts = array("q"), array("q")
    for word in words:
        own = ids_of_word(word) if word else ()
        ids.extend(own)
        counts.append(len(own))
    return torch.from_numpy(np.array(ids) - 1), torch.from_numpy(np.array(counts))
