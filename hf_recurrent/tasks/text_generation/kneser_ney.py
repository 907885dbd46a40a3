"""An n-gram language model with interpolated, modified Kneser-Ney smoothing.

Chen and Goodman (1999), "An empirical study of smoothing techniques for language modeling", have
the formulas. Counts are sorted arrays and not dictionaries: two million tokens take seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# Discounts of counts 1, 2 and more where the counts of counts of a small or closed vocabulary
# permit no estimate: those of KenLM's --discount_fallback (Heafield et al., 2013).
_FALLBACK = (0.5, 1.0, 1.5)
_NOWHERE = -1

_Ids = NDArray[np.int64]
_Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class _Order:
    """The n-grams of one length, sorted by context and word.

    Attributes:
        keys: (n-grams,) number of the context among the n-grams of one word less, times the size
            of the vocabulary, plus the word.
        shares: (n-grams,) discounted count divided by the counts of the context.
        rest: (contexts,) what the discounts leave to shorter n-grams.
    """

    keys: _Ids
    shares: _Numbers
    rest: _Numbers


class KneserNey:
    """Probabilities of the next token after up to ``order - 1`` tokens.

    An n-gram that is not of the full length is counted by the number of different tokens before
    it. Each count is discounted by one of three values, for the counts 1, 2 and more, which are
    estimated from the counts of counts of its length. What they leave goes to the n-grams that are
    shorter by one token, and at the end to all tokens alike.

    Args:
        ids: (tokens,) the training text as ids, at least one.
        vocab_size: Number of ids that can occur.
        order: Length of the longest n-grams, at most the length of the text; 1 for a unigram model.

    Raises:
        ValueError: If there is no text, or an id is out of range.
    """

    def __init__(self, ids: Sequence[int] | _Ids, vocab_size: int, order: int = 5) -> None:
        tokens = np.asarray(ids, dtype=np.int64)
        if order < 1:
            raise ValueError(f"order is {order}, expected at least 1.")
        if not len(tokens):
            raise ValueError("There is no text to count n-grams in.")
        _check_ids(tokens, vocab_size)
        self.vocab_size = vocab_size
        self.orders = _counted(tokens, vocab_size, min(order, len(tokens)))

    @property
    def order(self) -> int:
        """The length of the longest n-grams."""
        return len(self.orders)

    @property
    def num_ngrams(self) -> int:
        """The number of n-grams of all lengths."""
        return sum(len(order.keys) for order in self.orders)

    def log_probabilities(self, ids: Sequence[int] | _Ids, skip: int = 0) -> _Numbers:
        """Return the natural logarithm of the probability of each token after those before it.

        Args:
            ids: (tokens,) a text as ids.
            skip: Number of tokens at the beginning that are only context.

        Returns:
            (tokens - skip,) the logarithms.

        Raises:
            ValueError: If an id is out of range.
        """
        tokens = np.asarray(ids, dtype=np.int64)
        _check_ids(tokens, self.vocab_size)
        found = np.full(len(tokens), 1 / self.vocab_size)
        # The number of the n-gram that begins at each place, for one length after the other.
        places = np.zeros(len(tokens), dtype=np.int64)
        for length, order in enumerate(self.orders, 1):
            contexts = places[: max(len(tokens) - length + 1, 0)]
            words = tokens[length - 1 :]
            places = _look_up(order.keys, contexts, words, self.vocab_size)
            known = contexts != _NOWHERE
            shorter = found[length - 1 :]
            shares = np.where(places != _NOWHERE, order.shares[places], 0.0)
            mixed = shares + order.rest[contexts] * shorter
            found[length - 1 :] = np.where(known, mixed, shorter)
        return np.log(found[skip:])

    def distribution(self, context: Sequence[int]) -> _Numbers:
        """Return the probability of every id after some tokens.

        Args:
            context: The tokens before; the last ``order - 1`` of them count.

        Returns:
            (vocab_size,) probabilities.
        """
        near = np.asarray(context, dtype=np.int64)[max(len(context) - self.order + 1, 0) :]
        _check_ids(near, self.vocab_size)
        found = np.full(self.vocab_size, 1 / self.vocab_size)
        for length, order in enumerate(self.orders[: len(near) + 1], 1):
            place = self._place(near[len(near) - length + 1 :])
            if place == _NOWHERE or order.rest[place] == 1.0:
                continue
            first, end = np.searchsorted(
                order.keys, [place * self.vocab_size, (place + 1) * self.vocab_size]
            )
            found *= order.rest[place]
            found[order.keys[first:end] % self.vocab_size] += order.shares[first:end]
        return found

    def _place(self, tokens: _Ids) -> int:
        """Return the number of an n-gram among those of its length; ``_NOWHERE`` if unseen."""
        place = np.zeros(1, dtype=np.int64)
        for order, token in zip(self.orders, tokens, strict=False):
            place = _look_up(order.keys, place, token, self.vocab_size)
        return int(place[0])

    def save(self, path: Path) -> None:
        """Write all numbers into one file of numpy."""
        arrays = {
            f"{name}_{length}": getattr(order, name)
            for length, order in enumerate(self.orders, 1)
            for name in ("keys", "shares", "rest")
        }
        np.savez(path, vocab_size=np.int64(self.vocab_size), **arrays)


def _counted(tokens: _Ids, vocab_size: int, order: int) -> list[_Order]:
    """Return the n-grams of each length with their discounted counts."""
    places = np.zeros(len(tokens), dtype=np.int64)
    keys: list[_Ids] = []
    counts: list[_Ids] = []
    ends: list[_Ids] = []
    for length in range(1, order + 1):
        whole = places[: len(tokens) - length + 1] * vocab_size + tokens[length - 1 :]
        different, first, places, number = np.unique(
            whole, return_index=True, return_inverse=True, return_counts=True
        )
        if length > 1:
            # The tokens before an n-gram: each longer n-gram has one, and ends in the shorter.
            counts[-1] = np.bincount(ends[-1][first + 1], minlength=len(keys[-1]))
        keys.append(different)
        counts.append(number)
        ends.append(places)
    made, contexts = [], 1
    for own, number in zip(keys, counts, strict=True):
        made.append(_smoothed(own, number, own // vocab_size, contexts))
        contexts = len(own)
    return made


def _smoothed(keys: _Ids, counts: _Ids, contexts: _Ids, number: int) -> _Order:
    """Return the n-grams of one length with discounted counts.

    Args:
        keys: As in ``_Order``.
        counts: (n-grams,) their counts.
        contexts: (n-grams,) the context of each.
        number: Number of contexts.
    """
    discounts = np.array([0.0, *_discounts(counts)])[np.minimum(counts, 3)]
    totals = np.bincount(contexts, weights=counts, minlength=number)
    left = np.bincount(contexts, weights=discounts, minlength=number)
    seen = totals > 0
    rest = np.ones(number)
    rest[seen] = left[seen] / totals[seen]
    own = totals[contexts]
    shares = np.divide(counts - discounts, own, out=np.zeros(len(keys)), where=own > 0)
    return _Order(keys, shares, rest)


def _discounts(counts: _Ids) -> tuple[float, float, float]:
    """Return the discounts of the counts 1, 2 and more (Chen and Goodman 1999, equation 17)."""
    one, two, three, four = (float(np.count_nonzero(counts == n)) for n in (1, 2, 3, 4))
    if not (one and two and three and four):
        return _FALLBACK
    share = one / (one + 2 * two)
    found = (1 - 2 * share * two / one, 2 - 3 * share * three / two, 3 - 4 * share * four / three)
    if not all(0 < value < count for count, value in enumerate(found, 1)):
        return _FALLBACK
    return found


def _look_up(keys: _Ids, contexts: _Ids, words: _Ids, vocab_size: int) -> _Ids:
    """Return the number of each n-gram; ``_NOWHERE`` if it or its context is unseen."""
    wanted = np.where(contexts == _NOWHERE, _NOWHERE, contexts * vocab_size + words)
    places = np.searchsorted(keys, wanted)
    hit = keys[np.minimum(places, len(keys) - 1)] == wanted
    return np.where(hit, places, _NOWHERE)


def _check_ids(tokens: _Ids, vocab_size: int) -> None:
    if len(tokens) and not 0 <= tokens.min() <= tokens.max() < vocab_size:
        raise ValueError(
            f"The ids are {tokens.min()} to {tokens.max()}, expected 0 to {vocab_size - 1}."
        )
