"""Turn a corpus into numbers: it is read once, and then used as arrays as often as needed."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ._epochs import progress_bar
from ._words import check_sentence, check_words, unhashable_named

# Least number of words of a block of whole sentences: arrays are fast then, and take a few MB.
BLOCK_WORDS = 1 << 16


class EncodedCorpus:
    """The words of a corpus as ids, in blocks of whole sentences, in memory or in a file.

    Attributes:
        words: The words by id: in the order in which they first occur, or as they were given.
        counts: How often each word occurs, int64.
        running_words: Number of words of the corpus, known or not.
        longest: Number of words of the longest sentence.

    Args:
        path: The file for the ids; None keeps them in memory.
    """

    def __init__(self, path: Path | None) -> None:
        self.words: list[str] = []
        self.counts = np.zeros(0, dtype=np.int64)
        self.running_words = 0
        self.longest = 0
        self._path = path
        self._blocks: list[tuple[np.ndarray, np.ndarray]] = []
        self._places: list[tuple[int, int, int]] = []

    def append(self, ids: np.ndarray, lengths: np.ndarray) -> None:
        """Add a block.

        Args:
            ids: int32, the words of all its sentences in one row; -1 is an unknown word.
            lengths: int32, the number of words of each sentence.
        """
        known = np.bincount(ids[ids >= 0], minlength=len(self.counts))
        known[: len(self.counts)] += self.counts
        self.counts = known
        self.running_words += len(ids)
        self.longest = max(self.longest, int(lengths.max(initial=0)))
        if self._path is None:
            self._blocks.append((ids, lengths))
            return
        with self._path.open("ab") as file:
            self._places.append((file.tell(), len(ids), len(lengths)))
            file.write(ids.data)
            file.write(lengths.data)

    def __len__(self) -> int:
        return len(self._blocks) + len(self._places)

    def block(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the ids of a block and the lengths of its sentences."""
        if self._path is None:
            return self._blocks[number]
        offset, words, sentences = self._places[number]
        ids = np.fromfile(self._path, np.int32, words, offset=offset)
        return ids, np.fromfile(self._path, np.int32, sentences, offset=offset + ids.nbytes)


def known_words(
    block: tuple[np.ndarray, np.ndarray], ids_by_word: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Renumber the words of a block and leave out those without a number.

    Args:
        block: Words and lengths, as ``EncodedCorpus.block`` returns them.
        ids_by_word: int32, the new id of each word; -1 leaves it out.

    Returns:
        The ids in one row, and the number of words that each sentence still has.
    """
    words, lengths = block
    # An unknown word is -1, which indexes the -1 at the end.
    ids = np.append(ids_by_word, np.int32(-1))[words]
    kept = ids >= 0
    ends = np.cumsum(lengths)
    left = np.concatenate([[0], np.cumsum(kept)])
    return ids[kept], left[ends] - left[ends - lengths]


def encode(
    sentences: Iterable[Sequence[str]],
    words: Sequence[str] | None,
    path: Path | None,
    progress: bool,
) -> EncodedCorpus:
    """Read a corpus once and number its words.

    Args:
        sentences: The corpus.
        words: The known words; None means every word.
        path: The file for the ids; None keeps them in memory.
        progress: Whether to show a bar on a terminal.

    Raises:
        ValueError: If a sentence is not a sequence of words, a word is not a string, or there is no
            word at all.
    """
    corpus = EncodedCorpus(path)
    index, look_up = _look_up(words)
    with progress_bar("reading", "words", progress) as bar:
        for batch in _batches(sentences):
            lengths = np.fromiter(map(len, batch), dtype=np.int32, count=len(batch))
            size = int(lengths.sum())
            found = look_up(itertools.chain.from_iterable(batch))
            with unhashable_named(batch):
                ids = np.fromiter(found, dtype=np.int32, count=size)
            if words is not None:
                # Words that are not known leave no trace in the index.
                run = itertools.chain.from_iterable(batch)
                if any(not issubclass(kind, str) for kind in set(map(type, run))):
                    check_words(itertools.chain.from_iterable(batch))
            corpus.append(ids, lengths)
            bar.update(size)
    if not corpus.running_words:
        raise ValueError("The corpus holds no words: expected sentences, each a list of words.")
    check_words(index)
    corpus.words = list(index)
    corpus.counts = np.pad(corpus.counts, (0, len(index) - len(corpus.counts)))
    return corpus


def _look_up(
    words: Sequence[str] | None,
) -> tuple[dict[str, int], Callable[[Iterable[str]], Iterator[int]]]:
    """Return the index, and a function from words to ids with no Python code for each word."""
    if words is not None:
        fixed = {word: i for i, word in enumerate(words)}
        return fixed, lambda run: map(fixed.get, run, itertools.repeat(-1))
    growing: defaultdict[str, Any] = defaultdict()
    growing.default_factory = growing.__len__
    return growing, lambda run: map(growing.__getitem__, run)


def _batches(sentences: Iterable[Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    batch: list[Sequence[str]] = []
    size = 0
    for number, sentence in enumerate(sentences, 1):
        check_sentence(sentence, number)
        batch.append(sentence)
        size += len(sentence)
        if size >= BLOCK_WORDS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
