"""Word vectors as look-ups of a model, without rows that carry no information."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from gensim.models import KeyedVectors
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from .matrix import mean_row, side_by_side, words_by_id

Part = tuple[dict[str, Any], dict[str, Tensor]]


def look_up_parts(
    tokenizer: PreTrainedTokenizerFast,
    sets: Sequence[KeyedVectors],
    occurring: set[str] | None,
    scale: float | None,
    seed: int,
) -> list[Part]:
    """Return the fields and the weights of look-ups: one for all sets, or one for each.

    A word that a set lacks has a random row there, as in ``embedding_matrix``. If the word occurs
    in the texts, training gives that row a meaning. If it does not, nothing does: then all such
    words share one row, the mean of the set, which is the expected value of a random row.

    Args:
        tokenizer: Its ids are the rows.
        sets: The vectors.
        occurring: The words of the training texts; None if they are not known. Then each word has
            a row of its own.
        scale: As in ``embedding_matrix``.
        seed: Seed of the random rows.
    """
    words = words_by_id(tokenizer)
    matrix, known = side_by_side(words, sets, "random", seed, scale)
    if tokenizer.pad_token_id is not None:
        matrix[tokenizer.pad_token_id] = 0
    own = np.ones_like(known)
    if occurring is not None:
        stays = occurring | set(tokenizer.all_special_tokens)
        own = known | np.array([word in stays for word in words])[:, None]
    # The row of each id is stored too, and takes as much as one number.
    gain = [int((~own[:, i]).sum()) * s.vector_size - len(words) for i, s in enumerate(sets)]
    if max(gain) <= 0:
        return [_whole(matrix)]
    parts = []
    column = 0
    for number, vectors in enumerate(sets):
        columns = matrix[:, column : column + vectors.vector_size]
        column += vectors.vector_size
        if gain[number] > 0:
            shared = mean_row(vectors.vectors, scale)
            parts.append(_partial(columns, own[:, number], shared, tokenizer.pad_token_id))
        else:
            parts.append(_whole(columns))
    return parts


def _whole(matrix: np.ndarray) -> Part:
    fields = {"kind": "plain", "embedding_size": matrix.shape[1]}
    return fields, {"weight": torch.from_numpy(np.ascontiguousarray(matrix))}


def _partial(matrix: np.ndarray, own: np.ndarray, shared: np.ndarray, pad: int | None) -> Part:
    """Return a ``PartialEmbedding`` with a row for each id that ``own`` marks, and shared ones."""
    front = [shared] if pad is None else [np.zeros_like(shared), shared]
    own = own.copy()
    if pad is not None:
        own[pad] = False
    row_of_id = np.full(len(matrix), len(front) - 1, dtype=np.int32)
    row_of_id[own] = np.arange(own.sum()) + len(front)
    if pad is not None:
        row_of_id[pad] = 0
    table = np.concatenate([np.stack(front), matrix[own]])
    fields = {"kind": "partial", "embedding_size": matrix.shape[1], "rows": len(table)}
    weights = {"table.weight": torch.from_numpy(table), "row_of_id": torch.from_numpy(row_of_id)}
    return fields, weights
