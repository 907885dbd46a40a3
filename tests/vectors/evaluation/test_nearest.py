import numpy as np
import pytest
from gensim.models.fasttext import load_facebook_vectors
from gensim.test.utils import datapath

from hf_recurrent.vectors.evaluation import nearest, neighbors

from ..files import make_vectors

WORDS = [f"w{number}" for number in range(50)]


def assert_same(found, expected) -> None:
    assert [word for word, _ in found] == [word for word, _ in expected]
    assert np.allclose([c for _, c in found], [c for _, c in expected], atol=1e-6)


@pytest.mark.parametrize("block", [1 << 14, 7])
def test_gensim_gives_the_same(block, monkeypatch) -> None:
    monkeypatch.setattr(nearest, "_WORDS_AT_ONCE", block)
    vectors = make_vectors(WORDS, 5)
    assert_same(neighbors(vectors, "w3"), vectors.most_similar("w3"))
    assert_same(neighbors(vectors, "w3", count=99), vectors.most_similar("w3", topn=99))
    assert_same(
        neighbors(vectors, ["w1", "w2"], ["w3"], count=4),
        vectors.most_similar(["w1", "w2"], ["w3"], topn=4),
    )
    assert_same(neighbors(vectors, "w3", limit=20), vectors.most_similar("w3", restrict_vocab=20))
    assert_same(neighbors(vectors, "w30", limit=20), vectors.most_similar("w30", restrict_vocab=20))
    vector = vectors["w3"] * 2
    found = neighbors(vectors, vector, count=3)
    assert found[0] == ("w3", pytest.approx(1))
    assert_same(found, vectors.most_similar(vector, topn=3))


def test_fasttext_takes_words_that_it_has_not_met() -> None:
    vectors = load_facebook_vectors(datapath("crime-and-punishment.bin"))
    assert "landladies" not in vectors.key_to_index
    assert_same(neighbors(vectors, "landladies"), vectors.most_similar("landladies"))


def test_bad_arguments() -> None:
    vectors = make_vectors(WORDS, 5)
    with pytest.raises(ValueError, match="The word 'no' has no vector"):
        neighbors(vectors, ["w1", "no"])
    with pytest.raises(ValueError, match=r"has the shape \(4,\), expected \(5,\)"):
        neighbors(vectors, np.ones(4))
    with pytest.raises(ValueError, match="count must be at least 1, not 0"):
        neighbors(vectors, "w1", count=0)
    with pytest.raises(ValueError, match="no word to find neighbours of"):
        neighbors(vectors, [])
