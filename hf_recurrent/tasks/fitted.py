"""What every trained model of the comparison gives, whatever its task."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Fitted", "truncation"]


@dataclass
class Fitted:
    """A trained model.

    Attributes:
        predict: Returns the predictions of inputs, which make one batch.
        save: Writes all that is needed to predict into an empty folder.
        validation: The metric that chooses, of the chosen epoch or choice, on validation.
        parameters: Number of parameters.
        trainable_parameters: Those of them that training changed.
        training_seconds: Time of training, its evaluations on validation included.
        training_rate: Rows a second in training, evaluations left out.
        truncation: After how much a row is cut, and how many are.
        epochs: Epochs run.
        curve: The metric that chooses, on validation, after each epoch.
        trials: Values that it chose among itself, each with the metric on validation.
        note: What the reader of its row should know.
        threads: Number of threads of training, the last one if it changed.
        thread_changes: Changes of that number in mid-run, as ``training.thread_changes`` has them.
        explain: Returns the words of an input with their weights, of attention pooling.
    """

    predict: Callable[[Sequence[Any]], Sequence[Any]]
    save: Callable[[Path], None]
    validation: float
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
    explain: Callable[[Any], list[tuple[str, float]]] | None = None


def truncation(ids: Iterable[Sequence[int]], max_length: int, unit: str, rows: str) -> str:
    """Say after how much rows are cut, and how many of the training rows reach that length."""
    cut = [len(row) >= max_length for row in ids]
    share = sum(cut) / len(cut)
    return f"{max_length} {unit}, {share:.1%} of the {rows}"
