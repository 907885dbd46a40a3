"""Choose the words of a corpus that get a vector; one-hot vectors are just these words."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from gensim.models import KeyedVectors

from ..._wording import counted
from .._keyed_vectors import keyed_vectors
from .._preparation import Preparation
from ._words import check_words, unhashable_named
from .settings import Settings


@dataclass(frozen=True)
class OneHotVocabulary:
    """One-hot vectors: word i has a 1 at position i. No matrix is ever made of them.

    In a model they are a look-up into its input weights (``word_inputs``).

    Attributes:
        words: The words by falling frequency; equal ones in the order in which they first occur.
        counts: int64, how often each word occurs.
        preparation: How text becomes these words; None if that is not known.
    """

    words: list[str]
    counts: np.ndarray
    preparation: Preparation | None = None


def count_words(sentences: Iterable[Sequence[str]], settings: Settings) -> OneHotVocabulary:
    """Count the words of a corpus and keep those that the settings ask for.

    Raises:
        ValueError: If the corpus is empty, or no word is left.
    """
    counts = Counter[str]()
    for sentence in sentences:
        with unhashable_named([sentence]):
            counts.update(sentence)
    words = choose_words(counts, settings)
    return OneHotVocabulary(list(words), np.array(list(words.values()), dtype=np.int64))


def choose_words(counts: Mapping[str, int], settings: Settings) -> dict[str, int]:
    """Return the words to keep and their counts, by falling frequency.

    Words of the same frequency are in the order of ``counts``.

    Args:
        counts: How often each word occurs.
        settings: Which words to keep.

    Raises:
        ValueError: If there are no words, a word is not a string, or none is left.
    """
    if not counts:
        raise ValueError("The corpus is empty: it has no words.")
    check_words(counts)
    words, numbers = list(counts), np.array(list(counts.values()))
    return {words[i]: int(numbers[i]) for i in chosen_rows(words, numbers, settings)}


def chosen_rows(words: Sequence[str], counts: np.ndarray, settings: Settings) -> np.ndarray:
    """Return the positions of the words to keep, by falling frequency, and then in their order.

    Raises:
        ValueError: If none is left.
    """
    by_frequency = np.argsort(-counts, kind="stable")[: settings.max_vocabulary]
    chosen = by_frequency[counts[by_frequency] >= settings.min_count]
    if not len(chosen):
        most = by_frequency[0]
        raise ValueError(
            f"No word comes {counted(settings.min_count, 'time')} (min_count): the most frequent "
            f"of {counted(len(words), 'word')} of the corpus, {words[most]!r}, comes "
            f"{counted(int(counts[most]), 'time')}."
        )
    return chosen


def check_enough(words: Sequence[str], settings: Settings) -> None:
    """Check that there are at least two words, for vectors that are learned from neighbours.

    Raises:
        ValueError: If there is only one.
    """
    if len(words) < 2:
        raise ValueError(
            f"The only word of the corpus that is left is {words[0]!r} (min_count is "
            f"{settings.min_count}): vectors are learned from words beside one another, so at "
            f"least two are needed."
        )


def vectors_with_counts(
    words: Sequence[str], matrix: np.ndarray, counts: np.ndarray
) -> KeyedVectors:
    """Return ``KeyedVectors`` whose ``get_vecattr(word, "count")`` is the count of a word."""
    index = {word: row for row, word in enumerate(words)}
    vectors = keyed_vectors(list(words), index, matrix)
    vectors.expandos["count"] = counts.copy()
    return vectors
