"""Judging of text classifiers: their metrics, and a few texts for the page."""

import hashlib
from collections.abc import Sequence
from typing import Any

import datasets
import numpy as np

from ...metrics.trainer import class_metrics
from ..answered import MOST_CLASSES
from ..confusion import confusion
from ..fitted import Fitted
from .encoding import texts_and_labels

_EXAMPLES = 4
_EXAMPLE_CHARACTERS = range(40, 240)


def judge(predictions: Sequence[int], rows: datasets.Dataset) -> dict[str, float]:
    """Return the metrics of predicted label ids."""
    _, labels = texts_and_labels(rows)
    return class_metrics(labels, np.asarray(predictions, dtype=int))


def shown(
    fitted: Fitted, rows: datasets.Dataset, predictions: Sequence[int]
) -> list[dict[str, Any]]:
    """Return a few texts of each class, with a wrong one if there is any, and confusions.

    The texts are of medium length if possible, and chosen by a digest. They have the weights of
    their words if the model knows them. The last entry counts pairs of a right and a predicted
    class.
    """
    texts, labels = texts_and_labels(rows)
    names = rows.features["label"].names
    order = sorted(range(len(texts)), key=lambda i: _rank(texts[i]))
    each = max(1, _EXAMPLES // len(names))
    chosen: list[int] = []
    for label in range(min(len(names), MOST_CLASSES)):
        chosen += [i for i in order if labels[i] == label][:each]
    wrong = [i for i in order if predictions[i] != labels[i]]
    if not set(wrong) & set(chosen):
        chosen += wrong[:1]
    own, guessed = ([names[int(label)] for label in part] for part in (labels, predictions))
    explain = fitted.explain
    examples: list[dict[str, Any]] = [
        {"label": own[i], "predicted": guessed[i]}
        | ({"words": explain(texts[i])} if explain is not None else {"text": texts[i]})
        for i in chosen
    ]
    return [*examples, {"confusion": confusion(own, guessed)}]


def _rank(text: str) -> tuple[bool, bytes]:
    return len(text) not in _EXAMPLE_CHARACTERS, hashlib.sha256(text.encode()).digest()
