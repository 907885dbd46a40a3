"""Metrics of recommended items: the rank of the right one, coverage and popularity."""

from collections.abc import Sequence
from typing import Any

import datasets
import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._wording import counted
from ._base import SimpleMetric

_SCORES = datasets.Sequence(datasets.Value("float64"))
_IDS = datasets.Sequence(datasets.Value("int64"))


class NextItemRanking(SimpleMetric):
    """Recall, mean reciprocal rank and nDCG at k of one right item, ranked among all items.

    Results are ``recall_at_k``, ``mrr_at_k`` and ``ndcg_at_k``, with the number in place of k. Ties
    are conservative: an item with the same score counts as one before the right item.

    Example:
        >>> metric = NextItemRanking()
        >>> metric.compute(predictions=[[0.1, 0.7, 0.2], [0.5, 0.4, 0.5]], references=[2, 0], k=2)
        {'recall_at_2': 1.0, 'mrr_at_2': 0.5, 'ndcg_at_2': 0.6309297535714575}
    """

    _description = "Recall, mean reciprocal rank and nDCG of one right item among all items."
    _inputs = """
Args:
    predictions: Scores of all items, a list for each step.
    references: Index of the right item of each step.
    k: Number of items that are recommended, 20 by default.
"""
    _value = {"predictions": _SCORES, "references": datasets.Value("int64")}  # noqa: RUF012

    def _compute(
        self, predictions: Sequence[Any], references: Sequence[int], k: int = 20
    ) -> dict[str, float]:
        return rank_metrics(conservative_ranks(predictions, references), k)


class RecommendedItems(SimpleMetric):
    """Coverage and popularity of recommended items.

    ``coverage`` is the share of all items that are recommended at least once. ``popularity`` is the
    mean over all recommendations of an item's count divided by the largest count: 1 if only the
    most frequent item is recommended.

    Example:
        >>> RecommendedItems().compute(predictions=[[0, 1], [0]], counts=[4, 1, 1, 2])
        {'coverage': 0.5, 'popularity': 0.75}
    """

    _description = "Coverage and popularity of recommended items."
    _inputs = """
Args:
    predictions: Indices of the recommended items, a list for each step.
    counts: The number of training events of each item.
"""
    _value = {"predictions": _IDS}  # noqa: RUF012

    def _compute(
        self, predictions: Sequence[Sequence[int]], counts: Sequence[int]
    ) -> dict[str, float]:
        return recommended_items(predictions, counts)


def conservative_ranks(scores: ArrayLike, targets: ArrayLike) -> NDArray[np.int64]:
    """Return the rank of each target, from 1.

    It is the number of items whose score is not lower, so the last of all equal ones. A score that
    is no number counts as the highest, and a target with such a score is the last item.

    Args:
        scores: (steps, items).
        targets: (steps,) indices of the right items.

    Raises:
        ValueError: If the shapes do not fit together, or there is no such item.
    """
    values, right = np.asarray(scores), np.asarray(targets)
    if values.ndim != 2 or right.shape != values.shape[:1]:
        raise ValueError(
            f"scores have shape {values.shape} and targets {right.shape}, expected (steps, items) "
            "and (steps,)."
        )
    _check_items(right, values.shape[1])
    own = values[np.arange(len(right)), right][:, None]
    return values.shape[1] - (values < own).sum(axis=1)


def rank_metrics(ranks: ArrayLike, k: int = 20) -> dict[str, float]:
    """Return ``recall_at_k``, ``mrr_at_k`` and ``ndcg_at_k`` of ranks from 1.

    Raises:
        ValueError: If there are no ranks, or ``k`` is below 1.
    """
    if k < 1:
        raise ValueError(f"k is {k}, expected at least 1.")
    told = np.asarray(ranks, dtype=np.float64)
    if not told.size:
        raise ValueError("There is no right item to rank.")
    hit = told <= k
    return {
        f"recall_at_{k}": float(hit.mean()),
        f"mrr_at_{k}": float((hit / told).mean()),
        f"ndcg_at_{k}": float((hit / np.log2(1 + told)).mean()),
    }


def recommended_items(recommended: Sequence[Sequence[int]], counts: ArrayLike) -> dict[str, float]:
    """Return ``coverage`` and ``popularity`` of recommended items; see ``RecommendedItems``.

    Raises:
        ValueError: If an index is out of range, or no item was counted.
    """
    numbers = np.asarray(counts)
    if not numbers.size or numbers.max() < 1:
        raise ValueError("The counts of the items are all 0.")
    ids = np.array([item for step in recommended for item in step], dtype=np.int64)
    _check_items(ids, len(numbers))
    return {
        "coverage": len(np.unique(ids)) / len(numbers),
        "popularity": float((numbers[ids] / numbers.max()).mean()) if len(ids) else 0.0,
    }


def _check_items(ids: NDArray[Any], items: int) -> None:
    if len(ids) and not 0 <= ids.min() <= ids.max() < items:
        wrong = ids.min() if ids.min() < 0 else ids.max()
        raise ValueError(f"The item {wrong} is none of {counted(items, 'item')}.")
