"""Skip-gram's compiled loop does what its formulas say, and its training ends well."""

import _thread
import itertools
import math
import tempfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hf_recurrent.vectors.training import TrainingStopped, _encoded_corpus
from hf_recurrent.vectors.training._skip_gram_kernel import train_block
from hf_recurrent.vectors.training.skip_gram import (
    SkipGram,
    alias_table,
    kept_share,
    train_skip_gram,
)

from ...common.bad_input import assert_one_sentence
from .counts import lee_sentences

WORDS = 12


class Draws:
    """The random numbers of the compiled loop, 32 bits at a time (xorshift)."""

    def __init__(self, seed: int) -> None:
        self.state = seed | 1
        for _ in range(8):
            self.bits()

    def bits(self) -> int:
        self.state ^= self.state << 13 & (2**64 - 1)
        self.state ^= self.state >> 7
        self.state ^= self.state << 17 & (2**64 - 1)
        return self.state >> 32

    def below(self, end: int) -> int:
        return self.bits() * end >> 32


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def loss_of(source, rows):
    """Return -log sigmoid of the target, rows[0], and of the negatives with their signs turned."""
    signs = np.where(np.arange(len(rows)) == 0, 1, -1)
    return -np.log(sigmoid(signs * (rows @ source))).sum()


def gradients_of(source, rows):
    labels = np.arange(len(rows)) == 0
    errors = sigmoid(rows @ source) - labels
    return errors @ rows, np.outer(errors, source)


def train_by_loops(
    words, lengths, kept, alias, threshold, inputs, outputs, window, negatives, rates, seed
):
    """Train on some sentences: the readable form of the compiled loop."""
    draws = Draws(seed)
    total, pairs, place = 0.0, 0, 0
    for length in lengths:
        rate = rates[0] + (rates[1] - rates[0]) * place / len(words)
        sentence = [word for word in words[place : place + length] if draws.bits() < kept[word]]
        place += length
        for center, target in enumerate(sentence):
            reach = 1 + draws.below(window)
            around = range(max(0, center - reach), min(len(sentence), center + reach + 1))
            if len(around) < 2:
                continue
            chosen = [target]
            for _ in range(negatives):
                column = draws.below(len(alias))
                negative = column if draws.bits() < threshold[column] else alias[column]
                if negative != target:
                    chosen.append(negative)
            rows = outputs[chosen]
            for context in around:
                if context != center:
                    source = inputs[sentence[context]]
                    total += loss_of(source, rows)
                    pairs += 1
                    source_step, row_steps = gradients_of(source, rows)
                    np.subtract.at(outputs, chosen, rate * row_steps)
                    source -= rate * source_step
    return total, pairs


@pytest.mark.parametrize("side", [0, 1])
def test_gradients_are_those_of_the_loss(side):
    generator = np.random.default_rng(0)
    point = [generator.normal(size=4), generator.normal(size=(3, 4))]
    found = gradients_of(*point)[side]
    for k in np.ndindex(found.shape):
        ends = []
        for step in (1e-6, -1e-6):
            moved = [part.copy() for part in point]
            moved[side][k] += step
            ends.append(loss_of(*moved))
        assert found[k] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("dimension", [1, 8, 35])
@pytest.mark.parametrize(("window", "negatives", "sample"), [(1, 1, 0), (3, 5, 0.05), (9, 2, 0)])
def test_training_equals_plain_loops(dimension, window, negatives, sample):
    generator = np.random.default_rng(dimension)
    # Few words, so that targets come among their negatives, and negatives twice.
    words = generator.integers(0, WORDS, size=200).astype(np.int32)
    lengths = np.array([1, 60, 0, 100, 39], dtype=np.int32)
    counts = np.bincount(words, minlength=WORDS)
    draws = kept_share(counts, sample), *alias_table(counts**0.75)
    weights = [generator.normal(0, 0.3, (WORDS, dimension)).astype(np.float32) for _ in range(2)]
    expected_weights = [part.astype(np.float64) for part in weights]
    rates = np.float32(0.1), np.float32(0.02)
    for seed in (1, 2**61 + 12345):
        found = train_block(words, lengths, *draws, *weights, window, negatives, rates, seed)
        expected = train_by_loops(
            words, lengths, *draws, *expected_weights, window, negatives, rates, seed
        )
        assert found[1] == expected[1] > 100
        assert found[0] == pytest.approx(expected[0], rel=1e-3)
    for part, expected_part in zip(weights, expected_weights, strict=True):
        np.testing.assert_allclose(part, expected_part, atol=1e-3)


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=30))
@settings(max_examples=100)
def test_draws_are_in_proportion_to_the_weights(weights):
    alias, threshold = alias_table(np.array(weights))
    shares = threshold / 2**32
    drawn = shares.copy()
    np.add.at(drawn, alias, 1 - shares)
    np.testing.assert_allclose(drawn / len(weights), np.array(weights) / sum(weights), atol=1e-8)


