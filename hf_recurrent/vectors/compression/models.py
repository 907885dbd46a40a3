"""Models with a compressed input layer, made from coded rows or from another model."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast

import numpy as np
from torch import nn

from ...models.configuration_static_embedding import StaticEmbeddingConfig
from ...models.embeddings import TableShape
from ...models.input_layers import fields_of_kind
from ...models.joined import JoinedEmbedding
from ...models.modeling_static_embedding import StaticEmbeddingModel
from ...models.one_hot import OneHotEmbedding
from ...models.partial import PartialEmbedding
from ...models.quantized import QuantizedEmbedding
from ...models.word_model import WordModel
from .rows import CODINGS, CodedRows, check_method


def model_of_rows(rows: CodedRows, ids: int, pad_token_id: int | None) -> StaticEmbeddingModel:
    """Make a model with coded rows as its input layer.

    Args:
        rows: The rows of the words.
        ids: Number of ids; those after the words get zeros.
        pad_token_id: The id of the padding token.
    """
    words, dimension = rows.shape
    if ids > words:
        rows = rows.with_zeros(ids - words)
    config = StaticEmbeddingConfig(
        vocab_size=ids,
        embedding_size=dimension,
        embedding_config=_embedding_config(rows),
        pad_token_id=pad_token_id,
        num_words=words,
    )
    model = StaticEmbeddingModel(config)
    layer = model.get_input_embeddings()
    assert isinstance(layer, QuantizedEmbedding)
    layer.set_codes(rows.arrays)
    return model.eval()


def rows_of_model(model: WordModel) -> CodedRows:
    """Return the rows of a compressed input layer.

    Raises:
        ValueError: If the input layer is not compressed.
    """
    layer = model.get_input_embeddings()
    if not isinstance(layer, QuantizedEmbedding):
        raise ValueError(
            f"The input layer of the model is a {type(layer).__name__}, expected a compressed one."
        )
    arrays = {name: getattr(layer, name).cpu() for name in layer.arrays}
    # A model of lower precision has scales and centroids of that precision.
    full = {k: (v.float() if v.is_floating_point() else v).numpy() for k, v in arrays.items()}
    config: Any = model.config
    coding = CODINGS[config.embedding_config["kind"]]
    return coding(full, (layer.num_embeddings, layer.embedding_dim))


def compress_model(
    model: WordModel, method: str = "int8", *, subspace_size: int = 2, seed: int = 0
) -> WordModel:
    """Compress the input layer of a model, trained or not, in place.

    Args:
        model: A model of any family and head. Its input layer is the plain look-up, for all ids or
            for some, or such look-ups side by side.
        method: "fp16", "int8" or "pq", as in ``CompressedKeyedVectors.compress``.
        subspace_size: Dimensions that share a byte in "pq".
        seed: Seed of "pq".

    Returns:
        The same model. It saves and loads like any other; the rest of it can be trained.

    Raises:
        ValueError: If an argument is out of range, or the input layer is of another kind.
    """
    check_method(method, subspace_size)
    old, config = model.get_input_embeddings(), cast(Any, model.config)
    tables = list(_tables_of(old))
    others = [type(table).__name__ for table in tables if not isinstance(table, nn.Embedding)]
    if others or not tables:
        raise ValueError(
            f"The input layer of the model is a {(others or [type(old).__name__])[0]}, and "
            "compress_model takes the plain look-up."
        )
    encode = partial(CODINGS[method].encode, subspace_size=subspace_size, seed=seed)
    layer, config.embedding_config = _compressed(old, config.embedding_config or {}, encode)
    model.set_input_embeddings(layer)
    return model


def _compressed(
    layer: Any, fields: dict[str, Any], encode: Callable[[np.ndarray], CodedRows]
) -> tuple[nn.Module, dict[str, Any]]:
    """Return an input layer with its tables compressed, and its fields in a configuration."""
    if isinstance(layer, PartialEmbedding):
        layer.table, table = _compressed(layer.table, {}, encode)
        return layer, {**fields, "table": table}
    if isinstance(layer, JoinedEmbedding):
        parts = [
            _compressed(*pair, encode) for pair in zip(layer.parts, fields["parts"], strict=True)
        ]
        for number, (part, _) in enumerate(parts):
            layer.parts[number] = part
        layer.given = [described for _, described in parts]
        return layer, {**fields, "parts": layer.given}
    if not isinstance(layer, nn.Embedding):
        return layer, fields
    matrix = layer.weight.detach().float().cpu().numpy()
    rows = encode(matrix)
    made = _embedding_config(rows)
    kind, known = fields_of_kind(made)
    coded = kind(TableShape(len(matrix), matrix.shape[1], layer.padding_idx), known)
    assert isinstance(coded, QuantizedEmbedding)
    coded.set_codes(rows.arrays)
    return coded.to(layer.weight.device, layer.weight.dtype), {**fields, **made}


def _tables_of(layer: nn.Module) -> Iterator[nn.Module]:
    """Yield the tables where an input layer looks up rows; the layer itself if it has none."""
    if isinstance(layer, JoinedEmbedding):
        for part in layer.parts:
            if not isinstance(part, OneHotEmbedding):
                yield from _tables_of(part)
    else:
        yield layer.table if isinstance(layer, PartialEmbedding) else layer


def _embedding_config(rows: CodedRows) -> dict[str, Any]:
    config: dict[str, Any] = {"kind": rows.method}
    if rows.method == "pq":
        config["subspace_size"] = rows.arrays["codebooks"].shape[2]
    return config
