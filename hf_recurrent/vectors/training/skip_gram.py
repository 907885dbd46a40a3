"""Train skip-gram vectors with negatives shared within a window, which is a few times as fast."""

import functools
import math
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors
from tqdm.auto import tqdm

from ..._cores import usable_cores
from ._count_files import full_disk_named
from ._encoded_corpus import encode
from ._skip_gram import SkipGram, SkipGramOptions
from ._stopped import StoppedTraining
from ._threads import run_in_threads

__all__ = ["SkipGramStopped", "train_skip_gram"]


class SkipGramStopped(StoppedTraining):
    """Ctrl-C ended the training of skip-gram vectors; the vectors so far are kept."""


def train_skip_gram(
    sentences: Iterable[Sequence[str]],
    *,
    dimension: int = 100,
    window: int = 5,
    negatives: int = 5,
    negative_exponent: float = 0.75,
    subsample: float = 1e-3,
    min_count: int = 5,
    max_vocabulary: int | None = None,
    epochs: int = 5,
    learning_rate: float = 0.025,
    min_learning_rate: float = 1e-4,
    threads: int | None = None,
    seed: int = 0,
    progress: bool = True,
    on_epoch: Callable[[int, float], None] | None = None,
) -> KeyedVectors:
    """Train skip-gram vectors with negative sampling (Mikolov et al., 2013).

    All words of a window share the negatives of its target, so that vectors are read once and used
    several times (Ji, Satish, Li and Dubey, 2016). All else is as in word2vec.

    On one thread the result is exactly repeatable. Several threads update the same vectors without
    locks. Ctrl-C raises ``SkipGramStopped``, which has the vectors so far.

    Args:
        sentences: The corpus; each sentence is a list of words. It is read once; the numbers of its
            words go to the temporary folder.
        dimension: Length of a vector.
        window: The largest distance of two words; each target draws its own, from 1 to this.
        negatives: Number of negative samples of a target.
        negative_exponent: A word is drawn in proportion to its count to the power of this.
        subsample: A word with a larger share of the corpus is skipped at random now and then; 0
            keeps all words.
        min_count: How often a word must occur.
        max_vocabulary: Largest number of words, the most frequent first.
        epochs: Number of times that the corpus is trained on.
        learning_rate: The learning rate at the beginning.
        min_learning_rate: The learning rate at the end.
        threads: Number of threads; None takes as many as this process may use.
        seed: Seed of the first weights and of all random numbers.
        progress: Whether to show bars on a terminal.
        on_epoch: Called after each epoch with its number, from 1 on, and the mean loss of its
            pairs: the sum of -log sigmoid over a pair and its negatives, before its step.

    Returns:
        The vectors by falling frequency of the words, with their counts ("count" of
        ``get_vecattr``).

    Raises:
        ValueError: If the corpus has no words, fewer than two words are left, an argument is out
            of range, or the vectors are no longer finite.
        OSError: If the temporary folder cannot be written.
        ImportError: If numba is not installed (extra "train").
    """
    options = SkipGramOptions(
        dimension=dimension, window=window, negatives=negatives,
        negative_exponent=negative_exponent, subsample=subsample, min_count=min_count,
        max_vocabulary=max_vocabulary, epochs=epochs, learning_rate=learning_rate,
        min_learning_rate=min_learning_rate,
    )  # fmt: skip
    if threads is not None and threads < 1:
        raise ValueError(f"threads is {threads}, expected at least 1.")
    with (
        full_disk_named(Path(tempfile.gettempdir()), "name another by TMPDIR"),
        tempfile.TemporaryDirectory(prefix="hf-recurrent-corpus-") as folder,
    ):
        corpus = encode(sentences, None, Path(folder, "corpus.bin"), progress)
        run = SkipGram(corpus, options, np.random.default_rng(seed))
        bar = tqdm(
            total=corpus.running_words * epochs, desc="compiling", unit=" words", unit_scale=True,
            disable=None if progress else True, leave=False,
        )  # fmt: skip
        with bar:
            run.compile()
            bar.set_description("training")
            bar.unpause()
            epoch = 0
            try:
                while epoch < epochs:
                    loss = _train_epoch(run, epoch, threads or usable_cores(), bar)
                    epoch += 1
                    if not math.isfinite(loss):
                        raise ValueError(
                            f"The loss of epoch {epoch} is not finite: choose a learning_rate "
                            f"below {learning_rate}."
                        )
                    bar.set_postfix(loss=f"{loss:.4f}", refresh=False)
                    if on_epoch is not None:
                        on_epoch(epoch, loss)
            except KeyboardInterrupt:
                raise SkipGramStopped(run.vectors(), epoch) from None
        return run.vectors()


def _train_epoch(run: SkipGram, epoch: int, threads: int, bar: tqdm) -> float:
    """Train on the corpus once.

    Returns:
        The mean loss of a pair.
    """
    tasks = [functools.partial(run.train_block, *block) for block in run.blocks(epoch)]
    total, all_pairs = 0.0, 0
    with closing(run_in_threads(tasks, threads)) as results:
        for words, loss, pairs in results:
            total += loss
            all_pairs += pairs
            bar.update(words)
    return total / max(all_pairs, 1)
