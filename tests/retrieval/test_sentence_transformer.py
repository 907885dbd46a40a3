"""Models of this package as encoders of sentence-transformers: made, saved, opened, trained."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import losses
from transformers import AutoModel

from hf_recurrent import (
    RecurrentConfig,
    RecurrentForSequenceClassification,
    RecurrentModel,
    StaticEmbeddingModel,
)
from hf_recurrent.retrieval import (
    save_sentence_transformer,
    to_sentence_transformer,
    train_encoder,
)
from hf_recurrent.vectors import tokenizer_from_vectors
from tests.common.tokenizer import WORDS, word_tokenizer
from tests.vectors.files import make_vectors

TEXTS = ["a good film", "", "the plot is very very dull and not good", "bad"]
VECTORS = make_vectors(list(WORDS), 6)


def recurrent(**fields: Any) -> RecurrentModel:
    torch.manual_seed(0)
    config = {"vocab_size": 13, "embedding_size": 6, "hidden_size": 4, "bidirectional": True}
    return RecurrentModel(RecurrentConfig(**config | fields)).eval()


@torch.no_grad()
def states_of(model: RecurrentModel, text: str) -> torch.Tensor:
    return model(**word_tokenizer()([text], return_tensors="pt")).last_hidden_state[0]


@pytest.mark.parametrize("bidirectional", [True, False])
def test_mean_is_that_of_the_states_and_zeros_for_an_empty_text(bidirectional: bool) -> None:
    model = recurrent(bidirectional=bidirectional)
    encoder = to_sentence_transformer(model, word_tokenizer())
    vectors = encoder.encode(TEXTS, convert_to_tensor=True, show_progress_bar=False)
    assert encoder.get_embedding_dimension() == model.config.output_size
    assert not vectors[1].any()
    for text, vector in zip(TEXTS, vectors, strict=True):
        if text:
            torch.testing.assert_close(vector, states_of(model, text).mean(0))


def test_last_of_one_direction_is_the_last_state() -> None:
    model = recurrent(bidirectional=False)
    encoder = to_sentence_transformer(model, word_tokenizer(), pooling="last")
    vectors = encoder.encode(TEXTS, convert_to_tensor=True, show_progress_bar=False)
    assert not vectors[1].any()
    for text, vector in zip(TEXTS, vectors, strict=True):
        if text:
            torch.testing.assert_close(vector, states_of(model, text)[-1])


@pytest.mark.parametrize(
    ("model", "pooling", "told"),
    [
        (recurrent(), "max", "pooling is 'max'"),
        (recurrent(), "attention", "pooling is 'attention'"),
        (recurrent(), "last", "for two directions"),
        (StaticEmbeddingModel.from_vectors(VECTORS), "last", "for word vectors"),
    ],
)
def test_other_poolings_are_refused_and_mean_is_named(model: Any, pooling: str, told: str) -> None:
    with pytest.raises(ValueError, match=rf"{told}.*take 'mean'"):
        to_sentence_transformer(model, word_tokenizer(), pooling=pooling)


def test_what_is_no_encoder_is_refused() -> None:
    head = RecurrentForSequenceClassification(RecurrentConfig(vocab_size=13))
    with pytest.raises(ValueError, match="a RecurrentForSequenceClassification, expected"):
        to_sentence_transformer(head, word_tokenizer())  # type: ignore[arg-type]
    frames = recurrent(embedding_config={"kind": "frames", "num_channels": 2})
    with pytest.raises(ValueError, match="reads input_features and no token ids"):
        to_sentence_transformer(frames, word_tokenizer())
    with pytest.raises(ValueError, match="tokenizer has 13 ids, and vocab_size of the model is 9"):
        to_sentence_transformer(recurrent(vocab_size=9), word_tokenizer())
    with pytest.raises(ValueError, match="max_length is 0, expected at least 1"):
        to_sentence_transformer(recurrent(), word_tokenizer(), max_length=0)
    static = StaticEmbeddingModel.from_vectors(VECTORS)
    static.fit_weights(["a film"], tokenizer_from_vectors(VECTORS))
    with pytest.raises(ValueError, match="weighs its words by sif"):
        to_sentence_transformer(static, tokenizer_from_vectors(VECTORS))


def test_a_saved_folder_opens_as_both(tmp_path: Path) -> None:
    model, tokenizer = recurrent(), word_tokenizer()
    save_sentence_transformer(model, tokenizer, tmp_path / "out", max_length=3)
    opened = SentenceTransformer(str(tmp_path / "out"), device="cpu")
    ours = to_sentence_transformer(model, tokenizer, max_length=3)
    expected = ours.encode(TEXTS, show_progress_bar=False)
    np.testing.assert_array_equal(opened.encode(TEXTS, show_progress_bar=False), expected)
    shorter = to_sentence_transformer(model, tokenizer).encode(
        "the plot is", convert_to_tensor=True
    )
    torch.testing.assert_close(torch.from_numpy(expected[2]), shorter)
    loaded = AutoModel.from_pretrained(tmp_path / "out")
    assert torch.equal(loaded.embed_tokens.weight, model.embed_tokens.weight)
    assert tokenizer.model_max_length > 3


def test_a_static_model_shares_its_vectors_and_is_saved(tmp_path: Path) -> None:
    model, tokenizer = StaticEmbeddingModel.from_vectors(VECTORS), tokenizer_from_vectors(VECTORS)
    encoder = to_sentence_transformer(model, tokenizer)
    assert encoder[0].embedding.weight is model.embedding.weight
    expected = model.encode(TEXTS, tokenizer)
    found = encoder.encode(TEXTS, show_progress_bar=False)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    save_sentence_transformer(model, tokenizer, tmp_path / "out")
    opened = SentenceTransformer(str(tmp_path / "out"), device="cpu")
    np.testing.assert_allclose(opened.encode(TEXTS), expected, atol=1e-6)


def make_loss(kind: str, encoder: SentenceTransformer) -> Any:
    if kind == "cached":
        return losses.CachedMultipleNegativesRankingLoss(encoder, mini_batch_size=2)
    plain = losses.MultipleNegativesRankingLoss(encoder)
    if kind == "matryoshka":
        return losses.MatryoshkaLoss(encoder, plain, [encoder.get_embedding_dimension(), 2])
    return plain


# The library refuses static embeddings with the cached loss.
@pytest.mark.parametrize(
    ("kind", "is_static"),
    [
        ("plain", False),
        ("cached", False),
        ("matryoshka", False),
        ("plain", True),
        pytest.param("matryoshka", True, marks=pytest.mark.slow),
    ],
)
def test_its_trainer_and_losses_train_the_model(kind: str, is_static: bool) -> None:
    pairs = Dataset.from_dict(
        {
            "anchor": ["good", "bad", "film", "dull"],
            "positive": ["fine", "not good", "plot", "very dull"],
        }
    )
    model: Any = StaticEmbeddingModel.from_vectors(VECTORS) if is_static else recurrent()
    tokenizer = tokenizer_from_vectors(VECTORS) if is_static else word_tokenizer()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    encoder = to_sentence_transformer(model, tokenizer)

    def closeness() -> float:
        first, second = (encoder.encode(pairs[name][:]) for name in ("anchor", "positive"))
        scores = torch.from_numpy(np.asarray(encoder.similarity(first, second)))
        return float(scores.log_softmax(1).diagonal().mean())

    start = closeness()
    values = {"epochs": 2, "batch_size": 4, "learning_rate": 2e-2}
    curve = train_encoder(encoder, pairs, values, evaluate=closeness, loss=make_loss(kind, encoder))
    assert len(curve.values) == 2
    assert max(curve.values) > start
    assert closeness() == pytest.approx(max(curve.values), abs=1e-6)
    assert any(not torch.equal(value, before[name]) for name, value in model.state_dict().items())
