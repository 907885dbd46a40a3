"""A model in one or two plain sentences: what it does, how well, and how fast."""

from typing import TYPE_CHECKING

from .._wording import capital, counted
from .figures import figure_text, metric_title
from .record import Record
from .shown_task import shown_task

if TYPE_CHECKING:
    from ..tasks.base import Task


def purpose(record: Record, model_class: str | None = None) -> str:
    """Return what a model is for, such as "text classification, trained on movie reviews".

    Args:
        record: The record of the model; the text is empty if it names no task and no title.
        model_class: Name of its class, which has a task if the record has none.
    """
    task, data = shown_task(record.task, model_class), record.data
    if task is None:
        return record.title or ""
    return f"{task.title}, trained on {data.title or data.name}" if data else task.title


def summary(record: Record, model_class: str | None = None) -> str:
    """Return the first sentences of a card; empty if nothing is known.

    Args:
        record: The record of the model.
        model_class: Name of its class.
    """
    task = shown_task(record.task, model_class)
    what = purpose(record, model_class)
    known = [f"A model for {what}" if task is not None else capital(what)]
    known.append("; ".join(filter(None, (_quality(record, task), _speed(record, task)))))
    return " ".join(f"{sentence}." for sentence in known if sentence)


def _quality(record: Record, task: "Task | None") -> str:
    """Return the first result, which is the figure that chooses models."""
    if not record.results:
        return ""
    result = record.results[0]
    rows = record.data.splits.get(result.split) if record.data else None
    units = task.units.many if task is not None else "rows"
    part = f"{rows:,} {result.split} {units}" if rows else f"the {result.split} part"
    figure = f"{metric_title(result.metric, record.task)} {figure_text(result, record.task)}"
    return f"{figure} on {result.dataset or part}"


def _speed(record: Record, task: "Task | None") -> str:
    """Return the first latency, which is the median."""
    if not record.latency:
        return ""
    milliseconds = next(iter(record.latency.values()))
    threads = record.latency_threads or record.machine.get("threads")
    span = task.units.answer if task is not None else "an answer"
    on = f" on {counted(threads, 'thread')}" if isinstance(threads, int) else ""
    return f"{milliseconds:.1f} ms {span}{on}"
