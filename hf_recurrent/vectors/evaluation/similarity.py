"""Word similarity: do cosines of word vectors agree with ratings by people?"""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from gensim.models import KeyedVectors

from ...metrics.ranks import rank_correlation
from .lookup import Case, WordLookup, rows_of
from .word_sets import WordPairs

UnknownPairs: TypeAlias = Literal["middle", "zero"]


@dataclass(frozen=True)
class SimilarityScore:
    """The agreement with a set of rated pairs.

    Attributes:
        name: Name of the set.
        spearman: Spearman's correlation over the known pairs; NaN with fewer than two pairs, or
            where all values of a side are equal.
        spearman_all: The same over all pairs; ``evaluate_similarity`` documents how unknown pairs
            count.
        known: Number of pairs whose words both have a vector.
        composed: Number of known pairs with a word whose vector is composed from its subwords.
        pairs: Number of all pairs.
    """

    name: str
    spearman: float
    spearman_all: float
    known: int
    composed: int
    pairs: int

    @property
    def unknown_share(self) -> float:
        """Share of the pairs that are unknown."""
        return 1 - self.known / self.pairs


def evaluate_similarity(
    vectors: KeyedVectors,
    pairs: WordPairs,
    *,
    limit: int | None = None,
    case: Case = "fold",
    unknown: UnknownPairs = "middle",
    subwords: bool = True,
) -> SimilarityScore:
    """Correlate the cosine of each pair with its rating, by rank (Spearman 1904).

    With ``limit=300_000``, ``case="gensim"`` and ``subwords=False``, ``spearman`` is the result of
    gensim's ``evaluate_word_pairs``; with the rule "zero", ``spearman_all`` is its result with
    ``dummy4unknown=True``.

    Args:
        vectors: gensim KeyedVectors, those of fastText and compressed ones included.
        pairs: The pairs and their ratings.
        limit: Number of words to use, the most frequent first; None for all.
        case: How words are found (``WordLookup``).
        unknown: The similarity of a pair with an unknown word in ``spearman_all``. "middle": the
            median of the known similarities, so that a monotone change of all similarities does
            not change the score. "zero": 0, the cosine with a vector of zeros (Bojanowski 2017).
        subwords: Whether words that fastText vectors compose count as known.

    Raises:
        ValueError: If an argument is unknown.
    """
    if unknown not in get_args(UnknownPairs):
        raise ValueError(f"unknown must be 'middle' or 'zero', not {unknown!r}.")
    lookup = WordLookup(vectors, limit, case)
    first, first_known, first_composed = _vectors([a for a, _ in pairs.pairs], lookup, subwords)
    second, second_known, second_composed = _vectors([b for _, b in pairs.pairs], lookup, subwords)
    known = first_known & second_known
    cosines = np.full(len(known), np.nan)
    cosines[known] = _cosines(first[known], second[known])
    ratings = np.array(pairs.ratings)
    filled = cosines.copy()
    if known.any():
        filled[~known] = np.median(cosines[known]) if unknown == "middle" else 0.0
    return SimilarityScore(
        name=pairs.name,
        spearman=rank_correlation(cosines[known], ratings[known]),
        spearman_all=rank_correlation(filled, ratings) if known.any() else float("nan"),
        known=int(known.sum()),
        composed=int((known & (first_composed | second_composed)).sum()),
        pairs=len(known),
    )


def _vectors(
    words: list[str], lookup: WordLookup, subwords: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the vectors of words (float64), which words are known, and which are composed."""
    rows = lookup.rows(words)
    known = rows >= 0
    composed = np.zeros(len(words), dtype=bool)
    # At least one row, for the width.
    found = rows_of(lookup.vectors, np.maximum(rows, 0)).astype(np.float64)
    for position in np.flatnonzero(~known) if subwords else ():
        vector = lookup.composed(words[position])
        if vector is not None:
            found[position] = vector
            known[position] = composed[position] = True
    return found, known, composed


def _cosines(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the cosine of each pair of rows, 0 with a row of zeros."""
    norms = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return (first * second).sum(axis=1) / np.where(norms > 0, norms, 1)
