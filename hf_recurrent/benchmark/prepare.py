"""Prepare data and vocabularies once, for all child processes of a comparison."""

import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import datasets

from .._wording import counted
from ..data import overlap
from ..tasks.base import Task
from ..tasks.input_layers import make_inputs
from ..tasks.records import rows_digest
from .settings import BenchmarkSettings

_SUBSET_SEED = 0


@dataclass
class Prepared:
    """The data of a comparison.

    Attributes:
        task: Their task.
        title: Name and description, without folder paths.
        data: The splits, with the limited training part.
        digest: Digest of all rows and splits before the limit.
        available: Number of training rows before the limit.
        warnings: Sentences that a reader of the results must know.
    """

    task: Task
    title: str
    data: datasets.DatasetDict
    digest: str
    available: int
    warnings: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Name of the data set."""
        return self.title.partition(": ")[0]

    @property
    def mean_length(self) -> float:
        """Mean length of a training row before it is cut, in the task's own unit."""
        lengths = self.task.lengths(self.data["train"])
        return sum(lengths) / len(lengths)

    def save_vocabulary(
        self, vectors: str, folder: Path, characters: str | None = None, own: str | None = None
    ) -> dict[str, Any] | None:
        """Write the tokenizer and the input layer by ``tasks.input_layers.make_inputs``."""
        return make_inputs(
            vectors,
            self.task.texts(self.data["train"]),
            folder,
            self.task.words_are_given,
            characters,
            own,
        )


def prepare(settings: BenchmarkSettings) -> Prepared:
    """Load the data of a comparison and collect warnings about them.

    Raises:
        ValueError: If a column or a label is unknown, or the data cannot be split.
        OSError: If the data cannot be read or downloaded.
    """
    task, dataset = settings.chosen_task, settings.chosen_dataset
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        data = task.load(dataset, settings.data_dir, **settings.options)
    task = task.for_data(data["train"])
    found = [str(warning.message) for warning in caught if warning.category is UserWarning]
    test = task.texts(data["test"])
    form: dict[str, Any] = {"key": task.key, "units": task.units.many}
    shared = overlap(task.texts(data["train"]), test, **form)
    if shared.count:
        found.append(f"{shared}: the figures flatter every model that can learn by heart.")
    chosen_on = overlap(task.texts(data["validation"]), test, **form)
    if chosen_on.count:
        found.append(
            f"{chosen_on.count} of {chosen_on.total} test {task.units.many} stand in the "
            f"validation part, on which models are chosen."
        )
    digest, available = rows_digest(data), len(data["train"])
    if settings.limit_train is not None and settings.limit_train < available:
        data["train"] = _subset(task, data["train"], settings.limit_train)
        found.append(
            f"The training part has {settings.limit_train:,} of {counted(available, 'row')}."
        )
    spec = task.datasets.get(dataset)
    path = Path(dataset)
    name = path.name if path.exists() else dataset
    title = f"{name}: {spec.title}; splits: {spec.splits}" if spec else name
    return Prepared(task, title, data, digest, available, found)


def _subset(task: Task, rows: datasets.Dataset, size: int) -> datasets.Dataset:
    """Draw random rows, stratified by class where each class can have a row."""
    strata = task.strata(rows)
    if strata is not None:
        classes = len(set(strata))
        if size < classes:
            raise ValueError(
                f"limit_train is {size}, which is too few for the {counted(classes, 'class')} of "
                f"the {counted(len(rows), 'training row')}."
            )
        column = "stratum"
        marked = rows.add_column(column, strata).cast_column(
            column, datasets.ClassLabel(num_classes=max(strata) + 1)
        )
        try:
            drawn = marked.train_test_split(
                train_size=size, stratify_by_column=column, seed=_SUBSET_SEED
            )["train"]
            return drawn.remove_columns(column)
        except ValueError:
            # A class has only one row, or too few rows are left for all classes.
            pass
    return rows.shuffle(seed=_SUBSET_SEED).select(range(size))
