"""Sentence vectors against their formulas, written out."""

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from transformers import AutoModel, AutoTokenizer

from hf_recurrent import (
    StaticEmbeddingConfig,
    StaticEmbeddingForSequenceClassification,
    StaticEmbeddingModel,
)
from hf_recurrent.models.tokenization_ngrams import NgramTokenizer
from tests.common.bad_input import assert_one_sentence
from tests.common.tokenizer import WORDS, word_tokenizer

TOKENIZER = word_tokenizer()
SIZE, A = 6, 0.02
TEXTS = [
    "a good film",
    "the plot is very very dull",
    "",
    "good good good",
    "the the not bad [PAD] fine",
    "unheard words",
    "   ",
    *(" ".join(np.random.default_rng(i).choice(WORDS, i % 9)) for i in range(30)),
]


def make_model(dtype: torch.dtype = torch.float32, **fields: object) -> StaticEmbeddingModel:
    torch.manual_seed(0)
    config = StaticEmbeddingConfig(vocab_size=len(TOKENIZER), embedding_size=SIZE, **fields)
    model = StaticEmbeddingModel(config)
    if isinstance(model.embedding, torch.nn.Embedding):
        model.embedding.weight.data.normal_(1.0)[0] = 0
    return model.eval().to(dtype)


def ids_of(text: str) -> list[int]:
    return TOKENIZER(text, add_special_tokens=False).input_ids


def by_formula(model: StaticEmbeddingModel, weights: dict[int, float]) -> np.ndarray:
    rows = model.embedding.weight.detach().double().numpy()
    found = np.zeros((len(TEXTS), SIZE))
    for vector, text in zip(found, TEXTS, strict=True):
        ids = ids_of(text)
        for token in ids:
            vector += weights.get(token, 1.0) * rows[token] / len(ids)
    return found


def pooled(model: StaticEmbeddingModel, tokenizer: object = TOKENIZER) -> np.ndarray:
    with torch.no_grad():
        batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
        return model(**batch).pooler_output.float().numpy()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_mean(dtype: torch.dtype) -> None:
    model = make_model(dtype)
    found = model.encode(TEXTS, TOKENIZER)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, by_formula(model, {}), rtol=0, atol=1e-6)
    tolerance = 1e-6 if dtype == torch.float32 else 0.05
    np.testing.assert_allclose(found, pooled(model), rtol=0, atol=tolerance)
    assert not found[[2, 6]].any()
    for size in (1, 2, 20):
        again = model.encode(iter(TEXTS), TOKENIZER, batch_size=size)
        np.testing.assert_allclose(again, found, rtol=0, atol=1e-6)
    assert model.encode([], TOKENIZER).shape == (0, SIZE)
    lengths = np.linalg.norm(model.encode(TEXTS, TOKENIZER, normalize=True), axis=1)
    np.testing.assert_allclose(lengths, [float(bool(ids_of(text))) for text in TEXTS], atol=1e-6)


def test_sif() -> None:
    """Arora et al. 2017, algorithm 1."""
    model = make_model()
    counts = Counter(token for text in TEXTS for token in ids_of(text))
    weights = {token: A / (A + n / counts.total()) for token, n in counts.items()}
    expected = by_formula(model, weights)
    model.fit_weights(TEXTS, TOKENIZER, "sif", a=A, components=0)
    np.testing.assert_allclose(model.encode(TEXTS, TOKENIZER), expected, rtol=0, atol=1e-6)
    for components in (1, 2):
        axes = np.linalg.svd(expected)[2][:components]
        model.fit_weights(TEXTS, TOKENIZER, a=A, components=components, batch_size=7)
        found = model.encode(TEXTS, TOKENIZER)
        np.testing.assert_allclose(found, expected - expected @ axes.T @ axes, atol=1e-5)
        np.testing.assert_allclose(found, model.encode(TEXTS, TOKENIZER, "sif"), atol=0)
    np.testing.assert_allclose(model.encode(TEXTS, TOKENIZER, "mean"), by_formula(model, {}), 1e-5)
    unseen = set(range(len(TOKENIZER))) - set(counts)
    assert all(model.token_weights[token] == 1 for token in unseen)


