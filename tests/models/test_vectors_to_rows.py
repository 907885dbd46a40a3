"""Row i is the vector of word i, and special tokens get rows behind the words."""

import doctest
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from gensim.models import FastText
from gensim.models.fasttext import FastTextKeyedVectors
from transformers import AutoModel, AutoTokenizer

from hf_recurrent import NgramTokenizer, RecurrentModel, StaticEmbeddingModel
from hf_recurrent.models import modeling_static_embedding
from hf_recurrent.vectors import tokenizer_from_texts, tokenizer_from_vectors, word_inputs
from tests.common.bad_input import assert_one_sentence

SETS = (
    ["the", "film", "n't"],
    ["[PAD]", "a", "<unk>", "b"],
    ["</s>", "a"],
    ["a", "<unk>"],
    ["[PAD]", "a"],
    ["a", "<unk>", "</s>", "[PAD]"],
)


def make(words: list[str], dtype: type = np.float32) -> SimpleNamespace:
    matrix = np.random.default_rng(0).normal(size=(len(words), 3)).astype(dtype)
    return SimpleNamespace(index_to_key=words, vectors=matrix)


@pytest.mark.parametrize("words", SETS)
@pytest.mark.parametrize("checked", [False, True])
def test_rows_are_those_of_the_tokenizer(words: list[str], checked: bool) -> None:
    vectors, tokenizer = make(words), None
    ids = tokenizer_from_vectors(vectors)
    before = vectors.vectors.copy()
    model = StaticEmbeddingModel.from_vectors(vectors, ids if checked else None, num_labels=3)
    weight = model.embedding.weight
    assert len(weight) == model.config.vocab_size == len(ids)
    assert model.config.pad_token_id == ids.pad_token_id == model.embedding.padding_idx
    assert model.config.num_words == len(words)
    assert model.config.num_labels == 3
    for word, row in zip(words, before, strict=True):
        expected = row * (word != "[PAD]")
        assert np.array_equal(weight[ids.convert_tokens_to_ids(word)].detach().numpy(), expected)
    assert not weight[len(words) :].any()
    assert np.array_equal(vectors.vectors, before)
    assert weight.requires_grad
    assert not model.training
    assert tokenizer is None


def test_example() -> None:
    failed, tried = doctest.testmod(modeling_static_embedding)
    assert (failed, tried) == (0, 7)


def test_memory_is_shared_where_no_row_is_added() -> None:
    vectors = make(["a", "<unk>", "[PAD]"])
    vectors.vectors[2] = 0
    model = StaticEmbeddingModel.from_vectors(vectors)
    assert model.embedding.weight.data_ptr() == vectors.vectors.ctypes.data
    vectors.vectors.flags.writeable = False
    model = StaticEmbeddingModel.from_vectors(vectors)
    assert model.embedding.weight.data_ptr() != vectors.vectors.ctypes.data


@pytest.mark.parametrize(
    ("given", "kept"),
    [(np.float16, torch.float16), (np.float32, torch.float32), (np.float64, torch.float32)],
)
def test_types_of_numbers(given: type, kept: torch.dtype) -> None:
    model = StaticEmbeddingModel.from_vectors(make(["a", "b"], given), freeze_embeddings=True)
    assert model.embedding.weight.dtype == model.dtype == kept
    assert not model.embedding.weight.requires_grad


@pytest.mark.parametrize(
    ("vectors", "arguments", "named"),
    [
        (make([]), {}, ["words is 0"]),
        (
            SimpleNamespace(index_to_key=["a"], vectors=np.ones((2, 3))),
            {},
            ["words is 1", "(2, 3)"],
        ),
        (SimpleNamespace(index_to_key=["a"], vectors=np.ones(1)), {}, ["(1,)"]),
        (make(["b", "a"]), {"tokenizer": tokenizer_from_texts(["a b b"])}, None),
        (
            make(["a", "b"]),
            {"tokenizer": tokenizer_from_texts(["a b b"])},
            ["id 1", "'a'", "row 0"],
        ),
        (make(["a", "x"]), {"tokenizer": tokenizer_from_texts(["a"])}, ["no id", "'x'", "row 1"]),
        (make(["a", "b", "a"]), {}, ["have 1 word twice"]),
        (make(["a"]), {"vocab_size": 7}, ["vocab_size", "7"]),
        (make(["a"]), {"weighting": "sif"}, ["weighting", "'sif'"]),
        (make(["a"]), {"embedding_dropout": 1.5}, ["embedding_dropout"]),
    ],
)
def test_bad_input(vectors: object, arguments: dict, named: list[str] | None) -> None:
    if named is None:
        assert StaticEmbeddingModel.from_vectors(vectors, **arguments).config.vocab_size == 4
        return
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is looked at below
        StaticEmbeddingModel.from_vectors(vectors, **arguments)
    assert_one_sentence(caught.value, *named)


@pytest.fixture(scope="module")
def fasttext() -> FastTextKeyedVectors:
    sentences = [["the", "film", "</s>", "shines"], ["a", "film"]] * 5
    return FastText(sentences, vector_size=5, min_count=1, bucket=200, epochs=2, workers=1).wv


def vectors_of_words(model: Any, tokenizer: Any, words: list[str]) -> np.ndarray:
    batch = tokenizer(
        [words], is_split_into_words=True, return_tensors="pt", add_special_tokens=False
    )
    layer = model.get_input_embeddings()
    extra = {name: batch[name] for name in layer.extra_inputs}
    return layer(batch["input_ids"], **extra)[0].detach().numpy()


@pytest.mark.parametrize("checked", [False, True])
@pytest.mark.parametrize("family", [StaticEmbeddingModel, RecurrentModel])
def test_ngrams_are_kept(
    fasttext: FastTextKeyedVectors, family: type, checked: bool, tmp_path: Path
) -> None:
    tokenizer = tokenizer_from_vectors(fasttext)
    assert isinstance(tokenizer, NgramTokenizer)
    more = {"hidden_size": 3} if family is RecurrentModel else {}
    model = family.from_vectors(fasttext, tokenizer if checked else None, **more)
    words = ["film", "shiny", "</s>", "filming", "the", "un\u00e9"]
    expected = np.stack([fasttext[word] for word in words])
    assert np.abs(vectors_of_words(model, tokenizer, words) - expected).max() < 1e-5
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    loaded, ids = AutoModel.from_pretrained(tmp_path), AutoTokenizer.from_pretrained(tmp_path)
    assert np.abs(vectors_of_words(loaded, ids, words) - expected).max() < 1e-5
    assert word_inputs(fasttext).config["embedding_config"] == model.config.embedding_config


def test_ngrams_can_be_left_out(fasttext: FastTextKeyedVectors) -> None:
    plain = tokenizer_from_vectors(fasttext, ngrams=False)
    assert not isinstance(plain, NgramTokenizer)
    model = StaticEmbeddingModel.from_vectors(fasttext, ngrams=False)
    assert model.config.embedding_config is None
    with pytest.warns(UserWarning, match="the tokenizer gives none: they are left out") as caught:
        model = StaticEmbeddingModel.from_vectors(fasttext, plain)
    assert len(caught) == 1
    assert model.config.embedding_config is None
    other = NgramTokenizer.from_tokenizer(plain, min_n=2, max_n=3, bucket=200)
    with pytest.raises(ValueError, match="cuts and hashes n-grams as"):
        StaticEmbeddingModel.from_vectors(fasttext, other)
