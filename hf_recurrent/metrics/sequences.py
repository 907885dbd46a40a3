"""Accuracy of predicted sequences, by element and as a whole, without a network."""

from collections.abc import Sequence
from typing import Any

import datasets
import numpy as np
from numpy.typing import ArrayLike

from ._base import SimpleMetric


class SequenceAccuracy(SimpleMetric):
    """Share of right elements, and share of sequences of which all elements are right.

    The sequences of one call have equal lengths. Results are ``accuracy`` and
    ``sequence_accuracy``.

    Example:
        >>> SequenceAccuracy().compute(predictions=[[1, 2], [3, 4]], references=[[1, 2], [3, 3]])
        {'accuracy': 0.75, 'sequence_accuracy': 0.5}
    """

    _description = "The share of right elements, and of sequences that are right as a whole."
    _inputs = """
Args:
    predictions: Predicted sequences of integers.
    references: The right ones, as many and as long.
"""
    _value = datasets.Sequence(datasets.Value("int64"))

    def _compute(self, predictions: Sequence[Any], references: Sequence[Any]) -> dict[str, float]:
        return sequence_accuracy(references, predictions)


def sequence_accuracy(references: ArrayLike, predictions: ArrayLike) -> dict[str, float]:
    """Return ``accuracy`` and ``sequence_accuracy`` of integers (sequences, elements).

    Raises:
        ValueError: If the shapes differ.
    """
    right, found = np.asarray(references), np.asarray(predictions)
    if right.shape != found.shape or right.ndim != 2:
        raise ValueError(
            f"references have shape {right.shape} and predictions {found.shape}, expected "
            "(sequences, elements) for both."
        )
    hits = right == found
    return {"accuracy": float(hits.mean()), "sequence_accuracy": float(hits.all(axis=1).mean())}
