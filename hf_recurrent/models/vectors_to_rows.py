"""From word vectors to the rows of an embedding: first the words, then the special tokens."""

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from .ngram_rows import Hashing, hashing_of, rows_of_ngrams
from .ngrams import END, LONGEST_WORD, most_ngrams, ngram_ids

UNKNOWN, PADDING = "<unk>", "[PAD]"
_DTYPES = (np.float16, np.float32)


class Rows(NamedTuple):
    """The rows of an embedding.

    Attributes:
        weight: (rows, size), row i for token id i.
        pad_token_id: The row of the padding, which is zero.
        num_words: Number of rows that are words; these come first.
        embedding_config: The field of the configuration; ``None`` for the plain look-up.
        ngram_weight: (bucket, size) the rows of n-grams, ``None`` if there are none.
    """

    weight: Tensor
    pad_token_id: int | None
    num_words: int
    embedding_config: dict[str, Any] | None = None
    ngram_weight: Tensor | None = None

    @property
    def weights(self) -> dict[str, Tensor]:
        """The weights of the input layer, by their names in its state dict."""
        found = {"weight": self.weight, "ngram_weight": self.ngram_weight}
        return {name: value for name, value in found.items() if value is not None}


def rows_of_vectors(vectors: Any, tokenizer: Any = None, ngrams: bool = True) -> Rows:
    """Return the rows of a tokenizer whose ids are the rows of word vectors.

    Args:
        vectors: Word vectors with ``index_to_key`` and ``vectors`` (words, size).
        tokenizer: The tokenizer; without one, ``<unk>`` and ``[PAD]`` follow the words unless they
            are among the words.
        ngrams: Whether to keep n-grams, if the vectors have any. If the tokenizer returns no n-gram
            ids, they are left out with a warning.

    Raises:
        ValueError: If there are no words, a word occurs twice, there are more or fewer words than
            rows, or the tokenizer has other ids.
    """
    words, matrix = vectors.index_to_key, np.asarray(vectors.vectors)
    if not len(words) or matrix.ndim != 2 or len(words) != len(matrix) or not matrix.shape[1]:
        raise ValueError(
            f"the number of words is {len(words)} and the shape of the matrix {matrix.shape}, "
            "expected a row for each of at least one word"
        )
    hashing = hashing_of([vectors]) if ngrams else None
    if hashing is not None and tokenizer is not None and _ngram_ids_of(tokenizer) is None:
        warnings.warn(
            "The vectors make those of unseen words of n-grams, and the tokenizer gives none: they "
            "are left out. tokenizer_from_vectors(vectors) makes one that gives them.",
            stacklevel=3,
        )
        hashing = None
    if tokenizer is None:
        known = set(words)
        if len(known) < len(words):
            twice = len(words) - len(known)
            raise ValueError(
                f"the word vectors have {twice} {'word' if twice == 1 else 'words'} twice"
            )
        special = [token for token in (UNKNOWN, PADDING) if token not in known]
        rows = len(words) + len(special)
        pad = words.index(PADDING) if PADDING not in special else rows - 1
    else:
        _check_ids(words, tokenizer)
        rows, pad = len(tokenizer), tokenizer.pad_token_id
    if hashing is not None:
        return _with_ngrams(vectors, tokenizer, hashing, rows, pad)
    if matrix.dtype not in _DTYPES:
        matrix = matrix.astype(np.float32)
    padded_word = pad is not None and pad < len(words) and matrix[pad].any()
    if rows > len(words) or padded_word or not matrix.flags.writeable:
        weight = np.zeros((rows, matrix.shape[1]), dtype=matrix.dtype)
        weight[: len(words)] = matrix
        if padded_word:
            weight[pad] = 0
        matrix = weight
    return Rows(torch.from_numpy(np.ascontiguousarray(matrix)), pad, len(words))


def _with_ngrams(
    vectors: Any, tokenizer: Any, hashing: Hashing, rows: int, pad: int | None
) -> Rows:
    """Return the rows of an ``NgramEmbedding``."""
    ids_of_word: Callable[[str], tuple[int, ...]]
    if tokenizer is None:
        width = most_ngrams(LONGEST_WORD, hashing.min_n, hashing.max_n)
        known = set(vectors.index_to_key)
        words = [*vectors.index_to_key, *(t for t in (UNKNOWN, PADDING) if t not in known)]
        special, unknown = {UNKNOWN, PADDING, END}, words.index(UNKNOWN)

        def ids_of_word(word: str) -> tuple[int, ...]:
            return ngram_ids(word, *hashing, width)
    else:
        given = _ngram_ids_of(tokenizer)
        own = Hashing(*(given.settings[name] for name in Hashing._fields))
        if own != hashing:
            raise ValueError(
                f"the tokenizer cuts and hashes n-grams as {own}, and the word vectors as {hashing}"
            )
        words = tokenizer.convert_ids_to_tokens(range(rows))
        special, unknown = set(tokenizer.all_special_tokens), tokenizer.unk_token_id
        ids_of_word = given.of_word
    found = rows_of_ngrams(words, special, vectors, pad, ids_of_word)
    described = {"kind": "ngram", **hashing._asdict(), "unk_token_id": unknown}
    return Rows(found.own, pad, len(vectors.index_to_key), described, found.table)


def _ngram_ids_of(tokenizer: Any) -> Any:
    """Return the ``NgramIds`` of a tokenizer, ``None`` if it returns no n-gram ids."""
    return tokenizer.extra_input("ngram_ids") if hasattr(tokenizer, "extra_input") else None


def _check_ids(words: list[str], tokenizer: Any) -> None:
    ids = tokenizer.get_vocab()
    for row, word in enumerate(words):
        if ids.get(word) != row:
            raise ValueError(
                f"the tokenizer has {'no id' if word not in ids else f'the id {ids[word]}'} for "
                f"{word!r}, row {row} of the word vectors: make it by tokenizer_from_vectors, or "
                "fill a model by embedding_matrix and set_word_vectors"
            )
    if len(ids) != len(tokenizer) or max(ids.values()) != len(ids) - 1:
        raise ValueError(f"the tokenizer has {len(ids)} tokens, but their ids have gaps")
