"""An input layer with n-grams from fastText vectors: its fields and its weights."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from ..models.ngram_rows import buckets_of, rows_of_ngrams
from ..models.tokenization_ngrams import NgramTokenizer
from .matrix import scaling_factor, words_by_id


def ngram_part(
    tokenizer: NgramTokenizer,
    vectors: Any,
    keep_ngrams_of: Iterable[str] | None = None,
    scale: float | None = None,
) -> tuple[dict[str, Any], dict[str, Tensor]]:
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
