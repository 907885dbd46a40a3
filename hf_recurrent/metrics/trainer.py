"""Functions for ``Trainer(compute_metrics=...)``, one for each problem type."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    f1_score,
    matthews_corrcoef,
    mean_squared_error,
)
from transformers import EvalPrediction

_IGNORED = -100


def classification_metrics(prediction: EvalPrediction) -> dict[str, float]:
    """Return accuracy, macro F1 and Matthews' correlation of logits ``(rows, classes)``.

    Rows with the label -100 are left out, as in the loss.
    """
    references = np.asarray(prediction.label_ids)
    kept = references != _IGNORED
    return class_metrics(references[kept], _logits(prediction)[kept].argmax(axis=-1))


def class_metrics(references: NDArray[Any], predictions: NDArray[Any]) -> dict[str, float]:
    """Return accuracy, macro F1 and Matthews' correlation of class ids."""
    return {
        "accuracy": float(accuracy_score(references, predictions)),
        "f1_macro": float(f1_score(references, predictions, average="macro", zero_division=0)),
        "matthews_correlation": float(matthews_corrcoef(references, predictions)),
    }


def rare_class_metrics(
    label: int = 1, share: float | None = None
) -> Callable[[EvalPrediction], dict[str, float]]:
    """Return a function that measures how well the rows of one class are found.

    It returns ``average_precision`` of the class's log-probability, and its ``f1`` where the
    largest logit decides. Rows with the label -100 are left out.

    Args:
        label: The id of the class.
        share: The share that the class has where the model is used. Rows are weighted so that the
            class has this share in the metrics. So a test part with more rows of the class than
            there are in use measures precision as in use, and recall with less noise. By default
            all rows count the same.

    Raises:
        ValueError: If the share is not between 0 and 1.

    Example:
        ``Trainer(..., compute_metrics=rare_class_metrics(1, share=0.02))``
    """
    if share is not None and not 0 < share < 1:
        raise ValueError(f"share is {share}, expected a share between 0 and 1")

    def metrics(prediction: EvalPrediction) -> dict[str, float]:
        references = np.asarray(prediction.label_ids)
        kept = references != _IGNORED
        logits, right = _logits(prediction)[kept].astype(np.float64), references[kept] == label
        if not right.any():
            return {"average_precision": float("nan"), "f1": 0.0}
        weights = None
        if share is not None and not right.all():
            weights = np.where(right, share / right.mean(), (1 - share) / (1 - right.mean()))
        scores, found = log_softmax(logits, axis=-1)[:, label], logits.argmax(axis=-1) == label
        return {
            "average_precision": float(
                average_precision_score(right, scores, sample_weight=weights)
            ),
            "f1": float(f1_score(right, found, sample_weight=weights, zero_division=0)),
        }

    return metrics


def multi_label_metrics(prediction: EvalPrediction) -> dict[str, float]:
    """Return the accuracy of whole rows, micro and macro F1 of logits ``(rows, labels)``.

    A label is predicted where its logit is positive: its probability is then above one half.
    """
    references = np.asarray(prediction.label_ids).astype(int)
    predictions = (_logits(prediction) > 0).astype(int)
    return {
        "accuracy": float(accuracy_score(references, predictions)),
        "f1_micro": float(f1_score(references, predictions, average="micro", zero_division=0)),
        "f1_macro": float(f1_score(references, predictions, average="macro", zero_division=0)),
    }


def regression_metrics(prediction: EvalPrediction) -> dict[str, float]:
    """Return the mean squared error and Pearson's correlation of outputs.

    Outputs are ``(rows, 1)`` or ``(rows,)``. The correlation with a constant counts as 0.
    """
    references = np.asarray(prediction.label_ids, dtype=np.float64).reshape(-1)
    predictions = _logits(prediction).astype(np.float64).reshape(-1)
    varied = predictions.std() > 0 and references.std() > 0
    correlation = np.corrcoef(predictions, references)[0, 1] if varied else 0.0
    return {
        "mse": float(mean_squared_error(references, predictions)),
        "pearson": float(correlation),
    }


def _logits(prediction: EvalPrediction) -> NDArray[Any]:
    """Return the logits, which are the first of several outputs."""
    outputs = prediction.predictions
    return np.asarray(outputs[0] if isinstance(outputs, tuple) else outputs)