def test_components_stand_in_the_order_of_what_they_explain() -> None:
    model = make_model()
    model.fit_weights(TEXTS, TOKENIZER, a=A, components=0)
    vectors = model.encode(TEXTS, TOKENIZER)
    _, shares, axes = np.linalg.svd(vectors)
    assert np.all(shares[:-1] - shares[1:] > 1e-3), "each is to have a share of its own"
    for components in (1, 2, 3):
        model.fit_weights(TEXTS, TOKENIZER, a=A, components=components)
        found = model.common_components.numpy()
        assert found.shape == (components, SIZE)
        for row, axis in zip(found, axes, strict=False):
            np.testing.assert_allclose(row * np.sign(row @ axis), axis, atol=1e-4)


def test_idf() -> None:
    model = make_model()
    texts = Counter(token for text in TEXTS for token in set(ids_of(text)))
    weights = {
        token: math.log((1 + len(TEXTS)) / (1 + texts[token])) + 1
        for token in range(len(TOKENIZER))
    }
    model.fit_weights(TEXTS, TOKENIZER, "idf", batch_size=5)
    found = model.encode(TEXTS, TOKENIZER)
    np.testing.assert_allclose(found, by_formula(model, weights), rtol=0, atol=1e-5)


def test_weights_are_saved(tmp_path: Path) -> None:
    model = make_model()
    model.fit_weights(TEXTS, TOKENIZER, a=A)
    expected = model.encode(TEXTS, TOKENIZER)
    model.save_pretrained(tmp_path)
    loaded = AutoModel.from_pretrained(tmp_path)
    assert np.array_equal(loaded.encode(TEXTS, TOKENIZER), expected)
    assert np.array_equal(pooled(loaded), pooled(model))
    head = StaticEmbeddingForSequenceClassification.from_pretrained(tmp_path)
    assert np.array_equal(head.model.encode(TEXTS, TOKENIZER), expected)
    head.save_pretrained(tmp_path)
    loaded = StaticEmbeddingModel.from_pretrained(tmp_path)
    assert np.array_equal(loaded.encode(TEXTS, TOKENIZER), expected)


def test_a_loaded_model_finds_its_tokenizer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model()
    with pytest.raises(ValueError, match=r"not loaded from a checkpoint.* pass tokenizer="):
        model.encode(TEXTS)
    model.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match=r"no tokenizer could be loaded from .*: pass tokenizer="):
        AutoModel.from_pretrained(tmp_path).encode(TEXTS)
    TOKENIZER.save_pretrained(tmp_path)
    head = StaticEmbeddingForSequenceClassification.from_pretrained(tmp_path)
    calls: list[object] = []
    load = AutoTokenizer.from_pretrained
    monkeypatch.setattr(
        AutoTokenizer, "from_pretrained", lambda *a, **k: calls.append(a) or load(*a, **k)
    )
    for loaded in (AutoModel.from_pretrained(tmp_path), head.model):
        assert np.array_equal(loaded.encode(TEXTS, TOKENIZER), model.encode(TEXTS, TOKENIZER))
        assert not calls  # a tokenizer that is given is used
        loaded.fit_weights(TEXTS, a=A)
        assert np.array_equal(loaded.encode(TEXTS), loaded.encode(TEXTS, TOKENIZER))
        assert calls == [(str(tmp_path),)]
        calls.clear()


def test_weights_that_a_checkpoint_lacks(tmp_path: Path) -> None:
    """Fresh ones leave the plain mean as it is."""
    model = make_model()
    model.fit_weights(TEXTS, TOKENIZER)
    model.save_pretrained(tmp_path)
    save_file({"embedding.weight": model.embedding.weight.detach()}, tmp_path / "model.safetensors")
    loaded, info = AutoModel.from_pretrained(tmp_path, output_loading_info=True)
    assert set(info["missing_keys"]) == {"token_weights", "common_components"}
    expected = model.encode(TEXTS, TOKENIZER, "mean")
    np.testing.assert_allclose(loaded.encode(TEXTS, TOKENIZER, "sif"), expected, atol=1e-6)


