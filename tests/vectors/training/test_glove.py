"""GloVe's compiled loop does what the paper's formulas say, and its training ends well."""

import _thread
import itertools
import math
import sys

import numpy as np
import pytest
from scipy.sparse import csr_array

from hf_recurrent.vectors.training import TrainingStopped, _epochs, _glove_records
from hf_recurrent.vectors.training._glove_records import records_of
from hf_recurrent.vectors.training.cooccurrence import (
    Cooccurrences,
    count_cooccurrences,
    count_cooccurrences_to_file,
)
from hf_recurrent.vectors.training.glove import _weights, train_glove

from ...common.bad_input import assert_one_sentence
from .counts import lee_sentences, small_counts


def loss_of(word, context, logarithm, weight):
    """Return half the weighted squared error (Pennington et al., 2014, equation 8)."""
    product = word[:-1] @ context[:-1] + word[-1] + context[-1]
    return 0.5 * weight * (product - logarithm) ** 2


def gradients_of(word, context, logarithm, weight):
    error = word[:-1] @ context[:-1] + word[-1] + context[-1] - logarithm
    return (
        weight * error * np.append(context[:-1], 1),
        weight * error * np.append(word[:-1], 1),
    )


def train_by_loops(block, words, contexts, learning_rate):
    """Train on records one after the other: the readable form of the compiled loop."""
    total = 0.0
    for row, column, *target in zip(*block, strict=True):
        word, word_sums = words[row]
        context, context_sums = contexts[column]
        total += loss_of(word, context, *target)
        steps = [learning_rate * g for g in gradients_of(word, context, *target)]
        word -= steps[0] / np.sqrt(word_sums)
        context -= steps[1] / np.sqrt(context_sums)
        word_sums += steps[0] ** 2
        context_sums += steps[1] ** 2
    return total


def test_gradients_are_those_of_the_loss():
    generator = np.random.default_rng(0)
    vectors = generator.normal(size=(2, 5))
    for side in (0, 1):
        found = gradients_of(*vectors, 1.5, 0.7)[side]
        for k in range(5):
            ends = []
            for step in (1e-6, -1e-6):
                moved = vectors.copy()
                moved[side, k] += step
                ends.append(loss_of(*moved, 1.5, 0.7))
            assert found[k] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-6)


