"""Similarity against a loop over the pairs, gensim, and SciPy."""

import math
import statistics

import numpy as np
import pytest
from gensim.models.fasttext import load_facebook_vectors
from gensim.test.utils import datapath
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from hf_recurrent.metrics.ranks import rank_correlation
from hf_recurrent.vectors.evaluation import WordPairs, evaluate_similarity, load_word_set

from ..files import make_vectors

PAIRS = WordPairs(
    "made up",
    (("a", "b"), ("c", "D"), ("a", "zzz"), ("e", "f"), ("b", "f"), ("a", "a")),
    (1.0, 3.0, 2.0, 2.0, 5.0, 9.0),
)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=20))
def test_rank_correlation_is_that_of_scipy(pairs) -> None:
    first = np.array([a for a, _ in pairs], dtype=float)
    second = np.array([b for _, b in pairs], dtype=float)
    found = rank_correlation(first, second)
    if len(set(first)) < 2 or len(set(second)) < 2:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(spearmanr(first, second).statistic)


@pytest.mark.parametrize("unknown", ["middle", "zero"])
def test_pair_by_pair(unknown) -> None:
    vectors = make_vectors(["a", "b", "c", "d", "e", "f"])
    cosines = [
        float(vectors.similarity(a.lower(), b.lower())) if "zzz" not in (a, b) else None
        for a, b in PAIRS.pairs
    ]
    known = [c for c in cosines if c is not None]
    ratings = [r for r, c in zip(PAIRS.ratings, cosines, strict=True) if c is not None]
    other = statistics.median(known) if unknown == "middle" else 0.0
    filled = [other if c is None else c for c in cosines]
    score = evaluate_similarity(vectors, PAIRS, unknown=unknown)
    assert score.spearman == pytest.approx(spearmanr(known, ratings).statistic)
    assert score.spearman_all == pytest.approx(spearmanr(filled, PAIRS.ratings).statistic)
    assert (score.known, score.pairs, score.composed) == (5, 6, 0)
    assert score.unknown_share == pytest.approx(1 / 6)


def test_case_and_limit_decide_what_is_known() -> None:
    vectors = make_vectors(["a", "b", "c", "d", "e", "f"])
    assert evaluate_similarity(vectors, PAIRS, case="exact").known == 4
    assert evaluate_similarity(vectors, PAIRS, case="fall-back").known == 5
    assert evaluate_similarity(vectors, PAIRS, limit=4).known == 3


def test_turkish_pairs_are_judged_by_their_own_words() -> None:
    vectors = make_vectors(["sinir", "sınır", "kiz", "kız"], 20)
    pairs = WordPairs("tr", (("sınır", "kız"), ("sinir", "kiz"), ("sınır", "kiz")), (3.0, 2.0, 1.0))
    cosines = [vectors.similarity(a, b) for a, b in pairs.pairs]
    expected = spearmanr(cosines, pairs.ratings).statistic
    assert evaluate_similarity(vectors, pairs).spearman == pytest.approx(expected)
    assert math.isnan(evaluate_similarity(vectors, pairs, case="gensim").spearman)


@pytest.mark.parametrize(
    ("name", "file"), [("ws353", "wordsim353.tsv"), ("simlex999", "simlex999.txt")]
)
def test_gensim_gives_the_same(name, file) -> None:
    pairs = load_word_set(name)
    words = sorted({word for pair in pairs.pairs for word in pair})
    # A third of the words is missing, and some come in two cases.
    kept = [word for number, word in enumerate(words) if number % 3]
    vectors = make_vectors([*kept, *(word.upper() for word in kept[-30:])], 20)
    for limit in (300_000, 100):
        for dummy in (False, True):
            _, spearman, unknown = vectors.evaluate_word_pairs(
                datapath(file), restrict_vocab=limit, dummy4unknown=dummy
            )
            score = evaluate_similarity(vectors, pairs, limit=limit, unknown="zero", case="gensim")
            found = score.spearman_all if dummy else score.spearman
            assert found == pytest.approx(spearman.statistic, abs=1e-6)
            assert score.unknown_share == pytest.approx(unknown / 100)
            assert 0 < score.known < score.pairs


def test_subwords_make_unseen_words_known() -> None:
    vectors = load_facebook_vectors(datapath("crime-and-punishment.bin"))
    pairs = WordPairs("made up", (("the", "landlady"), ("the", "landladies")), (1.0, 2.0))
    assert "landladies" not in vectors.key_to_index
    score = evaluate_similarity(vectors, pairs)
    # gensim computes an unseen word from the same n-grams.
    order = vectors.similarity("the", "landladies") - vectors.similarity("the", "landlady")
    assert score.spearman == pytest.approx(np.sign(order))
    unseen = sum(word not in vectors.key_to_index for word in ("the", "landlady"))
    assert (score.known, score.composed) == (2, 2 if unseen else 1)
    score = evaluate_similarity(vectors, pairs, subwords=False)
    assert (score.known, score.composed) == (1 - bool(unseen), 0)
    # A limit hides words that are there, and subwords do not bring them back.
    assert (
        evaluate_similarity(vectors, WordPairs("p", (("the", "on"),), (1.0,)), limit=1).known == 0
    )


def test_nothing_known_is_no_score() -> None:
    vectors = make_vectors(["x"])
    score = evaluate_similarity(vectors, PAIRS)
    assert math.isnan(score.spearman)
    assert math.isnan(score.spearman_all)
    assert score.unknown_share == 1


def test_a_vector_of_zeros_has_the_cosine_0() -> None:
    vectors = make_vectors(["a", "b", "c"])
    vectors.vectors[0] = 0
    pairs = WordPairs("p", (("a", "b"), ("b", "c"), ("b", "b")), (1.0, 2.0, 3.0))
    cosine = vectors.similarity("b", "c")
    expected = spearmanr([0, cosine, 1], [1, 2, 3]).statistic
    assert evaluate_similarity(vectors, pairs).spearman == pytest.approx(expected)


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown must be 'middle' or 'zero', not 'mean'"):
        evaluate_similarity(make_vectors(["a"]), PAIRS, unknown="mean")
