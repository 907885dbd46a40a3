"""ELMo as an input layer keeps the promises, and what is kept of its sentences is right."""

import copy
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest
import torch
from torch import nn

from hf_recurrent import (
    ElmoConfig,
    ElmoForPreTraining,
    ElmoModel,
    RecurrentConfig,
    RecurrentForCausalLM,
    RecurrentForSequenceClassification,
    RecurrentForTokenClassification,
    RecurrentModel,
    RecurrentSeq2SeqConfig,
    StaticEmbeddingConfig,
)
from hf_recurrent.training import keep_elmo_sentences
from hf_recurrent.vectors import elmo_inputs, elmo_tokenizer, word_inputs

from .test_elmo_family import LONGEST
from .test_elmo_family import TestElmoFamily as ElmoFamily
from .test_recurrent_family import TestRecurrentFamily as RecurrentFamily

_NAMES = ("character_size", "max_characters_per_token", "filters", "num_highway_layers")
ELMO = {
    "kind": "elmo",
    **{name: ElmoFamily.fields[name] for name in _NAMES},
    "hidden_size": 3,
    "cell_size": 4,
    "num_hidden_layers": 2,
    "cell_clip": 0.4,
    "projection_clip": 0.5,
}
JOINED = {
    "kind": "joined",
    "parts": [
        {"kind": "plain", "embedding_size": 2},
        {**ELMO, "freeze_language_model": False, "mix_layer_norm": "sentence"},
    ],
}


class TestRecurrentElmo(RecurrentFamily):
    by_hand: ClassVar = (
        "test_two_ranks_equal_one_process",
        "test_saved_equals_loaded",
        "test_lacking_keys_are_fresh_and_named",
        "test_accumulated_equals_whole",
    )
    heads: ClassVar = {"AutoModel": RecurrentModel}  # heads do not know the input layer
    elsewhere: ClassVar = (
        "AutoModelForSequenceClassification",
        "AutoModelForTokenClassification",
        "AutoModelForCausalLM",
    )
    losses: ClassVar = {}
    variants: ClassVar = {
        "joined": {"embedding_config": JOINED, "cell_type": "gru", "bidirectional": True}
    }
    bad_fields: ClassVar = (
        ({"embedding_config": {**ELMO, "cell_size": 2}}, "embedding_config: cell_size is 2"),
        ({"embedding_config": {**ELMO, "hidden_size": "3"}}, "hidden_size"),
        ({"embedding_config": {**ELMO, "freeze_language_model": 1}}, "freeze_language_model"),
        (
            {
                "embedding_config": {
                    "kind": "joined",
                    "parts": [{"kind": "char_cnn", "num_characters": 9}, ELMO],
                }
            },
            "char_ids",
        ),
    )
    bad_head_fields: ClassVar = {}
    # A language model in the layer reads the whole row, so pieces are other sentences.
    test_step_equals_whole = None
    test_word_vectors_that_do_not_fit = None
    test_pipeline = None
    inputs = ElmoFamily.inputs

    @contextmanager
    def naively(self) -> Iterator[None]:
        with super().naively(), ElmoFamily().naively():
            yield


@pytest.fixture(scope="module")
def elmo() -> ElmoModel:
    torch.manual_seed(0)
    fields = {name: value for name, value in ELMO.items() if name != "kind"}
    return ElmoModel(ElmoConfig(**fields)).eval()


def rows() -> Any:
    texts = ["a good film", "a film", "bad", "", "a good film"]
    tokenizer = elmo_tokenizer(max_characters_per_token=LONGEST)
    return tokenizer(texts, padding=True, return_tensors="pt")


def test_the_layer_has_the_vectors_of_the_model(elmo: ElmoModel) -> None:
    inputs = elmo_inputs(elmo, tokenizer=elmo_tokenizer(max_characters_per_token=LONGEST))
    tagger = inputs.make_model(RecurrentForTokenClassification, hidden_size=4)
    layer, given = tagger.get_input_embeddings(), rows()
    expected = elmo(**given).last_hidden_state
    torch.testing.assert_close(
        layer(given["input_ids"], char_ids=given["char_ids"]), expected, rtol=0, atol=1e-6
    )
    trained = [name for name, p in layer.named_parameters() if p.requires_grad]
    assert trained == ["mix.weights", "mix.gamma"]
    with pytest.raises(ValueError, match="give `tokenizer`"):
        elmo_inputs(elmo)


@pytest.mark.parametrize("several", [False, True])
def test_beside_word_vectors(elmo: ElmoModel, several: bool, tmp_path: Any) -> None:
    texts = ["a good film", "not bad"]
    words = word_inputs(
        ["random", "one_hot"] if several else "random", texts, frozen=False, embedding_size=3
    )
    elmo.save_pretrained(tmp_path)
    inputs = elmo_inputs(tmp_path, words, frozen=False)
    torch.manual_seed(0)
    model = inputs.make_model(RecurrentForSequenceClassification, hidden_size=4).eval()
    given = inputs.tokenizer(["a good film", "zzz"], padding=True, return_tensors="pt")
    vectors = model.get_input_embeddings()(given["input_ids"], char_ids=given["char_ids"])
    with torch.no_grad():
        expected = elmo(char_ids=given["char_ids"]).last_hidden_state
    torch.testing.assert_close(vectors[..., -6:], expected, rtol=0, atol=1e-6)
    model(**given, labels=torch.tensor([0, 1])).loss.backward()
    missing = [n for n, p in model.named_parameters() if p.requires_grad and p.grad is None]
    assert not missing


