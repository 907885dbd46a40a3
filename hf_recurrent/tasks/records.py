"""The parts of a model's record that depend on its task: data, results, word vectors, a curve.

The comparison and the recipes in ``scripts/`` use it to make records.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import datasets

from ..hub.citations import citations
from ..hub.record import DataRecord, Plot, Record, RecordedAnswer, RecordedResult
from ..hub.trainer import trainer_record
from ..training.defaults import MAX_LENGTH
from .base import Task
from .data_info import DataInfo
from .word_vectors import OWN, RANDOM, Embedding

_FROM_HUB = " of the Hub;"
_LONGEST_ANSWERED = 120
_VECTORS = {
    "glove": "GloVe 6B (400,000 lower-case words, 50 numbers)",
    "word2vec": "a part of the GoogleNews word2vec vectors (26,423 words, 300 numbers)",
    OWN: "word vectors of the user",
}


def recipe_record(
    trainer: Any,
    task: Task,
    dataset: str,
    data: datasets.DatasetDict,
    found: Mapping[str, float],
    predictions: Sequence[Any],
    latency: Mapping[str, float],
    *,
    embedding: Embedding | None = None,
    coverage: Mapping[str, Any] | None = None,
    max_length: int = MAX_LENGTH,
    notices: Sequence[str] = (),
) -> Record:
    """Return the record of a model that a recipe trained; save it after the model.

    Args:
        trainer: A ``Trainer`` after training.
        task: The task, as from ``Task.for_data``.
        dataset: The user's name for the data.
        data: The splits.
        found: The metrics on test, as from ``Task.judge``.
        predictions: The predictions on test.
        latency: Median and 95th percentile, as from ``benchmark.measure.latency``.
        embedding: The word vectors, and whether they were tuned; ``None`` for a model without any.
        coverage: How much of the training part the vectors cover, as from ``make_inputs``.
        max_length: Tokens after which a row is cut, if the task cuts rows.
        notices: What whoever passes on the model must say.
    """
    key = f"eval_{task.chosen_by}"
    curve = [log[key] for log in trainer.state.log_history if key in log]
    answers = chosen_answers(task, data["test"], predictions)
    record = Record(
        task=task.id,
        data=data_record(task, dataset, data),
        vectors=vectors_text(embedding),
        coverage=coverage_text(coverage),
        settings={"max_length": max_length} if task.cuts_rows else {},
        results=recorded_results(task, found),
        plots=learning_curve(task, curve),
        limits=(
            *notices,
            *cut_limits(task, max_length),
            *task.data_limits(data),
            *judged_limits(task, dataset, max_length),
        ),
        latency=recorded_latency(task, latency),
        citations=citations([*(embedding.sets if embedding else ()), dataset]),
        example=public_example(task, dataset, data["test"]),
        answers=tuple(answers if may_be_shown(task, dataset) else ()),
    )
    return trainer_record(trainer, record)


def data_record(
    task: Task, dataset: str, data: datasets.DatasetDict, digest: str | None = None
) -> DataRecord:
    """Describe the data, with their repository on the Hub if they were loaded from there.

    Args:
        task: The task.
        dataset: The user's name for the data.
        data: The splits.
        digest: Digest of all rows, if it is known already.
    """
    spec = task.datasets.get(dataset)
    hub_id = spec.hub.id if spec and spec.hub else dataset
    terms = _spec_of(task, dataset)
    description = data["train"].info.description
    from_hub = _FROM_HUB in description
    return DataRecord(
        name=dataset if spec or from_hub else Path(dataset).name,
        title=spec.title if spec else None,
        hub_id=hub_id if from_hub else None,
        revision=spec.hub.revision if from_hub and spec and spec.hub else None,
        language=spec.language or None if spec else None,
        license=data["train"].info.license or (terms.license if terms else None),
        same_as=spec.hub.id if spec and spec.hub and not from_hub else None,
        publishable=terms.publishable if terms else True,
        splits={part: len(rows) for part, rows in data.items()},
        note=f"From {description.split(', from ', 1)[-1]}; digest of all rows "
        f"{digest or rows_digest(data)}." + (f" Splits: {spec.splits}." if spec else ""),
    )


def _spec_of(task: Task, dataset: str) -> DataInfo | None:
    """Return what is known of a data set, by its name or its id on the Hub: it has one license."""
    by_id = {spec.hub.id: spec for spec in task.datasets.values() if spec.hub}
    return task.datasets.get(dataset) or by_id.get(dataset)


def rows_digest(data: datasets.DatasetDict) -> str:
    """Return a digest of the rows of all parts, including the names of their labels."""
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
    """Return the word vectors and whether they were tuned; ``None`` for random embeddings."""
    if embedding is None or embedding.vectors == RANDOM:
        return None
    mode = "tuned in training" if embedding.tuned else "kept as they are"
    return f"{' and '.join(_VECTORS[name] for name in embedding.sets)}, {mode}"


def coverage_text(coverage: Mapping[str, Any] | None) -> str | None:
    """Return how much of the training part has a vector, in words.

    It does not list the words without one: they may be addresses and telephone numbers.
    """
    return coverage["report"].partition("; without a vector")[0] if coverage else None


def learning_curve(task: Task, values: Sequence[float]) -> tuple[Plot, ...]:
    """Return the plot of the metric on validation after each epoch; none for a single epoch."""
    metric = task.chooser
    return Plot.curve(
        "learning_curve.svg",
        f"Validation {metric.title} after each {task.curve_step}",
        (task.curve_step, metric.axis("validation")),
        [metric.scale * value for value in values],
        best=metric.best_end,
    )


def public_example(task: Task, dataset: str, rows: datasets.Dataset) -> str | None:
    """Return a test row of public data; rows of a user's own data are never published."""
    return task.card_example(rows) if may_be_shown(task, dataset) else None


