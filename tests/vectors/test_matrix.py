"""Each row of the matrix is the vector of its token, and the rest follows the policy."""

import numpy as np
import pytest
from gensim.models import KeyedVectors
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from transformers import PreTrainedTokenizerFast

from hf_recurrent.vectors import (
    embedding_matrix,
    join_vectors,
    tokenizer_from_texts,
    tokenizer_from_vectors,
)
from hf_recurrent.vectors import matrix as matrix_module

from .files import make_vectors

TEXTS = ["the film paris usa -lrb- 1\\/2 1995 zzz qqq"]
VECTORS = make_vectors(["the", "The", "film", "Paris", "USA", "(", "1/2", "####", "other"], 4)
FORMS = {"the": "the", "paris": "Paris", "usa": "USA", "-lrb-": "(", "1\\/2": "1/2", "1995": "####"}


def test_rows_of_a_tokenizer_from_vectors_are_the_vectors():
    tokenizer = tokenizer_from_vectors(VECTORS)
    matrix, coverage = embedding_matrix(tokenizer, VECTORS)
    assert matrix.dtype == np.float32
    assert matrix.shape == (len(tokenizer), 4)
    assert np.array_equal(matrix[: len(VECTORS)], VECTORS.vectors)
    assert not matrix[tokenizer.pad_token_id].any()
    assert (coverage.types, coverage.types_found) == (9, 9)


def test_words_are_found_in_other_forms():
    tokenizer = tokenizer_from_texts(TEXTS)
    matrix, coverage = embedding_matrix(tokenizer, VECTORS, unknown="zero")
    for word, form in FORMS.items():
        assert np.array_equal(matrix[tokenizer.convert_tokens_to_ids(word)], VECTORS[form])
    assert (coverage.types, coverage.types_found) == (9, 7)
    assert coverage.tokens == 0
    assert set(coverage.most_frequent_missing) == {"zzz", "qqq"}


def test_an_exact_word_wins_over_its_other_forms():
    tokenizer = tokenizer_from_texts(["The the"], lowercase=False)
    matrix, _ = embedding_matrix(tokenizer, VECTORS)
    assert np.array_equal(matrix[tokenizer.convert_tokens_to_ids("The")], VECTORS["The"])


@pytest.mark.parametrize("unknown", ["random", "mean", "zero"])
def test_policies_for_words_without_a_vector(unknown, monkeypatch):
    monkeypatch.setattr(matrix_module, "_ROWS_AT_ONCE", 2)
    tokenizer = tokenizer_from_texts([" ".join(f"new{i}" for i in range(20_000))])
    matrix, coverage = embedding_matrix(tokenizer, VECTORS, unknown=unknown, seed=3)
    rows = np.delete(matrix, tokenizer.pad_token_id, axis=0)
    assert coverage.types_found == 0
    assert not matrix[tokenizer.pad_token_id].any()
    if unknown == "zero":
        assert not rows.any()
    elif unknown == "mean":
        np.testing.assert_allclose(rows[[0, -1]], VECTORS.vectors.mean(0)[None].repeat(2, 0), 1e-5)
    else:
        assert len(np.unique(rows, axis=0)) == len(rows)
        deviation = VECTORS.vectors.std(axis=0)
        error = 5 * deviation / np.sqrt(len(rows))
        assert (abs(rows.mean(axis=0) - VECTORS.vectors.mean(axis=0)) < error).all()
        np.testing.assert_allclose(rows.std(axis=0), deviation, rtol=0.05)
        again, _ = embedding_matrix(tokenizer, VECTORS, unknown=unknown, seed=3)
        other, _ = embedding_matrix(tokenizer, VECTORS, unknown=unknown, seed=4)
        assert np.array_equal(matrix, again)
        assert not np.array_equal(matrix, other)


def test_several_sets_stand_side_by_side():
    first, second = make_vectors(["a", "b"], 2, seed=1), make_vectors(["c", "b"], 3, seed=2)
    tokenizer = tokenizer_from_vectors([first, second])
    matrix, coverage = embedding_matrix(tokenizer, [first, second], unknown="mean")
    assert matrix.shape == (5, 5)
    expected = {
        "a": [*first["a"], *second.vectors.mean(0)],
        "b": [*first["b"], *second["b"]],
        "c": [*first.vectors.mean(0), *second["c"]],
        "<unk>": [*first.vectors.mean(0), *second.vectors.mean(0)],
        "[PAD]": [0] * 5,
    }
    for word, row in expected.items():
        np.testing.assert_allclose(matrix[tokenizer.convert_tokens_to_ids(word)], row, rtol=1e-5)
    assert (coverage.types, coverage.types_found) == (3, 3)
    joined = join_vectors([first, second], unknown="mean")
    assert joined.index_to_key == ["a", "b", "c"]
    assert np.array_equal(joined.vectors, matrix[:3])
    assert joined.most_similar("a")
    assert np.array_equal(embedding_matrix(tokenizer, joined)[0][:3], joined.vectors)


def test_rows_for_special_tokens_that_the_vectors_bring_are_used():
    vectors = make_vectors(["a", "<unk>", "</s>", "[PAD]"])
    tokenizer = tokenizer_from_vectors(vectors)
    matrix, coverage = embedding_matrix(tokenizer, vectors)
    assert np.array_equal(matrix[:3], vectors.vectors[:3])
    assert not matrix[3].any()
    assert coverage.types == 1


def gappy_tokenizer() -> PreTrainedTokenizerFast:
    backend = Tokenizer(WordLevel({"a": 0, "b": 5}, unk_token="a"))
    return PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="a")


def test_a_tokenizer_with_gaps_is_refused():
    with pytest.raises(ValueError, match="their ids do not go from 0 to 1"):
        embedding_matrix(gappy_tokenizer(), VECTORS)


@pytest.mark.parametrize(
    ("vectors", "unknown", "message"),
    [
        (VECTORS, "ones", "unknown must be one of random, mean, zero, not 'ones'"),
        ([], "zero", "must hold at least one set"),
        ([VECTORS, KeyedVectors(2)], "zero", "each set at least a word"),
    ],
)
def test_bad_arguments(vectors, unknown, message):
    tokenizer = tokenizer_from_vectors(VECTORS)
    with pytest.raises(ValueError, match=message):
        embedding_matrix(tokenizer, vectors, unknown=unknown)
    with pytest.raises(ValueError, match=message):
        join_vectors(vectors, unknown=unknown)


def test_scale_gives_each_set_the_same_spread():
    small = make_vectors(["the", "film"], 3)
    small.vectors *= 0.01
    tokenizer = tokenizer_from_vectors(VECTORS)
    plain, _ = embedding_matrix(tokenizer, [VECTORS, small], unknown="zero")
    scaled, _ = embedding_matrix(tokenizer, [VECTORS, small], unknown="zero", scale=0.5)
    assert scaled[: len(VECTORS), :4].std() == pytest.approx(0.5, rel=1e-5)
    for part in (slice(0, 4), slice(4, 7)):
        nonzero = plain[:, part] != 0
        factors = scaled[:, part][nonzero] / plain[:, part][nonzero]
        assert np.allclose(factors, factors[0], rtol=1e-5)
    assert small.vectors.std() * factors[0] == pytest.approx(0.5, rel=1e-5)
    for bad in (0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="scale must be above 0"):
            embedding_matrix(tokenizer, VECTORS, scale=bad)