@pytest.mark.parametrize("dimension", [1, 7, 64])
def test_training_equals_plain_loops(monkeypatch, dimension):
    monkeypatch.setattr(_glove_records, "_BLOCK", 100)
    counts = small_counts()
    generator = np.random.default_rng(3)
    records = records_of(counts, 10, 0.75, generator)
    words, contexts = (
        _weights(20, dimension, generator).astype(np.float64) for _ in range(2)
    )  # fmt: skip
    expected = []
    for _ in range(4):
        # At so high a rate AdaGrad's sums grow far beyond what they begin with.
        losses = [train_by_loops(b(), words, contexts, 0.8) for b in records.blocks(generator)]
        expected.append(sum(losses) / records.count)
    losses = []
    vectors = train_glove(
        counts, vector_size=dimension, epochs=4, x_max=10, learning_rate=0.8, workers=1, seed=3,
        progress=False, on_epoch=lambda epoch, loss: losses.append(loss),
    )  # fmt: skip
    summed = (words + contexts)[:, 0, :dimension]
    assert max(words[:, 1].max(), contexts[:, 1].max()) > 5
    np.testing.assert_allclose(vectors.vectors, summed, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(losses, expected, rtol=1e-4)
    assert losses[-1] < losses[0]


def test_weights_are_those_of_the_paper():
    counts = small_counts()
    block = records_of(counts, 3.0, 0.5, np.random.default_rng(0)).blocks(np.random.default_rng(0))
    rows, columns, logarithms, weights = block[0]()
    values = counts.matrix.toarray()[rows, columns]
    assert values.min() < 3 < values.max()
    np.testing.assert_allclose(logarithms, [math.log(x) for x in values], rtol=1e-5, atol=1e-6)
    expected = [min(1, (x / 3) ** 0.5) for x in values]
    np.testing.assert_allclose(weights, expected, rtol=1e-5)


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("in_file", [True, False])
def test_an_epoch_holds_each_record_once_in_a_new_order(tmp_path, monkeypatch, symmetric, in_file):
    monkeypatch.setattr(_glove_records, "_BLOCK", 50)
    monkeypatch.setattr(_glove_records, "_PIECE", 8)
    monkeypatch.setattr(_glove_records, "_PIECES_OF_A_BLOCK", 5)
    sentences = lee_sentences()[:5]
    options = {"min_count": 3, "symmetric": symmetric, "progress": False}
    counts = count_cooccurrences(sentences, **options)
    source = counts
    if in_file:
        source = count_cooccurrences_to_file(sentences, tmp_path / "counts.bin", **options)
    generator = np.random.default_rng(0)
    records = records_of(source, 10, 0.75, generator)
    assert records.count == counts.matrix.nnz > 100
    orders = []
    for _ in range(2):
        blocks = [block() for block in records.blocks(generator)]
        assert len(blocks) > 2
        rows, columns, logarithms, _ = (np.concatenate(part) for part in zip(*blocks, strict=True))
        assert len(rows) == records.count
        found = csr_array((np.exp(logarithms), (rows, columns)), shape=counts.matrix.shape)
        np.testing.assert_allclose(found.toarray(), counts.matrix.toarray(), rtol=1e-5)
        orders.append(rows * len(counts.words) + columns)
    assert not np.array_equal(*orders)


@pytest.mark.parametrize("in_file", [True, False])
def test_one_thread_repeats_itself_and_two_come_as_far(tmp_path, in_file):
    sentences = lee_sentences()
    if in_file:
        counts = count_cooccurrences_to_file(sentences, tmp_path / "counts.bin", progress=False)
    else:
        counts = count_cooccurrences(sentences, progress=False)
    losses: dict[str, list[float]] = {}
    vectors = {}
    for name, threads, seed in (("one", 1, 0), ("again", 1, 0), ("other", 1, 1), ("two", 2, 0)):
        reached = losses.setdefault(name, [])
        vectors[name] = train_glove(
            counts, vector_size=20, epochs=5, x_max=10, workers=threads, seed=seed, progress=False,
            on_epoch=lambda epoch, loss, reached=reached: reached.append(loss),
        )  # fmt: skip
    assert np.array_equal(vectors["one"].vectors, vectors["again"].vectors)
    assert not np.allclose(vectors["one"].vectors, vectors["other"].vectors)
    assert losses["two"] == pytest.approx(losses["one"], rel=0.1)
    assert losses["one"][-1] < 0.7 * losses["one"][0]
    assert vectors["one"].index_to_key == counts.words
    assert vectors["one"].get_vecattr("the", "count") == counts.counts[0]
    assert vectors["one"].vectors.dtype == np.float32


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_keeps_the_vectors_so_far(threads):
    counts, losses = small_counts(), []

    def interrupt(epoch: int, loss: float) -> None:
        losses.append(loss)
        if epoch == 3:
            _thread.interrupt_main()  # as Ctrl-C does

    options = {"vector_size": 5, "workers": threads, "progress": False}
    with pytest.raises(TrainingStopped) as caught:
        train_glove(counts, epochs=10**7, on_epoch=interrupt, **options)
    assert isinstance(caught.value, KeyboardInterrupt)
    assert caught.value.epochs == len(losses) == 3
    found, whole = caught.value.vectors, train_glove(counts, epochs=3, **options)
    assert found.vectors.shape == (20, 5)
    if threads == 1:  # two threads meet in the same rows, at other places each time
        assert np.array_equal(found.vectors, whole.vectors)
    untrained = train_glove(counts, epochs=1, learning_rate=1e-9, **options)
    moved = np.abs(found.vectors - untrained.vectors).max(axis=1)
    assert (moved > 1e-4).all()


def test_ctrl_c_within_an_epoch_leaves_the_epochs_before_it(monkeypatch):
    counts, calls = small_counts(), itertools.count(1)

    def run(tasks, workers):
        for task in tasks:
            if next(calls) == 3:
                _thread.interrupt_main()
            yield task()

    monkeypatch.setattr(_epochs, "run_in_threads", run)
    with pytest.raises(TrainingStopped) as caught:
        train_glove(counts, vector_size=5, epochs=10**7, workers=1, progress=False)
    assert caught.value.epochs == 2  # each epoch of these counts is one block
    assert np.isfinite(caught.value.vectors.vectors).all()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"vector_size": 0}, "vector_size"),
        ({"epochs": 0}, "epochs"),
        ({"workers": 0}, "workers"),
        ({"x_max": 0}, "x_max"),
        ({"weight_exponent": math.nan}, "weight_exponent"),
        ({"learning_rate": math.inf}, "learning_rate"),
        ({"learning_rate": 1e30}, "not finite"),
    ],
)
def test_bad_arguments_are_named(arguments, named):
    with pytest.raises(ValueError, match=named) as caught:
        train_glove(small_counts(), **{"workers": 1, "progress": False} | arguments)
    assert_one_sentence(caught.value, named)


def test_counts_without_a_pair_are_one_sentence():
    counts = Cooccurrences(["a", "b"], np.array([1, 1]), csr_array((2, 2), dtype=np.float32))
    with pytest.raises(ValueError, match="empty") as caught:
        train_glove(counts, progress=False)
    assert_one_sentence(caught.value, "within a window")


def test_a_missing_numba_names_the_extra(monkeypatch):
    for name in ("_compiled", "_glove_kernel"):
        monkeypatch.delitem(sys.modules, f"hf_recurrent.vectors.training.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(ImportError) as caught:
        train_glove(small_counts(), progress=False)
    assert_one_sentence(caught.value, "numba", "hf-recurrent[train]")
