"""The models that a task compares, one row each, and the arguments of their fitting functions.

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

# The encoder from a registry package, by the name that users type.
PACKAGED_BASELINE = "minilm"
# Settings that name a pretrained encoder: the common one, and those that a user pretrained with
# ``scripts/pretrain_elmo.py`` and ``scripts/pretrain_bert.py``.
BASELINE, ELMO, BERT_SCRATCH = ENCODERS = ("baseline", "elmo", "bert_scratch")
# Folder of the best of the models that a task is about.
BEST_MODEL = "best"


@dataclass(frozen=True)
class Search:
    """Values for training, and the changes that each trial makes to them.

    Attributes:
        base: The values without trials; "epochs" among them is the largest number of epochs,
            and "seconds" the time of training where "epochs" is ``None``.
        trials: The changes of each trial; the first changes nothing.
    """

    base: Mapping[str, Any]
    trials: tuple[Mapping[str, Any], ...] = ({},)

    def values(self, number: int, epochs: int | None = None) -> list[dict[str, Any]]:
        """Return the values of the first trials, the defaults first."""
        base = dict(self.base)
        if epochs is not None and "epochs" in base:
            base["epochs"] = epochs
        return [base | dict(trial) for trial in self.trials[:number]]


@dataclass(frozen=True)
class Work:
    """The argument of a fitting function.

    Attributes:
        name: The name for a progress bar.
        task: The task, for these data.
        row: The row of the table.
        values: Values for training and for the configuration.
        seed: Seed of everything random.
        max_length: Tokens after which a row is cut.
        data: The splits train, validation and test.
        embedding: The word vectors, for a row that uses them.
        inputs: Folder of the tokenizer and, if there are vectors, of the input layer.
        baseline: Name, id or folder of the encoder.
        trust_remote_code: Whether code in the encoder's folder may run.
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
        """The number of threads, if it is fixed."""
        number: int | None = self.values.get("threads")
        return number

    def score(self, predict: Callable[[Sequence[Any]], Sequence[Any]]) -> float:
        """Return the metric that chooses, for a model's predictions on the validation part."""
        rows = self.data["validation"]
        predictions = predict(self.task.inputs(rows))
        return self.task.judge(predictions, rows, self.data["train"])[self.task.chosen_by]


Fit = Callable[[Work], "Fitted"]


def deferred(module: str, name: str) -> Fit:
    """Return a function that imports a fitting function when it is called.

    Args:
        module: Its module.
        name: Its name in the module.
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
        title: Its name in the report.
        fit: Trains it.
        config: Fields of its configuration, beside those that ``search`` varies.
        search: Values for training and their trials; ``None`` if it is deterministic and chooses
            its settings itself, in one run.
        choices: The settings from which it then chooses, for the record.
        uses_word_vectors: Whether it uses the chosen embeddings.
        characters: "cnn" or "lstm" for a vector of each word's characters beside its word vectors.
        encoder: The setting of the comparison that names its pretrained encoder, one of
            ``ENCODERS``; empty if it needs none.
        keep: Folder for the best model of its family, by validation; ``BEST_MODEL`` for the one
            at the end of the table; empty if none is kept.
        family: Plural of the models among which ``keep`` chooses, such as "recurrent networks".
        rate: Training rows of 20 words a second on two cores, to estimate the time; 0 if training
            takes less time than starting a process.
        reads_once: Whether it reads all parts only once, for any number of epochs.
        limits: Sentences about figures that must not be compared; rows may share them.
        apart: Whether its figures cannot be held against those of other rows, so that no verdict
            names it.
    """

    title: str
    fit: Fit
    config: Mapping[str, Any] = field(default_factory=dict)
    search: Search | None = None
    choices: Mapping[str, Any] = field(default_factory=dict)
    uses_word_vectors: bool = False
    characters: str | None = None
    encoder: str = ""
    keep: str = ""
    family: str = ""
    rate: float = 0.0
    reads_once: bool = False
    limits: tuple[str, ...] = ()
    apart: bool = False

    @property
    def is_deterministic(self) -> bool:
        """Whether all runs are equal, so that one run with any seed is enough."""
        return self.search is None
