"""The plots of a comparison, whose colours the style sheet of the page decides."""

from collections.abc import Callable, Sequence

from ..hub.plots import curve_chart, scatter_chart
from ..hub.record import PlotPoint
from .summary import TableLine

__all__ = ["learning_curves", "plot_point", "scatter"]


def scatter(lines: Sequence[TableLine], value: Callable[[TableLine], float], axis: str) -> str:
    """Draws accuracy against a cost on a logarithmic axis, with bars for the spread.

    Args:
        lines: The lines of the table.
        value: The cost of a line, greater than 0.
        axis: Its name and unit.
    """
    points = [(line.number - 1, plot_point(line, value(line))) for line in lines]
    return scatter_chart(points, axis, "test accuracy, %", f"Test accuracy against {axis}")


def plot_point(line: TableLine, cost: float) -> PlotPoint:
    """Gives the point of a line: its test accuracy in percent at a cost."""
    return PlotPoint(
        name=line.short,
        x=cost,
        y=line.accuracy.mean * 100,
        spread=None if line.accuracy.spread is None else line.accuracy.spread * 100,
        tip=f"{line.title}: {line.accuracy.percent()} %, {cost:.3g}",
    )


def learning_curves(lines: Sequence[TableLine]) -> str:
    """Draws the validation accuracy after each epoch, one line a seed; empty without curves."""
    curves = [
        (line.number - 1, line.title, [100 * value for value in curve])
        for line in lines
        for curve in line.curves
    ]
    title = "Validation accuracy by epoch"
    return curve_chart(curves, "epoch", "validation accuracy, %", title) if curves else ""
