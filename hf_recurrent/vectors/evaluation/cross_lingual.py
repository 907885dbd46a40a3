"""Word translation: is the nearest vector of another language a right translation?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from gensim.models import KeyedVectors

from ..._wording import counted
from .._csls import NEIGHBORHOOD, neighborhood_cosine, top_neighbors, unit_rows
from .lookup import Case, WordLookup, rows_of

Retrieval: TypeAlias = Literal["nearest", "csls"]


@dataclass(frozen=True)
class CrossLingualScore:
    """How often a translation is among the k nearest words of the other language.

    Attributes:
        method: How the nearest words were found.
        precision: Share of the covered words with a right translation among the first k, by k; NaN
            where no word is covered.
        covered: Number of words of the dictionary with a vector and with a translation that has a
            vector.
        words: Number of all words of the dictionary.
    """

    method: str
    precision: Mapping[int, float]
    covered: int
    words: int

    @property
    def coverage(self) -> float:
        """Share of the dictionary's words that are covered."""
        return self.covered / self.words

    @property
    def precision_all(self) -> dict[int, float]:
        """The precision over all words; words that are not covered count as wrong."""
        share = self.coverage
        return {k: p * share if share else 0.0 for k, p in self.precision.items()}


def evaluate_translation(
    source: KeyedVectors,
    target: KeyedVectors,
    dictionary: Iterable[tuple[str, str]],
    *,
    method: Retrieval = "nearest",
    ks: Sequence[int] = (1, 5),
    neighborhood: int = NEIGHBORHOOD,
    limit: int | None = None,
    case: Case = "exact",
) -> CrossLingualScore:
    """Translate each word by the nearest vectors of the other language, in a shared space.

    A word with several translations is right with any of them (Conneau 2018, section 3).

    Args:
        source: Aligned vectors of the language to translate from.
        target: Aligned vectors of the language to translate to.
        dictionary: Pairs of a word and a translation; a word may come with several.
        method: "nearest" by cosine, or "csls", which compares all source words with all target
            words: with a ``limit`` of 200,000 or less this takes minutes.
        ks: How many of the nearest words may hold a right one.
        neighborhood: Number of neighbours in the means of CSLS.
        limit: Number of words of each language to use, the most frequent first; None for all.
        case: How words are found (``WordLookup``).

    Raises:
        ValueError: If an argument is unknown or below 1, the dictionary is empty, or the vectors
            have different widths.
    """
    if method not in get_args(Retrieval):
        raise ValueError(f"method must be 'nearest' or 'csls', not {method!r}.")
    if not ks or min(ks) < 1 or neighborhood < 1:
        raise ValueError("ks and neighbourhood must be at least 1.")
    translations: dict[str, list[str]] = {}
    for word, translation in dictionary:
        translations.setdefault(word, []).append(translation)
    if not translations:
        raise ValueError("The dictionary holds no words.")
    sources, targets = WordLookup(source, limit, case), WordLookup(target, limit, case)
    entries = _covered(translations, sources, targets)
    precision = dict.fromkeys(ks, float("nan"))
    others = unit_rows(rows_of(target, slice(0, len(targets.words))))
    width = rows_of(source, slice(0, 1)).shape[1]
    if width != others.shape[1]:
        raise ValueError(
            f"The source vectors have {counted(width, 'dimension')} and the target vectors "
            f"{others.shape[1]}: they are not aligned."
        )
    if entries:
        rows = unit_rows(rows_of(source, np.array([row for row, _ in entries])))
        means = None
        if method == "csls":
            every = unit_rows(rows_of(source, slice(0, len(sources.words))))
            means = neighborhood_cosine(others, every, neighborhood)
        found, _ = top_neighbors(rows, others, max(ks), other_means=means)
        pairs = zip(found.tolist(), entries, strict=True)
        ranks = np.array([_rank(nearest, right, targets) for nearest, (_, right) in pairs])
        precision = {k: float((ranks < k).mean()) for k in ks}
    return CrossLingualScore(method, precision, len(entries), len(translations))


def _covered(
    dictionary: Mapping[str, list[str]], sources: WordLookup, targets: WordLookup
) -> list[tuple[int, set[int]]]:
    """Return the row of each word that has a vector, with the rows of its translations."""
    entries = []
    for word, translations in dictionary.items():
        row = sources.row(word)
        right = {target for target in map(targets.row, translations) if target >= 0}
        if row >= 0 and right:
            entries.append((row, right))
    return entries


def _rank(nearest: list[int], right: set[int], targets: WordLookup) -> float:
    """Return the place of the first right word, counted from 0; infinity without one."""
    for place, row in enumerate(nearest):
        if row in right or any(targets.same(row, form) for form in right):
            return place
    return float("inf")
