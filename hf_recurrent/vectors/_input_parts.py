"""The parts of an input layer: plain look-ups, look-ups with shared rows, n-grams, characters.

Each part is the fields that describe it in a configuration, and its weights.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from gensim.models import KeyedVectors
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from ..models.characters import CharIds, alphabet_of
from ..models.ngram_rows import buckets_of, rows_of_ngrams
from ..models.tokenization_characters import CharTokenizer
from ..models.tokenization_extra_inputs import ExtraInputTokenizer
from ..models.tokenization_ngrams import NgramTokenizer
from .matrix import mean_row, scaling_factor, side_by_side, words_by_id

Part = tuple[dict[str, Any], dict[str, Tensor]]

# The kinds of input layers from characters by the names that users give.
KINDS = {"cnn": "char_cnn", "lstm": "char_lstm"}


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


def ngram_part(
    tokenizer: NgramTokenizer,
    vectors: Any,
    keep_ngrams_of: Iterable[str] | None = None,
    scale: float | None = None,
) -> Part:
    """Return the fields and the weights of an ``NgramEmbedding``.

    Special tokens have no n-grams; see ``rows_of_ngrams``.

    Args:
        tokenizer: The tokenizer of the model.
        vectors: The vectors, as gensim's ``FastTextKeyedVectors``.
        keep_ngrams_of: Words whose n-grams keep their rows, beside those of the tokenizer; None for
            all n-grams.
        scale: Standard deviation that the entries get; None leaves them as they are.
    """
    words, special = words_by_id(tokenizer), set(tokenizer.all_special_tokens)
    rows = rows_of_ngrams(words, special, vectors, tokenizer.pad_token_id, tokenizer.word_ngram_ids)
    fields: dict[str, Any] = {
        "kind": "ngram",
        "embedding_size": vectors.vector_size,
        "min_n": vectors.min_n,
        "max_n": vectors.max_n,
        "bucket": vectors.bucket,
        "unk_token_id": tokenizer.unk_token_id,
    }
    weights = {"weight": rows.own, "ngram_weight": rows.table}
    if keep_ngrams_of is not None:
        flat, _ = buckets_of(keep_ngrams_of, tokenizer.word_ngram_ids)
        kept = torch.cat([rows.buckets, flat]).unique()
        if not len(kept):
            kept = torch.zeros(1, dtype=torch.long)  # a layer has at least one row
        fields["kept"] = len(kept)
        weights |= {"ngram_weight": rows.table[kept], "kept": kept}
    if scale is not None:
        factor = scaling_factor(vectors.vectors, scale)
        weights |= {name: weights[name] * factor for name in ("weight", "ngram_weight")}
    return fields, weights


def check_characters(characters: str) -> None:
    """Raise ``ValueError`` if the kind is unknown."""
    if characters not in KINDS:
        raise ValueError(f"characters is {characters!r}, expected None, {' or '.join(KINDS)}.")


def with_characters(
    tokenizer: PreTrainedTokenizerFast, texts: Sequence[str] | None
) -> PreTrainedTokenizerFast:
    """Return the tokenizer itself if it gives ``char_ids``, else one made from it that does.

    Raises:
        ValueError: If the alphabet must come from texts, and there are none.
    """
    if _char_ids_of(tokenizer) is not None:
        return tokenizer
    if texts is None:
        raise ValueError("characters need texts, for their alphabet.")
    return CharTokenizer.from_tokenizer(tokenizer, alphabet=alphabet_of(texts))


def character_part(characters: str, tokenizer: PreTrainedTokenizerFast) -> Part:
    """Return the fields of the part, which has no weights yet."""
    given = _char_ids_of(tokenizer)
    assert given is not None
    return {"kind": KINDS[characters], "num_characters": given.num_characters}, {}


def _char_ids_of(tokenizer: PreTrainedTokenizerFast) -> CharIds | None:
    if not isinstance(tokenizer, ExtraInputTokenizer):
        return None
    found = tokenizer.extra_input(CharIds.name)
    assert found is None or isinstance(found, CharIds)
    return found
