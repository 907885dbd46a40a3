"""Train word vectors further on the text of a domain, without losing what they knew."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from gensim.models import KeyedVectors, Word2Vec
from tqdm.auto import tqdm

from .._wording import check_least, counted
from ..models.publishable import passing_on
from ..models.texts import check_texts
from ._keyed_vectors import keyed_vectors as make_keyed_vectors
from ._new_words import vectors_from_contexts, vectors_from_subwords
from ._own_words import with_own_words
from ._preparation import keep_preparation, known_preparation, preparation_of
from .training._window_counts import MOST_DRAWN
from .training._words import check_sentence, check_words, unhashable_named

Sentences: TypeAlias = Iterable[Sequence[str]]

_MOST_WORDS = 10_000
# Vectors are trained at this mean length, and brought back to their own. The steps of skip-gram do
# not depend on the length, so they turn short vectors about: with vectors of length 1 WordSim-353
# fell by 10 points where it fell by less than 1 from length 3 on.
_LENGTH = 5.0


class AdaptationStopped(KeyboardInterrupt):
    """Ctrl-C ended the training; ``vectors`` are those after the last whole epoch."""

    def __init__(self, vectors: KeyedVectors) -> None:
        super().__init__("Ctrl-C ended the adaptation.")
        self.vectors = vectors


def adapt_vectors(
    keyed_vectors: KeyedVectors,
    sentences: Sentences,
    *,
    epochs: int = 5,
    pull: float = 0.5,
    new_words: bool = True,
    min_count: int = 5,
    window: int = 5,
    negative: int = 5,
    alpha: float = 0.025,
    workers: int = 1,
    seed: int = 0,
    progress: bool = True,
) -> KeyedVectors:
    """Train vectors further on the sentences of a domain, with a pull towards the old vectors.

    The method is skip-gram with negative sampling (Mikolov et al. 2013), in three steps:

    1. Words of the domain that the vectors lack get a vector: from their n-grams for fastText
       vectors, from their contexts for others (``vectors_from_contexts``).
    2. Word vectors come without output weights. These are learnt for one epoch while all input
       vectors stay fixed. Otherwise the first updates, by untrained weights, would undo what the
       vectors knew.
    3. Input and output weights are trained. After each epoch every old word is moved back towards
       its old vector. The share of the way is larger if the word is rare in the domain and
       frequent in general (``pull_of_words``). This is the squared distance to the old vectors,
       weighted by frequency, that Yang et al. (2017, A Simple Regularization-based Algorithm for
       Learning Cross-Domain Word Embeddings) add to the loss, here as a separate step.

    Words that the domain lacks stay exactly as they were.

    Args:
        keyed_vectors: The vectors, frequent words first; they are not changed. fastText's n-grams
            are used for new words only and are not kept.
        sentences: The corpus. Each sentence is a list of words in the vectors' own form
            (``words_of_texts``). It is read several times.
        epochs: Epochs of the third step; 0 adds the new words and trains nothing.
        pull: The largest share of the way back that a word is moved after an epoch; 0 for none.
        new_words: Whether to add the words that the vectors lack.
        min_count: How often a word must occur in the corpus.
        window: Words of context on either side.
        negative: Number of negative samples.
        alpha: The learning rate of the first update; it falls to a hundredth of that.
        workers: Number of threads. With one, the result is exactly repeatable.
        seed: Seed of the samples.
        progress: Whether to show a bar on a terminal.

    Returns:
        The old words in their order and then the new ones by their frequency in the domain.

    Raises:
        AdaptationStopped: If Ctrl-C ends the training.
        ValueError: If an argument is out of range, the corpus can be read only once, a word is not
            a string, or no frequent word of the corpus has a vector.
    """
    check_least(0, epochs=epochs)
    check_least(1, min_count=min_count, window=window, negative=negative, workers=workers)
    if not 0 <= pull <= 1:
        raise ValueError(f"pull is {pull}, expected 0 to 1.")
    if not 0 < alpha < float("inf"):
        raise ValueError(f"alpha is {alpha}, expected a number above 0.")
    if iter(sentences) is sentences:  # an iterator
        raise ValueError(
            "sentences can be read only once, expected a list or an object that can be read again."
        )
    parts = _Parts(sentences)
    counts = Counter[str]()
    for part in parts:
        with unhashable_named([part]):
            counts.update(part)
    check_words(counts)
    frequent = {word: count for word, count in counts.most_common() if count >= min_count}
    known = [word for word in frequent if word in keyed_vectors.key_to_index]
    if not known:
        raise ValueError(
            f"Of the {counted(len(frequent), 'word', 'that stands', 'that stand')} at least "
            f"{counted(min_count, 'time')} in the corpus none has a vector: are they in the "
            "vectors' form?"
        )
    unknown = [word for word in frequent if word not in keyed_vectors.key_to_index]
    added: dict[str, np.ndarray] = {}
    if new_words and unknown:
        if hasattr(keyed_vectors, "vectors_ngrams"):
            added = vectors_from_subwords(keyed_vectors, unknown)
        else:
            added = vectors_from_contexts(keyed_vectors, sentences, known, unknown, window)
    extended = _extended(keyed_vectors, added)
    if "count" in keyed_vectors.expandos:
        old = keyed_vectors.expandos["count"]
        new = np.array([frequent[word] for word in added], dtype=old.dtype)
        extended.expandos["count"] = np.concatenate([old, new])
    if not epochs:
        return extended
    model = Word2Vec(
        vector_size=keyed_vectors.vector_size,
        sg=1,
        window=min(window, MOST_DRAWN),
        negative=negative,
        min_count=1,
        sample=1e-3,
        workers=workers,
        seed=seed + 1,  # gensim takes 0 for none
    )
    model.build_vocab_from_freq({word: frequent[word] for word in (*known, *added)})
    words = model.wv.index_to_key
    rows = np.array([extended.key_to_index[word] for word in words])
    length = np.linalg.norm(extended.vectors[rows], axis=1).mean()
    scale = np.float32(_LENGTH / length if length > 0 else 1)
    model.wv.vectors[:] = extended.vectors[rows] * scale
    back = pull * pull_of_words(keyed_vectors, words, frequent)
    try:
        for trained in _train(model, parts, counts.total(), back, epochs, alpha, progress):
            extended.vectors[rows] = trained / scale
    except KeyboardInterrupt:
        raise AdaptationStopped(extended) from None
    return extended


def _train(
    model: Word2Vec,
    parts: "_Parts",
    words: int,
    back: np.ndarray,
    epochs: int,
    alpha: float,
    progress: bool,
) -> Iterator[np.ndarray]:
    """Run the second and the third step of ``adapt_vectors``; yield the vectors after each epoch.

    Args:
        model: The model with the vectors to train.
        parts: The corpus.
        words: Number of words of the corpus.
        back: The share of the way back for each word.
        epochs: Epochs of the third step.
        alpha: The learning rate of the first update.
        progress: Whether to show a bar.
    """
    start = model.wv.vectors.copy()
    rates = np.linspace(alpha, alpha / 100, epochs + 1)
    # One step of the bar for each epoch: gensim reports nothing in between.
    with tqdm(
        total=epochs + 1, desc="adapting", unit=" epochs", leave=False,
        disable=None if progress else True,
    ) as bar:  # fmt: skip
        for epoch in range(epochs + 1):
            locked = epoch == 0
            model.wv.vectors_lockf = np.full(len(start), 0.0 if locked else 1.0, dtype=np.float32)
            place = max(epoch - 1, 0)
            model.train(
                parts,
                total_examples=parts.count,
                total_words=words,
                epochs=1,
                start_alpha=alpha if locked else rates[place],
                end_alpha=alpha if locked else rates[place + 1],
            )
            model.wv.vectors += back[:, None] * (start - model.wv.vectors)
            bar.update()
            yield model.wv.vectors


class _Parts:
    """Sentences cut where gensim would drop their end; ``count`` is set by reading them once."""

    def __init__(self, sentences: Sentences) -> None:
        self._sentences, self.count = sentences, 0

    def __iter__(self) -> Iterator[Sequence[str]]:
        self.count = 0
        for number, sentence in enumerate(self._sentences, 1):
            check_sentence(sentence, number)
            for start in range(0, len(sentence), _MOST_WORDS):
                self.count += 1
                yield sentence[start : start + _MOST_WORDS]


def pull_of_words(
    keyed_vectors: KeyedVectors, words: Sequence[str], counts: dict[str, int]
) -> np.ndarray:
    """Return how strongly words are pulled to their old vectors, from 0 (new words) to 1.

    It is g / (g + d), with the relative frequencies g of a word in general and d in the domain. The
    general frequency comes from the counts of the vectors, else from their rows by Zipf's law.

    Args:
        keyed_vectors: The old vectors.
        words: The words.
        counts: How often each word occurs in the domain.
    """
    known = np.array([keyed_vectors.key_to_index.get(word, -1) for word in words])
    if "count" in keyed_vectors.expandos:
        frequency = np.asarray(keyed_vectors.expandos["count"], dtype=np.float64)
    else:
        frequency = 1 / np.arange(1, len(keyed_vectors) + 1)
    general = np.where(known < 0, 0, frequency[known]) / frequency.sum()
    domain = np.array([counts[word] for word in words]) / sum(counts.values())
    return (general / (general + domain)).astype(np.float32)


def words_of_texts(texts: Iterable[str], keyed_vectors: KeyedVectors) -> list[list[str]]:
    """Cut texts into words of the form that vectors have: their case, clitics and digits.

    Raises:
        ValueError: If a text is not a string.
    """
    cut = form_of_words(keyed_vectors)["preparation"].cutter()
    return [[sys.intern(word) for word in cut(text)] for text in check_texts(texts)]


def form_of_words(keyed_vectors: KeyedVectors) -> dict[str, Any]:
    """Return how text becomes words of vectors, as the arguments of ``open_corpus``."""
    words = keyed_vectors.index_to_key
    preparation, _ = with_own_words(words, preparation_of(keyed_vectors))
    return {"preparation": preparation}


def _extended(keyed_vectors: KeyedVectors, added: dict[str, np.ndarray]) -> KeyedVectors:
    """Return a copy of vectors with more words."""
    words = [*keyed_vectors.index_to_key, *added]
    old = np.asarray(keyed_vectors.vectors, dtype=np.float32)
    matrix = np.concatenate([old, *(vector[None] for vector in added.values())])
    extended = make_keyed_vectors(words, {word: row for row, word in enumerate(words)}, matrix)
    keep_preparation(extended, known_preparation(keyed_vectors))
    return passing_on(extended, keyed_vectors)
