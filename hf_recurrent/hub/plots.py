"""Plots as SVG: inside a page, whose style sheet decides the colours, or as a file of their own.

A card shows a file that lies beside it. The Hub sends SVG as an image where a page asks for one
(huggingface/hub-docs, pull request 1481), but not where the file is opened by itself.
"""

import math
from collections.abc import Sequence
from html import escape
from itertools import product

from .record import Plot, PlotPoint

__all__ = ["alt_text", "curve_chart", "scatter_chart", "svg_file"]

_WIDTH, _HEIGHT = 520, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 14, 14, 44
_COLOURS = 8
_LETTER = 6.9
_TICKS = 12
_LEAST_ROOM = 1e-4
_PALETTE = (
    *("#2563eb", "#d9480f", "#2b8a3e", "#9c36b5"),
    *("#b08900", "#0b7285", "#c2255c", "#5f6b7a"),
)
# On white in every theme: an image does not know whether the page around it is dark.
_STYLE = (
    "text{fill:#1b1f24;font:13px system-ui,sans-serif}.m{text-anchor:middle}.e{text-anchor:end}"
    ".g{stroke:#d8dde3;stroke-width:1}.s{stroke-width:2;fill:none}"
) + "".join(f".f.c{i}{{fill:{c}}}.s.c{i}{{stroke:{c}}}" for i, c in enumerate(_PALETTE))

Box = tuple[float, float, float, float]


def svg_file(plot: Plot) -> str:
    """Draws a plot as a file that needs nothing but itself."""
    if plot.points:
        numbered = list(enumerate(plot.points))
        chart = scatter_chart(numbered, plot.horizontal, plot.vertical, plot.title)
    else:
        curve = (0, plot.title, plot.values)
        chart = curve_chart([curve], plot.horizontal, plot.vertical, plot.title, plot.best)
    page = f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>'
    start = chart.index(">") + 1
    head = chart[:start].replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ')
    return f"{head}<style>{_STYLE}</style>{page}{chart[start:]}\n"


def alt_text(plot: Plot) -> str:
    """Says what a plot shows to those who do not see it."""
    if plot.points:
        told = [f"{p.name} {p.y:.4g} at {p.x:.3g}" for p in plot.points]
        return f"{plot.title} ({plot.vertical}, {plot.horizontal}): {'; '.join(told)}"
    first, last = plot.values[0], plot.values[-1]
    told_best = ""
    if plot.best is not None:
        best = plot.values.index(_best(plot.values, plot.best))
        told_best = f", best {plot.values[best]:.4g} at {plot.horizontal} {best + 1}"
    return (
        f"{plot.title}: {plot.vertical} {first:.4g} at {plot.horizontal} 1, "
        f"{last:.4g} at {plot.horizontal} {len(plot.values)}{told_best}"
    )


def scatter_chart(
    points: Sequence[tuple[int, PlotPoint]], horizontal: str, vertical: str, title: str
) -> str:
    """Draws points over a logarithmic axis, with bars for the spread.

    Args:
        points: The points, each with the number of its colour; `x` is greater than 0.
        horizontal: Name and unit of the logarithmic axis.
        vertical: Name and unit of the other.
        title: What the plot shows.
    """
    low = min(p.y - (p.spread or 0.0) for _, p in points)
    high = max(p.y + (p.spread or 0.0) for _, p in points)
    costs = [p.x for _, p in points]
    y = _Scale(*_padded(low, high), _HEIGHT - _BOTTOM, _TOP)
    x = _Scale(math.log10(min(costs)) - 0.12, math.log10(max(costs)) + 0.25, _LEFT, _WIDTH - _RIGHT)
    parts = [*_horizontal_grid(y), *_logarithmic_grid(x), *_axis_names(horizontal, vertical)]
    places = [(x(math.log10(p.x)), y(p.y)) for _, p in points]
    bars = [abs(y(0) - y(point.spread or 0.0)) for _, point in points]
    taken: list[Box] = [(px - 6, py - 6, px + 6, py + 6) for px, py in places]
    crossed = [
        (px - 2, py - bar, px + 2, py + bar) for (px, py), bar in zip(places, bars, strict=True)
    ]
    for (number, point), (px, py), bar in zip(points, places, bars, strict=True):
        colour = f"c{number % _COLOURS}"
        if bar:
            parts.append(
                f'<line class="s {colour}" x1="{px:.1f}" y1="{py - bar:.1f}" x2="{px:.1f}" '
                f'y2="{py + bar:.1f}"/>'
            )
        parts.append(
            f'<circle class="f {colour}" cx="{px:.1f}" cy="{py:.1f}" r="5"><title>'
            f"{escape(point.tip or point.name)}</title></circle>"
        )
        parts += _label(point.name, px, py, taken, crossed)
    return _svg(parts, title)


