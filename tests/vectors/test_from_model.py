"""Vectors come out of a model as they went in."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from hf_recurrent import (
    RecurrentConfig,
    RecurrentModel,
    StaticEmbeddingConfig,
    StaticEmbeddingModel,
)
from hf_recurrent.models.tokenization_ngrams import NgramTokenizer
from hf_recurrent.vectors import embedding_matrix, tokenizer_from_vectors, vectors_from_model

from .files import assert_same, make_vectors

VECTORS = make_vectors(["the", "film", "do", "n't"], 5)


@pytest.mark.parametrize(
    "words",
    [
        ["the", "film", "Ω", "a b", "我"],
        ["[PAD]", "a", "<unk>", "b"],
        ["</s>", "a"],
        ["a", "<unk>", "</s>", "[PAD]"],
    ],
)
def test_round_trip_is_bit_for_bit(words: list[str], tmp_path: Path) -> None:
    vectors = make_vectors(words, 4)
    if "[PAD]" in words:
        vectors.vectors[words.index("[PAD]")] = 0
    vectors.vectors[1, :2] = [-0.0, np.float32(1e-42)]
    tokenizer = tokenizer_from_vectors(vectors)
    StaticEmbeddingModel.from_vectors(vectors, tokenizer).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    model, tokenizer = AutoModel.from_pretrained(tmp_path), AutoTokenizer.from_pretrained(tmp_path)
    found = vectors_from_model(model, tokenizer)
    assert_same(found, words, vectors.vectors)
    assert found.vectors.tobytes() == vectors.vectors.tobytes()
    assert found.most_similar(words[1], topn=1)


def test_special_tokens_are_left_out() -> None:
    tokenizer = tokenizer_from_vectors(make_vectors(["[PAD]", "the", "<unk>", "film"]))
    config = StaticEmbeddingConfig(vocab_size=6, embedding_size=3, pad_token_id=0)
    model = StaticEmbeddingModel(config)
    expected = model.embedding.weight.detach().numpy()[[1, 3]]
    assert_same(vectors_from_model(model, tokenizer), ["the", "film"], expected)


def test_memory_is_shared_where_words_stand_in_front() -> None:
    tokenizer, model = tokenizer_from_vectors(VECTORS), StaticEmbeddingModel.from_vectors(VECTORS)
    found = vectors_from_model(model, tokenizer)
    assert found.vectors.ctypes.data == model.embedding.weight.data_ptr()
    rounded = VECTORS.vectors.astype(np.float16).astype(np.float32)
    assert_same(vectors_from_model(model.half(), tokenizer), VECTORS.index_to_key, rounded)


def test_other_models_and_input_layers() -> None:
    tokenizer = tokenizer_from_vectors(VECTORS)
    config = {"vocab_size": len(tokenizer), "embedding_size": 5, "pad_token_id": 5}
    recurrent = RecurrentModel(RecurrentConfig(**config))
    recurrent.set_word_vectors(embedding_matrix(tokenizer, VECTORS)[0])
    found = vectors_from_model(recurrent, tokenizer)
    assert_same(found, VECTORS.index_to_key, VECTORS.vectors)
    parts = {"kind": "joined", "parts": [{"kind": "plain", "embedding_size": n} for n in (2, 3)]}
    joined = StaticEmbeddingModel(StaticEmbeddingConfig(**config, embedding_config=parts))
    found = vectors_from_model(joined, tokenizer)
    with torch.no_grad():
        expected = joined(torch.arange(4).unsqueeze(0)).last_hidden_state[0].numpy()
    assert_same(found, VECTORS.index_to_key, expected)


def test_what_does_not_belong_together() -> None:
    tokenizer = tokenizer_from_vectors(VECTORS)
    small = StaticEmbeddingModel(StaticEmbeddingConfig(vocab_size=5, embedding_size=3))
    with pytest.raises(ValueError, match="has 6 tokens, expected ids from 0 on, and at most 5"):
        vectors_from_model(small, tokenizer)
    ngrams = {"kind": "ngram", "bucket": 9, "min_n": 2, "max_n": 3}
    config = StaticEmbeddingConfig(vocab_size=6, embedding_size=3, embedding_config=ngrams)
    tokenizer = NgramTokenizer.from_tokenizer(tokenizer, min_n=2, max_n=3, bucket=9)
    with pytest.raises(ValueError, match="makes the vector of a token of ngram_ids too"):
        vectors_from_model(StaticEmbeddingModel(config), tokenizer)
