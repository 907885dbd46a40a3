from collections import Counter

import numpy as np
import pytest
from gensim.models import FastText, KeyedVectors, Word2Vec
from gensim.test.utils import common_texts

from hf_recurrent.vectors._keyed_vectors import keyed_vectors
from hf_recurrent.vectors._new_words import vectors_from_contexts
from hf_recurrent.vectors.adaptation import (
    AdaptationStopped,
    adapt_vectors,
    pull_of_words,
    words_of_texts,
)

from .files import make_vectors

GENERAL = [f"w{number}" for number in range(40)]


@pytest.fixture(scope="module")
def corpus() -> list[list[str]]:
    """Sentences in which w0 to w9, n0 and n1 stand together, and w10 to w19, n2 and n3."""
    generator = np.random.default_rng(0)
    groups = (
        [*GENERAL[:10], "n0", "n1"],
        [*GENERAL[10:20], "n2", "n3"],
    )
    return [list(generator.choice(groups[number % 2], 8)) for number in range(2000)]


@pytest.fixture
def vectors() -> KeyedVectors:
    made = make_vectors(GENERAL, 10)
    made.vectors = (made.vectors - 2) / 6
    return made


def distances(adapted: KeyedVectors, vectors: KeyedVectors) -> np.ndarray:
    return np.linalg.norm(adapted.vectors[: len(vectors)] - vectors.vectors, axis=1)


def test_words_of_the_domain_move_and_others_stay(corpus, vectors) -> None:
    before = vectors.vectors.copy()
    adapted = adapt_vectors(vectors, corpus, pull=0.2, epochs=30, alpha=0.05)
    assert np.array_equal(vectors.vectors, before)
    assert adapted.index_to_key[:40] == GENERAL
    assert set(adapted.index_to_key[40:]) == {"n0", "n1", "n2", "n3"}
    moved = distances(adapted, vectors)
    assert (moved[:20] > 0).all()
    assert (moved[20:] == 0).all()

    def within_less_across(kv: KeyedVectors) -> float:
        cosines = np.array([[kv.similarity(a, b) for b in GENERAL[:20]] for a in GENERAL[:20]])
        same = np.equal.outer(np.arange(20) < 10, np.arange(20) < 10)
        return cosines[same].mean() - cosines[~same].mean()

    assert within_less_across(adapted) > within_less_across(vectors) + 0.05
    assert adapted.similarity("n0", "w3") > adapted.similarity("n0", "w13") + 0.1
    assert adapted.similarity("n2", "w13") > adapted.similarity("n2", "w3") + 0.1


def test_the_pull_holds_words_back(corpus, vectors) -> None:
    free, held, fast = (adapt_vectors(vectors, corpus, pull=pull) for pull in (0.0, 0.5, 1.0))
    assert distances(held, vectors).sum() < 0.9 * distances(free, vectors).sum()
    assert distances(fast, vectors).sum() < 0.9 * distances(held, vectors).sum()


def test_the_pull_is_a_share_of_the_way_back_after_each_epoch(corpus, vectors, monkeypatch) -> None:
    """With gensim's training replaced by a known step, the result follows by hand."""

    def step(self, *arguments, **settings) -> None:
        self.wv.vectors += self.wv.vectors_lockf[:, None]

    monkeypatch.setattr(Word2Vec, "train", step)
    adapted = adapt_vectors(vectors, corpus, pull=0.8, epochs=2, new_words=False)
    counts = Counter(word for sentence in corpus for word in sentence)
    total = sum(counts.values())
    length = np.linalg.norm(vectors.vectors[:20], axis=1).mean()  # brought to 5 for the training
    for row, word in enumerate(GENERAL[:20]):
        general = (1 / (row + 1)) / sum(1 / rank for rank in range(1, 41))
        share = 0.8 * general / (general + counts[word] / total)
        expected = ((1 - share) * 1 + 1) * (1 - share)  # two steps, each followed by the pull
        np.testing.assert_allclose(adapted[word] - vectors[word], expected * length / 5, rtol=1e-3)


def test_the_learning_rate_falls_to_a_hundredth(corpus, vectors, monkeypatch) -> None:
    rates = []

    def step(self, *arguments, start_alpha, end_alpha, **settings) -> None:
        rates.append((start_alpha, end_alpha))

    monkeypatch.setattr(Word2Vec, "train", step)
    adapt_vectors(vectors, corpus, epochs=3, alpha=0.5)
    # The output weights are learnt at the full rate, and then each epoch begins where one ended.
    expected = [(0.5, 0.5), (0.5, 0.335), (0.335, 0.17), (0.17, 0.005)]
    np.testing.assert_allclose(rates, expected)


def test_ctrl_c_leaves_the_last_whole_epoch(corpus, vectors, monkeypatch) -> None:
    calls = []

    def step(self, *arguments, **settings) -> None:
        calls.append(1)
        self.wv.vectors += self.wv.vectors_lockf[:, None]
        if len(calls) == 4:  # in the third epoch after the one that is locked
            raise KeyboardInterrupt

    monkeypatch.setattr(Word2Vec, "train", step)
    with pytest.raises(AdaptationStopped) as caught:
        adapt_vectors(vectors, corpus, epochs=9)
    calls.append(1)  # so that the next run is not stopped
    expected = adapt_vectors(vectors, corpus, epochs=2)
    assert np.array_equal(caught.value.vectors.vectors, expected.vectors)


