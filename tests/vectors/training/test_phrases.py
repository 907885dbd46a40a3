"""Phrases score as Mikolov's formula says, and are joined from the left."""

import itertools
from collections import Counter

import pytest
from gensim.test.utils import datapath

from hf_recurrent.vectors.training import PhraseOptions, find_phrases, make_corpus


def naive_scores(sentences: list[list[str]], min_count: int) -> dict[str, float]:
    """The score of every pair that stands side by side, pair by pair."""
    words = Counter(word for sentence in sentences for word in sentence)
    pairs = Counter(pair for s in sentences for pair in itertools.pairwise(s))
    types = len(words) + len(pairs)
    return {
        f"{a}_{b}": (count - min_count) * types / (words[a] * words[b])
        for (a, b), count in pairs.items()
    }


def test_scores_are_those_of_the_formula():
    sentences = list(make_corpus(datapath("lee_background.cor")))
    found = find_phrases(sentences, PhraseOptions(5, 50.0), progress=False).found
    naive = naive_scores(sentences, 5)
    assert set(found) == {pair for pair, score in naive.items() if score > 50}
    assert len(found) > 30
    for pair, score in found.items():
        assert score == pytest.approx(naive[pair])


def test_phrases_are_joined_and_the_rest_stays():
    sentences = [["the", "new", "york", "the"], [], ["the", "the", "new"], ["new_york"]] * 9
    phrases = find_phrases(sentences, PhraseOptions(2, 0.3), progress=False)
    assert set(phrases.found) == {"new_york"}
    joined = [["the", "new_york", "the"], [], ["the", "the", "new"], ["new_york"]]
    assert list(phrases) == list(phrases) == joined * 9


def test_words_with_a_joint_are_no_phrases():
    sentences = [["a_b", "x"], ["a", "y", "b"]] * 20
    assert not find_phrases(sentences, PhraseOptions(1, 5.0), progress=False).found


@pytest.mark.parametrize(
    ("options", "message"),
    [((0, 1.0), "min_count of phrases is 0"), ((1, 0.0), "threshold of phrases is 0")],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        PhraseOptions(*options)
