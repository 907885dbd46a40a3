"""Train CBOW and skip-gram vectors (Mikolov et al., 2013) and fastText with gensim."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

from gensim.models import FastText, Word2Vec

from ._corpus_file import CorpusFile, corpus_file
from ._corpus_in_memory import CorpusInMemory, corpus_in_memory
from ._gensim_feeds import FileFeed, MemoryFeed
from ._gensim_trainer import Trained, run_trainer
from ._window_counts import MOST_DRAWN
from .settings import FastTextSettings, Word2VecSettings
from .vocabulary import check_enough, choose_words

# More threads than these wait for Python's lock when they take their words from memory.
_MOST_THREADS_IN_MEMORY = 2


def train_word2vec(
    sentences: Iterable[Sequence[str]],
    settings: Word2VecSettings | None = None,
    *,
    sg: int = 1,
    seed: int = 0,
    workers: int = 1,
    progress: bool = True,
) -> tuple[Any, Trained]:
    """Train word vectors with gensim's compiled trainers.

    The corpus is read once. A list of sentences stays in memory if there are one or two threads;
    all else is written to a temporary file, which any number of threads can read at once. Sentences
    of more than 1000 words are cut, as in word2vec.c. On one thread the result is exactly
    repeatable.

    Args:
        sentences: The corpus; each sentence is a list of words.
        settings: How to train.
        sg: 1 for skip-gram, 0 for CBOW.
        seed: Seed of the first weights and of all random numbers.
        workers: Number of threads.
        progress: Whether to show bars on a terminal.

    Returns:
        gensim's ``Word2Vec`` model, whose ``wv`` are the vectors, and the report of the training.
        Its losses are sums of -log sigmoid over the pairs and negatives of a word; gensim leaves
        out those whose product is beyond 6. After Ctrl-C the vectors so far are returned, and
        ``stopped`` is true.

    Raises:
        ValueError: If the corpus is empty, or fewer than two words are left.
        OSError: If the temporary folder cannot be written.
    """
    settings = settings or Word2VecSettings()
    model = Word2Vec(sg=sg, **_options(settings, seed))
    return model, _train(model, sentences, settings, workers, progress)


def train_fasttext(
    sentences: Iterable[Sequence[str]],
    settings: FastTextSettings | None = None,
    *,
    seed: int = 0,
    workers: int = 1,
    progress: bool = True,
) -> tuple[Any, Trained]:
    """Train word vectors with vectors of n-grams (Bojanowski et al., 2017) with gensim.

    Args:
        sentences: As in ``train_word2vec``, like all that follow.
        settings: How to train.
        seed: Seed of the first weights and of all random numbers.
        workers: Number of threads.
        progress: Whether to show bars on a terminal.

    Returns:
        gensim's ``FastText`` model, whose ``wv`` also have vectors for unseen words, and the report
        of the training, without losses: gensim's trainer reports none for it.

    Raises:
        ValueError: If the corpus is empty, or fewer than two words are left.
        OSError: If the temporary folder cannot be written.
    """
    settings = settings or FastTextSettings()
    model = FastText(**_options(settings, seed))
    return model, _train(model, sentences, settings, workers, progress)


def _options(settings: Word2VecSettings, seed: int) -> dict[str, Any]:
    """Return the settings as gensim takes them, which has the same names."""
    options = asdict(settings) | {"seed": seed, "window": min(settings.window, MOST_DRAWN)}
    options["min_count"] = 1  # the words are chosen before
    del options["max_vocabulary"]
    return options


def _train(
    model: Word2Vec,
    sentences: Iterable[Sequence[str]],
    settings: Word2VecSettings,
    workers: int,
    progress: bool,
) -> Trained:
    with ExitStack() as stack:
        corpus: CorpusFile | CorpusInMemory
        if isinstance(sentences, list | tuple) and workers <= _MOST_THREADS_IN_MEMORY:
            corpus = corpus_in_memory(sentences)
        else:
            corpus = stack.enter_context(corpus_file(sentences, progress=progress))
        words = choose_words(corpus.counts, settings)
        check_enough(list(words), settings)
        model.build_vocab_from_freq(words, corpus_count=corpus.sentences)
        feed = (
            MemoryFeed(model, corpus, settings.epochs) if isinstance(corpus, CorpusInMemory)
            else FileFeed(model, corpus, settings.epochs)
        )  # fmt: skip
        return run_trainer(model, feed, epochs=settings.epochs, workers=workers, progress=progress)
