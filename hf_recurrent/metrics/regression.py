"""Errors of predicted numbers, without a network."""

from collections.abc import Sequence

import datasets
import numpy as np
from numpy.typing import ArrayLike

from .._wording import counted
from ._base import SimpleMetric


class RootMeanSquaredError(SimpleMetric):
    """Root of the mean squared error, and the share of answers that are right within a tolerance.

    Results are ``rmse`` and, with ``tolerance``, ``within_tolerance``.

    Example:
        >>> metric = RootMeanSquaredError()
        >>> metric.compute(predictions=[1.0, 2.0], references=[1.0, 4.0], tolerance=0.5)
        {'rmse': 1.4142135623730951, 'within_tolerance': 0.5}
    """

    _description = "The root of the mean squared error of predicted numbers."
    _inputs = """
Args:
    predictions: Predicted numbers.
    references: The right ones, as many.
    tolerance: The largest error of an answer that counts as right.
"""
    _value = datasets.Value("float64")

    def _compute(
        self,
        predictions: Sequence[float],
        references: Sequence[float],
        tolerance: float | None = None,
    ) -> dict[str, float]:
        return number_errors(references, predictions, tolerance)


def number_errors(
    references: ArrayLike, predictions: ArrayLike, tolerance: float | None = None
) -> dict[str, float]:
    """Return ``rmse`` and, with a tolerance, ``within_tolerance``, of numbers (rows,).

    Raises:
        ValueError: If the numbers of rows differ.
    """
    right, found = np.asarray(references, float).ravel(), np.asarray(predictions, float).ravel()
    if right.shape != found.shape:
        raise ValueError(
            f"There are {counted(len(right), 'reference')} and {counted(len(found), 'prediction')}."
        )
    errors = np.abs(right - found)
    told = {"rmse": float(np.sqrt(np.mean(errors**2)))}
    if tolerance is not None:
        told["within_tolerance"] = float(np.mean(errors <= tolerance))
    return told
