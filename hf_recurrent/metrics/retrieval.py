"""``evaluate`` metrics for rankings of documents, without a network."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import datasets
import numpy as np

from .._wording import counted
from ._base import SimpleMetric

_INPUTS = """
Args:
    predictions: For each query the ids of documents, the best first.
    references: For each query its judged documents: their ids, "documents", and as many numbers,
        "grades". A grade above 0 is relevant; all other documents are not.
"""
_IDS = datasets.Sequence(datasets.Value("string"))
_VALUE = {
    "predictions": _IDS,
    "references": {"documents": _IDS, "grades": datasets.Sequence(datasets.Value("float64"))},
}


def discounted_gain(
    ranking: Sequence[Any], grades: Mapping[Any, float], k: int = 10, graded: bool = False
) -> float:
    """Return the normalised discounted cumulative gain of one ranking (nDCG, as in trec_eval).

    The gain of a document is its grade, or 1 for each relevant one; it is divided by the binary
    logarithm of its place plus one, the sum by that of the best ranking.

    Args:
        ranking: Ids of documents, the best first.
        grades: The grade of each judged document.
        k: The number of places that count.
        graded: Whether grades count.
    """
    gains = {key: float(grade if graded else 1) for key, grade in grades.items() if grade > 0}
    best = sorted(gains.values(), reverse=True)[:k]
    found = [gains.get(key, 0.0) for key in ranking[:k]]
    ideal = _discounted(best)
    return _discounted(found) / ideal if ideal else 0.0


def _discounted(gains: Sequence[float]) -> float:
    return float(np.sum(np.asarray(gains) / np.log2(np.arange(2, len(gains) + 2))))


def average_precision(ranking: Sequence[Any], grades: Mapping[Any, float]) -> float:
    """Return the mean of the precisions at the place of each relevant document; 0 for a missing."""
    relevant = {key for key, grade in grades.items() if grade > 0}
    hits = np.array([key in relevant for key in ranking], dtype=float)
    precisions = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float((precisions * hits).sum() / len(relevant)) if relevant else 0.0


def recall(ranking: Sequence[Any], grades: Mapping[Any, float], k: int = 100) -> float:
    """Return the share of the relevant documents that are among the first ``k``."""
    relevant = {key for key, grade in grades.items() if grade > 0}
    return len(relevant.intersection(ranking[:k])) / len(relevant) if relevant else 0.0


def _judged(
    predictions: Iterable[Sequence[str]], references: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[list[str], dict[str, float]]]:
    """Yield the ranking and the grades of each query.

    Raises:
        ValueError: If a document is twice in a ranking or in judgements, or none is relevant.
    """
    for number, (ranking, judged) in enumerate(zip(predictions, references, strict=True), 1):
        ids, grades = list(judged["documents"]), list(judged["grades"])
        for what, names in (("ranking", list(ranking)), ("judgements", ids)):
            if len(set(names)) < len(names):
                raise ValueError(f"Query {number} has a document twice in its {what}.")
        if len(ids) != len(grades):
            raise ValueError(
                f"Query {number} has {counted(len(ids), 'document')} and "
                f"{counted(len(grades), 'grade')}."
            )
        if not any(grade > 0 for grade in grades):
            raise ValueError(f"Query {number} has no relevant document, so it has no figure.")
        yield list(ranking), dict(zip(ids, grades, strict=True))


class NormalizedDiscountedGain(SimpleMetric):
    """Mean nDCG at 10 of all queries, with each relevant document alike and with grades.

    Results are ``ndcg_at_10`` and ``graded_ndcg_at_10``; another ``k`` changes the names.

    Example:
        >>> judged = [{"documents": ["a", "b"], "grades": [1.0, 2.0]}]
        >>> NormalizedDiscountedGain().compute(predictions=[["b", "a"]], references=judged)
        {'ndcg_at_10': 1.0, 'graded_ndcg_at_10': 1.0}
    """

    _description = "Normalised discounted cumulative gain of the first places of rankings."
    _inputs = _INPUTS
    _value = _VALUE

    def _compute(self, predictions: Any, references: Any, k: int = 10) -> dict[str, float]:
        rows = list(_judged(predictions, references))
        return {
            f"{name}ndcg_at_{k}": _mean(discounted_gain(*row, k, graded) for row in rows)
            for name, graded in (("", False), ("graded_", True))
        }


class MeanAveragePrecision(SimpleMetric):
    """Mean over queries of the average precision; the result is ``map``."""

    _description = "Mean average precision of whole rankings."
    _inputs = _INPUTS
    _value = _VALUE

    def _compute(self, predictions: Any, references: Any) -> dict[str, float]:
        return {"map": _mean(average_precision(*row) for row in _judged(predictions, references))}


class RecallAtK(SimpleMetric):
    """Mean share of the relevant documents among the first; the result is ``recall_at_100``."""

    _description = "Share of the relevant documents that are among the first places of rankings."
    _inputs = _INPUTS
    _value = _VALUE

    def _compute(self, predictions: Any, references: Any, k: int = 100) -> dict[str, float]:
        rows = _judged(predictions, references)
        return {f"recall_at_{k}": _mean(recall(*row, k) for row in rows)}


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))
