"""What every trained model of the comparison gives, whatever its kind."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import datasets
import numpy as np

__all__ = ["Fitted", "texts_and_labels", "truncation"]


@dataclass
class Fitted:
    """A trained model.

    Attributes:
        predict: Gives the label ids of texts, which make one batch.
        save: Writes all that is needed to predict into an empty folder.
        validation_accuracy: Of the chosen epoch, or of the chosen strength of penalty.
        parameters: Number of parameters.
        trainable_parameters: Those of them that training changed.
        training_seconds: Time of training, its evaluations on validation included.
        training_rate: Examples a second in training, evaluations left out.
        truncation: After how much a text is cut, and how many are.
        epochs: Epochs run.
        curve: Validation accuracy after each epoch.
        trials: Values that it chose among itself, each with its validation accuracy.
        note: What the reader of its row should know.
        threads: Number of threads of training, the last one if it changed.
        thread_changes: Changes of that number in mid-run, as `training.thread_changes` gives them.
        explain: Gives the words of a text with their weights, of attention pooling.
    """

    predict: Callable[[Sequence[str]], Sequence[int]]
    save: Callable[[Path], None]
    validation_accuracy: float
    parameters: int
    trainable_parameters: int
    training_seconds: float
    training_rate: float
    truncation: str
    epochs: float | None = None
    curve: list[float] = field(default_factory=list)
    trials: list[dict[str, Any]] = field(default_factory=list)
    note: str = ""
    threads: int = 1
    thread_changes: list[dict[str, int]] = field(default_factory=list)
    explain: Callable[[str], list[tuple[str, float]]] | None = None


def texts_and_labels(rows: datasets.Dataset) -> tuple[list[str], np.ndarray]:
    """Gives the columns of a part of the data."""
    return rows["text"][:], np.asarray(rows["label"][:])


def truncation(ids: Iterable[Sequence[int]], max_length: int, unit: str) -> str:
    """Says after how much texts are cut, and how many of the training texts reach that length."""
    share = np.mean([len(row) >= max_length for row in ids])
    return f"{max_length} {unit}, {share:.1%} of the texts"
