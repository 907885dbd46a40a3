"""A model of several sets of vectors stores the rows that carry information, and no others."""

from pathlib import Path

import numpy as np
import pytest
import torch
from gensim.models import KeyedVectors
from safetensors import safe_open
from transformers import AutoModelForSequenceClassification

from hf_recurrent import RecurrentForSequenceClassification, StaticEmbeddingModel
from hf_recurrent.vectors import tokenizer_from_texts, vectors_from_model, word_inputs
from hf_recurrent.vectors.inputs import WordInputs

from .files import make_vectors

# The first set has all words but "odd1" to "odd30"; the second few, among them these.
SMALL = [*(f"odd{i}" for i in range(1, 31)), "film", "fine", "w7"]
LARGE = make_vectors(["the", "film", "fine", *(f"w{i}" for i in range(200))], 5)
OTHER = make_vectors(SMALL, 7, seed=1)
TEXTS = ["the fine film w3", "film w4 odd3 new"]
IN_TEXTS = {"the", "fine", "film", "w3", "w4", "odd3", "new"}


def both(**arguments) -> WordInputs:
    return word_inputs([LARGE, OTHER], TEXTS, scale=0.5, **arguments)


def rows_that_say_something(vectors: KeyedVectors) -> set[str]:
    return set(vectors.index_to_key) | IN_TEXTS | {"<unk>"}


@pytest.mark.parametrize("frozen", [True, False, [True, False]])
def test_only_rows_that_carry_information_are_saved(frozen, tmp_path: Path) -> None:
    made = both(frozen=frozen)
    model = made.make_model(RecurrentForSequenceClassification, hidden_size=3)
    model.save_pretrained(tmp_path)
    words = len(made.tokenizer)
    assert words == len(set(LARGE.index_to_key) | set(SMALL) | IN_TEXTS) + 2
    with safe_open(tmp_path / "model.safetensors", framework="np") as file:
        shapes = {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118
    layer = {n: shape for n, shape in shapes.items() if "embed_tokens" in n}
    # One set lacks too few words for a row of each id to pay; beside the own rows of the other
    # stand the shared one and the padding's.
    assert layer == {
        "model.embed_tokens.parts.0.weight": [words, 5],
        "model.embed_tokens.parts.1.table.weight": [len(rows_that_say_something(OTHER)) + 2, 7],
        "model.embed_tokens.parts.1.row_of_id": [words],
    }
    loaded = AutoModelForSequenceClassification.from_pretrained(tmp_path)
    batch = made.tokenizer(["w9 odd3 unseen", "odd9"], padding=True, return_tensors="pt")
    with torch.no_grad():
        assert torch.equal(loaded.eval()(**batch).logits, model.eval()(**batch).logits)


def test_words_of_texts_and_of_a_set_have_the_rows_they_had() -> None:
    one, before = both(), both(share_rows=False)
    assert before.config["embedding_config"] is None
    model, whole = (made.make_model(StaticEmbeddingModel).eval() for made in (one, before))
    found, expected = (
        m.get_input_embeddings()(torch.arange(len(one.tokenizer))).detach().numpy()
        for m in (model, whole)
    )
    ids = one.tokenizer.get_vocab()
    assert ids == before.tokenizer.get_vocab()
    assert not found[ids["[PAD]"]].any()
    for word, row in ids.items():
        if word == "[PAD]":
            continue
        assert np.array_equal(found[row, :5], expected[row, :5]), word
        if word in rows_that_say_something(OTHER):
            assert np.array_equal(found[row, 5:], expected[row, 5:]), word
        else:  # the mean, on the scale of the rows
            factor = found[ids["w7"], 5] / OTHER["w7"][0]
            np.testing.assert_allclose(found[row, 5:], factor * OTHER.vectors.mean(0), rtol=1e-4)
    exported = vectors_from_model(model, one.tokenizer)
    assert np.array_equal(exported["w9"], found[ids["w9"]])


def test_without_texts_or_where_it_does_not_pay_every_word_has_a_row() -> None:
    tokenizer = both().tokenizer
    for made in (
        word_inputs([LARGE, OTHER]),
        word_inputs([LARGE, OTHER], tokenizer=tokenizer),
        word_inputs([LARGE, LARGE], TEXTS),
        word_inputs(LARGE, TEXTS),
    ):
        assert made.config["embedding_config"] is None
        assert len(made.weights["weight"]) == len(made.tokenizer)


def test_a_single_set_for_a_tokenizer_with_words_that_nothing_says_a_word_about() -> None:
    tokenizer = tokenizer_from_texts([" ".join(f"x{i}" for i in range(50)), "film x"])
    made = word_inputs(LARGE, ["film x"], tokenizer=tokenizer, frozen=True)
    # The padding, the shared row, "film", "x" and the unknown word.
    assert made.config["embedding_config"] == {"kind": "partial", "rows": 5}
    assert made.config["embedding_size"] == 5
    model = made.make_model(RecurrentForSequenceClassification, hidden_size=3)
    assert not any(p.requires_grad for p in model.get_input_embeddings().parameters())
    assert made.coverage is not None
    assert (made.coverage.tokens, made.coverage.tokens_found) == (2, 1)
