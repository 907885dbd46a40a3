"""The plots of a comparison; the style sheet of the page sets their colours."""

from collections.abc import Sequence

from ..hub.plots import curve_chart, scatter_chart
from ..hub.record import PlotPoint
from ..tasks.metric import Metric
from .summary import TableLine
from .verdict import uncertainties


def scatter(lines: Sequence[TableLine], cost: str, axis: str) -> str:
    """Draw the main metric against a cost on a logarithmic axis, with bars for its uncertainty.

    Args:
        lines: The lines of the table.
        cost: Name of a cost of each line, greater than 0.
        axis: Its name and unit.
    """
    numbers = [line.number - 1 for line in lines]
    numbered = list(zip(numbers, points(lines, cost), strict=True))
    metric = lines[0].chooser
    return scatter_chart(numbered, axis, metric.axis("test"), f"{against(metric)} {axis}")


def points(lines: Sequence[TableLine], cost: str) -> list[PlotPoint]:
    """Return a point for each line: the main metric on test at a cost."""
    bars = uncertainties(lines)
    return [_point(line, line.costs[cost], bar) for line, bar in zip(lines, bars, strict=True)]


def _point(line: TableLine, cost: float, bar: float | None) -> PlotPoint:
    metric, score = line.chooser, line.score
    return PlotPoint(
        name=line.short,
        x=cost,
        y=score.mean * metric.scale,
        spread=None if bar is None else bar * metric.scale,
        tip=f"{line.title}: {metric.write(score.mean, bar)} {metric.unit}".rstrip()
        + f", {cost:.3g}",
    )


def learning_curves(lines: Sequence[TableLine], step: str = "epoch") -> str:
    """Draw the figure on validation after each epoch, one line a seed; empty without curves.

    Args:
        lines: The lines of the table.
        step: What the curves have a point for, in place of an epoch.
    """
    curves = [
        (line.number - 1, line.title, [line.chooser.scale * value for value in curve])
        for line in lines
        for curve in line.curves
    ]
    if not curves:
        return ""
    metric = lines[0].chooser
    title = f"Validation {metric.title} by {step}"
    return curve_chart(curves, step, metric.axis("validation"), title, metric.best_end)


def against(metric: Metric) -> str:
    """Return how the title of a plot of figures on test begins, "Test accuracy against"."""
    return f"Test {metric.title} against"
