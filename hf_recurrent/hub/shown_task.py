"""What the record, the card and its usage lines need from a task; ``_tasks`` finds the task."""

from collections.abc import Sequence
from typing import Any, Protocol

from .._tasks import find_task, task_of_class

__all__ = ["ShownMetric", "ShownTask", "pipeline_tag", "shown_task"]


class ShownMetric(Protocol):
    """A metric, as a card needs it; ``tasks.metric.Metric`` is one."""

    @property
    def key(self) -> str:
        """The key of the metric in records."""

    @property
    def title(self) -> str:
        """The title in a narrow column."""

    @property
    def full_title(self) -> str:
        """The title on a card; ``title`` if empty."""

    @property
    def hub_name(self) -> str:
        """The name on the Hub; ``key`` if empty."""

    @property
    def unit(self) -> str:
        """The unit, "%" for shares."""

    @property
    def higher_is_better(self) -> bool:
        """Whether more is better."""

    def write(self, value: float, spread: float | None = None) -> str:
        """Return a value as a text in its unit, with its spread if there is one."""


class _Units(Protocol):
    @property
    def one(self) -> str:
        """The word for one row of the data."""

    @property
    def many(self) -> str:
        """The word for several rows."""

    @property
    def answer(self) -> str:
        """What a latency includes, such as "from text to label"."""


class ShownTask(Protocol):
    """A task, as a card needs it; ``tasks.base.Task`` is one."""

    @property
    def title(self) -> str:
        """The name of the task in words."""

    @property
    def pipeline_tag(self) -> str:
        """The task on the Hub."""

    @property
    def units(self) -> _Units:
        """The words for what the task counts."""

    @property
    def metrics(self) -> Sequence[ShownMetric]:
        """The metrics of the task."""

    def widget(self, example: str) -> dict[str, Any]:
        """Return an example in the form that the Hub's widget reads."""

    def usage(self, source: str, example: str | None, has_tokenizer: bool) -> str:
        """Return lines that load a model and answer one example."""


def shown_task(task: str | None, model_class: str | None = None) -> ShownTask | None:
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
