"""What the record of a trained model tells of its task: data, results, word vectors, and a curve.

The comparison and the recipes in ``scripts/`` make records with it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import datasets

from ..hub.citations import citations
from ..hub.record import DataRecord, Plot, Record, RecordedResult
from ..hub.trainer import trainer_record
from .base import Task
from .metric import Metric
from .word_vectors import RANDOM, Embedding

__all__ = [
    "coverage_text",
    "data_record",
    "judged_limits",
    "learning_curve",
    "public_example",
    "recipe_record",
    "recorded_results",
    "rows_digest",
    "vectors_text",
]

_FROM_HUB = " of the Hub;"
_VECTORS = {
    "glove": "GloVe 6B (400,000 lower-case words, 50 numbers)",
    "word2vec": "a part of the GoogleNews word2vec vectors (26,423 words, 300 numbers)",
}


def recipe_record(
    trainer: Any,
    task: Task,
    dataset: str,
    data: datasets.DatasetDict,
    found: Mapping[str, float],
    *,
    embedding: Embedding,
    coverage: Mapping[str, Any] | None,
    max_length: int,
) -> Record:
    """Return the record of a model that a recipe trained; save it after the model.

    Args:
        trainer: A ``Trainer`` that has ended.
        task: As ``Task.for_data`` gave it.
        dataset: What the user called the data.
        data: The splits.
        found: The metrics on test, as ``Task.judge`` returns them.
        embedding: The word vectors, and whether they were tuned.
        coverage: What the vectors cover of the training part, as ``make_inputs`` returns it.
        max_length: Tokens after which a row is cut.
    """
    key = f"eval_{task.chosen_by}"
    curve = [log[key] for log in trainer.state.log_history if key in log]
    cut = f"Longer {task.units.many} are cut after {max_length} {task.units.token}."
    record = Record(
        task=task.id,
        data=data_record(task, dataset, data),
        vectors=vectors_text(embedding),
        coverage=coverage_text(coverage),
        settings={"max_length": max_length},
        results=recorded_results(task, found),
        plots=learning_curve(task.chooser, curve),
        limits=(cut, *judged_limits(task, dataset, max_length)),
        citations=citations([*embedding.sets, dataset]),
        example=public_example(task, dataset, data["test"]),
    )
    return trainer_record(trainer, record)


def data_record(
    task: Task, dataset: str, data: datasets.DatasetDict, digest: str | None = None
) -> DataRecord:
    """Describe the data; a repository of the Hub only if they were loaded from there.

    Args:
        task: What they are for.
        dataset: What the user called them.
        data: The splits.
        digest: Of all rows, where it is known already.
    """
    spec = task.datasets.get(dataset)
    hub_id = spec.hub.id if spec and spec.hub else dataset
    description = data["train"].info.description
    from_hub = _FROM_HUB in description
    return DataRecord(
        name=dataset if spec or from_hub else Path(dataset).name,
        title=spec.title if spec else None,
        hub_id=hub_id if from_hub else None,
        revision=spec.hub.revision if from_hub and spec and spec.hub else None,
        language=spec.language if spec else None,
        licence=data["train"].info.license or None,
        splits={part: len(rows) for part, rows in data.items()},
        note=f"From {description.split(', from ', 1)[-1]}; digest of all rows "
        f"{digest or rows_digest(data)}." + (f" Splits: {spec.splits}." if spec else ""),
    )


def rows_digest(data: datasets.DatasetDict) -> str:
    """Return a digest of the rows of all parts, the names of their labels included."""
    digest = hashlib.sha256()
    for part in sorted(data):
        rows = data[part]
        columns = {name: rows[name][:] for name in rows.column_names}
        content = [part, repr(rows.features), columns]
        digest.update(json.dumps(content, default=str).encode())
    return digest.hexdigest()[:16]


def recorded_results(task: Task, found: Mapping[str, float]) -> tuple[RecordedResult, ...]:
    """Return the metrics on test, in the order of the task."""
    return tuple(RecordedResult(m.key, found[m.key]) for m in task.metrics if m.key in found)


def vectors_text(embedding: Embedding | None) -> str | None:
    """Return the word vectors and whether they were tuned; ``None`` of random embeddings."""
    if embedding is None or embedding.vectors == RANDOM:
        return None
    mode = "tuned in training" if embedding.tuned else "kept as they are"
    return f"{' and '.join(_VECTORS[name] for name in embedding.sets)}, {mode}"


def coverage_text(coverage: Mapping[str, Any] | None) -> str | None:
    """Return how much of the training part has a vector.

    The words without one are left out: they may be addresses and telephone numbers.
    """
    return coverage["report"].partition("; without a vector")[0] if coverage else None


def learning_curve(metric: Metric, values: Sequence[float]) -> tuple[Plot, ...]:
    """Return the plot of a metric on validation after each epoch; none of a single epoch."""
    if len(values) < 2:
        return ()
    return (
        Plot(
            "learning_curve.svg",
            f"Validation {metric.title} after each epoch",
            "epoch",
            metric.axis("validation"),
            values=tuple(metric.scale * value for value in values),
            best="highest" if metric.higher_is_better else "lowest",
        ),
    )


def public_example(task: Task, dataset: str, rows: datasets.Dataset) -> str | None:
    """Return a test row of public data; rows of a user's own stay with the user."""
    return task.card_example(rows) if dataset in task.datasets else None


def judged_limits(
    task: Task, dataset: str, max_length: int, choice: str | None = None
) -> list[str]:
    """Return sentences on what a model of one data set was not tried on.

    Args:
        task: What it is for.
        dataset: What the user called its data.
        max_length: Tokens after which a row is cut.
        choice: A sentence on what it was chosen among, where it was.
    """
    spec = task.datasets.get(dataset)
    told = [f"Trained on one language only ({spec.language})."] if spec is not None else []
    told += [choice] if choice else []
    told += task.card_limits(max_length)
    return [*told, "It was judged on the test part of its own data set, and on nothing else."]
