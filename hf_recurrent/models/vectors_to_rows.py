"""From word vectors to the rows of an embedding: words first, then what special tokens need."""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

UNKNOWN, PADDING = "<unk>", "[PAD]"
_DTYPES = (np.float16, np.float32)


class Rows(NamedTuple):
    """The rows of an embedding.

    Attributes:
        weight: (rows, size), row i for token id i.
        pad_token_id: the row of the padding, which is zero.
        num_words: number of rows that are words, in front of the others.
    """

    weight: Tensor
    pad_token_id: int | None
    num_words: int


def rows_of_vectors(vectors: Any, tokenizer: Any = None) -> Rows:
    """Return the rows of a tokenizer whose ids are the rows of word vectors.

    Args:
        vectors: with ``index_to_key`` and ``vectors`` (words, size).
        tokenizer: the tokenizer; without one, ``<unk>`` and ``[PAD]`` follow the words unless they
            are among them.

    Raises:
        ValueError: if there are no words, one stands twice, their number is not that of the rows,
            or the tokenizer has other ids.
    """
    words, matrix = vectors.index_to_key, np.asarray(vectors.vectors)
    if not len(words) or matrix.ndim != 2 or len(words) != len(matrix) or not matrix.shape[1]:
        raise ValueError(
            f"the word vectors have {len(words)} words and a matrix of shape {matrix.shape}, "
            "expected a row for each of at least one word"
        )
    if tokenizer is None:
        known = set(words)
        if len(known) < len(words):
            raise ValueError(f"the word vectors have {len(words) - len(known)} words twice")
        special = [token for token in (UNKNOWN, PADDING) if token not in known]
        rows = len(words) + len(special)
        pad = words.index(PADDING) if PADDING not in special else rows - 1
    else:
        _check_ids(words, tokenizer)
        rows, pad = len(tokenizer), tokenizer.pad_token_id
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
