"""Runs gensim's compiled trainers over the pieces of a corpus file.

gensim's own loop over such a file tells nothing until an epoch is over, cuts the file for its
threads by bytes, in the middle of words, and adds up its loss in one float32, over all epochs and
over what several threads overwrite. Here each call of the trainer works on one piece, and threads
take piece after piece.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from gensim.models import FastText, Word2Vec
from gensim.models.word2vec_corpusfile import CythonVocab
from tqdm.auto import tqdm

from ._corpus_file import CorpusFile, Piece

__all__ = ["Trained", "run_trainer"]

# Trains on a piece: the model, the file, an offset, the vocabulary, the number of the piece, no
# number of sentences, the number of words, working memory.
TrainPiece = Callable[..., tuple[int, int, int]]


@dataclass(frozen=True)
class Trained:
    """What a run of a trainer tells beside the vectors.

    Attributes:
        losses: The mean loss of a word in each whole epoch; empty where the trainer gives none.
        epochs: Whole epochs that were trained.
        words: Words trained on in all; what is passed over is left out.
        stopped: Whether Ctrl-C ended the training.
    """

    losses: tuple[float, ...]
    epochs: int
    words: int
    stopped: bool


class _Share:
    """The model as one call of a trainer sees it: a single worker, with a loss of its own."""

    workers = 1

    def __init__(self, model: Word2Vec, pieces: int) -> None:
        self._model = model
        self.epochs = pieces
        self.running_training_loss = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


class _TokenVocabulary:
    """The vocabulary of a model, its words named by the tokens of the corpus file."""

    def __init__(self, model: Word2Vec, tokens: dict[str, str]) -> None:
        self.key_to_index = {tokens[word]: i for word, i in model.wv.key_to_index.items()}
        self.get_index = self.key_to_index.__getitem__
        self.expandos = model.wv.expandos
        self.buckets_word = getattr(model.wv, "buckets_word", None)


def run_trainer(
    model: Word2Vec,
    corpus: CorpusFile,
    train_piece: TrainPiece,
    *,
    epochs: int,
    threads: int,
    progress: bool,
) -> Trained:
    """Trains a model whose vocabulary and weights are prepared.

    The learning rate falls from piece to piece from the model's `alpha` to its `min_alpha`. On one
    thread the pieces come in the order of the file, and the result is exactly repeatable; several
    threads update the same weights without locks, as word2vec.c does.

    Ctrl-C ends the training after the pieces in work, with the vectors in a usable state.

    Args:
        model: A Word2Vec or FastText model of gensim.
        corpus: The corpus.
        train_piece: gensim's trainer of the model's kind.
        epochs: How often each piece is trained on.
        threads: Number of threads.
        progress: Whether to show a bar on a terminal.
    """
    has_loss = not isinstance(model, FastText)
    run = _Run(model, corpus, train_piece, epochs)
    workers = [threading.Thread(target=run.work, daemon=True) for _ in range(threads)]
    pieces = len(corpus.pieces)
    losses, trained, done = np.zeros(epochs), np.zeros(epochs), np.zeros(epochs, dtype=int)
    bar = tqdm(
        total=corpus.words * epochs, desc="training", unit=" words", unit_scale=True,
        disable=None if progress else True, leave=False,
    )  # fmt: skip
    with bar:
        try:
            for worker in workers:
                worker.start()
            for _ in range(pieces * epochs):
                epoch, piece, words, loss = run.next_result()
                losses[epoch] += loss
                trained[epoch] += words
                done[epoch] += 1
                if has_loss and trained[epoch]:
                    bar.set_postfix(loss=f"{losses[epoch] / trained[epoch]:.3f}", refresh=False)
                bar.update(piece.words - piece.fillers)
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
    """What the threads share."""

    def __init__(
        self, model: Word2Vec, corpus: CorpusFile, train_piece: TrainPiece, epochs: int
    ) -> None:
        self.stop = threading.Event()
        self._model = model
        self._path = str(corpus.path)
        self._train_piece = train_piece
        self._pieces: Sequence[Piece] = corpus.pieces
        self._has_subwords = isinstance(model, FastText)
        words = _TokenVocabulary(model, corpus.tokens)
        self._vocabulary = CythonVocab(words, hs=model.hs, fasttext=self._has_subwords)
        self._next = iter(range(len(self._pieces) * epochs))
        self._total = len(self._pieces) * epochs
        self._lock = threading.Lock()
        self._results: queue.Queue[Any] = queue.Queue()

    def work(self) -> None:
        """Takes piece after piece."""
        try:
            memory = self._model._get_thread_working_mem()
            while not self.stop.is_set():
                with self._lock:
                    number = next(self._next, None)
                if number is None:
                    return
                self._results.put(self._train(number, memory))
        except BaseException as error:
            self._results.put(error)

    def next_result(self) -> tuple[int, Piece, int, float]:
        """Waits for a piece: its epoch, itself, the words trained on, and the sum of their loss."""
        while True:
            try:
                # A wait without an end cannot be interrupted on every system.
                result = self._results.get(timeout=0.5)
            except queue.Empty:
                continue
            if isinstance(result, BaseException):
                raise result
            return result

    def _train(self, number: int, memory: Any) -> tuple[int, Piece, int, float]:
        epoch, index = divmod(number, len(self._pieces))
        piece = self._pieces[index]
        share = _Share(self._model, self._total)
        # gensim reads on while it has read no more than these words; the last piece ends the file.
        last = index == len(self._pieces) - 1
        words = piece.words if last else piece.words - 1
        place = (self._path, piece.offset, self._vocabulary, number, None, words)
        options = {} if self._has_subwords else {"compute_loss": True}
        _, trained, _ = self._train_piece(share, *place, *memory, **options)
        return epoch, piece, trained, share.running_training_loss
