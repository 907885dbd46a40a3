"""Functions for ``Trainer(compute_metrics=...)``, one for each problem type."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef, mean_squared_error
from transformers import EvalPrediction

__all__ = ["classification_metrics", "multi_label_metrics", "regression_metrics"]

_IGNORED = -100


def classification_metrics(prediction: EvalPrediction) -> dict[str, float]:
    """Return accuracy, macro F1 and Matthews' correlation of logits ``(rows, classes)``.

    Rows with the label -100 are left out, as in the loss.
    """
    references = np.asarray(prediction.label_ids)
    kept = references != _IGNORED
    references, predictions = references[kept], _logits(prediction)[kept].argmax(axis=-1)
    return {
        "accuracy": float(accuracy_score(references, predictions)),
        "f1_macro": float(f1_score(references, predictions, average="macro", zero_division=0)),
        "matthews_correlation": float(matthews_corrcoef(references, predictions)),
    }


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
