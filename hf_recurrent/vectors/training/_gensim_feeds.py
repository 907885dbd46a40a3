"""Pass the pieces of a corpus to gensim's compiled trainers, from memory or from a file."""

from itertools import accumulate
from typing import Any, TypeAlias

from gensim.models import FastText, Word2Vec, fasttext, word2vec_corpusfile, word2vec_inner
from gensim.models.fasttext_inner import train_batch_any
from gensim.models.word2vec_corpusfile import CythonVocab

from ._corpus_file import CorpusFile
from ._corpus_in_memory import CorpusInMemory


class _Share:
    """The model as one call of a trainer sees it: one worker, with its own loss."""

    workers = 1

    def __init__(self, model: Word2Vec, epochs: int) -> None:
        self._model = model
        self.epochs = epochs
        self.wv = model.wv  # looked up for every word
        self.running_training_loss = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


class MemoryFeed:
    """A corpus in memory; a piece is a batch of gensim's own loop, with its learning rate.

    gensim looks the words up while it holds Python's lock, a third of the time of CBOW.

    Attributes:
        sizes: The running words of each piece.
    """

    def __init__(self, model: Word2Vec, corpus: CorpusInMemory, epochs: int) -> None:
        self.sizes = corpus.sizes
        self._model = model
        self._batches = corpus.batches
        self._epochs = epochs
        self._before = [0, *accumulate(corpus.sizes)]

    def train(self, number: int, memory: Any) -> tuple[int, float]:
        """Train on a piece.

        Args:
            number: Number of the piece, counted through all epochs.
            memory: Working memory of one of gensim's threads.

        Returns:
            The words trained on, and the sum of their loss.
        """
        epoch, piece = divmod(number, len(self._batches))
        model, batch = self._model, self._batches[piece]
        progress = (epoch + self._before[piece] / self._before[-1]) / self._epochs
        rate = max(model.min_alpha, model.alpha - (model.alpha - model.min_alpha) * progress)
        share = _Share(model, self._epochs)
        work, hidden = memory
        if isinstance(model, FastText):
            trained = train_batch_any(share, batch, rate, work, hidden)
        elif model.sg:
            trained = word2vec_inner.train_batch_sg(share, batch, rate, work, True)
        else:
            trained = word2vec_inner.train_batch_cbow(share, batch, rate, work, hidden, True)
        return trained, share.running_training_loss


class TokenVocabulary:
    """The vocabulary of a model, its words named by the tokens of the corpus file."""

    def __init__(self, model: Word2Vec, tokens: dict[str, str]) -> None:
        self.key_to_index = {tokens[word]: i for word, i in model.wv.key_to_index.items()}
        self.get_index = self.key_to_index.__getitem__
        self.expandos = model.wv.expandos
        self.buckets_word = getattr(model.wv, "buckets_word", None)


class FileFeed:
    """A corpus in a file, which gensim reads without Python's lock.

    Attributes:
        sizes: The running words of each piece.
    """

    def __init__(self, model: Word2Vec, corpus: CorpusFile, epochs: int) -> None:
        self.sizes = [piece.words - piece.fillers for piece in corpus.pieces]
        self._model = model
        self._path = str(corpus.path)
        self._pieces = corpus.pieces
        self._total = len(corpus.pieces) * epochs
        self._has_subwords = isinstance(model, FastText)
        trainers = fasttext if self._has_subwords else word2vec_corpusfile
        self._train = trainers.train_epoch_sg if model.sg else trainers.train_epoch_cbow
        words = TokenVocabulary(model, corpus.tokens)
        self._vocabulary = CythonVocab(words, hs=model.hs, fasttext=self._has_subwords)

    def train(self, number: int, memory: Any) -> tuple[int, float]:
        """Train on a piece, which is an epoch for gensim, as ``MemoryFeed.train`` does."""
        index = number % len(self._pieces)
        piece = self._pieces[index]
        share = _Share(self._model, self._total)
        # gensim reads on while it has read no more than these words; the last piece ends the file.
        last = index == len(self._pieces) - 1
        words = piece.words if last else piece.words - 1
        place = (self._path, piece.offset, self._vocabulary, number, None, words)
        options = {} if self._has_subwords else {"compute_loss": True}
        _, trained, _ = self._train(share, *place, *memory, **options)
        return trained, share.running_training_loss


Feed: TypeAlias = MemoryFeed | FileFeed
