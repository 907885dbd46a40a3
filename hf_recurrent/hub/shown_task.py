"""What the record, the card and its usage lines ask of a task; ``_tasks`` finds it."""

from collections.abc import Sequence
from typing import Any, Protocol

from .._tasks import find_task, task_of_class

__all__ = ["ShownMetric", "ShownTask", "pipeline_tag", "shown_task"]


class ShownMetric(Protocol):
    """A metric as a card writes it; ``tasks.metric.Metric`` is one."""

    @property
    def key(self) -> str:
        """Its key in records."""

    @property
    def title(self) -> str:
        """What a narrow column calls it."""

    @property
    def full_title(self) -> str:
        """What a card calls it; the title if empty."""

    @property
    def hub_name(self) -> str:
        """What the Hub calls it; the key if empty."""

    @property
    def unit(self) -> str:
        """Its unit, "%" for shares."""

    @property
    def higher_is_better(self) -> bool:
        """Whether more is better."""

    def write(self, value: float, spread: float | None = None) -> str:
        """Return a value in its unit, with its spread if there is one."""


class _Units(Protocol):
    @property
    def one(self) -> str:
        """A row of the data."""

    @property
    def many(self) -> str:
        """Several of them."""


class ShownTask(Protocol):
    """A task as a card shows it; ``tasks.base.Task`` is one."""

    @property
    def pipeline_tag(self) -> str:
        """The task on the Hub."""

    @property
    def units(self) -> _Units:
        """The words for what it counts."""

    @property
    def metrics(self) -> Sequence[ShownMetric]:
        """What it measures."""

    def widget(self, example: str) -> dict[str, Any]:
        """Return an example as the Hub's widget reads it."""

    def usage(self, source: str, example: str | None, has_tokenizer: bool) -> str:
        """Return lines that load a model and answer one example."""


def shown_task(task: str | None, model_class: str | None = None) -> ShownTask | None:
    """Return the task that a record names, or else that of a class; ``None`` if none is known.

    Args:
        task: Id of a task, or a pipeline of the Hub.
        model_class: Name of a model's class.
    """
    return find_task(task) or task_of_class(model_class)


def pipeline_tag(task: str | None) -> str | None:
    """Return what the Hub calls the task of a record; what it says itself if none is known."""
    known = shown_task(task)
    return known.pipeline_tag if known is not None else task
