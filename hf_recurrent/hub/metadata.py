"""The front matter of cards, and the results in the forms that the Hub reads.

``ModelCard`` and ``EvalResultEntry`` of huggingface_hub read them back, and license and task are
checked against the Hub's lists. The Hub validates cards once more when they arrive; that could not
be tried here.
"""

import re
from collections.abc import Sequence
from typing import Any

from huggingface_hub import EvalResult, EvalResultEntry, ModelCardData

from .figures import hub_metric, is_bound, metric_title
from .identifiers import check_license, check_task
from .record import DataRecord, Record, RecordedResult
from .shown_task import pipeline_tag, shown_task

LIBRARY = "hf-recurrent"


def front_matter(
    record: Record, name: str, tags: Sequence[str] = (), library: str = LIBRARY
) -> ModelCardData:
    """Return the metadata of a card.

    Args:
        record: What is known about the model.
        name: Name of the model in its results.
        tags: Tags besides those of the record.
        library: The library that loads it.

    Raises:
        ValueError: If the Hub does not know the license or the task.
    """
    check_license(record.license, record.license_name)
    tag = pipeline_tag(record.task)
    check_task(tag)
    data = record.data
    hub_id = (data.hub_id or data.same_as) if data else None
    metrics = list(dict.fromkeys(hub_metric(r.metric, record.task) for r in _metrics(record)))
    known: dict[str, Any] = {
        "language": _languages(data),
        "license": record.license,
        "license_name": record.license_name,
        "license_link": record.license_link,
        "pipeline_tag": tag,
        "base_model": record.base_model,
        "datasets": [hub_id] if hub_id else None,
        "metrics": metrics or None,
        "tags": list(dict.fromkeys([*record.tags, *tags])) or None,
    }
    if record.example and record.task:
        task = shown_task(record.task)
        example = {"text": record.example} if task is None else task.widget(record.example)
        known["widget"] = [example]
    results = _eval_results(record)
    if results:
        known |= {"eval_results": results, "model_name": name}
    return ModelCardData(library_name=library, **{k: v for k, v in known.items() if v is not None})


def check_front_matter(metadata: Any) -> None:
    """Check license and task of a card that somebody wrote.

    Raises:
        ValueError: If the Hub does not know them.
    """
    found = metadata.get("license")
    for each in found if isinstance(found, list) else [found]:
        check_license(each, metadata.get("license_name"))
    check_task(metadata.get("pipeline_tag"))


def result_entries(record: Record) -> list[EvalResultEntry]:
    """Return the results in the form of ``.eval_results/*.yaml``; none without a Hub data set.

    ``task_id`` should name a task of a benchmark that its owner registered. The known data sets
    register none, so the metric's name is used, which is a guess.
    """
    data = record.data
    if data is None or data.hub_id is None:
        return []
    return [
        EvalResultEntry(
            dataset_id=data.hub_id,
            task_id=result.metric,
            value=result.value,
            dataset_revision=data.revision,
            notes=_spread_note(result),
        )
        for result in _metrics(record)
        if result.split == "test" and result.dataset is None
    ]


def _eval_results(record: Record) -> list[EvalResult]:
    """Return the results in the form of ``model-index``; none without a task and a data set."""
    tag = pipeline_tag(record.task)
    if tag is None:
        return []
    return [
        EvalResult(
            task_type=tag,
            metric_type=hub_metric(result.metric, record.task),
            metric_name=metric_title(result.metric, record.task),
            metric_value=result.value,
            **_judged_on(result, record.data),
        )
        for result in _metrics(record)
        if result.dataset is not None or record.data is not None
    ]


def _metrics(record: Record) -> list[RecordedResult]:
    """Return the results except for the bounds of others, which only the text of a card tells."""
    return [each for each in record.results if not is_bound(each.metric, record.task)]


def _judged_on(result: RecordedResult, data: DataRecord | None) -> dict[str, Any]:
    if result.dataset is not None:
        kind = re.sub(r"\W+", "-", result.dataset.lower()).strip("-")
        return {"dataset_type": kind, "dataset_name": result.dataset}
    assert data is not None
    return {
        "dataset_type": data.hub_id or data.name,
        "dataset_name": data.title or data.name,
        "dataset_split": result.split,
        "dataset_revision": data.revision if data.hub_id else None,
    }


def _spread_note(result: RecordedResult) -> str | None:
    if result.spread is None:
        return None
    return f"mean of {result.runs} runs, standard deviation {result.spread:.4f}"


def _languages(data: DataRecord | None) -> str | list[str] | None:
    """Return the language of the data, or all of them if there are several."""
    if data is None or not data.language:
        return None
    languages = data.language.split(", ")
    return languages if len(languages) > 1 else languages[0]
