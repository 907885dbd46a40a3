"""Judging of text classifiers: their metrics, and a few texts with the weights of words."""

from collections.abc import Sequence
from typing import Any

import datasets
import numpy as np
from transformers import EvalPrediction

from ...metrics import classification_metrics
from ..fitted import Fitted
from .encoding import texts_and_labels

__all__ = ["explained", "judge"]

_EXAMPLES = 6
_EXAMPLE_CHARACTERS = range(40, 240)


def judge(predictions: Sequence[int], rows: datasets.Dataset) -> dict[str, float]:
    """Return the metrics of predicted label ids."""
    _, labels = texts_and_labels(rows)
    # The metrics take logits, so use one-hot vectors of the predicted labels.
    logits = np.eye(len(rows.features["label"].names))[np.asarray(predictions, dtype=int)]
    return classification_metrics(EvalPrediction(logits, labels))


def explained(
    fitted: Fitted, rows: datasets.Dataset, predictions: Sequence[int]
) -> list[dict[str, Any]]:
    """Return the weights of the words of a few texts, of medium length if possible."""
    if fitted.explain is None:
        return []
    texts, names = rows["text"][:], rows.features["label"].names
    fit = [i for i, text in enumerate(texts) if len(text) in _EXAMPLE_CHARACTERS]
    chosen = (fit or list(range(len(texts))))[:_EXAMPLES]
    return [
        {
            "label": names[rows[i]["label"]],
            "predicted": names[int(predictions[i])],
            "words": fitted.explain(texts[i]),
        }
        for i in chosen
    ]
