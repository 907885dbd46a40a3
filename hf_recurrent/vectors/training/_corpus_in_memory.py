"""Split a corpus in memory into the batches that gensim's trainers take at once."""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ._corpus_file import whole_sentences
from ._words import unhashable_named


@dataclass(frozen=True)
class CorpusInMemory:
    """A corpus in memory; its sentences are not copied.

    Attributes:
        batches: Whole sentences, as many as gensim takes at once.
        sizes: The words of each batch.
        counts: How often each word occurs, in the order in which the words first occur.
        sentences: Number of sentences with at least one word, before long ones were cut.
    """

    batches: list[list[Sequence[str]]]
    sizes: list[int]
    counts: Counter[str]
    sentences: int


def corpus_in_memory(sentences: Sequence[Sequence[str]]) -> CorpusInMemory:
    """Count the words of a corpus and put its sentences into batches.

    Raises:
        ValueError: If a sentence is not a sequence of words that can be counted.
    """
    batches, sizes, number = [], [], 0
    counts = Counter[str]()
    for _, found, size, parts in whole_sentences(sentences):
        number = found
        batches.append(parts)
        sizes.append(size)
        with unhashable_named(parts):
            counts.update(itertools.chain.from_iterable(parts))
    return CorpusInMemory(batches, sizes, counts, number)
