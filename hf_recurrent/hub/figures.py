"""Names and texts of the figures of a record, as the metrics of its task define them."""

from typing import TYPE_CHECKING

from .._tasks import all_tasks
from .record import RecordedResult
from .shown_task import shown_task

if TYPE_CHECKING:
    from ..tasks.metric import Metric

# Metrics of word vectors, which belong to no task.
_TITLES = {"spearmanr": "Spearman's rank correlation"}


def metric_title(key: str, task: str | None) -> str:
    """Return the title of a metric on a card; its key if no task knows it.

    Args:
        key: Key of the metric.
        task: Task of the record, whose metrics are looked up first.
    """
    metric = _metric(key, task)
    return _TITLES.get(key, key) if metric is None else metric.full_title or metric.title


def hub_metric(key: str, task: str | None) -> str:
    """Return the name of a metric in ``evaluate`` and on the Hub."""
    metric = _metric(key, task)
    return key if metric is None else metric.hub_name or key


def is_bound(key: str, task: str | None) -> bool:
    """Check whether a figure is an end of the interval of another, and no metric of its own."""
    metric = _metric(key, task)
    return metric is not None and metric.is_bound


def figure_text(result: RecordedResult, task: str | None) -> str:
    """Return a figure with its spread and unit, as its metric writes it: "81.2 ± 0.4 %".

    If less is better, the text says so. A figure without a known metric has three digits.
    """
    metric = _metric(result.metric, task)
    if metric is None:
        spread = "" if result.spread is None else f" ± {result.spread:.3f}"
        return f"{result.value:.3f}{spread}"
    text = f"{metric.write(result.value, result.spread)} {metric.unit}".rstrip()
    return text if metric.higher_is_better else f"{text} (less is better)"


def _metric(key: str, task: str | None) -> "Metric | None":
    """Return the metric with a key: of the record's task, else of the first task that has it."""
    known = shown_task(task)
    for each in [*([known] if known is not None else []), *all_tasks()]:
        for metric in each.metrics:
            if metric.key == key:
                return metric
    return None
