"""What a training gives: the vectors, and how they came about."""

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from gensim.models import KeyedVectors

from ..._wording import counted
from .._keyed_vectors import keyed_vectors
from .._preparation import Preparation
from .cooccurrence import Cooccurrences
from .settings import Settings
from .vocabulary import OneHotVocabulary

__all__ = ["CorpusFacts", "Trainable", "TrainedVectors", "TrainingStopped", "rows_as_vectors"]

Trainable: TypeAlias = KeyedVectors | Cooccurrences | OneHotVocabulary


@dataclass(frozen=True)
class CorpusFacts:
    """What is known of a corpus.

    Attributes:
        name: What it is called; None if it has no name.
        preparation: How its text was made into words, in words; None where lists of words were
            given.
        sentences: Sentences with at least one word.
        words: Running words, phrases counted as one.
        phrases: Different phrases that were joined; None where none were looked for.
        form: How a tokenizer makes text into these words; None where lists of words were given.
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
        settings: What was set.
        corpus: What is known of the corpus.
        seed: The seed.
        threads: Number of threads.
        seconds: Time from the first word read to the vectors.
        losses: The mean loss of each whole epoch; empty where the trainer gives none.
        epochs: Whole epochs that were trained; None for kinds without epochs.
        stopped: Whether Ctrl-C ended the training before its end.
    """

    vectors: Trainable
    kind: str
    settings: Settings
    corpus: CorpusFacts
    seed: int
    threads: int
    seconds: float
    losses: tuple[float, ...] = ()
    epochs: int | None = None
    stopped: bool = False

    @property
    def vocabulary_size(self) -> int:
        """Number of words that have a vector."""
        if isinstance(self.vectors, KeyedVectors):
            return len(self.vectors)
        return len(self.vectors.words)


class TrainingStopped(KeyboardInterrupt):
    """Ctrl-C ended a training; the vectors so far are kept.

    Attributes:
        result: The vectors as they were, and how they came about.
    """

    def __init__(self, result: TrainedVectors) -> None:
        super().__init__(
            f"The training was stopped after {counted(result.epochs or 0, 'whole epoch')}."
        )
        self.result = replace(result, stopped=True)


def rows_as_vectors(counts: Cooccurrences, words: set[str]) -> KeyedVectors:
    """Gives the rows of some words of a sparse matrix as dense vectors, to judge them by.

    Words are found in every case, and those that the matrix lacks are left out.
    """
    wanted = {word.lower() for word in words}
    chosen = [row for row, word in enumerate(counts.words) if word.lower() in wanted]
    known = [counts.words[row] for row in chosen]
    index = {word: row for row, word in enumerate(known)}
    dense = counts.matrix[np.array(chosen, dtype=np.int64)].toarray()
    return keyed_vectors(known, index, dense.astype(np.float32))
