"""Compressed input layers decode what is asked for, exactly."""

from typing import Any

import numpy as np
import pytest
import torch

from hf_recurrent import StaticEmbeddingConfig, StaticEmbeddingModel
from hf_recurrent.models.model_inputs import ModelInputs, embed
from hf_recurrent.models.quantized import QuantizedEmbedding
from hf_recurrent.vectors.compression.rows import CODINGS, CodedRows

METHODS = ("fp16", "int8", "pq")


def make_layer(method: str, **fields: Any) -> tuple[QuantizedEmbedding, CodedRows]:
    """Return a layer of 40 random rows of 7 numbers, row 0 zeros, and its codes."""
    matrix = np.random.default_rng(0).normal(size=(40, 7)).astype(np.float32)
    matrix[0] = 0
    rows = CODINGS[method].encode(matrix, **fields)
    config = StaticEmbeddingConfig(
        vocab_size=40, embedding_size=7, embedding_config={"kind": method, **fields}
    )
    layer = StaticEmbeddingModel(config).get_input_embeddings()
    assert isinstance(layer, QuantizedEmbedding)
    layer.set_codes(rows.arrays)
    return layer, rows


@pytest.mark.parametrize(
    ("method", "fields"),
    [("fp16", {}), ("int8", {}), ("pq", {}), ("pq", {"subspace_size": 3})],
)
def test_the_layer_decodes_as_the_vectors_do_bit_for_bit(method: str, fields: dict) -> None:
    layer, rows = make_layer(method, **fields)
    ids = torch.tensor([[3, 39, 0], [0, 3, 17]])
    assert np.array_equal(layer(ids).numpy(), rows[ids.numpy()])
    assert (layer(ids)[0, 2] == 0).all()
    assert layer(torch.zeros(2, 0, dtype=torch.long)).shape == (2, 0, 7)
    assert list(layer.parameters()) == []


@pytest.mark.parametrize("method", METHODS)
def test_ids_that_have_no_row_are_named(method: str) -> None:
    layer, _ = make_layer(method)
    for wrong in (-1, 40):
        ids = torch.tensor([[3, wrong]])
        with pytest.raises(ValueError, match=f"input_ids holds {wrong}"):
            embed(layer, ModelInputs.of("input_ids", None, {"input_ids": ids}))


@pytest.mark.parametrize("method", METHODS)
def test_casting_a_model_leaves_the_codes(method: str) -> None:
    layer, rows = make_layer(method)
    codes = layer.codes.clone()
    layer.to(torch.bfloat16)
    assert layer.codes.dtype == codes.dtype
    assert torch.equal(layer.codes, codes)
    found = layer(torch.arange(40)[None])
    assert found.dtype == torch.bfloat16
    np.testing.assert_allclose(found[0].float().numpy(), np.asarray(rows), rtol=0.02, atol=0.02)


@pytest.mark.parametrize("method", METHODS)
def test_fresh_rows_are_those_of_a_new_embedding(method: str) -> None:
    config = StaticEmbeddingConfig(
        vocab_size=500,
        embedding_size=40,
        embedding_config={"kind": method},
        initializer_range=0.3,
        pad_token_id=4,
    )
    torch.manual_seed(0)
    rows = StaticEmbeddingModel(config).embedding(torch.arange(500))
    assert (rows[4] == 0).all()
    assert (rows[torch.arange(500) != 4] != 0).any(-1).all()
    assert 0.28 < rows.std() < 0.32
    assert abs(rows.mean()) < 0.02


@pytest.mark.parametrize("method", METHODS)
def test_codes_that_do_not_fit_are_refused(method: str) -> None:
    layer, rows = make_layer(method)
    with pytest.raises(ValueError, match="codes has shape"):
        layer.set_codes({**rows.arrays, "codes": rows.arrays["codes"][:-1]})
    with pytest.raises(ValueError, match="codes has shape"):
        layer.set_codes({**rows.arrays, "codes": rows.arrays["codes"].astype(np.float32)})
    with pytest.raises(ValueError, match="compress_model"):
        layer.set_word_vectors(np.zeros((40, 7)))
    with pytest.raises(ValueError, match="cannot be resized"):
        layer.resize(50, 0.1, True)


@pytest.mark.parametrize("size", [0, -1, 2.0, True, "2", None])
def test_a_wrong_subspace_size_is_named(size: Any) -> None:
    with pytest.raises(ValueError, match="subspace_size is"):
        StaticEmbeddingConfig(embedding_config={"kind": "pq", "subspace_size": size})
