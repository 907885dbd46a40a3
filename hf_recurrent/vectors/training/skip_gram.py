"""Train skip-gram vectors with negatives shared within a window, which is a few times as fast."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import KeyedVectors

from ._count_files import full_disk_named
from ._encoded_corpus import EncodedCorpus, encode, known_words
from ._epochs import Task, progress_bar, run_epochs, usable_workers
from ._window_counts import MOST_DRAWN, usable_window
from .settings import SharedSkipGramSettings
from .vocabulary import check_enough, chosen_rows, vectors_with_counts

# Random numbers of 32 bits are compared with shares of this.
_WHOLE = 2.0**32


def train_skip_gram(
    sentences: Iterable[Sequence[str]],
    *,
    workers: int | None = None,
    seed: int = 0,
    progress: bool = True,
    on_epoch: Callable[[int, float], None] | None = None,
    **options: Any,
) -> KeyedVectors:
    """Train skip-gram vectors with negative sampling (Mikolov et al., 2013).

    All words of a window share the negatives of its target, so that vectors are read once and used
    several times (Ji, Satish, Li and Dubey, 2016). All else is as in word2vec.

    On one thread the result is exactly repeatable. Several threads update the same vectors without
    locks. Ctrl-C raises ``TrainingStopped``, which has the vectors so far.

    Args:
        sentences: The corpus; each sentence is a list of words. It is read once; the numbers of its
            words go to the temporary folder.
        workers: Number of threads; None takes as many as this process may use.
        seed: Seed of the first weights and of all random numbers.
        progress: Whether to show bars on a terminal.
        on_epoch: Called after each epoch with its number, from 1 on, and the mean loss of its
            pairs: the sum of -log sigmoid over a pair and its negatives, before its step.
        **options: The fields of ``SharedSkipGramSettings``: ``vector_size``, ``window``,
            ``min_count``, ``negative``, ``epochs``, ``alpha`` and others.

    Returns:
        The vectors by falling frequency of the words, with their counts ("count" of
        ``get_vecattr``).

    Raises:
        ValueError: If the corpus has no words, fewer than two words are left, an argument is out
            of range, or the vectors are no longer finite.
        OSError: If the temporary folder cannot be written.
        ImportError: If numba is not installed (extra "train").
    """
    settings = SharedSkipGramSettings(**options)
    workers = usable_workers(workers)
    with (
        full_disk_named(Path(tempfile.gettempdir()), "name another by TMPDIR"),
        tempfile.TemporaryDirectory(prefix="hf-recurrent-corpus-") as folder,
    ):
        corpus = encode(sentences, None, Path(folder, "corpus.bin"), progress)
        run = SkipGram(corpus, settings, np.random.default_rng(seed))
        words = corpus.running_words * settings.epochs
        return run_epochs(
            run.tasks,
            run.vectors,
            compile_tasks=run.compile,
            epochs=settings.epochs,
            workers=workers,
            bar=progress_bar("training", "words", progress, words),
            rate="alpha",
            on_epoch=on_epoch,
        )


class SkipGram:
    """Vectors in training.

    Args:
        corpus: The corpus.
        settings: The settings.
        generator: Draws the first weights, in the range of gensim, and the seeds of the blocks.

    Raises:
        ValueError: If fewer than two words are left.
        ImportError: If numba is not installed.
    """

    def __init__(
        self,
        corpus: EncodedCorpus,
        settings: SharedSkipGramSettings,
        generator: np.random.Generator,
    ) -> None:
        from ._skip_gram_kernel import train_block

        # The word's own window is drawn from 1 to this, so that it is checked and not cut.
        usable_window(settings.window, corpus.longest)
        chosen = chosen_rows(corpus.words, corpus.counts, settings)
        self._words = [corpus.words[i] for i in chosen]
        check_enough(self._words, settings)
        self._corpus = corpus
        self._settings = settings
        self._generator = generator
        self._train = train_block
        self._counts = corpus.counts[chosen]
        self._ids = np.full(len(corpus.words), -1, dtype=np.int32)
        self._ids[chosen] = np.arange(len(chosen), dtype=np.int32)
        self._kept = kept_share(self._counts, settings.sample)
        logarithms = settings.ns_exponent * np.log(self._counts)
        self._alias, self._threshold = alias_table(np.exp(logarithms - logarithms.max()))
        shape = len(chosen), settings.vector_size
        self._inputs = generator.random(shape, dtype=np.float32) * 2 - 1
        self._inputs /= settings.vector_size
        self._outputs = np.zeros(shape, dtype=np.float32)
        self._rates = np.linspace(
            settings.alpha, settings.min_alpha, len(corpus) * settings.epochs + 1,
            dtype=np.float32,
        )  # fmt: skip

    def compile(self) -> None:
        """Compile the inner loop, or load it from disk, without training."""
        self._train_on(np.zeros(0, np.int32), np.zeros(1, np.int32), 0, 0)

    def tasks(self, epoch: int) -> list[Task]:
        """Return what trains on the blocks of an epoch, one after the other."""
        seeds = self._generator.integers(2**62, size=len(self._corpus)).tolist()
        first = epoch * len(self._corpus)
        return [partial(self.train_block, i, first + i, seed) for i, seed in enumerate(seeds)]

    def train_block(self, number: int, step: int, seed: int) -> tuple[int, float, int]:
        """Train on a block of the corpus.

        Args:
            number: Its number.
            step: Number of blocks before it, those of earlier epochs included.
            seed: Seed of the random numbers.

        Returns:
            Its number of running words, the sum of the losses, and the number of pairs.
        """
        block = self._corpus.block(number)
        loss, pairs = self._train_on(*known_words(block, self._ids), step, seed)
        return len(block[0]), float(loss), int(pairs)

    def vectors(self) -> KeyedVectors:
        """Return the vectors as they are now."""
        return vectors_with_counts(self._words, self._inputs.copy(), self._counts)

    def _train_on(
        self, words: np.ndarray, lengths: np.ndarray, step: int, seed: int
    ) -> tuple[float, int]:
        return self._train(
            words, lengths.astype(np.int32), self._kept, self._alias, self._threshold,
            self._inputs, self._outputs, min(self._settings.window, MOST_DRAWN),
            self._settings.negative, (self._rates[step], self._rates[step + 1]), seed,
        )  # fmt: skip


def kept_share(counts: np.ndarray, sample: float) -> np.ndarray:
    """Return the probability to keep each word, in parts of 2^32, as word2vec.c computes it.

    Args:
        counts: How often each word occurs.
        sample: A word with a larger share of the corpus is skipped at random now and then; 0
            keeps all words.

    Returns:
        uint64, ``(words,)``.
    """
    if not sample:
        return np.full(len(counts), _WHOLE, dtype=np.uint64)
    ratio = sample * counts.sum() / counts
    return (np.minimum(np.sqrt(ratio) + ratio, 1) * _WHOLE).astype(np.uint64)


def alias_table(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Prepare draws in proportion to weights in constant time (Walker, 1977; Vose, 1991).

    A draw chooses one of n columns at random. It returns the number of the column with the
    probability threshold / 2^32, and else the alias of the column.

    Args:
        weights: float64, ``(n,)``, at least 0, with a sum above 0.

    Returns:
        The aliases, int32, and the thresholds, uint64.
    """
    height = weights * (len(weights) / weights.sum())
    alias = np.arange(len(weights), dtype=np.int32)
    threshold = np.ones(len(weights))
    low = np.flatnonzero(height < 1).tolist()
    high = np.flatnonzero(height >= 1).tolist()
    while low and high:
        short, tall = low.pop(), high[-1]
        threshold[short], alias[short] = height[short], tall
        height[tall] -= 1 - height[short]
        if height[tall] < 1:
            low.append(high.pop())
    return alias, (threshold * _WHOLE).astype(np.uint64)
