"""Run gensim's compiled trainers over the pieces of a corpus, on one thread or several.

gensim's own loops split a file for their threads by bytes, in the middle of words. They report
nothing about a file until an epoch is over. They sum up their loss in one float32, over all epochs,
and several threads overwrite it. Here each call of a trainer works on one piece, and each thread
takes the next piece.

The compiled trainers are not public in gensim, so `pyproject.toml` allows only the releases whose
trainers these files were tested with.
"""

import threading
from contextlib import closing
from dataclasses import dataclass
from functools import partial

import numpy as np
from gensim.models import FastText, Word2Vec

from ._epochs import progress_bar, run_in_threads
from ._gensim_feeds import Feed


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
    model: Word2Vec, feed: Feed, *, epochs: int, workers: int, progress: bool
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
        workers: Number of threads.
        progress: Whether to show a bar on a terminal.
    """
    has_loss = not isinstance(model, FastText)
    pieces = len(feed.sizes)
    own = threading.local()

    def train(number: int) -> tuple[int, float]:
        if not hasattr(own, "memory"):
            own.memory = model._get_thread_working_mem()
        return feed.train(number, own.memory)

    tasks = [partial(train, number) for number in range(pieces * epochs)]
    losses, words, done = np.zeros(epochs), np.zeros(epochs), 0
    bar = progress_bar("training", "words", progress, sum(feed.sizes) * epochs)
    with bar:
        try:
            with closing(run_in_threads(tasks, workers)) as results:
                for trained, loss in results:
                    epoch, piece = divmod(done, pieces)
                    losses[epoch] += loss
                    words[epoch] += trained
                    done += 1
                    if has_loss and words[epoch] and not bar.disable:
                        bar.set_postfix(loss=f"{losses[epoch] / words[epoch]:.3f}", refresh=False)
                    bar.update(feed.sizes[piece])
        except KeyboardInterrupt:
            pass
    model._clear_post_train()
    whole = done // pieces
    means = losses[:whole] / np.maximum(words[:whole], 1)
    return Trained(
        losses=tuple(means.tolist()) if has_loss else (),
        epochs=whole,
        words=int(words.sum()),
        stopped=done < pieces * epochs,
    )
