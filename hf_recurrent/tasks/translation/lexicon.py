"""The probabilities of translations of words, learned from pairs of sentences: IBM model 1."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ITERATIONS = 5
# A sentence of n words has n candidates for each word of its translation, which take memory.
_LONGEST = 50
_WORD = re.compile(r"\w+(?:['’-]\w+)*|[^\w\s]")
_BEFORE = re.compile(r" ([,.;:!?%)\]}»”])")
_AFTER = re.compile(r"([(\[{«“¿¡]) ")
# Stands in each sentence for the words of the translation that translate no word.
_NONE = ""


def words_of(text: str) -> list[str]:
    """Return the words and signs of a text."""
    return _WORD.findall(text)


def joined(words: Sequence[str]) -> str:
    """Return words as a text, whose first letter is a capital."""
    text = _AFTER.sub(r"\1", _BEFORE.sub(r"\1", " ".join(words)))
    return text[:1].upper() + text[1:]


@dataclass(frozen=True)
class Lexicon:
    """The probabilities t(target word | source word) that are above 0.

    Attributes:
        sources: The source words, the empty one among them.
        targets: The target words.
        cells: Pairs of a source and a target word that occur in a pair of sentences, by their
            positions, (pairs, 2).
        probabilities: Their probabilities (pairs,), which sum to 1 for each source word.
    """

    sources: list[str]
    targets: list[str]
    cells: NDArray[np.int64]
    probabilities: NDArray[np.float64]

    def best(self) -> dict[str, str]:
        """Return the most probable translation of each source word, the first of equal ones."""
        order = np.lexsort((self.cells[:, 1], -self.probabilities, self.cells[:, 0]))
        rows, first = np.unique(self.cells[order, 0], return_index=True)
        found = self.cells[order[first], 1]
        return {
            self.sources[row]: self.targets[place]
            for row, place in zip(rows, found, strict=True)
            if self.sources[row] != _NONE
        }


def learn_lexicon(
    sources: Sequence[Sequence[str]],
    targets: Sequence[Sequence[str]],
    iterations: int = ITERATIONS,
    with_none: bool = True,
) -> Lexicon:
    """Learn IBM model 1 by expectation maximisation (Brown et al. 1993), from equal probabilities.

    Each target word is the translation of one word of its sentence, any of them equally probable.
    An iteration shares each target word out among these words, in proportion to its probabilities
    so far, and takes the shares as counts.

    Args:
        sources: The words of the sentences.
        targets: The words of their translations.
        iterations: The number of iterations.
        with_none: Whether a target word may also translate no word.

    Raises:
        ValueError: If there is no pair of sentences with words on both sides.
    """
    lead = [_NONE] if with_none else []
    pairs = [
        ([*lead, *one], other)
        for one, other in zip(sources, targets, strict=True)
        if 0 < len(one) <= _LONGEST and 0 < len(other) <= _LONGEST
    ]
    if not pairs:
        raise ValueError(f"No pair has 1 to {_LONGEST} words on both sides, to learn a lexicon of.")
    known, ids = _numbered([one for one, _ in pairs])
    wanted, other_ids = _numbered([other for _, other in pairs])
    # For each target word of each sentence (place) all pairs of it and a source word.
    keys = np.concatenate(
        [
            (one[None, :] * len(wanted) + other[:, None]).ravel()
            for one, other in zip(ids, other_ids, strict=True)
        ]
    )
    sizes = np.repeat([len(one) for one in ids], [len(other) for other in other_ids])
    places = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    cells, own = np.unique(keys, return_inverse=True)
    del keys
    rows = cells // len(wanted)
    probabilities = np.ones(len(cells))
    for _ in range(iterations):
        shares = probabilities[own]
        shares /= np.bincount(places, shares)[places]
        counts = np.bincount(own, shares)
        probabilities = counts / np.bincount(rows, counts)[rows]
    return Lexicon(known, wanted, np.stack([rows, cells % len(wanted)], axis=1), probabilities)


def translated(words: Sequence[str], best: Mapping[str, str]) -> list[str]:
    """Return the translation of each word, or the word itself if it is not known."""
    return [best.get(word.lower(), word) for word in words]


def _numbered(
    sentences: Sequence[Sequence[str]],
) -> tuple[list[str], list[NDArray[np.int64]]]:
    """Return the different words of sentences, and the position of each word among them."""
    ids: dict[str, int] = {}
    rows = [
        np.array([ids.setdefault(word, len(ids)) for word in sentence], dtype=np.int64)
        for sentence in sentences
    ]
    return [*ids], rows
