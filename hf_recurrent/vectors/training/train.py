"""Train word vectors of any kind on any corpus with one function."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

from gensim.models import KeyedVectors

from ..._cores import usable_cores
from .._preparation import Preparation, keep_preparation
from ._words import check_sentence
from .cooccurrence import (
    CooccurrenceFile,
    Cooccurrences,
    count_cooccurrences,
    count_cooccurrences_to_file,
)
from .corpus import Corpus, Words, make_corpus
from .glove import GloveStopped, train_glove
from .phrases import PhraseOptions, Phrases, find_phrases
from .ppmi import ppmi, svd_vectors
from .result import CorpusFacts, Trainable, TrainedVectors, TrainingStopped
from .settings import (
    CooccurrenceSettings,
    FastTextSettings,
    GloveSettings,
    PpmiSettings,
    PpmiSvdSettings,
    Settings,
    SharedSkipGramSettings,
    Word2VecSettings,
    make_settings,
)
from .skip_gram import SkipGramStopped, train_skip_gram
from .vocabulary import check_enough, count_words
from .word2vec import train_fasttext, train_word2vec

__all__ = ["train_vectors"]


def train_vectors(
    corpus: Any,
    kind: str = "skip-gram",
    *,
    column: str | None = None,
    pre_tokenizer: str = "ptb",
    lowercase: bool = True,
    phrases: bool | PhraseOptions = False,
    seed: int = 0,
    threads: int | None = None,
    progress: bool = True,
    **options: Any,
) -> TrainedVectors:
    """Train word vectors.

    | kind | vectors | options (see ``settings``) |
    |---|---|---|
    | one-hot | a vocabulary | min_count, max_vocabulary; all other kinds have these too |
    | cooccurrence | sparse counts | window, weighting, symmetric, memory |
    | ppmi | sparse PPMI | those of counts, shift, smoothing |
    | ppmi-svd | dense | those of ppmi, dimension, eigenvalue_weighting |
    | cbow, skip-gram | dense | dimension, window, epochs, negatives, hierarchical_softmax, ... |
    | skip-gram-shared | dense, faster | as skip-gram, without hierarchical_softmax |
    | glove | dense | those of counts, dimension, epochs, x_max, alpha, learning_rate |
    | fasttext | dense, unseen words too | those of cbow, architecture, min_ngram, buckets, ... |

    Ctrl-C while vectors are trained raises ``TrainingStopped``, a ``KeyboardInterrupt`` with the
    vectors so far in ``result``. Ctrl-C before that, while the corpus is read or counted, is a
    plain ``KeyboardInterrupt``: there is nothing to keep yet.

    Args:
        corpus: A text file with one sentence a line; a ``datasets`` data set, streamed or not;
            several texts; or several lists of words (``make_corpus``).
        kind: The kind of vectors.
        column: Column of a data set, "text" by default.
        pre_tokenizer: How texts are split into words: "ptb", "googlenews", "chinese", "whitespace".
        lowercase: Whether texts are lower-cased.
        phrases: Whether pairs of words that belong together are joined, and how they are found.
        seed: Seed of all random numbers. On one thread the result is exactly repeatable.
        threads: Number of threads; None takes as many as this process may use.
        progress: Whether to show bars on a terminal.
        **options: Settings of the kind; the others have their defaults.

    Raises:
        TrainingStopped: If Ctrl-C ends the training.
        ValueError: If the corpus cannot be used, no word is left, the kind has no such option, or a
            value is out of range.
        OSError: If the corpus cannot be read, or the temporary folder cannot be written.
        ImportError: If numba is missing, which glove and skip-gram-shared need (extra "train").
    """
    settings = make_settings(kind, options)
    if threads is not None and threads < 1:
        raise ValueError(f"threads is {threads}, expected at least 1.")
    threads = threads or usable_cores()
    source = make_corpus(corpus, column=column, pre_tokenizer=pre_tokenizer, lowercase=lowercase)
    start = time.perf_counter()
    sentences: Corpus | Phrases = source
    if phrases:
        chosen = phrases if isinstance(phrases, PhraseOptions) else PhraseOptions()
        sentences = find_phrases(source, chosen, progress=progress)
    counted = _Counted(sentences)
    found = _train(counted, kind, settings, seed, threads, progress)
    result = replace(
        found,
        corpus=CorpusFacts(
            name=source.name,
            preparation=source.preparation,
            sentences=counted.sentences,
            words=counted.words,
            phrases=len(sentences.found) if isinstance(sentences, Phrases) else None,
            form=source.form,
        ),
        vectors=_knowing(found.vectors, source.form),
        seconds=time.perf_counter() - start,
    )
    if result.stopped:
        raise TrainingStopped(result)
    return result


def _knowing(vectors: Trainable, form: Preparation | None) -> Trainable:
    """Return vectors that know how text becomes their words."""
    if not isinstance(vectors, KeyedVectors):
        return replace(vectors, preparation=form)
    keep_preparation(vectors, form)
    return vectors


class _Counted:
    """A corpus whose sentences and words are counted, mostly while it is read."""

    def __init__(self, sentences: Corpus | Phrases) -> None:
        self._sentences = sentences
        self.sentences = self.words = 0

    def __iter__(self) -> Iterator[Sequence[str]]:
        self.sentences = self.words = 0
        for number, sentence in enumerate(self._sentences, 1):
            check_sentence(sentence, number)
            if sentence:
                self.sentences += 1
                self.words += len(sentence)
            yield sentence

    def in_memory(self) -> "list[Sequence[str]] | _Counted":
        """Return the sentences if they are a list, else this object."""
        if not isinstance(self._sentences, Words) or not isinstance(
            self._sentences.sentences, list
        ):
            return self
        for number, sentence in enumerate(self._sentences.sentences, 1):
            check_sentence(sentence, number)
        lengths = [len(sentence) for sentence in self._sentences.sentences]
        self.sentences, self.words = len(lengths) - lengths.count(0), sum(lengths)
        return self._sentences.sentences


def _train(
    sentences: _Counted, kind: str, settings: Settings, seed: int, threads: int, progress: bool
) -> TrainedVectors:
    """Train a kind; the facts about the corpus and the time are filled in later."""
    result = TrainedVectors(
        vectors=cast(Any, None),
        kind=kind,
        settings=settings,
        corpus=CorpusFacts(None, None, 0, 0),
        seed=seed,
        threads=threads,
        seconds=0.0,
    )
    if isinstance(settings, Word2VecSettings):
        held = sentences.in_memory()
        if isinstance(settings, FastTextSettings):
            model, told = train_fasttext(
                held, settings, seed=seed, threads=threads, progress=progress
            )
        else:
            model, told = train_word2vec(
                held, kind, settings, seed=seed, threads=threads, progress=progress
            )
        return replace(
            result,
            vectors=model.wv,
            losses=told.losses,
            epochs=told.epochs,
            stopped=told.stopped,
        )
    if isinstance(settings, SharedSkipGramSettings):
        return _train_shared(sentences, settings, result, progress)
    if isinstance(settings, GloveSettings):
        return _train_glove(sentences, settings, result, progress)
    if isinstance(settings, PpmiSvdSettings):
        counts = _count(sentences, settings, progress)
        vectors = svd_vectors(
            counts,
            settings.dimension,
            shift=settings.shift,
            smoothing=settings.smoothing,
            eigenvalue_weighting=settings.eigenvalue_weighting,
            seed=seed,
        )
        return replace(result, vectors=vectors)
    if isinstance(settings, PpmiSettings):
        counts = _count(sentences, settings, progress)
        weights = ppmi(counts, shift=settings.shift, smoothing=settings.smoothing)
        return replace(result, vectors=replace(counts, matrix=weights))
    if isinstance(settings, CooccurrenceSettings):
        return replace(result, vectors=_count(sentences, settings, progress))
    return replace(result, vectors=count_words(sentences, settings))


def _train_shared(
    sentences: _Counted, settings: SharedSkipGramSettings, result: TrainedVectors, progress: bool
) -> TrainedVectors:
    train = partial(train_skip_gram, sentences, **asdict(settings))
    return _train_by_epoch(train, settings.epochs, result, progress)


def _train_by_epoch(
    train: Callable[..., KeyedVectors], epochs: int, result: TrainedVectors, progress: bool
) -> TrainedVectors:
    """Run a trainer that reports its losses; after Ctrl-C return the vectors so far."""
    losses: list[float] = []
    try:
        vectors = train(
            threads=result.threads,
            seed=result.seed,
            progress=progress,
            on_epoch=lambda epoch, loss: losses.append(loss),
        )
    except (GloveStopped, SkipGramStopped) as stop:
        vectors = stop.vectors
    return replace(
        result,
        vectors=vectors,
        losses=tuple(losses),
        epochs=len(losses),
        stopped=len(losses) < epochs,
    )


def _train_glove(
    sentences: _Counted, settings: GloveSettings, result: TrainedVectors, progress: bool
) -> TrainedVectors:
    def train(counts: Cooccurrences | CooccurrenceFile) -> TrainedVectors:
        bound = partial(
            train_glove,
            counts,
            dimension=settings.dimension,
            epochs=settings.epochs,
            x_max=settings.x_max,
            alpha=settings.alpha,
            learning_rate=settings.learning_rate,
        )
        return _train_by_epoch(bound, settings.epochs, result, progress)

    if settings.memory is None:
        return train(_count(sentences, settings, progress))
    # Counts that outgrow memory stay in their file while GloVe trains.
    with tempfile.TemporaryDirectory(prefix="hf-recurrent-glove-") as folder:
        path = Path(folder, "counts.bin")
        options = _count_options(settings) | {"memory": settings.memory}
        counts = count_cooccurrences_to_file(sentences, path, progress=progress, **options)
        check_enough(counts.words, settings)
        return train(counts)


def _count(sentences: _Counted, settings: CooccurrenceSettings, progress: bool) -> Cooccurrences:
    options = _count_options(settings) | {"memory": settings.memory}
    counts = count_cooccurrences(sentences, progress=progress, **options)
    check_enough(counts.words, settings)
    return counts


def _count_options(settings: CooccurrenceSettings) -> dict[str, Any]:
    return {
        "window": settings.window,
        "min_count": settings.min_count,
        "max_vocabulary": settings.max_vocabulary,
        "weighting": settings.weighting,
        "symmetric": settings.symmetric,
    }