@pytest.mark.parametrize("model_class", [StaticEmbeddingModel, None])
def test_resized(model_class: type | None) -> None:
    base = make_model()
    base.fit_weights(TEXTS, TOKENIZER)
    before, expected = base.token_weights.clone(), base.encode(TEXTS, TOKENIZER)
    model = base
    if model_class is None:
        model = StaticEmbeddingForSequenceClassification(base.config)
        model.model = base
    model.resize_token_embeddings(20, mean_resizing=False)
    assert torch.equal(base.token_weights[: len(before)], before)
    assert base.token_weights[len(before) :].tolist() == [float(before.max())] * (20 - len(before))
    np.testing.assert_allclose(base.encode(TEXTS, TOKENIZER), expected, atol=1e-6)
    model.resize_token_embeddings(8, mean_resizing=False)
    assert torch.equal(base.token_weights, before[:8])


NGRAMS = NgramTokenizer.from_tokenizer(TOKENIZER, min_n=2, max_n=3, bucket=50)
LAYERS = {
    "ngram": ({"kind": "ngram", "bucket": 50, "min_n": 2, "max_n": 3}, NGRAMS),
    "one_hot": ({"kind": "one_hot"}, TOKENIZER),
    "joined": (
        {"kind": "joined", "parts": [{"kind": "plain", "embedding_size": n} for n in (2, 4)]},
        TOKENIZER,
    ),
}


@pytest.mark.parametrize("kind", LAYERS)
def test_other_input_layers(kind: str) -> None:
    embedding_config, tokenizer = LAYERS[kind]
    model = make_model(embedding_config=embedding_config, embedding_dropout=0.5)
    found = model.encode(TEXTS, tokenizer, batch_size=9)
    np.testing.assert_allclose(found, pooled(model, tokenizer), rtol=0, atol=1e-6)
    model.train()
    model.fit_weights(TEXTS, tokenizer, "idf")
    found = model.encode(TEXTS, tokenizer)
    assert model.training
    model.eval()
    with torch.no_grad():
        batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
        hidden = model(**batch).last_hidden_state
    weights = model.token_weights[batch["input_ids"]]
    expected = [
        sum(w * v for w, v in zip(weights[row], hidden[row], strict=True)) / max(1, len(ids_of(t)))
        for row, t in enumerate(TEXTS)
    ]
    np.testing.assert_allclose(found, torch.stack(expected), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda m: m.encode("a text", TOKENIZER), ["texts", "one string"]),
        (lambda m: m.encode(["a", 3.5], TOKENIZER), ["texts", "3.5"]),
        (lambda m: m.encode(TEXTS, TOKENIZER, "sif"), ["'sif'", "fit_weights"]),
        (lambda m: m.encode(TEXTS, TOKENIZER, "tfidf"), ["weighting", "tfidf", "mean, sif, idf"]),
        (lambda m: m.encode(TEXTS, TOKENIZER, batch_size=0), ["batch_size", "0"]),
        (lambda m: m.fit_weights(TEXTS, TOKENIZER, "mean"), ["kind", "mean", "sif, idf"]),
        (lambda m: m.fit_weights(TEXTS, TOKENIZER, a=0), ["a is 0"]),
        (lambda m: m.fit_weights(TEXTS, TOKENIZER, components=7), ["components is 7", "6"]),
        (lambda m: m.fit_weights(iter(TEXTS), TOKENIZER), ["texts", "only once"]),
        (lambda m: m.fit_weights(["", " "], TOKENIZER), ["texts", "no tokens"]),
        (lambda m: m.fit_weights([], TOKENIZER, "idf"), ["texts", "no tokens"]),
    ],
)
def test_bad_input(call: object, named: list[str]) -> None:
    model = make_model()
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is looked at below
        call(model)
    assert_one_sentence(caught.value, *named)
    assert model.token_weights is None
    assert model.config.weighting is None


def test_tokenizer_of_another_model() -> None:
    model = StaticEmbeddingModel(StaticEmbeddingConfig(vocab_size=5, embedding_size=SIZE))
    for call in (model.encode, model.fit_weights):
        with pytest.raises(ValueError, match="the model's embedding has ids 0 to 4: take the"):
            call(TEXTS, TOKENIZER)
