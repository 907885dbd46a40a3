"""Plots of cards and reports: points over a cost, and curves.

A card shows a file beside it. The Hub sends SVG as an image where a page asks for one
(huggingface/hub-docs, pull request 1481), but not where the file is opened by itself.
"""

import math
from collections.abc import Sequence
from typing import Any

from .._drawing import COLOURS, dot, new_figure, pixel_axes, style, svg, write
from .._labels import place_labels
from .._wording import shortened
from .record import Plot, PlotPoint

_WIDTH, _HEIGHT = 520, 360
_TICKS = 12
_LEAST_ROOM = 1e-4
# Letters of a name that has no room; its middle is left out.
_KEPT_LETTERS = 26


def svg_file(plot: Plot) -> str:
    """Return a plot as an SVG file, on white, whatever the theme of the page around it."""
    axes = (plot.horizontal, plot.vertical, plot.title)
    if plot.points:
        return scatter_chart(list(enumerate(plot.points)), *axes, in_page=False)
    return curve_chart([(0, plot.title, plot.values)], *axes, plot.best, in_page=False)


def alt_text(plot: Plot) -> str:
    """Describe a plot for those who do not see it."""
    if plot.points:
        described = [f"{p.name} {p.y:.4g} at {p.x:.3g}" for p in plot.points]
        return f"{plot.title} ({plot.vertical}, {plot.horizontal}): {'; '.join(described)}"
    first, last = plot.values[0], plot.values[-1]
    best_value = ""
    if plot.best is not None:
        best = plot.values.index(_best(plot.values, plot.best))
        best_value = f", best {plot.values[best]:.4g} at {plot.horizontal} {best + 1}"
    return (
        f"{plot.title}: {plot.vertical} {first:.4g} at {plot.horizontal} 1, "
        f"{last:.4g} at {plot.horizontal} {len(plot.values)}{best_value}"
    )


def scatter_chart(
    points: Sequence[tuple[int, PlotPoint]],
    horizontal: str,
    vertical: str,
    title: str,
    *,
    in_page: bool = True,
) -> str:
    """Return an SVG of points over a logarithmic axis, with bars for the spread.

    Args:
        points: The points, each with its number, which chooses colour and shape; ``x`` is greater
            than 0.
        horizontal: Name and unit of the logarithmic axis.
        vertical: Name and unit of the other axis.
        title: What the plot shows.
        in_page: See ``_drawing.svg``.
    """
    from matplotlib.ticker import LogLocator, NullLocator

    with style():
        figure, axes = _axes(horizontal, vertical)
        least, most = _possible(vertical, [point.y for _, point in points])
        for place, (number, point) in enumerate(points):
            (colour, again), spread = _look(number), point.spread or 0.0
            ends = (max(point.y - spread, least), min(point.y + spread, most))
            axes.plot((point.x, point.x), ends, color=colour, linewidth=2, clip_on=False)
            dot(axes, point.x, point.y, 10, colour, f"tip_{place}", square=again)
        low, high = (bound(point.x for _, point in points) for bound in (min, max))
        room = _padded(axes.dataLim.intervaly, least, most)
        axes.set(xscale="log", xlim=(low / 1.5, high * 1.8), ylim=room)
        steps = (1, 2, 5) if high / low < 100 else (1,)
        axes.xaxis.set_major_locator(LogLocator(subs=steps, numticks=_TICKS))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter("{x:g}")
        _name_points(figure, axes, [point for _, point in points])
        tips = {f"tip_{place}": p.tip or p.name for place, (_, p) in enumerate(points)}
        return svg(figure, title, tips, in_page=in_page)


