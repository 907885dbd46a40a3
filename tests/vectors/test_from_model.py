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
from hf_recurrent.vectors import (
    embedding_matrix,
    load_vectors,
    tokenizer_from_vectors,
    vectors_from_model,
    word_inputs,
)
from hf_recurrent.vectors.compression import (
    CompressedKeyedVectors,
    compress_model,
)

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
    with pytest.raises(ValueError, match="has 6 tokens, expected at most 5"):
        vectors_from_model(small, tokenizer)
    ngrams = {"kind": "ngram", "bucket": 9, "min_n": 2, "max_n": 3}
    config = StaticEmbeddingConfig(vocab_size=6, embedding_size=3, embedding_config=ngrams)
    tokenizer = NgramTokenizer.from_tokenizer(tokenizer, min_n=2, max_n=3, bucket=9)
    with pytest.raises(ValueError, match="makes the vector of a token of ngram_ids too"):
        vectors_from_model(StaticEmbeddingModel(config), tokenizer)


@pytest.mark.parametrize("words", [["the", "cat"], ["[PAD]", "the", "<unk>", "cat"], ["</s>", "a"]])
@pytest.mark.parametrize("family", [StaticEmbeddingModel, RecurrentModel])
def test_words_that_users_add_are_words(words: list[str], family, tmp_path: Path) -> None:
    vectors = make_vectors(words)
    tokenizer = tokenizer_from_vectors(vectors)
    more = {"hidden_size": 3} if family is RecurrentModel else {}
    model = family.from_vectors(vectors, tokenizer, **more)
    tokenizer.add_tokens(["gpu", "graphics card"])
    tokenizer.add_special_tokens({"additional_special_tokens": ["[CARD]"]})
    tokenizer.add_tokens(["gpu", "tpu", words[-1]])  # two are there already
    model.resize_token_embeddings(len(tokenizer) + 3)
    with torch.no_grad():
        model.get_input_embeddings().weight[len(words) :] += 1
    own = words if family is StaticEmbeddingModel else [w for w in words if w.isalpha()]
    expected = [*own, "gpu", "graphics card", "tpu"]
    ids = tokenizer.convert_tokens_to_ids(expected)
    matrix = model.get_input_embeddings().weight.detach().numpy()[ids]
    assert_same(vectors_from_model(model, tokenizer), expected, matrix)
    if family is StaticEmbeddingModel:
        model.resize_token_embeddings(len(tokenizer))
        model.save_pretrained(tmp_path)
        tokenizer.save_pretrained(tmp_path)
        assert_same(load_vectors(tmp_path), expected, matrix)
        assert_same(load_vectors(tmp_path, limit=3), expected[:3], matrix[:3])
        again = tokenizer_from_vectors(load_vectors(tmp_path))
        assert again.convert_tokens_to_ids("gpu") == len(words)


def test_words_that_users_add_to_a_model_of_several_sets() -> None:
    inputs = word_inputs([VECTORS, make_vectors(["film", "x"])], frozen=[True, False])
    model = inputs.make_model(RecurrentModel, hidden_size=3)
    inputs.tokenizer.add_tokens(["gpu"])
    model.resize_token_embeddings(len(inputs.tokenizer))
    found = vectors_from_model(model, inputs.tokenizer)
    assert found.index_to_key == ["the", "film", "do", "n't", "x", "gpu"]
    row = model.get_input_embeddings()(torch.tensor([[len(inputs.tokenizer) - 1]]))
    assert np.array_equal(found["gpu"], row[0, 0].detach().numpy())


def test_words_that_users_add_before_a_model_is_compressed(tmp_path: Path) -> None:
    tokenizer, model = tokenizer_from_vectors(VECTORS), StaticEmbeddingModel.from_vectors(VECTORS)
    tokenizer.add_tokens(["gpu"])
    model.resize_token_embeddings(len(tokenizer))
    with torch.no_grad():
        model.embedding.weight[len(VECTORS) :] = 1
    model = compress_model(model, "int8")
    expected = [*VECTORS.index_to_key, "gpu"]
    assert CompressedKeyedVectors.from_model(model, tokenizer).index_to_key == expected
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    assert CompressedKeyedVectors.load(tmp_path).index_to_key == expected
    assert load_vectors(tmp_path).index_to_key == expected
