"""Train GloVe vectors: their products are the logarithms of how often words occur together."""

import functools
import math
from collections.abc import Callable
from contextlib import closing

import numpy as np
from gensim.models import KeyedVectors
from tqdm.auto import tqdm

from ..._cores import usable_cores
from .._keyed_vectors import keyed_vectors
from ._glove_records import Block, Records, records_of
from ._stopped import StoppedTraining
from ._threads import run_in_threads
from .cooccurrence import CooccurrenceFile, Cooccurrences

__all__ = ["GloveStopped", "train_glove"]


class GloveStopped(StoppedTraining):
    """Ctrl-C ended the training of GloVe vectors; the vectors so far are kept."""


def train_glove(
    cooccurrences: Cooccurrences | CooccurrenceFile,
    *,
    dimension: int = 100,
    epochs: int = 25,
    x_max: float = 100.0,
    alpha: float = 0.75,
    learning_rate: float = 0.05,
    threads: int | None = None,
    seed: int = 0,
    progress: bool = True,
    on_epoch: Callable[[int, float], None] | None = None,
) -> KeyedVectors:
    """Train GloVe vectors (Pennington, Socher and Manning, 2014) on co-occurrence counts.

    For every pair of words with a count X, word . context + biases is fitted to log X by AdaGrad,
    weighted by f(X) = min(1, (X / x_max)^alpha). The vector of a word is the sum of its word and
    its context vector. As in the authors' program, the sums of AdaGrad begin at 1, and add up
    the squares of learning rate times gradient.

    On one thread the result is exactly repeatable. Several threads update the same vectors without
    locks (Recht et al., 2011). Ctrl-C raises ``GloveStopped``, which has the vectors so far.

    Args:
        cooccurrences: The counts; counts in a file are read from it in every epoch.
        dimension: Length of a vector.
        epochs: Number of times that each record is trained on.
        x_max: The smallest count with full weight. The default suits billions of
            words; for a million words 10 gives better vectors.
        alpha: Exponent of the weight of smaller counts.
        learning_rate: The size of the first steps.
        threads: Number of threads; None takes as many as this process may use.
        seed: Seed of the first weights and of the order of the records.
        progress: Whether to show a bar on a terminal.
        on_epoch: Called after each epoch with its number, from 1 on, and the mean loss of its
            records, weight / 2 * error^2, each measured before its step.

    Returns:
        The vectors in the order of the words, with their counts ("count" of ``get_vecattr``).

    Raises:
        ValueError: If an argument is out of range, no two words occur together, or the vectors are
            no longer finite.
        ImportError: If numba is not installed (extra "train").
    """
    _check(dimension, epochs, x_max, alpha, learning_rate, threads)
    from ._glove_kernel import train_records

    generator = np.random.default_rng(seed)
    records = records_of(cooccurrences, x_max, alpha, generator)
    if not records.count:
        raise ValueError(
            "The counts are empty: no two words of the vocabulary stand within a window."
        )
    words, contexts = (_weights(len(cooccurrences.words), dimension, generator) for _ in "wc")
    rate = np.float32(learning_rate)

    def train(block: Callable[[], Block]) -> tuple[int, float]:
        part = block()
        return len(part.rows), float(train_records(*part, words, contexts, rate))

    bar = tqdm(
        total=records.count * epochs, desc="compiling", unit=" records", unit_scale=True,
        disable=None if progress else True, leave=False,
    )  # fmt: skip
    with bar:
        train(lambda: Block(*(np.empty(0, t) for t in ("i4", "i4", "f4", "f4"))))
        bar.set_description("training")
        bar.unpause()
        epoch = 0
        try:
            while epoch < epochs:
                loss = _train_epoch(records, generator, train, threads or usable_cores(), bar)
                epoch += 1
                if not math.isfinite(loss):
                    raise ValueError(
                        f"The loss of epoch {epoch} is not finite: choose a learning_rate below "
                        f"{learning_rate}."
                    )
                bar.set_postfix(loss=f"{loss:.4f}", refresh=False)
                if on_epoch is not None:
                    on_epoch(epoch, loss)
        except KeyboardInterrupt:
            raise GloveStopped(_vectors(cooccurrences, words, contexts), epoch) from None
    return _vectors(cooccurrences, words, contexts)


def _check(
    dimension: int,
    epochs: int,
    x_max: float,
    alpha: float,
    learning_rate: float,
    threads: int | None,
) -> None:
    whole = {"dimension": dimension, "epochs": epochs, "threads": threads}
    for name, number in whole.items():
        if number is not None and number < 1:
            raise ValueError(f"{name} is {number}, expected at least 1.")
    real = {"x_max": x_max, "alpha": alpha, "learning_rate": learning_rate}
    for name, value in real.items():
        if not 0 < value < math.inf:
            raise ValueError(f"{name} is {value}, expected a number above 0.")


def _weights(size: int, dimension: int, generator: np.random.Generator) -> np.ndarray:
    """Return first vectors and biases, and the sums of squares of AdaGrad, which begin at 1."""
    weights = np.ones((size, 2, dimension + 1), dtype=np.float32)
    weights[:, 0] = generator.random((size, dimension + 1), dtype=np.float32) - 0.5
    weights[:, 0] /= dimension
    return weights


def _train_epoch(
    records: Records,
    generator: np.random.Generator,
    train: Callable[[Callable[[], Block]], tuple[int, float]],
    threads: int,
    bar: tqdm,
) -> float:
    """Train on all records once.

    Returns:
        The mean loss.
    """
    tasks = [functools.partial(train, block) for block in records.blocks(generator)]
    total = 0.0
    with closing(run_in_threads(tasks, threads)) as results:
        for size, loss in results:
            total += loss
            bar.update(size)
    return total / records.count


def _vectors(
    cooccurrences: Cooccurrences | CooccurrenceFile, words: np.ndarray, contexts: np.ndarray
) -> KeyedVectors:
    dimension = words.shape[2] - 1
    index = {word: row for row, word in enumerate(cooccurrences.words)}
    matrix = words[:, 0, :dimension] + contexts[:, 0, :dimension]
    vectors = keyed_vectors(list(cooccurrences.words), index, matrix)
    vectors.expandos["count"] = cooccurrences.counts.copy()
    return vectors
