"""The task of a record, for its card and its usage lines; no task is imported here."""

from typing import TYPE_CHECKING

from .._tasks import find_task, task_of_class

if TYPE_CHECKING:
    from ..tasks.base import Task


def shown_task(task: str | None, model_class: str | None = None) -> "Task | None":
    """Return the task of a record, or else of a model class; ``None`` if neither is known.

    Args:
        task: Id of a task, or a pipeline of the Hub.
        model_class: Name of a model's class.
    """
    return find_task(task) or task_of_class(model_class)


def pipeline_tag(task: str | None) -> str | None:
    """Return the Hub's name for a record's task; the given text if no such task is known."""
    known = shown_task(task)
    return known.pipeline_tag if known is not None else task
