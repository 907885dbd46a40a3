import tracemalloc

import numpy as np
import pytest

from hf_recurrent.vectors._keyed_vectors import keyed_vectors
from hf_recurrent.vectors.compression import METHODS, CompressedKeyedVectors
from hf_recurrent.vectors.compression import compressed as module
from hf_recurrent.vectors.compression.compressed import _principal_components

from ..files import make_vectors

WORDS = [f"w{number}" for number in range(300)]


@pytest.fixture(params=METHODS)
def pair(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    """Compressed vectors, and gensim's own with the decoded matrix."""
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 7)
    compressed = CompressedKeyedVectors.compress(make_vectors(WORDS, 10), request.param)
    dense = keyed_vectors(WORDS, compressed.key_to_index, np.asarray(compressed.vectors))
    return compressed, dense


def test_they_answer_as_gensim_does(pair) -> None:
    ours, theirs = pair
    questions = [
        {"positive": "w3"},
        {"positive": ["w3", "w8"], "negative": ["w200"], "topn": 25},
        {"positive": [("w3", 0.5), "w8"], "negative": "w0"},
        {"positive": [np.ones(10, np.float32)], "topn": 299},
        {"positive": "w299", "restrict_vocab": 20},
        {"positive": ["w12"], "clip_start": 5, "clip_end": 64},
        {"positive": [4], "topn": 3},
    ]
    for question in questions:
        found, expected = ours.most_similar(**question), theirs.most_similar(**question)
        assert [word for word, _ in found] == [word for word, _ in expected]
        np.testing.assert_allclose([c for _, c in found], [c for _, c in expected], rtol=1e-5)
    assert ours.most_similar("w3", topn=0) == []
    all_of_them = ours.most_similar("w3", topn=None)
    np.testing.assert_allclose(all_of_them, theirs.most_similar("w3", topn=None), rtol=1e-5)
    np.testing.assert_allclose(ours.distances("w4"), theirs.distances("w4"), atol=1e-6)
    assert np.array_equal(ours.distances("w4", ["w5"]), theirs.distances("w4", ["w5"]))
    assert np.array_equal(ours["w4"], theirs["w4"])
    assert np.array_equal(ours[["w4", "w9"]], theirs[["w4", "w9"]])
    assert ours.similarity("w4", "w9") == pytest.approx(theirs.similarity("w4", "w9"))
    assert ours.rank("w4", "w9") == theirs.rank("w4", "w9")
    with pytest.raises(KeyError):
        ours["missing"]
    with pytest.raises(KeyError):
        ours.most_similar("missing")


def test_they_are_not_changed(pair) -> None:
    vectors, _ = pair
    for change in (
        lambda: vectors.add_vectors(["new"], np.ones((1, 10))),
        lambda: vectors.add_vector("new", np.ones(10)),
        lambda: vectors.__setitem__("w1", np.ones(10)),
        lambda: vectors.unit_normalize_all(),
    ):
        with pytest.raises(ValueError, match="cannot be changed"):
            change()


@pytest.mark.parametrize("method", METHODS)
def test_neighbours_never_decode_the_whole_matrix(method: str) -> None:
    words = [str(number) for number in range(100_000)]
    matrix = np.tile(np.random.default_rng(0).normal(size=(100, 32)).astype(np.float32), (1000, 1))
    vectors = CompressedKeyedVectors.compress(keyed_vectors(words, {}, matrix), method)
    vectors.most_similar("5")  # the lengths are kept from here on
    tracemalloc.start()
    vectors.most_similar("5")
    vectors.distances("7")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 0.8 * matrix.nbytes


def test_words_are_left_out_in_their_order_with_what_is_known_of_them() -> None:
    vectors = make_vectors(WORDS, 6)
    vectors.expandos["count"] = np.arange(300, 0, -1)
    kept = CompressedKeyedVectors.compress(vectors, "fp16", vocabulary_size=20)
    assert kept.index_to_key == WORDS[:20]
    assert kept.get_vecattr("w19", "count") == 281
    chosen = ["w7", "other", "w3", "w7", "w150"]
    kept = CompressedKeyedVectors.compress(vectors, "fp16", vocabulary=chosen, vocabulary_size=2)
    assert kept.index_to_key == ["w3", "w7"]
    np.testing.assert_allclose(kept["w7"], vectors["w7"], rtol=1e-3)
    assert kept.get_vecattr("w7", "count") == 293
    assert len(CompressedKeyedVectors.compress(vectors, vocabulary_size=1000)) == 300
    assert len(vectors) == 300


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
        CompressedKeyedVectors.compress(make_vectors(WORDS, 6), **arguments)


@pytest.mark.parametrize("method", METHODS)
def test_numbers_that_are_not_finite_are_refused_by_their_word(method: str) -> None:
    vectors = make_vectors(WORDS, 6)
    vectors.vectors[42, 3] = np.nan
    with pytest.raises(ValueError, match="'w42'"):
        CompressedKeyedVectors.compress(vectors, method)


def test_principal_components_are_those_of_the_covariance() -> None:
    matrix = np.random.default_rng(0).normal(100, 1, (500, 8)).astype(np.float32)
    matrix = matrix @ np.random.default_rng(1).normal(size=(8, 8)).astype(np.float32)
    _, directions = np.linalg.eigh(np.cov(matrix.astype(np.float64), rowvar=False))
    directions = directions[:, :-4:-1]
    # The largest entry of each direction is positive, so that signs do not depend on the solver.
    directions *= np.sign(directions[np.abs(directions).argmax(axis=0), range(3)])
    expected = (matrix - matrix.mean(axis=0, dtype=np.float64)) @ directions
    found = _principal_components(matrix, 3)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=2e-3)
    vectors = make_vectors(WORDS, 6)
    compressed = CompressedKeyedVectors.compress(vectors, "fp16", pca=2)
    assert compressed.vector_size == 2
    expected = _principal_components(vectors.vectors, 2)
    np.testing.assert_allclose(np.asarray(compressed.vectors), expected, rtol=1e-3)
    again = CompressedKeyedVectors.compress(CompressedKeyedVectors.compress(vectors, "fp16"), pca=2)
    np.testing.assert_allclose(np.asarray(again.vectors), expected, atol=0.05)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_fewer_words_than_components(count: int) -> None:
    vectors = make_vectors(WORDS[:count], 6)
    kept = np.asarray(CompressedKeyedVectors.compress(vectors, "fp16", pca=5).vectors)
    assert kept.shape == (count, 5)
    found, expected = (np.linalg.norm(m[:, None] - m, axis=-1) for m in (kept, vectors.vectors))
    np.testing.assert_allclose(found, expected, atol=0.02)
