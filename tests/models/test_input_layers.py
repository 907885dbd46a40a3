from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import AutoModel

from hf_recurrent import RecurrentConfig, RecurrentForSequenceClassification, RecurrentModel
from hf_recurrent.models.embeddings import InputLayer, grown
from hf_recurrent.models.input_layers import KINDS, make_input_layer
from hf_recurrent.models.model_inputs import ModelInputs, embed
from hf_recurrent.models.ngram_embedding import NgramEmbedding

from .test_input_layer_families import JOINED, NGRAMS

TINY = {"vocab_size": 9, "embedding_size": 4, "hidden_size": 3}
IDS, MASK = torch.tensor([[3, 4, 1], [1, 0, 0]]), torch.tensor([[1, 1, 1], [1, 0, 0]])
NGRAM_IDS = torch.tensor([[[1, 5], [2, 0], [3, 3]], [[0, 0], [0, 0], [0, 0]]])


def ngram_model(**fields: object) -> RecurrentModel:
    return RecurrentModel(RecurrentConfig(**TINY, embedding_config={**NGRAMS, **fields}))


def test_the_plain_look_up_is_an_embedding() -> None:
    layer = make_input_layer(RecurrentConfig(**TINY))
    assert type(layer) is nn.Embedding
    assert layer.padding_idx == 0


def test_words_ngrams_and_neither() -> None:
    layer = ngram_model().embed_tokens
    assert isinstance(layer, NgramEmbedding)
    own, rows = layer.weight, layer.ngram_weight
    found = layer(IDS, ngram_ids=NGRAM_IDS)
    torch.testing.assert_close(found[0, 0], (own[3] + rows[0] + rows[4]) / 3)
    torch.testing.assert_close(found[0, 1], (own[4] + rows[1]) / 2)
    torch.testing.assert_close(found[0, 2], rows[2])  # unseen, one n-gram twice
    torch.testing.assert_close(found[1, 0], own[1])  # unseen, without n-grams
    assert not found[1, 1].any()


def test_pruned_ngrams_are_left_out_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    layer = ngram_model(kept=2).embed_tokens
    assert isinstance(layer, NgramEmbedding)
    layer.kept = torch.tensor([1, 4])
    seen = layer(IDS[:, 1:2], ngram_ids=NGRAM_IDS[:, 1:2])
    torch.testing.assert_close(seen[0, 0], (layer.weight[4] + layer.ngram_weight[0]) / 2)
    assert not caplog.records
    from hf_recurrent.models.ngram_embedding import logger

    type(logger).warning_once.cache_clear()
    for _ in range(2):
        found = layer(IDS, ngram_ids=NGRAM_IDS)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    torch.testing.assert_close(found[0, 0], (layer.weight[3] + layer.ngram_weight[1]) / 2)
    torch.testing.assert_close(found[0, 2], layer.weight[1])  # as if it were any unseen word
    assert found[0, 2].any()


def test_ngram_ids_that_are_none() -> None:
    for fields in ({}, {"kept": 3}):
        with pytest.raises(ValueError, match="ngram_ids holds 14, but the model's input layer has"):
            ngram_model(**fields)(IDS, MASK, ngram_ids=NGRAM_IDS + 9)
    with pytest.raises(ValueError, match="needs ngram_ids beside input_ids"):
        ngram_model()(IDS, MASK)
    plain = RecurrentModel(RecurrentConfig(**TINY))
    plain(IDS, MASK, ngram_ids=NGRAM_IDS)  # a layer without n-grams does not look at them


def test_a_wrong_id_is_named_whatever_the_layer() -> None:
    for fields in ({}, {"embedding_config": NGRAMS}, {"embedding_config": JOINED}):
        model = RecurrentModel(RecurrentConfig(**TINY, **fields))
        with pytest.raises(ValueError, match="input_ids holds 9, but the model's embedding has"):
            model(IDS * 3, ngram_ids=NGRAM_IDS)


def test_joined_layers_are_resized_all_or_not_at_all() -> None:
    model = RecurrentModel(RecurrentConfig(**TINY, embedding_config=JOINED))
    with pytest.raises(ValueError, match="OneHotEmbedding has vectors for 9 ids and cannot be"):
        model.resize_token_embeddings(12)
    assert [part.num_embeddings for part in model.embed_tokens.parts] == [9, 9, 9]
    assert model.config.vocab_size == model.embed_tokens.num_embeddings == 9


@pytest.mark.parametrize("rows", [5, 14])
@pytest.mark.parametrize("mean_resizing", [False, True])
def test_resizing(rows: int, mean_resizing: bool) -> None:
    model = RecurrentForSequenceClassification(
        RecurrentConfig(**TINY, embedding_config={**NGRAMS, "unk_token_id": 1})
    )
    old = model.get_input_embeddings().weight.detach().clone()
    layer = model.resize_token_embeddings(rows, mean_resizing=mean_resizing)
    assert layer is model.get_input_embeddings()
    assert model.config.vocab_size == layer.num_embeddings == len(layer.weight) == rows
    assert torch.equal(layer.weight[:9], old[:rows])
    ids = torch.tensor([[rows - 1, 3]])
    assert model(ids, ngram_ids=NGRAM_IDS[:1, :2]).logits.isfinite().all()
    assert model.resize_token_embeddings().num_embeddings == rows
    assert model.resize_token_embeddings(pad_to_multiple_of=8).num_embeddings % 8 == 0


