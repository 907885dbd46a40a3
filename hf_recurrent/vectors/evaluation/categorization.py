"""Categorisation: do clusters of word vectors agree with categories made by people?"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from gensim.models import KeyedVectors

from .._csls import unit_rows
from .lookup import Case, WordLookup, rows_of
from .word_sets import Categories

_STARTS = 10


@dataclass(frozen=True)
class CategorizationScore:
    """The purity of the clusters of a set of words.

    Attributes:
        name: Name of the set.
        purity: Mean purity over the seeds.
        spread: Its standard deviation over the seeds, 0 with one seed.
        largest_share: Share of the largest category among the known words, which is the purity of
            a single cluster.
        known: Words that have a vector of their own.
        words: All words.
        categories: Number of categories with a known word, which is the number of clusters.
    """

    name: str
    purity: float
    spread: float
    largest_share: float
    known: int
    words: int
    categories: int

    @property
    def purity_all(self) -> float:
        """The purity over all words; unknown words count as wrong."""
        return self.purity * self.known / self.words


def evaluate_categorization(
    vectors: KeyedVectors,
    categories: Categories,
    *,
    limit: int | None = None,
    case: Case = "fold",
    seeds: Sequence[int] = (0, 1, 2, 3, 4),
) -> CategorizationScore:
    """Cluster the words by k-means, one cluster a category, and measure the purity.

    Vectors are scaled to length 1, so that cosines count. For each seed the best of ten random
    starts is kept, the one with the smallest sum of squares.

    Args:
        vectors: gensim KeyedVectors, those of fastText and compressed ones included.
        categories: The words and their categories.
        limit: Number of words to use, the most frequent first; None for all.
        case: How words are found (``WordLookup``).
        seeds: Seeds of k-means.

    Returns:
        The score; its purity is NaN where fewer than two categories have a known word.

    Raises:
        ValueError: If an argument is unknown or there is no seed.
    """
    if not seeds:
        raise ValueError("seeds must hold at least one seed.")
    lookup = WordLookup(vectors, limit, case)
    words = [word for members in categories.categories.values() for word in members]
    sizes = [len(members) for members in categories.categories.values()]
    rows = lookup.rows(words)
    known = rows >= 0
    labels = np.repeat(np.arange(len(sizes)), sizes)[known]
    counts = np.bincount(labels, minlength=1)
    clusters = int((counts > 0).sum())
    purities = [float("nan")]
    if clusters > 1:
        points = unit_rows(rows_of(vectors, rows[known]))
        purities = [purity(labels, _clusters(points, clusters, seed)) for seed in seeds]
    return CategorizationScore(
        name=categories.name,
        purity=statistics.fmean(purities),
        spread=statistics.stdev(purities) if len(purities) > 1 else 0.0,
        largest_share=float(counts.max() / max(known.sum(), 1)),
        known=int(known.sum()),
        words=len(words),
        categories=clusters,
    )


def purity(labels: np.ndarray, clusters: np.ndarray) -> float:
    """Return the share of items whose category is the most frequent one of their cluster.

    Args:
        labels: Category of each item, a whole number from 0 on.
        clusters: Cluster of each item, a whole number from 0 on.
    """
    table = np.zeros((clusters.max() + 1, labels.max() + 1), dtype=np.int64)
    np.add.at(table, (clusters, labels), 1)
    return float(table.max(axis=1).sum() / len(labels))


def _clusters(points: np.ndarray, count: int, seed: int) -> np.ndarray:
    # Imported here because the import takes a second.
    from sklearn.cluster import KMeans

    # More clusters than different points make scikit-learn warn.
    count = min(count, len(np.unique(points, axis=0)))
    return KMeans(count, n_init=_STARTS, random_state=seed).fit_predict(points)