def curve_chart(
    curves: Sequence[tuple[int, str, Sequence[float]]],
    horizontal: str,
    vertical: str,
    title: str,
    best: str | None,
    *,
    in_page: bool = True,
) -> str:
    """Return an SVG of values from step 1 on, one line a curve.

    Args:
        curves: Number (for colour and shape), name and values of each, at least one value.
        horizontal: Name of the steps.
        vertical: Name and unit of the values.
        title: What the plot shows.
        best: "highest" or "lowest" for a dot at the best value of each curve; ``None`` for none.
        in_page: See ``_drawing.svg``.
    """
    with style():
        figure, axes = _axes(horizontal, vertical)
        tips: dict[str, str] = {}
        for place, (number, name, values) in enumerate(curves):
            line, best_dot = f"line_{place}", f"tip_{place}"
            tips |= {line: name, best_dot: name}
            colour, again = _look(number)
            steps, shape = range(1, len(values) + 1), {"linestyle": "--" if again else "-"}
            axes.plot(steps, values, color=colour, linewidth=2, gid=line, clip_on=False, **shape)
            if best is not None:
                value = _best(values, best)
                step = list(values).index(value) + 1
                dot(axes, step, value, 8, colour, best_dot, square=again)
        longest = max(len(values) for _, _, values in curves)
        possible = _possible(vertical, [value for _, _, values in curves for value in values])
        room = _padded(axes.dataLim.intervaly, *possible)
        axes.set(xlim=(0.98, max(longest, 2) + 0.02), ylim=room)
        axes.set_xticks(range(1, longest + 1, math.ceil(longest / _TICKS)))
        return svg(figure, title, tips, in_page=in_page)


def _axes(horizontal: str, vertical: str) -> tuple[Any, Any]:
    """Return a figure with axes whose margins are as wide as their numbers."""
    from matplotlib.ticker import MaxNLocator

    figure = new_figure(_WIDTH, _HEIGHT)
    figure.set_layout_engine("constrained", w_pad=0.15, h_pad=0.1)
    axes = figure.add_subplot(xlabel=horizontal, ylabel=vertical)
    axes.grid(True, clip_on=False)
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=(1, 2, 5, 10)))
    axes.yaxis.set_major_formatter("{x:g}")
    return figure, axes


def _look(number: int) -> tuple[str, bool]:
    """Return a colour, and whether it is used again, so that its dots are squares."""
    return COLOURS[number % len(COLOURS)], number // len(COLOURS) % 2 == 1


def _best(values: Sequence[float], best: str) -> float:
    return min(values) if best == "lowest" else max(values)


def _possible(label: str, values: Sequence[float]) -> tuple[float, float]:
    """Return 0 and 100 for shares in percent, none of which is beyond them, or else no limits."""
    is_percent = label.endswith("%")
    least = 0.0 if is_percent and min(values) >= 0 else -math.inf
    return least, 100.0 if is_percent and max(values) <= 100 else math.inf


def _padded(
    values: Sequence[float], least: float = -math.inf, most: float = math.inf
) -> tuple[float, float]:
    """Return the limits of an axis: with room around the values, and never of no length.

    Args:
        values: The values.
        least: The axis does not reach below it.
        most: Nor above it.
    """
    low, high = min(values), max(values)
    room = max((high - low) * 0.12, 0.006 * max(abs(low), abs(high)), _LEAST_ROOM)
    return max(low - room, least), min(high + room, most)


def _name_points(figure: Any, axes: Any, points: Sequence[PlotPoint]) -> None:
    """Write the name of each point beside it, shortened where there is no room."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    box = axes.get_window_extent()

    def place(x: float, y: float) -> tuple[float, float]:
        right, up = axes.transData.transform((x, y))
        return float(right - box.x0), float(box.y1 - up)

    places = [place(point.x, point.y) for point in points]
    bars = []
    for point, (x, y) in zip(points, places, strict=True):
        bar = abs(place(point.x, point.y + (point.spread or 0.0))[1] - y)
        bars.append((x - 2, y - bar, x + 2, y + bar))
    names = [point.name for point in points]
    labels = place_labels(names, places, box.width, box.height, bars)
    if None in labels:
        names = [shortened(name, _KEPT_LETTERS) for name in names]
        labels = place_labels(names, places, box.width, box.height, bars)
    overlay = pixel_axes(figure, axes.get_position(), box.width, box.height)
    for name, at, label in zip(names, places, labels, strict=True):
        if label is not None:
            write(overlay, name, at, label)
