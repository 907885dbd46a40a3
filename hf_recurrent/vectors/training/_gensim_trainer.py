"""Run gensim's compiled trainers over the pieces of a corpus, on one thread or several.

gensim's own loops split a file for their threads by bytes, in the middle of words. They report
nothing about a file until an epoch is over. They sum up their loss in one float32, over all epochs,
and several threads overwrite it. Here each call of a trainer works on one piece, and each thread
takes the next piece.
"""

import queue
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from gensim.models import FastText, Word2Vec
from tqdm.auto import tqdm

from ._gensim_feeds import Feed

__all__ = ["Trained", "run_trainer"]


@dataclass(frozen=True)
class Trained:
    """What a run of a trainer returns beside the vectors.

    Attributes:
        losses: The mean loss of a word in each whole epoch; empty if the trainer reports none.
        epochs: Number of whole epochs.
        words: Number of words that were trained on, without those that were skipped.
        stopped: Whether Ctrl-C ended the training.
    """

    losses: tuple[float, ...]
    epochs: int
    words: int
    stopped: bool


def run_trainer(
    model: Word2Vec, feed: Feed, *, epochs: int, threads: int, progress: bool
) -> Trained:
    """Train a model whose vocabulary and weights are prepared.

    The learning rate falls from the model's ``alpha`` to its ``min_alpha``, piece by piece. On one
    thread the pieces are in order, and the result is exactly repeatable; several threads
    update the same weights without locks, as word2vec.c does.

    Ctrl-C ends the training after the pieces in progress; the vectors are then usable.

    Args:
        model: A Word2Vec or FastText model of gensim.
        feed: The pieces of the corpus.
        epochs: Number of times that each piece is trained on.
        threads: Number of threads.
        progress: Whether to show a bar on a terminal.
    """
    has_loss = not isinstance(model, FastText)
    pieces = len(feed.sizes)
    run = _Run(model, feed, pieces * epochs)
    workers = [threading.Thread(target=run.work, daemon=True) for _ in range(threads)]
    losses, trained, done = np.zeros(epochs), np.zeros(epochs), np.zeros(epochs, dtype=int)
    bar = tqdm(
        total=sum(feed.sizes) * epochs, desc="training", unit=" words", unit_scale=True,
        disable=None if progress else True, leave=False,
    )  # fmt: skip
    with bar:
        try:
            for worker in workers:
                worker.start()
            for _ in range(pieces * epochs):
                number, words, loss = run.next_result()
                epoch, piece = divmod(number, pieces)
                losses[epoch] += loss
                trained[epoch] += words
                done[epoch] += 1
                if has_loss and trained[epoch] and not bar.disable:
                    bar.set_postfix(loss=f"{losses[epoch] / trained[epoch]:.3f}", refresh=False)
                bar.update(feed.sizes[piece])
        except KeyboardInterrupt:
            run.stop.set()
        finally:
            run.stop.set()
            for worker in workers:
                worker.join()
    model._clear_post_train()
    whole = int(np.argmin(np.append(done, 0) == pieces))
    means = losses[:whole] / np.maximum(trained[:whole], 1)
    return Trained(
        losses=tuple(means.tolist()) if has_loss else (),
        epochs=whole,
        words=int(trained.sum()),
        stopped=bool(done.sum() < pieces * epochs),
    )


class _Run:
    """The state that the threads share."""

    def __init__(self, model: Word2Vec, feed: Feed, total: int) -> None:
        self.stop = threading.Event()
        self._model = model
        self._feed = feed
        self._next = iter(range(total))
        self._lock = threading.Lock()
        self._results: queue.Queue[Any] = queue.Queue()

    def work(self) -> None:
        """Train on one piece after the other."""
        try:
            memory = self._model._get_thread_working_mem()
            while not self.stop.is_set():
                with self._lock:
                    number = next(self._next, None)
                if number is None:
                    return
                self._results.put((number, *self._feed.train(number, memory)))
        except BaseException as error:
            self._results.put(error)

    def next_result(self) -> tuple[int, int, float]:
        """Wait for a piece, and return its number, its trained words and the sum of their loss."""
        while True:
            try:
                # A wait without an end cannot be interrupted on every system.
                result = self._results.get(timeout=0.5)
            except queue.Empty:
                continue
            if isinstance(result, BaseException):
                raise result
            return result