@pytest.mark.parametrize("kinds", ["random", ["random", "one_hot"]], ids=str)
def test_frozen_word_vectors_stay_frozen(elmo: ElmoModel, kinds: Any) -> None:
    words = word_inputs(kinds, ["a good film"], frozen=True, embedding_size=3)
    layer = (
        elmo_inputs(elmo, words).make_model(RecurrentModel, hidden_size=4).get_input_embeddings()
    )
    trained = [name for name, p in layer.named_parameters() if p.requires_grad]
    assert [name.partition("mix.")[2] for name in trained] == ["weights", "gamma"]


def test_beside_another_elmo(elmo: ElmoModel) -> None:
    tokenizer = elmo_tokenizer(max_characters_per_token=LONGEST)
    torch.manual_seed(1)
    other = ElmoForPreTraining(elmo.config).eval()
    inputs = elmo_inputs(other, elmo_inputs(elmo, tokenizer=tokenizer))
    layer, given = inputs.make_model(RecurrentModel, hidden_size=4).get_input_embeddings(), rows()
    found = layer(given["input_ids"], char_ids=given["char_ids"])
    expected = [each(**given).last_hidden_state for each in (elmo, other.model)]
    torch.testing.assert_close(found, torch.cat(expected, dim=-1), rtol=0, atol=1e-6)
    assert {n.split(".")[2] for n, p in layer.named_parameters() if p.requires_grad} == {"mix"}


@pytest.mark.parametrize("half", [False, True])
def test_kept_sentences_are_those_that_would_be_computed(
    elmo: ElmoModel, half: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    inputs = elmo_inputs(elmo, tokenizer=elmo_tokenizer(max_characters_per_token=LONGEST))
    model = inputs.make_model(RecurrentForSequenceClassification, hidden_size=4)
    layer, given = model.get_input_embeddings(), rows()
    layer.mix.layer_norm = "sentence"

    def run() -> list[torch.Tensor]:
        model.zero_grad()
        hidden = layer(given["input_ids"], char_ids=given["char_ids"])
        hidden.sin().sum().backward()
        return [hidden.detach(), layer.mix.weights.grad, layer.mix.gamma.grad]

    expected = run()
    keep_elmo_sentences(model, str(tmp_path), half)
    close = {"rtol": 0, "atol": 5e-3 if half else 1e-6}
    torch.testing.assert_close(run(), expected, **close)
    assert len(layer.store) == 4  # one of them is there twice
    computed = []
    whole = type(layer)._layers
    monkeypatch.setattr(
        type(layer), "_layers", lambda self, ids: computed.append(len(ids)) or whole(self, ids)
    )
    torch.testing.assert_close(run(), expected, **close)
    wider = nn.functional.pad(given["char_ids"], (0, 0, 0, 2))
    layer(wider[..., 0], char_ids=wider)
    assert computed == []
    left = {name: value.flip(1) if name != "labels" else value for name, value in given.items()}
    layer(left["input_ids"], char_ids=left["char_ids"])
    assert computed  # the words in another order are other sentences
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert len(twin.store) == 0
    with torch.no_grad():
        layer.embed_tokens.character_weight.mul_(2)
    assert not torch.allclose(run()[0], expected[0])


def test_what_cannot_be_kept(elmo: ElmoModel) -> None:
    tokenizer = elmo_tokenizer(max_characters_per_token=LONGEST)
    tuned = elmo_inputs(elmo, tokenizer=tokenizer, frozen=False)
    with pytest.raises(ValueError, match="freeze_language_model is False"):
        keep_elmo_sentences(tuned.make_model(RecurrentModel, hidden_size=4))
    with pytest.raises(ValueError, match="no input layer of the kind 'elmo'"):
        keep_elmo_sentences(RecurrentModel(RecurrentConfig(vocab_size=9, hidden_size=4)))


def test_where_context_is_no_input() -> None:
    with pytest.raises(ValueError, match="words after each word"):
        RecurrentForCausalLM(RecurrentConfig(vocab_size=13, embedding_config=JOINED))
    with pytest.raises(ValueError, match="take a RecurrentConfig"):
        StaticEmbeddingConfig(vocab_size=13, embedding_config=ELMO)
    for layer in (ELMO, JOINED):
        with pytest.raises(ValueError, match="give ELMo to the encoder"):
            RecurrentSeq2SeqConfig(vocab_size=13, embedding_config=layer)
    RecurrentSeq2SeqConfig(vocab_size=13, encoder={"vocab_size": 13, "embedding_config": ELMO})


def test_examples_of_inputs_can_be_read(elmo: ElmoModel) -> None:
    layers = (
        RecurrentModel(RecurrentConfig(vocab_size=13, hidden_size=4, embedding_config=layer))
        for layer in (ELMO, JOINED)
    )
    for model in (elmo, ElmoForPreTraining(elmo.config), *layers):
        assert model(**model.dummy_inputs)[0].shape[:2] == (1, 2)


def test_the_layer_keeps_the_vectors_of_words(elmo: ElmoModel) -> None:
    inputs = elmo_inputs(elmo, tokenizer=elmo_tokenizer(max_characters_per_token=LONGEST))
    tagger, given = inputs.make_model(RecurrentForTokenClassification, hidden_size=4).eval(), rows()
    expected = tagger(**given).logits
    layer = tagger.get_input_embeddings()
    layer.cache_words()
    for _ in range(2):
        torch.testing.assert_close(tagger(**given).logits, expected)
        assert len(layer.embed_tokens.cache) == 5  # four words and padding
