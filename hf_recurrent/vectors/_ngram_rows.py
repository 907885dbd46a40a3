"""The rows that make a model's words have the vectors that fastText's n-grams give them."""

from array import array
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from gensim.models import KeyedVectors
from torch import Tensor, nn

from ..models.tokenization_ngrams import NgramTokenizer
from .matrix import scaling_factor, words_by_id


class Hashing(NamedTuple):
    """How a set of vectors cuts words into n-grams and hashes them."""

    min_n: int
    max_n: int
    bucket: int


def has_ngrams(vectors: KeyedVectors) -> bool:
    """Tells whether a set of vectors makes vectors of n-grams."""
    return getattr(vectors, "bucket", 0) > 0 and getattr(vectors, "max_n", 0) > 0


def hashing_of(sets: Sequence[KeyedVectors]) -> Hashing | None:
    """Gives the one way in which sets cut and hash n-grams, None if no set has any.

    Raises:
        ValueError: If the ways differ, or one is that of gensim before 3.8, which was wrong.
    """
    with_ngrams: list[Any] = [vectors for vectors in sets if has_ngrams(vectors)]
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


def ngram_part(
    tokenizer: NgramTokenizer,
    vectors: Any,
    keep_ngrams_of: Iterable[str] | None = None,
    scale: float | None = None,
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Gives the fields and the weights of an `NgramEmbedding`.

    The layer gives a word the mean of its own row and its n-grams' rows. The own row is set so that
    this is the word's vector in the set; that of a word which the set lacks so that it is the mean
    of the n-grams alone. Special tokens have no n-grams.
    """
    words, special = words_by_id(tokenizer), set(tokenizer.all_special_tokens)
    flat, counts = _buckets(tokenizer, ("" if word in special else word for word in words))
    index = np.array([vectors.key_to_index.get(word, -1) for word in words])
    targets = np.empty((len(words), vectors.vector_size), dtype=np.float32)
    targets[index >= 0] = vectors.vectors[index[index >= 0]]
    mean = vectors.vectors.mean(axis=0)
    for row in np.flatnonzero(index < 0):
        targets[row] = vectors.get_vector(words[row]) if counts[row] else mean
    if tokenizer.pad_token_id is not None:
        targets[tokenizer.pad_token_id] = 0
    # A copy where the array is mapped from a file, or of another type.
    table = torch.from_numpy(np.require(vectors.vectors_ngrams, np.float32, ["C", "W"]))
    fields: dict[str, Any] = {
        "kind": "ngram",
        "embedding_size": vectors.vector_size,
        "min_n": vectors.min_n,
        "max_n": vectors.max_n,
        "bucket": vectors.bucket,
        "unk_token_id": tokenizer.unk_token_id,
    }
    sums = nn.functional.embedding_bag(flat, table, counts.cumsum(0) - counts, mode="sum")
    own_rows = torch.from_numpy(targets).mul_(counts.unsqueeze(1) + 1).sub_(sums)
    weights = {"weight": own_rows, "ngram_weight": table}
    if keep_ngrams_of is not None:
        kept = torch.cat([flat, _buckets(tokenizer, keep_ngrams_of)[0]]).unique()
        if not len(kept):
            kept = torch.zeros(1, dtype=torch.long)  # a layer has at least one row
        fields["kept"] = len(kept)
        weights |= {"ngram_weight": table[kept], "kept": kept}
    if scale is not None:
        factor = scaling_factor(vectors.vectors, scale)
        weights |= {name: weights[name] * factor for name in ("weight", "ngram_weight")}
    return fields, weights


def _buckets(tokenizer: NgramTokenizer, words: Iterable[str]) -> tuple[Tensor, Tensor]:
    """Gives the buckets of the n-grams of words, word after word, and how many each word has.

    The empty string stands for a word without n-grams.
    """
    ids, counts = array("q"), array("q")
    for word in words:
        own = tokenizer.word_ngram_ids(word) if word else ()
        ids.extend(own)
        counts.append(len(own))
    return torch.from_numpy(np.array(ids) - 1), torch.from_numpy(np.array(counts))
