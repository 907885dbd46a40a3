"""Which words a model reads: those of the texts, and the most frequent ones of the vectors."""

import numpy as np
import pytest
import torch
from gensim.models import KeyedVectors

from hf_recurrent import RecurrentForSequenceClassification, StaticEmbeddingModel
from hf_recurrent.vectors import word_inputs

TEXTS = ["A fine film", "a dull film", "Fine !"]


@pytest.fixture
def vectors() -> KeyedVectors:
    keyed = KeyedVectors(2)
    keyed.add_vectors(["the", "fine", "rare", "rarer"], np.eye(4, 2, dtype=np.float32) + 1)
    return keyed


def test_training_words_come_first_and_then_those_of_the_vectors(vectors) -> None:
    made = word_inputs(vectors, TEXTS, extra_words=3)
    words, matrix = made.tokenizer.get_vocab(), made.weights["weight"]
    assert set(words) - {"<unk>", "[PAD]"} == {"a", "fine", "film", "dull", "!", "the", "rare"}
    assert max(words[w] for w in ("a", "fine", "film", "dull", "!")) < words["rare"]
    np.testing.assert_array_equal(matrix[words["rare"]], vectors["rare"])
    np.testing.assert_array_equal(matrix[words["[PAD]"]], [0, 0])
    assert (made.coverage.tokens, made.coverage.tokens_found) == (8, 2)


def test_random_rows_have_no_weights_and_rare_words_are_unknown() -> None:
    made = word_inputs("random", TEXTS, min_frequency=2, embedding_size=3)
    assert (made.weights, made.coverage) == ({}, None)
    ids = made.tokenizer(["a dull film"])["input_ids"][0]
    assert made.tokenizer.convert_ids_to_tokens(ids) == ["a", "<unk>", "film"]
    torch.manual_seed(0)
    model = made.make_model(RecurrentForSequenceClassification, hidden_size=4)
    torch.manual_seed(0)
    config = model.config_class(**made.config, hidden_size=4)
    plain = RecurrentForSequenceClassification(config).get_input_embeddings()
    assert plain.weight.shape == (len(made.tokenizer), 3)
    assert torch.equal(model.get_input_embeddings().weight, plain.weight)


def test_random_rows_beside_vectors_and_characters(vectors) -> None:
    made = word_inputs([vectors, "random"], TEXTS, embedding_size=3, characters="cnn")
    first, second = (made.make_model(StaticEmbeddingModel).embedding.parts for _ in range(2))
    row = made.tokenizer.convert_tokens_to_ids("fine")
    assert np.array_equal(first[0].weight[row].detach(), vectors["fine"])
    assert first[1].weight.shape == (len(made.tokenizer), 3)
    for part, again in zip(first[1:], second[1:], strict=True):
        assert not torch.equal(*(next(iter(p.parameters())) for p in (part, again)))


def test_several_sets_are_joined_side_by_side(vectors) -> None:
    assert word_inputs([vectors, vectors], TEXTS).weights["weight"].shape[1] == 4


def test_the_same_seed_gives_the_same_rows(vectors) -> None:
    first, second, other = (
        word_inputs(vectors, TEXTS, seed=s).weights["weight"] for s in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


def test_chinese_texts_are_cut_into_characters() -> None:
    words = word_inputs("random", ["这本书很好", "不好"]).tokenizer.get_vocab()
    assert {"好", "书"} <= set(words)
