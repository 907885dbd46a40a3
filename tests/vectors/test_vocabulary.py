import numpy as np
import pytest
from gensim.models import KeyedVectors

from hf_recurrent.vectors import make_vocabulary
from hf_recurrent.vectors.vocabulary import word_form

TEXTS = ["A fine film", "a dull film", "Fine !"]


@pytest.fixture
def vectors() -> KeyedVectors:
    keyed = KeyedVectors(2)
    keyed.add_vectors(["the", "fine", "rare", "rarer"], np.eye(4, 2, dtype=np.float32) + 1)
    return keyed


def test_training_words_come_first_and_then_those_of_the_vectors(vectors) -> None:
    vocabulary = make_vocabulary(TEXTS, vectors, extra_words=3)
    words = vocabulary.tokenizer.get_vocab()
    assert set(words) - {"<unk>", "[PAD]"} == {"a", "fine", "film", "dull", "!", "the", "rare"}
    assert max(words[w] for w in ("a", "fine", "film", "dull", "!")) < words["rare"]
    np.testing.assert_array_equal(vocabulary.matrix[words["rare"]], vectors["rare"])
    np.testing.assert_array_equal(vocabulary.matrix[words["[PAD]"]], [0, 0])
    assert (vocabulary.coverage.tokens, vocabulary.coverage.tokens_found) == (8, 2)


def test_without_vectors_there_is_no_matrix_and_rare_words_are_unknown() -> None:
    vocabulary = make_vocabulary(TEXTS, min_frequency=2)
    assert vocabulary.matrix is None
    assert vocabulary.coverage is None
    ids = vocabulary.tokenizer(["a dull film"])["input_ids"][0]
    tokens = vocabulary.tokenizer.convert_ids_to_tokens(ids)
    assert tokens == ["a", "<unk>", "film"]


def test_several_sets_stand_side_by_side(vectors) -> None:
    assert make_vocabulary(TEXTS, [vectors, vectors]).matrix.shape[1] == 4


def test_the_same_seed_gives_the_same_rows(vectors) -> None:
    first, second, other = (make_vocabulary(TEXTS, vectors, seed=s).matrix for s in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


def test_chinese_is_told_by_its_characters() -> None:
    assert word_form(["这本书很好", "不好"]) == "chinese"
    assert word_form(TEXTS) == "ptb"
    words = make_vocabulary(["这本书很好", "不好"]).tokenizer.get_vocab()
    assert {"好", "书"} <= set(words)
