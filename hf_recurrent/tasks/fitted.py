"""A trained model of the comparison, the same for all tasks."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Fitted:
    """A trained model.

    Attributes:
        predict: Returns the predictions for one batch of inputs.
        save: Writes everything that is needed to predict into an empty folder.
        validation: The metric that chooses, on validation, for the chosen epoch or setting.
        parameters: Number of parameters.
        trainable_parameters: Number of parameters that training changed.
        training_seconds: Time of training, including its evaluations on validation.
        training_rate: Rows a second in training, without evaluations.
        truncation: The length at which rows are cut, and how many rows reach it.
        added_rows: Rows of the validation part that it was trained on beside the training part.
        epochs: Number of epochs run.
        curve: The metric that chooses, on validation, at each evaluation.
        curve_steps: Number of training steps before each of these evaluations.
        trials: Values among which it chose itself, each with the metric on validation.
        note: A note for the reader of its row.
        threads: Number of threads in training, the last one if it changed.
        thread_changes: Changes of this number during training, as from ``training.thread_changes``.
        respond: The work on one input that latency times; ``predict`` of this input if ``None``.
            The number of threads for ``predict`` is then that of training.
        write: Returns the continuation of a text by a number of tokens, for models that generate.
        measure: Returns further figures, by the keys of the task's metrics, such as speeds.
        explain: Returns the words of an input with their weights, for attention pooling.
        picture: Returns what the task draws of the work on an input, such as its attention.
    """

    predict: Callable[[Sequence[Any]], Sequence[Any]]
    save: Callable[[Path], None]
    validation: float
    parameters: int
    trainable_parameters: int
    training_seconds: float
    training_rate: float
    truncation: str
    added_rows: int = 0
    epochs: float | None = None
    curve: list[float] = field(default_factory=list)
    curve_steps: list[int] = field(default_factory=list)
    trials: list[dict[str, Any]] = field(default_factory=list)
    note: str = ""
    threads: int = 1
    thread_changes: list[dict[str, int]] = field(default_factory=list)
    respond: Callable[[Any], Any] | None = None
    write: Callable[[str, int], str] | None = None
    measure: Callable[[], dict[str, float]] | None = None
    explain: Callable[[Any], list[tuple[str, float]]] | None = None
    picture: Callable[[Any], Any] | None = None


def save_whole(model: Any, tokenizer: Any, folder: Path) -> None:
    """Write a model of transformers and its tokenizer, if it has one, into a folder."""
    model.save_pretrained(folder)
    if tokenizer is not None:
        tokenizer.save_pretrained(folder)


def truncation(lengths: Iterable[int], max_length: int, unit: str, rows: str) -> str:
    """Return the length at which rows are cut, and how many training rows reach it, in words."""
    cut = [length >= max_length for length in lengths]
    share = sum(cut) / len(cut)
    return f"{max_length} {unit}, {share:.1%} of the {rows}"
