import tracemalloc

import numpy as np
import pytest

from hf_recurrent.vectors._keyed_vectors import keyed_vectors
from hf_recurrent.vectors.compression import METHODS, compress_vectors
from hf_recurrent.vectors.compression import keyed_vectors as module

from ..files import make_vectors

WORDS = [f"w{number}" for number in range(300)]


@pytest.fixture(params=METHODS)
def pair(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    """Compressed vectors, and gensim's own with the decoded matrix."""
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 7)
    compressed = compress_vectors(make_vectors(WORDS, 10), request.param)
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
    vectors = compress_vectors(keyed_vectors(words, {}, matrix), method)
    vectors.most_similar("5")  # the lengths are kept from here on
    tracemalloc.start()
    vectors.most_similar("5")
    vectors.distances("7")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 0.8 * matrix.nbytes
