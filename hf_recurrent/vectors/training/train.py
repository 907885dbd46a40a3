"""Train word vectors of any kind on any corpus with one function."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from gensim.models import KeyedVectors

from .._preparation import Preparation, keep_preparation
from ._epochs import TrainingStopped, usable_workers
from ._words import check_sentence
from .cooccurrence import count_cooccurrences, count_cooccurrences_to_file
from .corpus import Corpus, make_corpus
from .glove import train_glove
from .mutual_information import ppmi, svd_vectors
from .phrases import PhraseOptions, Phrases, find_phrases
from .result import CorpusFacts, Trainable, TrainedVectors
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
from .skip_gram import train_skip_gram
from .vocabulary import check_enough, count_words
from .word2vec import train_fasttext, train_word2vec


def train_vectors(
    corpus: Any,
    kind: str = "skip-gram",
    *,
    column: str | None = None,
    pre_tokenizer: str = "ptb",
    lowercase: bool = True,
    phrases: bool | PhraseOptions = False,
    seed: int = 0,
    workers: int | None = None,
    progress: bool = True,
    **options: Any,
) -> TrainedVectors:
    """Train word vectors.

    | kind | vectors | options (see ``settings``) |
    |---|---|---|
    | one-hot | a vocabulary | min_count, max_vocabulary; all other kinds have these too |
    | cooccurrence | sparse counts | window, weighting, symmetric, memory |
    | ppmi | sparse PPMI | those of counts, shift, smoothing |
    | ppmi-svd | dense | those of ppmi, vector_size, eigenvalue_weighting |
    | cbow, skip-gram | dense | vector_size, window, epochs, negative, sample, alpha, hs, ... |
    | skip-gram-shared | dense, faster | as skip-gram, without hs |
    | glove | dense | those of counts, vector_size, epochs, x_max, learning_rate, ... |
    | fasttext | dense, unseen words too | those of cbow, sg, min_n, max_n, bucket |

    The names of settings are those of gensim, where gensim has such a setting.

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
        workers: Number of threads; None takes as many as this process may use.
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
    workers = usable_workers(workers)
    source = make_corpus(corpus, column=column, pre_tokenizer=pre_tokenizer, lowercase=lowercase)
    start = time.perf_counter()
    sentences: Corpus | Phrases = source
    if phrases:
        chosen = phrases if isinstance(phrases, PhraseOptions) else PhraseOptions()
        sentences = find_phrases(source, chosen, progress=progress)
    counted = _Counted(sentences)
    common = {"seed": seed, "workers": workers, "progress": progress}
    trained = _train(counted, kind, settings, common)
    if not counted.words:  # gensim's trainer read the list itself
        counted.count()
    result = TrainedVectors(
        vectors=_knowing(trained.vectors, source.form),
        kind=kind,
        settings=settings,
        corpus=CorpusFacts(
            name=source.name,
            preparation=source.preparation,
            sentences=counted.sentences,
            words=counted.words,
            phrases=len(sentences.found) if isinstance(sentences, Phrases) else None,
            form=source.form,
        ),
        seed=seed,
        workers=workers,
        seconds=time.perf_counter() - start,
        losses=trained.losses,
        epochs=trained.epochs,
        stopped=trained.stopped,
    )
    if result.stopped:
        raise TrainingStopped(result.vectors, result.epochs or 0, result)
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

    def count(self) -> None:
        """Count the whole corpus."""
        for _ in self:
            pass

    def __iter__(self) -> Iterator[Sequence[str]]:
        self.sentences = self.words = 0
        for number, sentence in enumerate(self._sentences, 1):
            check_sentence(sentence, number)
            if sentence:
                self.sentences += 1
                self.words += len(sentence)
            yield sentence

    def in_memory(self) -> "list[Sequence[str]] | _Counted":
        """Return the sentences if they are a list, which is then not counted, else this object."""
        corpus = self._sentences
        if isinstance(corpus, Phrases) or corpus.form or not isinstance(corpus.sentences, list):
            return self
        return corpus.sentences


@dataclass(frozen=True)
class _Trained:
    """The part of the result that a trainer knows."""

    vectors: Trainable
    losses: tuple[float, ...] = ()
    epochs: int | None = None
    stopped: bool = False


def _train(sentences: _Counted, kind: str, settings: Settings, common: dict[str, Any]) -> _Trained:
    """Train a kind; ``common`` are the seed, the workers and whether to show progress."""
    progress = common["progress"]
    if isinstance(settings, Word2VecSettings):
        held = sentences.in_memory()
        if isinstance(settings, FastTextSettings):
            model, report = train_fasttext(held, settings, **common)
        else:
            model, report = train_word2vec(held, settings, sg=int(kind == "skip-gram"), **common)
        return _Trained(model.wv, report.losses, report.epochs, report.stopped)
    if isinstance(settings, SharedSkipGramSettings):
        return _by_epoch(train_skip_gram, sentences, asdict(settings) | common)
    if isinstance(settings, GloveSettings):
        return _train_glove(sentences, settings, common)
    if isinstance(settings, CooccurrenceSettings):
        counts = count_cooccurrences(sentences, progress=progress, **_counts_of(settings))
        check_enough(counts.words, settings)
        if not isinstance(settings, PpmiSettings):
            return _Trained(counts)
        options = _own(settings, CooccurrenceSettings)
        if isinstance(settings, PpmiSvdSettings):
            return _Trained(svd_vectors(counts, seed=common["seed"], **options))
        return _Trained(replace(counts, matrix=ppmi(counts, **options)))
    return _Trained(count_words(sentences, settings))


def _train_glove(sentences: _Counted, settings: GloveSettings, common: dict[str, Any]) -> _Trained:
    count: dict[str, Any] = {"progress": common["progress"], **_counts_of(settings)}
    # Counts that outgrow memory stay in their file while GloVe trains.
    with tempfile.TemporaryDirectory(prefix="hf-recurrent-glove-") as folder:
        counts = (
            count_cooccurrences(sentences, **count) if settings.memory is None
            else count_cooccurrences_to_file(sentences, Path(folder, "counts.bin"), **count)
        )  # fmt: skip
        check_enough(counts.words, settings)
        return _by_epoch(train_glove, counts, _own(settings, CooccurrenceSettings) | common)


def _by_epoch(train: Callable[..., KeyedVectors], data: Any, options: dict[str, Any]) -> _Trained:
    """Run a trainer that reports its losses; after Ctrl-C return the vectors so far."""
    losses: list[float] = []
    vectors: Trainable
    try:
        vectors = train(data, on_epoch=lambda epoch, loss: losses.append(loss), **options)
    except TrainingStopped as stop:
        vectors = stop.vectors
    return _Trained(vectors, tuple(losses), len(losses), len(losses) < options["epochs"])


def _counts_of(settings: CooccurrenceSettings) -> dict[str, Any]:
    """Return the settings of the counting."""
    return {field.name: getattr(settings, field.name) for field in fields(CooccurrenceSettings)}


def _own(settings: Settings, base: type[Settings]) -> dict[str, Any]:
    """Return the settings that a kind has in addition to those of its base."""
    known = {field.name for field in fields(base)}
    return {name: value for name, value in asdict(settings).items() if name not in known}
