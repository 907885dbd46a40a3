from pathlib import Path

import numpy as np
import pytest

from hf_recurrent.vectors.retrofitting import read_lexicon, retrofit

from .files import make_vectors, write

WORDS = [f"w{number}" for number in range(12)]
LEXICON = {
    "w1": ["w2", "w3", "other", "w1", "w2"],
    "w2": ["w1"],
    "w3": ["w5", "w1", "w7"],
    "w4": ["other"],
    "missing": ["w6"],
    "w7": ["w3"],
}
EDGES = {1: [2, 3], 2: [1], 3: [1, 5, 7], 7: [3]}


def one_after_the_other(matrix: np.ndarray, alpha: float, rounds: int) -> np.ndarray:
    """The algorithm as Faruqui et al. write it."""
    new = matrix.astype(np.float64)
    for _ in range(rounds):
        for row, others in EDGES.items():
            beta = 1 / len(others)
            total = sum(beta * new[other] for other in others) + alpha * matrix[row]
            new[row] = total / (1 + alpha)
    return new


@pytest.mark.parametrize("alpha", [1.0, 0.3])
def test_it_reaches_the_minimum_of_the_paper(alpha: float) -> None:
    vectors = make_vectors(WORDS, 4)
    before = vectors.vectors.copy()
    found = retrofit(vectors, LEXICON, iterations=80, alpha=alpha)
    expected = one_after_the_other(before, alpha, 80)
    np.testing.assert_allclose(found.vectors, expected, rtol=1e-4, atol=1e-4)
    assert np.array_equal(vectors.vectors, before)
    for word in ("w0", "w4", "w5", "w6"):
        assert np.array_equal(found[word], vectors[word])
    default = retrofit(vectors, LEXICON)
    assert not np.array_equal(default["w1"], vectors["w1"])
    np.testing.assert_allclose(default.vectors, one_after_the_other(before, 1, 80), atol=0.02)


def test_one_iteration_is_a_mean() -> None:
    vectors = make_vectors(WORDS, 4)
    vectors.expandos["count"] = np.arange(12)
    found = retrofit(vectors, {"w1": ["w2", "w3"]}, iterations=1)
    mean = (vectors["w2"] + vectors["w3"]) / 2
    np.testing.assert_allclose(found["w1"], (vectors["w1"] + mean) / 2, rtol=1e-6)
    assert found.get_vecattr("w3", "count") == 3


def test_a_file_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "good fine nice\n\nNew York\tthe city\tNYC\r\ngood\tbetter\n")
    assert read_lexicon(path) == {
        "good": ["fine", "nice", "better"],
        "New York": ["the city", "NYC"],
    }
    path = write(tmp_path, "w1 w2 w3\n")
    vectors = make_vectors(WORDS, 4)
    expected = retrofit(vectors, {"w1": ["w2", "w3"]}).vectors
    assert np.array_equal(retrofit(vectors, path).vectors, expected)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("a b\nc\n", "line 2"), ("\n \n", "holds no words"), (b"a \xff\n", "UTF-8")],
)
def test_a_damaged_file_is_refused(text, sentence, tmp_path: Path) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ValueError, match=sentence) as caught:
        retrofit(make_vectors(WORDS), path)
    assert str(path) in str(caught.value)


def test_wrong_arguments_are_named(tmp_path: Path) -> None:
    vectors = make_vectors(WORDS)
    for arguments, sentence in (
        ({"iterations": 0}, "iterations is 0"),
        ({"alpha": 0}, "alpha is 0"),
        ({"alpha": float("inf")}, "alpha is inf"),
    ):
        with pytest.raises(ValueError, match=sentence):
            retrofit(vectors, LEXICON, **arguments)
    with pytest.raises(ValueError, match="Of the 2 words of the lexicon none"):
        retrofit(vectors, {"w1": ["other"], "other": ["w1"]})
    with pytest.raises(OSError, match="nothing"):
        retrofit(vectors, tmp_path / "nothing")
