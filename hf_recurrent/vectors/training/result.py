"""The result of a training: the vectors, and how they were trained."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from gensim.models import KeyedVectors

from .._keyed_vectors import keyed_vectors
from .._preparation import Preparation
from .cooccurrence import Cooccurrences
from .settings import Settings
from .vocabulary import OneHotVocabulary

Trainable: TypeAlias = KeyedVectors | Cooccurrences | OneHotVocabulary


@dataclass(frozen=True)
class CorpusFacts:
    """What is known about a corpus.

    Attributes:
        name: Its name; None if it has none.
        preparation: A sentence on how its text became words; None if it was lists of words.
        sentences: Number of sentences with at least one word.
        words: Number of running words; a phrase is one word.
        phrases: Number of different phrases; None if phrases were not searched.
        form: How a tokenizer makes text into these words; None if it was lists of words.
    """

    name: str | None
    preparation: str | None
    sentences: int
    words: int
    phrases: int | None = None
    form: Preparation | None = None


@dataclass(frozen=True)
class TrainedVectors:
    """Word vectors and how they were trained.

    Attributes:
        vectors: KeyedVectors (for fastText those that also know unseen words); for "cooccurrence"
            and "ppmi" the sparse matrix with its vocabulary; for "one-hot" the vocabulary.
        kind: The kind.
        settings: The settings.
        corpus: What is known about the corpus.
        seed: The seed.
        workers: Number of threads.
        seconds: Time from the first word read to the vectors.
        losses: The mean loss of each whole epoch; empty if the trainer reports none.
        epochs: Number of whole epochs; None for kinds without epochs.
        stopped: Whether Ctrl-C ended the training before its end.
    """

    vectors: Trainable
    kind: str
    settings: Settings
    corpus: CorpusFacts
    seed: int
    workers: int
    seconds: float
    losses: tuple[float, ...] = ()
    epochs: int | None = None
    stopped: bool = False

    @property
    def vocabulary_size(self) -> int:
        """The number of words that have a vector."""
        if isinstance(self.vectors, KeyedVectors):
            return len(self.vectors)
        return len(self.vectors.words)


def rows_as_vectors(counts: Cooccurrences, words: set[str]) -> KeyedVectors:
    """Return the rows of some words of a sparse matrix as dense vectors, for evaluation.

    Upper and lower case are the same. Words that the matrix does not have are left out.
    """
    wanted = {word.lower() for word in words}
    chosen = [row for row, word in enumerate(counts.words) if word.lower() in wanted]
    known = [counts.words[row] for row in chosen]
    index = {word: row for row, word in enumerate(known)}
    dense = counts.matrix[np.array(chosen, dtype=np.int64)].toarray()
    return keyed_vectors(known, index, dense.astype(np.float32))
