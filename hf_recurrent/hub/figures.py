"""How the figures of a record are called and written, as the metrics of its task say."""

from .._tasks import all_tasks
from .record import RecordedResult
from .shown_task import ShownMetric, shown_task

__all__ = ["figure_text", "hub_metric", "metric_title"]

# Metrics of word vectors, which belong to no task.
_TITLES = {"spearmanr": "Spearman's rank correlation"}


def metric_title(key: str, task: str | None) -> str:
    """Return what a card calls a metric; its key if no task knows it.

    Args:
        key: Of the metric.
        task: That of the record, which has the first word.
    """
    metric = _metric(key, task)
    return _TITLES.get(key, key) if metric is None else metric.full_title or metric.title


def hub_metric(key: str, task: str | None) -> str:
    """Return what ``evaluate`` and the Hub call a metric."""
    metric = _metric(key, task)
    return key if metric is None else metric.hub_name or key


def figure_text(result: RecordedResult, task: str | None) -> str:
    """Write a figure with its spread: shares as in "0.812 ± 0.004", others as their metric says.

    A metric of which less is better says so.
    """
    metric = _metric(result.metric, task)
    if metric is None or metric.unit == "%":
        spread = "" if result.spread is None else f" ± {result.spread:.3f}"
        text = f"{result.value:.3f}{spread}"
    else:
        text = f"{metric.write(result.value, result.spread)} {metric.unit}".rstrip()
    return text if metric is None or metric.higher_is_better else f"{text} (less is better)"


def _metric(key: str, task: str | None) -> ShownMetric | None:
    """Return the metric of a key, of the task of a record or else of the first that has it."""
    known = shown_task(task)
    for each in [*([known] if known is not None else []), *all_tasks()]:
        for metric in each.metrics:
            if metric.key == key:
                return metric
    return None