def may_be_shown(task: Task, dataset: str) -> bool:
    """Check whether rows may be shown: those of named data sets whose terms allow it."""
    spec = task.datasets.get(dataset)
    return spec is not None and spec.publishable


def chosen_answers(
    task: Task, rows: datasets.Dataset, predictions: Sequence[Any]
) -> list[RecordedAnswer]:
    """Return two right answers to short rows, which differ, and a wrong one.

    A digest chooses them, so that nobody does.
    """
    answers = [RecordedAnswer(*each) for each in task.answers(rows, predictions)]
    short = [each for each in answers if 0 < len(each.text) <= _LONGEST_ANSWERED]
    short.sort(key=lambda each: hashlib.sha256(each.text.encode()).digest())
    right: dict[str, RecordedAnswer] = {}
    for each in short:
        if each.expected is None:
            right.setdefault(each.answer, each)
    wrong = [each for each in short if each.expected is not None]
    return [*list(right.values())[:2], *wrong[:1]]


def recorded_latency(task: Task, latency: Mapping[str, float]) -> dict[str, float]:
    """Return a measured latency as a record has it: milliseconds by name."""
    return {
        f"median of {latency['timed']:.0f} test {task.units.many}": latency["median_ms"],
        "95th percentile": latency["p95_ms"],
    }


def cut_limits(task: Task, max_length: int, share: str | None = None) -> list[str]:
    """Return a sentence on the length at which rows are cut; none if the task cuts no rows.

    Args:
        task: The task.
        max_length: Tokens after which a row is cut.
        share: The share of rows that are cut, in words, if it is known.
    """
    if not task.cuts_rows:
        return []
    units = task.units
    told = f"Longer {units.many} are cut after {max_length} {units.token}"
    return [f"{told}: {share}." if share else f"{told}."]


def judged_limits(
    task: Task, dataset: str, max_length: int, choice: str | None = None
) -> list[str]:
    """Return sentences about the limits of a model that was judged on one data set.

    Args:
        task: The task.
        dataset: The user's name for the data.
        max_length: Tokens after which a row is cut.
        choice: A sentence about the models among which it was chosen, if any.
    """
    spec = _spec_of(task, dataset)
    language = spec.language if spec is not None else ""
    of_one = language and ", " not in language
    told = [f"Trained on one language only ({language})."] if of_one else []
    if spec is not None and spec.non_commercial:
        told.append(f"The terms of its data forbid commercial use ({spec.license}).")
    told += [choice] if choice else []
    told += task.card_limits(max_length)
    return [*told, "It was judged on the test part of its own data set, and on nothing else."]
