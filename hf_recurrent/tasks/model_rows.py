"""The models that a task compares, a row each, and what their fitting functions are given.

Nothing heavy is imported here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datasets import DatasetDict

    from .base import Task
    from .fitted import Fitted
    from .word_vectors import Embedding

__all__ = ["BEST_MODEL", "PACKAGED_BASELINE", "ModelRow", "Search", "Work", "deferred"]

# The encoder that a registry package carries, by the name that users give it.
PACKAGED_BASELINE = "minilm"
# Folder of the best of the models that a task is about.
BEST_MODEL = "best"


@dataclass(frozen=True)
class Search:
    """Values of training, and what each trial changes of them.

    Attributes:
        base: The values that are taken without trials; "epochs" among them is the most epochs.
        trials: What each trial changes, the first nothing.
    """

    base: Mapping[str, Any]
    trials: tuple[Mapping[str, Any], ...] = ({},)

    def values(self, number: int, epochs: int | None = None) -> list[dict[str, Any]]:
        """Return what the first trials are run with, the defaults first."""
        base = dict(self.base)
        if epochs is not None and "epochs" in base:
            base["epochs"] = epochs
        return [base | dict(trial) for trial in self.trials[:number]]


@dataclass(frozen=True)
class Work:
    """What a fitting function is given.

    Attributes:
        name: What a progress bar calls it.
        task: The task, as it is for the data.
        row: The row of the table.
        values: Values of training and of the configuration.
        seed: Of everything that chance decides.
        max_length: Tokens after which a row is cut.
        data: The splits train, validation and test.
        embedding: The word vectors, for a row that uses them.
        inputs: Folder of the tokenizer and, where there are vectors, of the input layer.
        baseline: Name, id or folder of the encoder.
        trust_remote_code: Whether code that lies beside the encoder may run.
    """

    name: str
    task: "Task"
    row: "ModelRow"
    values: Mapping[str, Any]
    seed: int
    max_length: int
    data: "DatasetDict"
    embedding: "Embedding | None" = None
    inputs: Path | None = None
    baseline: str = ""
    trust_remote_code: bool = False

    @property
    def threads(self) -> int | None:
        """The number of threads if it is fixed."""
        number: int | None = self.values.get("threads")
        return number

    def score(self, predict: Callable[[Sequence[Any]], Sequence[Any]]) -> float:
        """Return the metric that chooses, of what a model predicts for the validation part."""
        rows = self.data["validation"]
        predictions = predict(self.task.inputs(rows))
        return self.task.judge(predictions, rows, self.data["train"])[self.task.chosen_by]


Fit = Callable[[Work], "Fitted"]


def deferred(module: str, name: str) -> Fit:
    """Return a function that imports a fitting function when it is called.

    Args:
        module: Where it stands.
        name: What it is called there.
    """

    def fit(work: Work) -> "Fitted":
        fitted: Fitted = getattr(import_module(module), name)(work)
        return fitted

    fit.__qualname__ = fit.__name__ = name
    return fit


@dataclass(frozen=True)
class ModelRow:
    """A model of the comparison: one row of the table, or one for each choice of vectors.

    Attributes:
        title: What the report calls it.
        fit: Trains it.
        config: Fields of its configuration, beside what ``search`` varies.
        search: Values of training and their trials; ``None`` if it chooses among itself, in one
            run, and leaves nothing to chance.
        choices: What it then chooses from, for the record.
        uses_word_vectors: Whether the choice of embeddings concerns it.
        characters: "cnn" or "lstm" for a vector of each word's characters beside its word vectors.
        uses_encoder: Whether it needs the pretrained encoder.
        keep: Folder of the best model of this family, by validation, ``BEST_MODEL`` for the one
            that the table ends with; empty if none is kept.
        family: Plural of what ``keep`` chooses among, such as "recurrent networks".
        rate: Training rows of 20 words a second on two cores, to estimate the time; 0 where it is
            done within the start of a process.
        reads_once: Whether it reads all parts once, whatever the number of epochs.
        limits: Sentences on what must not be compared, which rows may share.
    """

    title: str
    fit: Fit
    config: Mapping[str, Any] = field(default_factory=dict)
    search: Search | None = None
    choices: Mapping[str, Any] = field(default_factory=dict)
    uses_word_vectors: bool = False
    characters: str | None = None
    uses_encoder: bool = False
    keep: str = ""
    family: str = ""
    rate: float = 0.0
    reads_once: bool = False
    limits: tuple[str, ...] = ()

    @property
    def is_deterministic(self) -> bool:
        """Whether one run says all, whatever the seed."""
        return self.search is None
