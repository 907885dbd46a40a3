"""Judging of memory tasks, and what counts as solved."""

from collections.abc import Sequence
from typing import Any

import datasets
import numpy as np
from transformers import EvalPrediction

from ...metrics.regression import number_errors
from ...metrics.sequences import sequence_accuracy
from .data import COPIED, copying_batch

# The value of the metric that chooses, on validation, at which a task is solved, and training ends.
SOLVED = {"accuracy": 0.99, "rmse": 0.05}
# The largest error of a right sum (Hochreiter and Schmidhuber 1997).
TOLERANCE = 0.04


def judge_copying(predictions: Sequence[Any], rows: datasets.Dataset) -> dict[str, float]:
    """Return the accuracy of symbols and of whole rows, and the cross-entropy of all steps.

    Args:
        predictions: For each row the log-probabilities (steps, labels).
        rows: The rows.
    """
    labels, scores = copying_batch(rows[:])["labels"], np.stack(predictions)
    right = np.take_along_axis(scores, labels[..., None], axis=-1)
    return _symbols(labels, scores) | {"cross_entropy": float(-right.mean())}


def judge_adding(predictions: Sequence[Any], rows: datasets.Dataset) -> dict[str, float]:
    """Return the root of the mean squared error, and the share of right sums."""
    return number_errors(np.sum(rows["marked"][:], axis=1), predictions, TOLERANCE)


def copying_metrics(train: datasets.Dataset) -> Any:
    """Return the function that measures logits (rows, steps, labels) in an evaluation."""
    return lambda told: _symbols(told.label_ids, _outputs(told))


def adding_metrics(train: datasets.Dataset) -> Any:
    """Return the function that measures sums (rows, 1) in an evaluation."""
    return lambda told: number_errors(told.label_ids, _outputs(told), TOLERANCE)


def copied(scores: Any) -> list[int]:
    """Return the symbols of a row, from the scores (steps, labels) of its labels."""
    symbols: list[int] = np.asarray(scores)[-COPIED:].argmax(-1).tolist()
    return symbols


def _symbols(labels: Any, scores: Any) -> dict[str, float]:
    return sequence_accuracy(labels[:, -COPIED:], scores[:, -COPIED:].argmax(-1))


def _outputs(told: EvalPrediction) -> Any:
    """Return the outputs, which are the first of several."""
    return told.predictions[0] if isinstance(told.predictions, tuple) else told.predictions


def solved_text(task: Any, curve: Sequence[float], steps: Sequence[int]) -> str:
    """Return whether and after how many steps a network solved the task on validation."""
    metric, target = task.chooser, SOLVED[task.chosen_by]
    bound = f"{metric.title} {'at least' if metric.higher_is_better else 'at most'} "
    bound += metric.with_unit(target)
    for value, step in zip(curve, steps, strict=True):
        if not metric.is_better(target, value):
            return f"solved after {step:,} steps ({bound})"
    return f"not solved in {steps[-1]:,} steps ({bound})" if steps else ""
