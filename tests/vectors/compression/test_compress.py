import numpy as np
import pytest

from hf_recurrent.vectors.compression import METHODS, compress_vectors, principal_components

from ..files import make_vectors

WORDS = [f"w{number}" for number in range(300)]


def test_words_are_left_out_in_their_order_with_what_is_known_of_them() -> None:
    vectors = make_vectors(WORDS, 6)
    vectors.expandos["count"] = np.arange(300, 0, -1)
    kept = compress_vectors(vectors, "fp16", vocabulary_size=20)
    assert kept.index_to_key == WORDS[:20]
    assert kept.get_vecattr("w19", "count") == 281
    chosen = ["w7", "other", "w3", "w7", "w150"]
    kept = compress_vectors(vectors, "fp16", vocabulary=chosen, vocabulary_size=2)
    assert kept.index_to_key == ["w3", "w7"]
    np.testing.assert_allclose(kept["w7"], vectors["w7"], rtol=1e-3)
    assert kept.get_vecattr("w7", "count") == 293
    assert len(compress_vectors(vectors, vocabulary_size=1000)) == 300
    assert len(vectors) == 300


def test_principal_components_are_those_of_the_covariance() -> None:
    matrix = np.random.default_rng(0).normal(100, 1, (500, 8)).astype(np.float32)
    matrix = matrix @ np.random.default_rng(1).normal(size=(8, 8)).astype(np.float32)
    _, directions = np.linalg.eigh(np.cov(matrix.astype(np.float64), rowvar=False))
    directions = directions[:, :-4:-1]
    # The largest entry of each direction is positive, so that signs do not depend on the solver.
    directions *= np.sign(directions[np.abs(directions).argmax(axis=0), range(3)])
    expected = (matrix - matrix.mean(axis=0, dtype=np.float64)) @ directions
    found = principal_components(matrix, 3)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=2e-3)
    vectors = make_vectors(WORDS, 6)
    compressed = compress_vectors(vectors, "fp16", pca=2)
    assert compressed.vector_size == 2
    expected = principal_components(vectors.vectors, 2)
    np.testing.assert_allclose(np.asarray(compressed.vectors), expected, rtol=1e-3)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"method": "int4"}, "method is 'int4', expected one of fp16, int8, pq"),
        ({"vocabulary_size": 0}, "vocabulary_size is 0"),
        ({"pca": 7}, "pca is 7, expected at least 1 and at most 6"),
        ({"subspace_size": -2}, "subspace_size is -2"),
        ({"vocabulary": ["other"]}, "None of the words"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        compress_vectors(make_vectors(WORDS, 6), **arguments)


@pytest.mark.parametrize("method", METHODS)
def test_numbers_that_are_not_finite_are_refused_by_their_word(method: str) -> None:
    vectors = make_vectors(WORDS, 6)
    vectors.vectors[42, 3] = np.nan
    with pytest.raises(ValueError, match="'w42'"):
        compress_vectors(vectors, method)