def test_new_rows() -> None:
    torch.manual_seed(0)
    old = nn.Parameter(3 + 2 * torch.randn(500, 4), requires_grad=False)
    for mean_resizing, mean, deviation in ((False, 0, 0.1), (True, 3, 2)):
        new = grown(old, 3000, 0.1, mean_resizing)
        assert not new.requires_grad
        assert torch.equal(new[:500], old)
        assert new[500:].mean().item() == pytest.approx(mean, abs=0.15)
        assert new[500:].std().item() == pytest.approx(deviation, rel=0.05)


def test_joined_parts_resize_and_take_their_columns() -> None:
    parts = [{"kind": "plain", "embedding_size": 2}, {**NGRAMS, "embedding_size": 3}]
    config = RecurrentConfig(**TINY, embedding_config={"kind": "joined", "parts": parts})
    assert config.embedding_size == 5
    model = RecurrentModel(config)
    matrix = torch.randn(9, 5)
    model.set_word_vectors(matrix)
    assert torch.equal(torch.cat([p.weight for p in model.embed_tokens.parts], 1), matrix)
    with pytest.raises(ValueError, match=r"shape \(9, 4\), but the model's input layer has"):
        model.set_word_vectors(torch.zeros(9, 4))
    model.resize_token_embeddings(12)
    assert [len(p.weight) for p in model.embed_tokens.parts] == [12, 12]
    output = model(IDS, MASK, ngram_ids=NGRAM_IDS, output_hidden_states=True)
    assert output.hidden_states[0].shape == (2, 3, 5)


def test_a_frozen_part_stays_frozen(tmp_path: Path) -> None:
    model = RecurrentModel(RecurrentConfig(**TINY, embedding_config=JOINED))
    model.save_pretrained(tmp_path)
    loaded = AutoModel.from_pretrained(tmp_path)
    everything = AutoModel.from_pretrained(tmp_path, freeze_embeddings=True)
    for found in (model, loaded):
        tuned = {n for n, p in found.embed_tokens.named_parameters() if p.requires_grad}
        assert tuned == {"parts.1.weight", "parts.1.ngram_weight"}
    assert not any(p.requires_grad for p in everything.embed_tokens.parameters())


def test_a_layer_of_ones_own() -> None:
    """What a kind needs at the least."""

    class Ones(InputLayer):
        def forward(self, input_ids: torch.Tensor, **extra: torch.Tensor) -> torch.Tensor:
            return torch.ones(*input_ids.shape, self.embedding_dim)

    KINDS["ones"] = Ones
    try:
        model = RecurrentModel(RecurrentConfig(**TINY, embedding_config={"kind": "ones"}))
        assert model(IDS, MASK).last_hidden_state.shape == (2, 3, 3)
        assert (
            embed(model.embed_tokens, ModelInputs.of("input_ids", MASK, {"input_ids": IDS}))
            .eq(1)
            .all()
        )
        with pytest.raises(ValueError, match="Ones has vectors for 9 ids and cannot be resized"):
            model.resize_token_embeddings(10)
    finally:
        del KINDS["ones"]


def test_every_kind_says_its_fields() -> None:
    for name, kind in KINDS.items():
        assert kind.__doc__, name
        assert issubclass(kind, InputLayer)
        assert all(f"``{field}``" in kind.__doc__ for field in kind.fields), name


@pytest.mark.parametrize("embedding_config", [NGRAMS, JOINED, {"kind": "one_hot"}])
def test_other_types_and_devices(embedding_config: dict, tmp_path: Path) -> None:
    model = RecurrentModel(RecurrentConfig(**TINY, embedding_config=embedding_config))
    model.save_pretrained(tmp_path)
    expected = model(IDS, MASK, ngram_ids=NGRAM_IDS).last_hidden_state
    for arguments in ({"dtype": torch.bfloat16}, {"device_map": "cpu"}, {"dtype": torch.float64}):
        loaded = AutoModel.from_pretrained(tmp_path, **arguments)
        found = loaded(IDS, MASK, ngram_ids=NGRAM_IDS, output_hidden_states=True)
        wanted = arguments.get("dtype", torch.float32)
        assert {h.dtype for h in found.hidden_states} == {wanted}
        close = {"rtol": 0, "atol": 2e-2 if wanted == torch.bfloat16 else 1e-6}
        torch.testing.assert_close(found.last_hidden_state.float(), expected, **close)


@pytest.mark.parametrize("embedding_config", [NGRAMS, {"kind": "one_hot"}])
def test_gradient_checkpointing_changes_nothing(embedding_config: dict) -> None:
    config = RecurrentConfig(**TINY, embedding_config=embedding_config, num_hidden_layers=2)
    model = RecurrentModel(config)
    gradients = []
    for _ in range(2):
        model(IDS, MASK, ngram_ids=NGRAM_IDS).last_hidden_state.square().sum().backward()
        gradients.append({name: p.grad.clone() for name, p in model.named_parameters()})
        model.zero_grad()
        model.gradient_checkpointing_enable()
        model.train()
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], gradient, msg=name)
