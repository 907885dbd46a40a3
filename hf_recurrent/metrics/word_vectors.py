"""``evaluate`` metrics for word vectors that need neither a network nor a script."""

from collections.abc import Sequence
from typing import Any

import datasets
import numpy as np

from ._base import SimpleMetric
from .ranks import rank_correlation


class WordSimilarity(SimpleMetric):
    """Spearman's correlation of similarities with ratings, without and with the unknown pairs.

    ``spearman`` counts the known pairs. ``spearman_all`` counts all pairs, with the median of the
    known similarities for the unknown ones. Both are NaN where all values of a side are equal.
    ``unknown_share`` is the share of unknown pairs.
    """

    _description = "Spearman's rank correlation of predicted similarities with people's ratings."
    _inputs = """
Args:
    predictions: Similarities of pairs of words, NaN for a pair with an unknown word.
    references: Their ratings.
"""
    _value = datasets.Value("float64")

    def _compute(
        self, predictions: Sequence[float], references: Sequence[float]
    ) -> dict[str, float]:
        similarities, ratings = np.array(predictions), np.array(references)
        if not np.isfinite(ratings).all():
            raise ValueError("references must be finite ratings, and one of them is not.")
        known = ~np.isnan(similarities)
        middle = np.median(similarities[known]) if known.any() else 0.0
        return {
            "spearman": rank_correlation(similarities[known], ratings[known]),
            "spearman_all": rank_correlation(np.where(known, similarities, middle), ratings),
            "unknown_share": float(1 - known.mean()),
        }


class AnalogyAccuracy(SimpleMetric):
    """Share of analogies with the right answer.

    ``analogy_accuracy`` counts the questions that were answered and is NaN where there are none.
    ``analogy_accuracy_all`` counts all questions, those without an answer as wrong.
    ``unanswered_share`` is the share of questions without an answer.
    """

    _description = "Accuracy of analogies: the share of right words, without and with the unknown."
    _inputs = """
Args:
    predictions: The words that were answered, an empty one to a question with an unknown word.
    references: The right words.
"""
    _value = datasets.Value("string")

    def _compute(
        self, predictions: Sequence[str], references: Sequence[str], ignore_case: bool = False
    ) -> dict[str, float]:
        pairs = list(zip(predictions, references, strict=True))
        if ignore_case:
            pairs = [(answer.upper(), right.upper()) for answer, right in pairs]
        answered = sum(bool(answer) for answer, _ in pairs)
        right = sum(answer == right for answer, right in pairs if answer)
        return {
            "analogy_accuracy": right / answered if answered else float("nan"),
            "analogy_accuracy_all": right / len(pairs),
            "unanswered_share": 1 - answered / len(pairs),
        }


class PrecisionAtK(SimpleMetric):
    """Share of rows with a right word among the first k, for each k.

    Args:
        ks: The values of k; the results are called ``precision_at_1`` and so on. ``compute`` takes
            other values for one call.
        **options: Those of ``evaluate.Metric``.
    """

    _description = "Precision at k: the share of ranked lists whose first k hold a right word."
    _inputs = """
Args:
    predictions: Words for each row, the best first; none at all count as wrong.
    references: The right words of each row, any of which will do.
"""
    _value = datasets.Sequence(datasets.Value("string"))

    def __init__(self, ks: Sequence[int] = (1, 5), **options: Any) -> None:
        super().__init__(**options)
        self.ks = tuple(ks)

    def _compute(
        self,
        predictions: Sequence[Sequence[str]],
        references: Sequence[Sequence[str]],
        ks: Sequence[int] | None = None,
    ) -> dict[str, float]:
        chosen = self.ks if ks is None else ks
        if not chosen or min(chosen) < 1:
            raise ValueError(f"ks must be whole numbers from 1 on, not {list(chosen)}.")
        rows = [
            (list(ranked), set(right))
            for ranked, right in zip(predictions, references, strict=True)
        ]
        return {
            f"precision_at_{k}": sum(not right.isdisjoint(ranked[:k]) for ranked, right in rows)
            / len(rows)
            for k in chosen
        }
