"""Of a look-up with fewer rows than ids, each id has its own row or the one that ids share."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from hf_recurrent import StaticEmbeddingConfig, StaticEmbeddingModel
from hf_recurrent.models.embeddings import TableShape
from hf_recurrent.models.partial import PartialEmbedding

OWN = [1, 4, 5]


def make(pad: int | None = 6, vocab_size: int = 7, **fields: Any) -> PartialEmbedding:
    """Make a layer of 7 ids of which 1, 4 and 5 have a row, besides the padding."""
    torch.manual_seed(0)
    front = 1 if pad is None else 2
    layer = PartialEmbedding(
        TableShape(vocab_size, 3, pad), {"rows": front + len(OWN), "table": None, **fields}
    )
    layer.row_of_id.fill_(layer.shared_row)
    layer.row_of_id[OWN] = torch.arange(3, dtype=torch.int32) + front
    if pad is not None:
        layer.row_of_id[pad] = 0
    return layer


def dense(layer: PartialEmbedding) -> torch.Tensor:
    return layer(torch.arange(layer.num_embeddings).unsqueeze(0))[0].detach()


@pytest.mark.parametrize("pad", [None, 0, 6])
def test_own_rows_shared_row_and_padding(pad: int | None) -> None:
    layer = make(pad)
    vectors = torch.randn(7, 3)
    shared = [i for i in range(7) if i not in OWN and i != pad]
    if pad is not None:
        vectors[pad] = 0
    layer.set_word_vectors(vectors)
    found = dense(layer)
    assert torch.equal(found[OWN], vectors[OWN])
    expected = vectors[shared].double().mean(0).float().expand(len(shared), 3)
    assert torch.equal(found[shared], expected)
    if pad is not None:
        assert not found[pad].any()
    # What the layer gives can be set again, to the bit.
    layer.set_word_vectors(found)
    assert torch.equal(dense(layer), found)


def test_no_gradient_reaches_the_padding_and_one_row_gets_that_of_all_who_share_it() -> None:
    layer = make()
    layer(torch.tensor([[0, 2, 4, 6]])).sum().backward()
    assert layer.table.weight.grad[:, 0].tolist() == [0, 2, 0, 1, 0]


def test_an_id_that_is_out_of_range_is_refused() -> None:
    for wrong in (-1, 7):
        with pytest.raises(IndexError):
            make()(torch.tensor([[wrong]]))


@pytest.mark.parametrize("pad", [None, 0, 3])
def test_a_layer_that_was_given_no_rows_has_some_for_its_first_ids(pad: int | None) -> None:
    rows = 4 if pad is None else 5
    layer = PartialEmbedding(TableShape(7, 3, pad), {"rows": rows, "table": None})
    words = [i for i in range(7) if i != pad]
    shared = 0 if pad is None else 1
    found = layer.row_of_id[words].tolist()
    assert found == [shared + 1, shared + 2, shared + 3, *[shared] * (len(words) - 3)]
    if pad is not None:
        assert layer.row_of_id[pad] == 0
    assert layer.row_of_id.dtype == torch.int32


def test_new_ids_get_rows_and_cut_ids_take_theirs_along() -> None:
    layer = make(pad=0)
    before = dense(layer)
    layer.resize(9, 0.1, mean_resizing=False)
    found = dense(layer)
    assert torch.equal(found[:7], before)
    assert len(found.unique(dim=0)) == 2 + 3 + 2
    assert layer.resized_fields() == {"rows": 7}
    layer.resize(5, 0.1, mean_resizing=False)  # without ids 5 to 8
    assert torch.equal(dense(layer), before[:5])
    assert layer.resized_fields() == {"rows": 4}
    layer.resize(1, 0.1, mean_resizing=False)
    assert layer.resized_fields() == {"rows": 2}


def test_padding_that_is_cut_off_takes_its_row_along() -> None:
    layer = make(pad=6)
    before = dense(layer)
    layer.resize(6, 0.1, mean_resizing=False)
    assert torch.equal(dense(layer), before[:6])
    assert (layer.padding_idx, layer.resized_fields()) == (None, {"rows": 4})
    vectors = torch.randn(6, 3)
    layer.set_word_vectors(vectors)
    assert torch.equal(dense(layer)[OWN], vectors[OWN])
    torch.testing.assert_close(dense(layer)[0], vectors[[0, 2, 3]].mean(0))


def test_a_compressed_table_cannot_be_resized_and_takes_no_matrix() -> None:
    layer = make(table={"kind": "int8"})
    with pytest.raises(ValueError, match="cannot be resized"):
        layer.resize(9, 0.1, mean_resizing=False)
    assert len(layer.row_of_id) == layer.num_embeddings == 7
    with pytest.raises(ValueError, match="compress_model"):
        layer.set_word_vectors(torch.zeros(7, 3))
    with pytest.raises(ValueError, match="make the matrix for this model's tokenizer"):
        make().set_word_vectors(torch.zeros(6, 3))


PARTS = [
    {"kind": "plain", "embedding_size": 2},
    {"kind": "partial", "embedding_size": 3, "rows": 5},
]


def test_a_model_that_was_resized_is_saved_with_its_new_sizes(tmp_path: Path) -> None:
    config = StaticEmbeddingConfig(
        vocab_size=7, pad_token_id=6, embedding_config={"kind": "joined", "parts": PARTS}
    )
    model = StaticEmbeddingModel(config).eval()
    for rows in (10, 8, 6):
        with pytest.warns(UserWarning, match="has no row") if rows == 6 else nullcontext():
            model.resize_token_embeddings(rows)
        model.save_pretrained(tmp_path)
        loaded = StaticEmbeddingModel.from_pretrained(tmp_path)
        ids = torch.arange(rows).unsqueeze(0)
        found, expected = loaded(ids).last_hidden_state, model(ids).last_hidden_state
        assert torch.equal(found, expected)
    assert PARTS[1]["rows"] == 5


def test_a_checkpoint_of_joined_sets_from_before_loads_and_answers_the_same(tmp_path: Path) -> None:
    parts = [{"kind": "plain", "embedding_size": n, "frozen": n == 2} for n in (2, 3)]
    config = {
        "model_type": "static_embedding",
        "vocab_size": 4,
        "embedding_size": 5,
        "pad_token_id": 3,
        "embedding_config": {"kind": "joined", "parts": parts},
    }
    tables = [torch.randn(4, n) for n in (2, 3)]
    weights = {f"embedding.parts.{i}.weight": table for i, table in enumerate(tables)}
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    (tmp_path / "config.json").write_text(json.dumps(config))
    model, info = StaticEmbeddingModel.from_pretrained(tmp_path, output_loading_info=True)
    assert not info["missing_keys"]
    assert not info["unexpected_keys"]
    found = model(torch.tensor([[2, 0]])).last_hidden_state[0]
    assert torch.equal(found, torch.cat(tables, 1)[[2, 0]])
    trained = {name for name, weight in model.named_parameters() if weight.requires_grad}
    assert trained == {"embedding.parts.1.weight"}
