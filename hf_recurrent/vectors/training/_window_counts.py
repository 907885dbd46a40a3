"""Count the pairs of words that are within a window of one another, array by array."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..._wording import counted
from ._encoded_corpus import EncodedCorpus, known_words

# Every word makes a pair with so many others: counting more would take too long on any corpus.
MOST_WINDOW = 1000
# Of a window that is drawn, the inner loops cannot count further, also those of gensim; nearly
# every draw from a window of this size is the whole sentence.
MOST_DRAWN = 1 << 30
# Above this, the weights of a window are no longer whole units.
_MOST_UNITS = 1 << 30

# The memory of a pair while it is counted: its code, the sorted code's parts, and its weight.
BYTES_A_PAIR = 64


@dataclass(frozen=True)
class Counts:
    """Counts of pairs.

    Attributes:
        keys: int64, rising: the row of a pair, shifted, and its column.
        sums: float64, the units of each pair.
    """

    keys: np.ndarray
    sums: np.ndarray


def merge(parts: Sequence[Counts]) -> Counts:
    """Join counts into one, and add up the counts of the same pair."""
    if len(parts) == 1:
        return parts[0]
    keys = np.concatenate([part.keys for part in parts])
    # Stable means timsort for 64 bits, which merges runs that are in order.
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    sums = np.concatenate([part.sums for part in parts])[order]
    first = _first_of_each(keys)
    return Counts(keys[first], np.add.reduceat(sums, first) if len(first) else sums)


def usable_window(window: int, longest: int) -> int:
    """Return the window, cut to the longest sentence, in which it means the same.

    Args:
        window: The largest distance of two words that was asked for.
        longest: Words of the longest sentence.

    Raises:
        ValueError: If more than ``MOST_WINDOW`` are left, whose counting would not end.
    """
    usable = min(window, max(longest - 1, 1))
    if usable > MOST_WINDOW:
        raise ValueError(
            f"window is {window}, expected at most {MOST_WINDOW}, for the longest sentence of the "
            f"corpus has {counted(longest, 'word')}."
        )
    return usable


def _common_units(window: int) -> int:
    """Return the least common multiple of 1 to the window, or 1 where it is above the limit."""
    common = 1
    for distance in range(2, window + 1):
        common = math.lcm(common, distance)
        if common > _MOST_UNITS:
            return 1
    return common


class WindowCounter:
    """A counter of pairs within a window.

    The weight of a pair is counted in whole units of 1 / lcm(1, ..., window) as long as they fit.
    Then sums are exact, in whatever order the parts are added.

    Attributes:
        scale: Number of units of the weight 1.
        bits: Number of bits by which the row of a key is shifted.

    Args:
        vocabulary_size: Number of words.
        window: The largest distance of two words.
        harmonic: Whether a pair at distance d weighs 1 / d, or 1.
        symmetric: Whether a pair counts for both of its words. Then its row is the smaller id;
            else the row is the later word.
        memory: Bytes that one count may take.

    Raises:
        ValueError: If the pairs do not fit into 64 bits.
    """

    def __init__(
        self, vocabulary_size: int, window: int, harmonic: bool, symmetric: bool, memory: int
    ) -> None:
        distances = np.arange(1, window + 1)
        # From windows of 23 on, units are real numbers, rounded to 16 digits.
        self.scale = _common_units(window) if harmonic else 1
        weights = self.scale / distances if harmonic else np.ones(window)
        self._units = np.concatenate([[0.0], weights])
        self.bits = max(vocabulary_size - 1, 1).bit_length()
        self._distance_bits = window.bit_length()
        if 2 * self.bits + self._distance_bits > 63:
            raise ValueError(
                f"Pairs of {vocabulary_size} words within a window of {window} cannot be counted: "
                f"raise min_count, set max_vocabulary or choose a smaller window."
            )
        self._window = window
        self._symmetric = symmetric
        self._words_at_once = max(1, memory // (BYTES_A_PAIR * window))

    def count(self, corpus: EncodedCorpus, ids_by_word: np.ndarray) -> Iterator[tuple[int, Counts]]:
        """Yield the counts of a corpus, part by part.

        Words without an id are left out before distances are measured, as in the programs of GloVe
        and word2vec. Pairs never cross the end of a sentence.

        Args:
            corpus: The corpus.
            ids_by_word: int32, the id of each word of the corpus; -1 leaves it out.

        Yields:
            The number of words of the corpus that were read since the last counts, and the counts.
        """
        for number in range(len(corpus)):
            block = corpus.block(number)
            ids, lengths = known_words(block, ids_by_word)
            positions = np.arange(len(ids)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
            starts = range(0, max(len(ids), 1), self._words_at_once)
            for start in starts:
                stop = min(start + self._words_at_once, len(ids))
                counts = self._sum_up(self._pairs(ids, positions, start, stop))
                yield (len(block[0]) if stop == len(ids) else 0), counts

    def _pairs(self, ids: np.ndarray, positions: np.ndarray, start: int, stop: int) -> np.ndarray:
        """Return a code for each pair whose later word is between ``start`` and ``stop``.

        Args:
            ids: All words in one row.
            positions: The position of each word in its sentence.
            start: The first word whose pairs with earlier words are wanted.
            stop: The end of these words.
        """
        codes = np.empty((stop - start) * self._window, dtype=np.int64)
        filled = 0
        for distance in range(1, self._window + 1):
            later = start + np.flatnonzero(positions[start:stop] >= distance)
            if not len(later):
                break
            rows, columns = ids[later], ids[later - distance]
            if self._symmetric:
                rows, columns = np.minimum(rows, columns), np.maximum(rows, columns)
            part = codes[filled : filled + len(later)]
            part[:] = rows
            part <<= self.bits
            part |= columns
            part <<= self._distance_bits
            part |= distance
            filled += len(later)
        return codes[:filled]

    def _sum_up(self, codes: np.ndarray) -> Counts:
        codes.sort()
        keys = codes >> self._distance_bits
        first = _first_of_each(keys)
        codes &= (1 << self._distance_bits) - 1
        units = self._units[codes]
        return Counts(keys[first], np.add.reduceat(units, first) if len(first) else units)


def _first_of_each(keys: np.ndarray) -> np.ndarray:
    """Return the positions at which a new key begins, in sorted keys."""
    new = np.empty(len(keys), dtype=bool)
    new[:1] = True
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    return np.flatnonzero(new)