def test_frequent_words_are_passed_over():
    counts = np.array([900, 90, 10])
    shares = kept_share(counts, 0.05) / 2**32
    expected = [min(1, math.sqrt(0.05 / f) + 0.05 / f) for f in (0.9, 0.09, 0.01)]
    np.testing.assert_allclose(shares, expected, rtol=1e-6)
    assert kept_share(counts, 0).tolist() == [2**32] * 3


def two_topics() -> list[list[str]]:
    """Return sentences whose words are either all of one topic or all of the other."""
    generator = np.random.default_rng(0)
    topics = generator.integers(0, 2, size=2000)
    return [[f"{'ab'[t]}{i}" for i in generator.integers(0, 8, size=10)] for t in topics]


def test_words_of_a_topic_come_together():
    vectors = train_skip_gram(
        two_topics(), vector_size=10, sample=0, alpha=0.05, workers=1, progress=False
    )
    for word in vectors.index_to_key:
        assert {near[0] for near, _ in vectors.most_similar(word, topn=7)} == {word[0]}


def test_one_thread_repeats_itself_and_two_come_as_far(monkeypatch):
    monkeypatch.setattr(_encoded_corpus, "BLOCK_WORDS", 5000)
    sentences = lee_sentences()
    losses: dict[str, list[float]] = {}
    vectors = {}
    for name, threads, seed in (("one", 1, 0), ("again", 1, 0), ("other", 1, 1), ("two", 2, 0)):
        reached = losses.setdefault(name, [])
        vectors[name] = train_skip_gram(
            sentences, vector_size=20, min_count=3, workers=threads, seed=seed, progress=False,
            on_epoch=lambda epoch, loss, reached=reached: reached.append(loss),
        )  # fmt: skip
    assert np.array_equal(vectors["one"].vectors, vectors["again"].vectors)
    assert not np.allclose(vectors["one"].vectors, vectors["other"].vectors)
    assert losses["two"] == pytest.approx(losses["one"], rel=0.05)
    assert len(losses["one"]) == 5
    assert losses["one"][-1] < losses["one"][1] < losses["one"][0] < 6 * math.log(2)
    counts = [vectors["one"].get_vecattr(w, "count") for w in vectors["one"].index_to_key]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == sum(sentence.count("the") for sentence in sentences)
    assert counts[-1] == 3


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_keeps_the_vectors_so_far(tmp_path, monkeypatch, threads):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    options = {"vector_size": 5, "epochs": 10**6, "workers": threads, "progress": False}

    def stopped_after(epochs: int) -> TrainingStopped:
        def interrupt(epoch: int, loss: float) -> None:
            if epoch == epochs:
                _thread.interrupt_main()  # as Ctrl-C does

        with pytest.raises(TrainingStopped) as caught:
            train_skip_gram(two_topics(), on_epoch=interrupt, **options)
        assert isinstance(caught.value, KeyboardInterrupt)
        assert caught.value.epochs == epochs
        assert not list(tmp_path.iterdir())
        return caught.value

    first, third, again = (stopped_after(epochs).vectors.vectors for epochs in (1, 3, 3))
    if threads == 1:  # two threads meet in the same rows, at other places each time
        assert np.array_equal(third, again)
    assert (np.abs(third - first).max(axis=1) > 1e-4).all()


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_within_an_epoch_leaves_the_epochs_before_it(monkeypatch, threads):
    calls, train = itertools.count(1), SkipGram.train_block

    def interrupted(self, *arguments):
        if next(calls) == 3:
            _thread.interrupt_main()
        return train(self, *arguments)

    monkeypatch.setattr(SkipGram, "train_block", interrupted)
    with pytest.raises(TrainingStopped) as caught:
        train_skip_gram(two_topics(), vector_size=5, epochs=10**6, workers=threads, progress=False)
    assert caught.value.epochs == 2  # each epoch of this text is one block
    assert np.isfinite(caught.value.vectors.vectors).all()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"sentences": []}, "corpus"),
        ({"sentences": [["a"] * 9]}, "only word"),
        ({"min_count": 10**6}, "min_count"),
        ({"max_vocabulary": 1}, "only word"),
        ({"vector_size": 0}, "vector_size"),
        ({"window": 0}, "window"),
        ({"negative": 0}, "negative"),
        ({"epochs": 0}, "epochs"),
        ({"workers": 0}, "workers"),
        ({"sample": -1}, "sample"),
        ({"ns_exponent": math.nan}, "ns_exponent"),
        ({"alpha": 0}, "alpha"),
        ({"min_alpha": 1}, "min_alpha"),
        ({"alpha": 1e38}, "not finite"),
    ],
)
def test_bad_input_is_one_sentence(arguments, named):
    with pytest.raises(ValueError, match=named) as caught:
        train_skip_gram(**{"sentences": two_topics(), "workers": 1, "progress": False} | arguments)
    assert_one_sentence(caught.value, named)