def curve_chart(
    curves: Sequence[tuple[int, str, Sequence[float]]],
    horizontal: str,
    vertical: str,
    title: str,
    best: str | None = "highest",
) -> str:
    """Draws values from step 1 on, one line a curve.

    Args:
        curves: Number of the colour, name and values of each, at least one value.
        horizontal: Name of the steps.
        vertical: Name and unit of the values.
        title: What the plot shows.
        best: "highest" or "lowest" for a dot at the best value of each curve.
    """
    values = [value for _, _, curve in curves for value in curve]
    y = _Scale(*_padded(min(values), max(values)), _HEIGHT - _BOTTOM, _TOP)
    longest = max(len(curve) for _, _, curve in curves)
    x = _Scale(1, max(longest, 2), _LEFT + 8, _WIDTH - _RIGHT - 8)
    parts = [*_horizontal_grid(y), *_axis_names(horizontal, vertical)]
    parts += [
        f'<text x="{x(step):.1f}" y="{_HEIGHT - 26}" class="m">{step}</text>'
        for step in range(1, longest + 1, max(1, math.ceil(longest / _TICKS)))
    ]
    for number, name, curve in curves:
        colour = f"c{number % _COLOURS}"
        points = [(x(step), y(value)) for step, value in enumerate(curve, 1)]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        tip = f"<title>{escape(name)}</title>"
        parts.append(f'<polyline class="s {colour}" points="{path}">{tip}</polyline>')
        if best is not None:
            px, py = points[curve.index(_best(curve, best))]
            parts.append(
                f'<circle class="f {colour}" cx="{px:.1f}" cy="{py:.1f}" r="4">{tip}</circle>'
            )
    return _svg(parts, title)


def _best(values: Sequence[float], best: str) -> float:
    return min(values) if best == "lowest" else max(values)


class _Scale:
    """Maps values to places on the page."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high, self.start, self.end = low, high, start, end

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def _padded(low: float, high: float) -> tuple[float, float]:
    room = max((high - low) * 0.12, 0.006 * max(abs(low), abs(high)), _LEAST_ROOM)
    return low - room, high + room


def _horizontal_grid(y: _Scale) -> list[str]:
    raw = (y.high - y.low) / 6
    decade = 10.0 ** math.floor(math.log10(raw))
    step = next(s * decade for s in (1, 2, 5, 10) if s * decade >= raw or s == 10)
    parts = []
    for index in range(math.ceil(y.low / step), math.floor(y.high / step) + 1):
        value, place = index * step, y(index * step)
        parts.append(
            f'<line class="g" x1="{_LEFT}" y1="{place:.1f}" x2="{_WIDTH - _RIGHT}" '
            f'y2="{place:.1f}"/><text x="{_LEFT - 6}" y="{place + 4:.1f}" class="e">{value:g}'
            "</text>"
        )
    return parts


def _logarithmic_grid(x: _Scale) -> list[str]:
    parts = []
    decades = x.high - x.low
    steps = (1, 2, 5) if decades < 2.5 else (1,)
    for exponent in range(math.floor(x.low), math.ceil(x.high) + 1):
        for step in steps:
            place = math.log10(step) + exponent
            if x.low <= place <= x.high:
                parts.append(
                    f'<line class="g" x1="{x(place):.1f}" y1="{_TOP}" x2="{x(place):.1f}" '
                    f'y2="{_HEIGHT - _BOTTOM}"/><text x="{x(place):.1f}" y="{_HEIGHT - 26}" '
                    f'class="m">{step * 10.0**exponent:g}</text>'
                )
    return parts


def _axis_names(horizontal: str, vertical: str) -> list[str]:
    return [
        f'<text class="m" x="{(_LEFT + _WIDTH) / 2:.0f}" y="{_HEIGHT - 6}">{escape(horizontal)}'
        "</text>",
        f'<text class="m" transform="translate(12 {_HEIGHT / 2 - 10:.0f}) rotate(-90)">'
        f"{escape(vertical)}</text>",
    ]


def _label(
    text: str, x: float, y: float, taken: list[Box], crossed: Sequence[Box] = ()
) -> list[str]:
    """Writes a name beside its point, over nothing that is taken, or not at all.

    What is crossed by names is avoided where that goes.
    """
    width = _LETTER * len(text)
    near = ((9, 4), (-9 - width, 4), (-width / 2, -10), (-width / 2, 19), (9, -8), (9, 16))
    far = ((-9 - width, -8), (-9 - width, 16), (-width / 2, -22), (-width / 2, 31))
    farther = ((9, -20), (9, 28))
    boxes = [
        (dx, dy, (x + dx, y + dy - 10, x + dx + width, y + dy + 3))
        for dx, dy in near + far + farther
    ]
    for avoided, (dx, dy, box) in product(([*taken, *crossed], taken), boxes):
        inside = box[0] >= _LEFT and box[2] <= _WIDTH and box[1] >= 0 and box[3] <= _HEIGHT - 40
        if inside and not any(_overlap(box, other) for other in avoided):
            taken.append(box)
            # To the left of its point a name ends there, however wide its letters are.
            place, end = (x - 9, ' class="e"') if dx == -9 - width else (box[0], "")
            return [f'<text x="{place:.1f}" y="{y + dy:.1f}"{end}>{escape(text)}</text>']
    return []


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _svg(parts: Sequence[str], name: str) -> str:
    body = "".join(parts)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(name)}">{body}</svg>'
    )
