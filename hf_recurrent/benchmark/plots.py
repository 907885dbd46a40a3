"""The plots of a comparison; the style sheet of the page sets their colours."""

from collections.abc import Callable, Sequence

from ..hub.plots import curve_chart, scatter_chart
from ..hub.record import PlotPoint
from ..tasks.metric import Metric
from .summary import TableLine

__all__ = ["against", "learning_curves", "plot_point", "scatter"]


def scatter(lines: Sequence[TableLine], value: Callable[[TableLine], float], axis: str) -> str:
    """Draw the metric that chooses against a cost on a logarithmic axis, with bars for the spread.

    Args:
        lines: The lines of the table.
        value: The cost of a line, greater than 0.
        axis: Its name and unit.
    """
    points = [(line.number - 1, plot_point(line, value(line))) for line in lines]
    metric = lines[0].chooser
    return scatter_chart(points, axis, metric.axis("test"), f"{against(metric)} {axis}")


def plot_point(line: TableLine, cost: float) -> PlotPoint:
    """Return the point of a line: the metric that chooses, on test, at a cost."""
    scale, score = line.chooser.scale, line.score
    return PlotPoint(
        name=line.short,
        x=cost,
        y=score.mean * scale,
        spread=None if score.spread is None else score.spread * scale,
        tip=f"{line.title}: {score.written(line.chooser)} {line.chooser.unit}".rstrip()
        + f", {cost:.3g}",
    )


def learning_curves(lines: Sequence[TableLine]) -> str:
    """Draw the figure on validation after each epoch, one line a seed; empty without curves."""
    curves = [
        (line.number - 1, line.title, [line.chooser.scale * value for value in curve])
        for line in lines
        for curve in line.curves
    ]
    if not curves:
        return ""
    metric = lines[0].chooser
    title = f"Validation {metric.title} by epoch"
    return curve_chart(curves, "epoch", metric.axis("validation"), title)


def against(metric: Metric) -> str:
    """Return how the title of a plot of figures on test begins, "Test accuracy against"."""
    return f"Test {metric.title} against"
