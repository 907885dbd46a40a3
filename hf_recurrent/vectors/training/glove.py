"""Train GloVe vectors: their products are the logarithms of how often words occur together."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from gensim.models import KeyedVectors

from ._epochs import Task, progress_bar, run_epochs, usable_workers
from ._glove_records import Block, records_of
from .cooccurrence import CooccurrenceFile, Cooccurrences
from .settings import GloveSettings
from .vocabulary import vectors_with_counts


def train_glove(
    cooccurrences: Cooccurrences | CooccurrenceFile,
    *,
    vector_size: int = GloveSettings.vector_size,
    epochs: int = GloveSettings.epochs,
    x_max: float = GloveSettings.x_max,
    weight_exponent: float = GloveSettings.weight_exponent,
    learning_rate: float = GloveSettings.learning_rate,
    workers: int | None = None,
    seed: int = 0,
    progress: bool = True,
    on_epoch: Callable[[int, float], None] | None = None,
) -> KeyedVectors:
    """Train GloVe vectors (Pennington, Socher and Manning, 2014) on co-occurrence counts.

    For every pair of words with a count X, word . context + biases is fitted to log X by AdaGrad,
    weighted by f(X) = min(1, (X / x_max)^weight_exponent). The vector of a word is the sum of its
    word and its context vector. As in the authors' program, the sums of AdaGrad begin at 1, and add
    up the squares of learning rate times gradient.

    On one thread the result is exactly repeatable. Several threads update the same vectors without
    locks (Recht et al., 2011). Ctrl-C raises ``TrainingStopped``, which has the vectors so far.

    Args:
        cooccurrences: The counts; counts in a file are read from it in every epoch.
        vector_size: As in ``GloveSettings``, like the next four.
        epochs: Number of times that each record is trained on.
        x_max: The smallest count with full weight.
        weight_exponent: Exponent of the weight of smaller counts.
        learning_rate: The size of the first steps.
        workers: Number of threads; None takes as many as this process may use.
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
    GloveSettings(
        vector_size=vector_size, epochs=epochs, x_max=x_max, weight_exponent=weight_exponent,
        learning_rate=learning_rate,
    )  # fmt: skip
    workers = usable_workers(workers)
    from ._glove_kernel import train_records

    generator = np.random.default_rng(seed)
    records = records_of(cooccurrences, x_max, weight_exponent, generator)
    if not records.count:
        raise ValueError(
            "The counts are empty: no two words of the vocabulary stand within a window."
        )
    words, contexts = (_weights(len(cooccurrences.words), vector_size, generator) for _ in "wc")
    rate = np.float32(learning_rate)

    def train(block: Callable[[], Block]) -> tuple[int, float, int]:
        part = block()
        count = len(part.rows)
        return count, float(train_records(*part, words, contexts, rate)), count

    def tasks(epoch: int) -> Sequence[Task]:
        return [partial(train, block) for block in records.blocks(generator)]

    def vectors() -> KeyedVectors:
        matrix = words[:, 0, :vector_size] + contexts[:, 0, :vector_size]
        return vectors_with_counts(cooccurrences.words, matrix, cooccurrences.counts)

    return run_epochs(
        tasks,
        vectors,
        compile_tasks=partial(
            train, lambda: Block(*(np.empty(0, t) for t in ("i4", "i4", "f4", "f4")))
        ),
        epochs=epochs,
        workers=workers,
        bar=progress_bar("training", "records", progress, records.count * epochs),
        rate="learning_rate",
        on_epoch=on_epoch,
    )


def _weights(size: int, vector_size: int, generator: np.random.Generator) -> np.ndarray:
    """Return first vectors and biases, and the sums of squares of AdaGrad, which begin at 1."""
    weights = np.ones((size, 2, vector_size + 1), dtype=np.float32)
    weights[:, 0] = generator.random((size, vector_size + 1), dtype=np.float32) - 0.5
    weights[:, 0] /= vector_size
    return weights