def test_the_scale_of_the_vectors_does_not_matter(corpus, vectors) -> None:
    small = keyed_vectors(GENERAL, vectors.key_to_index, vectors.vectors / 8)
    expected, found = adapt_vectors(vectors, corpus), adapt_vectors(small, corpus)
    np.testing.assert_allclose(8 * found.vectors, expected.vectors, rtol=1e-3, atol=1e-3)


def test_counts_that_come_with_the_vectors_are_used(vectors) -> None:
    vectors.expandos["count"] = np.array([97, 1, 1, 1] + [0] * 36)
    found = pull_of_words(vectors, ["w0", "w1", "n0"], {"w0": 1, "w1": 1, "n0": 2})
    np.testing.assert_allclose(found, [0.97 / 1.22, 0.01 / 0.26, 0], rtol=1e-5)


def test_it_is_exactly_repeatable_and_the_seed_counts(corpus, vectors) -> None:
    first, again, other = (adapt_vectors(vectors, corpus, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(first.vectors, again.vectors)
    assert not np.array_equal(first.vectors, other.vectors)


def test_new_words_begin_where_their_contexts_are(corpus, vectors) -> None:
    """Against the same least squares, written out word by word."""
    known, unknown = GENERAL[:20], ["n0", "n1", "n2", "n3"]
    found = vectors_from_contexts(vectors, corpus, known, [*unknown, "absent"], window=3)
    assert list(found) == unknown
    means, weights = {}, {}
    for word in [*known, *unknown]:
        around = [
            vectors[other]
            for sentence in corpus
            for place, center in enumerate(sentence)
            if center == word
            for other in sentence[max(place - 3, 0) : place] + sentence[place + 1 : place + 4]
            if other in known
        ]
        means[word], weights[word] = np.mean(around, axis=0), np.log1p(len(around))
    rows = np.array([np.sqrt(weights[word]) * means[word] for word in known])
    wanted = np.array([np.sqrt(weights[word]) * vectors[word] for word in known])
    ridge = 1e-3 * np.linalg.eigvalsh(rows.T @ rows)[-1]
    mapping = np.linalg.solve(rows.T @ rows + ridge * np.eye(10), rows.T @ wanted)
    for word in unknown:
        np.testing.assert_allclose(found[word], means[word] @ mapping, rtol=1e-3, atol=1e-3)


def test_fasttext_gives_new_words_their_subwords() -> None:
    model = FastText(common_texts, vector_size=6, min_count=1, bucket=50, epochs=1, seed=1)
    sentences = [["computer", "computers", "human"], ["computers", "trees"]] * 5
    adapted = adapt_vectors(model.wv, sentences, epochs=0)
    assert set(adapted.index_to_key) == {*model.wv.index_to_key, "computers"}
    assert np.array_equal(adapted["computers"], model.wv["computers"])
    assert np.array_equal(adapted["human"], model.wv["human"])


def test_rare_and_unwanted_words_are_left_out(corpus, vectors) -> None:
    vectors.expandos["count"] = np.arange(40)
    rare = [*corpus, ["w30", "rare", "w31"]] * 2
    adapted = adapt_vectors(vectors, rare, min_count=3, epochs=1)
    assert "rare" not in adapted
    assert np.array_equal(adapted["w30"], vectors["w30"])
    counts = Counter(word for sentence in rare for word in sentence)
    assert adapted.get_vecattr("n0", "count") == counts["n0"]
    assert adapted.get_vecattr("w7", "count") == 7
    assert len(adapt_vectors(vectors, rare, new_words=False, epochs=1)) == 40


def test_words_have_the_form_of_the_vectors() -> None:
    lower = make_vectors(["the", "n't", "do", "is"])
    assert words_of_texts(["Don't STOP, it's 1984!"], lower) == [
        ["do", "n't", "stop", ",", "it", "'s", "1984", "!"]
    ]
    cased = make_vectors(["The", "##", "New_York", "Is"])
    assert words_of_texts(["The year 1984"], cased) == [["The", "year", "####"]]


def test_wrong_arguments_are_named(corpus, vectors) -> None:
    for arguments, sentence in (
        ({"epochs": -1}, "epochs is -1"),
        ({"pull": 1.5}, "pull is 1.5"),
        ({"min_count": 0}, "min_count is 0"),
        ({"window": 0}, "window is 0"),
        ({"negative": 0}, "negative is 0"),
        ({"workers": 0}, "workers is 0"),
        ({"alpha": 0}, "alpha is 0"),
    ):
        with pytest.raises(ValueError, match=sentence):
            adapt_vectors(vectors, corpus, **arguments)
    for sentences, sentence in (
        ([], "Of the 0 words"),
        ([["other"] * 9], "Of the 1 word that stands at least"),
        (["one string"], "expected a list of its words"),
        (iter(corpus), "read only once"),
    ):
        with pytest.raises(ValueError, match=sentence):
            adapt_vectors(vectors, sentences)
