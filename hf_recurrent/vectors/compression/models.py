"""Models with a compressed input layer, made from compressed vectors or from another model."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from torch import nn
from transformers import PreTrainedTokenizerBase

from ..._wording import counted
from ...models.configuration_static_embedding import StaticEmbeddingConfig
from ...models.embeddings import TableShape
from ...models.input_layers import fields_of_kind
from ...models.joined import JoinedEmbedding
from ...models.modeling_static_embedding import StaticEmbeddingModel
from ...models.one_hot import OneHotEmbedding
from ...models.partial import PartialEmbedding
from ...models.quantized import QuantizedEmbedding
from ...models.word_model import WordModel
from .._preparation import from_built_tokenizer, keep_preparation
from ..tokenizer import tokenizer_from_vectors
from .compress import check_method
from .keyed_vectors import CompressedKeyedVectors
from .rows import BY_ROW, CODINGS, CodedRows

__all__ = ["compress_model", "compressed_from_model", "model_from_compressed"]


def model_from_compressed(
    vectors: CompressedKeyedVectors, tokenizer: PreTrainedTokenizerBase | None = None
) -> tuple[StaticEmbeddingModel, PreTrainedTokenizerBase]:
    """Make a model of compressed vectors, and its tokenizer.

    Args:
        vectors: The vectors; their codes are kept as they are.
        tokenizer: A tokenizer whose first ids are the rows of the vectors; the one of
            ``tokenizer_from_vectors`` if not given. The ids after them get zeros.

    Raises:
        ValueError: If the tokenizer has other words.
    """
    tokenizer = tokenizer or tokenizer_from_vectors(vectors)
    vocabulary = tokenizer.get_vocab()
    added = len(vocabulary) - len(vectors)
    if added < 0 or any(vocabulary.get(word) != row for word, row in vectors.key_to_index.items()):
        raise ValueError(
            "The ids of the tokenizer are not the rows of the vectors: make it by "
            "tokenizer_from_vectors."
        )
    rows: CodedRows = vectors.vectors
    if added:
        rows = rows.append(np.zeros((added, vectors.vector_size), dtype=np.float32))
    config = StaticEmbeddingConfig(
        vocab_size=len(rows),
        embedding_size=vectors.vector_size,
        embedding_config=_embedding_config(rows),
        pad_token_id=tokenizer.pad_token_id,
        num_words=len(vectors),
    )
    model = StaticEmbeddingModel(config)
    layer = model.get_input_embeddings()
    assert isinstance(layer, QuantizedEmbedding)
    layer.set_codes(rows.arrays)
    return model.eval(), tokenizer


def compress_model(
    model: WordModel, method: str = "int8", *, subspace_size: int = 2, seed: int = 0
) -> WordModel:
    """Compress the input layer of a model, trained or not, in place.

    Args:
        model: A model of any family and head. Its input layer is the plain look-up, for all ids or
            for some, or such look-ups side by side.
        method: "fp16", "int8" or "pq", as in ``compress_vectors``.
        subspace_size: Dimensions that share a byte in "pq".
        seed: Seed of "pq".

    Returns:
        The same model. It saves and loads like any other; the rest of it can be trained.

    Raises:
        ValueError: If an argument is out of range, or the input layer is of another kind.
    """
    check_method(method, subspace_size)
    old = model.get_input_embeddings()
    config: Any = model.config

    def compressed(table: nn.Embedding) -> tuple[QuantizedEmbedding, dict[str, Any]]:
        matrix = table.weight.detach().float().cpu().numpy()
        rows = CODINGS[method].encode(matrix, subspace_size=subspace_size, seed=seed)
        made = _embedding_config(rows)
        kind, fields = fields_of_kind(made)
        layer = kind(TableShape(len(matrix), matrix.shape[1], table.padding_idx), fields)
        assert isinstance(layer, QuantizedEmbedding)
        layer.set_codes(rows.arrays)
        return layer.to(table.weight.device, table.weight.dtype), made

    tables = list(_tables_of(old))
    others = [type(table).__name__ for table in tables if not isinstance(table, nn.Embedding)]
    if others or not tables:
        raise ValueError(
            f"The input layer of the model is a {(others or [type(old).__name__])[0]}, and "
            "compress_model takes the plain look-up."
        )
    if isinstance(old, nn.Embedding):
        layer, config.embedding_config = compressed(old)
        model.set_input_embeddings(layer)
    elif isinstance(old, PartialEmbedding):
        old.table, table = compressed(old.table)
        config.embedding_config = {**config.embedding_config, "table": table}
    elif isinstance(old, JoinedEmbedding):
        parts = [dict(part) for part in config.embedding_config["parts"]]
        for number, part in enumerate(old.parts):
            if isinstance(part, PartialEmbedding):
                part.table, parts[number]["table"] = compressed(part.table)
            elif isinstance(part, nn.Embedding):
                old.parts[number], made = compressed(part)
                parts[number] |= made
        old.given = parts
        config.embedding_config = {**config.embedding_config, "parts": parts}
    return model


def _tables_of(layer: nn.Module) -> Iterator[nn.Module]:
    """Yield the tables where an input layer looks up rows; the layer itself if it has none."""
    if isinstance(layer, JoinedEmbedding):
        for part in layer.parts:
            if not isinstance(part, OneHotEmbedding):
                yield from _tables_of(part)
    else:
        yield layer.table if isinstance(layer, PartialEmbedding) else layer


def compressed_from_model(
    model: WordModel, tokenizer: PreTrainedTokenizerBase
) -> CompressedKeyedVectors:
    """Return the vectors of a compressed model, with the same codes.

    Args:
        model: A model with a compressed input layer.
        tokenizer: Its tokenizer; special tokens are left out, unless they came with the vectors.

    Raises:
        ValueError: If the input layer is not compressed, or the tokenizer has other ids.
    """
    layer = model.get_input_embeddings()
    if not isinstance(layer, QuantizedEmbedding):
        raise ValueError(
            f"The input layer of the model is a {type(layer).__name__}, expected a compressed one."
        )
    arrays = {name: getattr(layer, name).cpu() for name in layer.arrays}
    # A model of lower precision has scales and centroids of that precision.
    full = {k: v.float() if v.is_floating_point() else v for k, v in arrays.items()}
    config: Any = model.config
    vocabulary = tokenizer.get_vocab()
    words = sorted(vocabulary, key=vocabulary.__getitem__)
    if [vocabulary[word] for word in words] != list(range(len(words))):
        raise ValueError(f"The ids of the tokenizer are not 0 to {len(words) - 1}.")
    known = getattr(config, "num_words", None)
    left_out = set(tokenizer.all_special_tokens)
    if known is not None:  # words of the vectors stay; behind them, what users added
        left_out.intersection_update(words[known:])
    vectors = named_rows(
        words,
        left_out,
        config.embedding_config["kind"],
        {name: array.numpy() for name, array in full.items()},
        layer.embedding_dim,
    )
    keep_preparation(vectors, from_built_tokenizer(tokenizer))
    return vectors


def named_rows(
    words: list[str],
    left_out: set[str],
    method: str,
    arrays: dict[str, np.ndarray],
    dimension: int,
) -> CompressedKeyedVectors:
    """Join words, in the order of their rows, with their codes, without some of them.

    Raises:
        ValueError: If a word has no row.
    """
    rows = len(arrays["codes"])
    if len(words) > rows:
        raise ValueError(
            f"The tokenizer has {counted(len(words), 'id')}, and the model vectors for {rows}: "
            "they do not belong together."
        )
    # Most often the words left out come last, and then the rest is not touched: a list of 400,000
    # rows would take as much memory as their codes.
    count = len(words)
    while count and words[count - 1] in left_out:
        count -= 1
    kept: Any = slice(count)
    if not left_out.isdisjoint(words[:count]):
        kept = [row for row in range(count) if words[row] not in left_out]
        words = [words[row] for row in kept]
    arrays = {k: v[kept] if k in BY_ROW else v for k, v in arrays.items()}
    words = words[:count]
    return CompressedKeyedVectors(words, CODINGS[method](arrays, (len(words), dimension)))


def _embedding_config(rows: CodedRows) -> dict[str, Any]:
    config: dict[str, Any] = {"kind": rows.method}
    if rows.method == "pq":
        config["subspace_size"] = rows.arrays["codebooks"].shape[2]
    return config
