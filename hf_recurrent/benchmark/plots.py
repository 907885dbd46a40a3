"""Plots as inline SVG, whose colours the style sheet of the page decides."""

import math
from collections.abc import Callable, Sequence
from html import escape

from .summary import TableLine

__all__ = ["learning_curves", "scatter"]

_WIDTH, _HEIGHT = 520, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 14, 14, 44
_COLOURS = 8
_LETTER = 6.9

Box = tuple[float, float, float, float]


def scatter(lines: Sequence[TableLine], value: Callable[[TableLine], float], axis: str) -> str:
    """Draws accuracy against a cost on a logarithmic axis, with bars for the spread.

    Args:
        lines: The lines of the table.
        value: The cost of a line, greater than 0.
        axis: Its name and unit.
    """
    costs = [value(line) for line in lines]
    spreads = [line.accuracy.spread or 0.0 for line in lines]
    means = [line.accuracy.mean for line in lines]
    low = min(m - s for m, s in zip(means, spreads, strict=True)) * 100
    high = max(m + s for m, s in zip(means, spreads, strict=True)) * 100
    y = _Scale(*_padded(low, high), _HEIGHT - _BOTTOM, _TOP)
    x = _Scale(math.log10(min(costs)) - 0.12, math.log10(max(costs)) + 0.25, _LEFT, _WIDTH - _RIGHT)
    parts = [*_horizontal_grid(y), *_logarithmic_grid(x), *_axis_names(axis, "test accuracy, %")]
    points = [(x(math.log10(c)), y(m * 100)) for c, m in zip(costs, means, strict=True)]
    taken: list[Box] = [(px - 6, py - 6, px + 6, py + 6) for px, py in points]
    for line, (px, py), spread in zip(lines, points, spreads, strict=True):
        colour = f"c{(line.number - 1) % _COLOURS}"
        bar = abs(y(0) - y(spread * 100))
        if bar:
            parts.append(
                f'<line class="s {colour}" x1="{px:.1f}" y1="{py - bar:.1f}" x2="{px:.1f}" '
                f'y2="{py + bar:.1f}"/>'
            )
        tip = f"{line.title}: {line.accuracy.percent()} %, {value(line):.3g}"
        parts.append(
            f'<circle class="f {colour}" cx="{px:.1f}" cy="{py:.1f}" r="5"><title>'
            f"{escape(tip)}</title></circle>"
        )
        parts += _label(line.short, px, py, taken)
    return _svg(parts, f"Test accuracy against {axis}")


def learning_curves(lines: Sequence[TableLine]) -> str:
    """Draws the validation accuracy after each epoch, one line a seed; empty without curves."""
    curves = [(line, curve) for line in lines for curve in line.curves]
    if not curves:
        return ""
    values = [100 * point for _, curve in curves for point in curve]
    y = _Scale(*_padded(min(values), max(values)), _HEIGHT - _BOTTOM, _TOP)
    longest = max(len(curve) for _, curve in curves)
    x = _Scale(1, max(longest, 2), _LEFT + 8, _WIDTH - _RIGHT - 8)
    parts = [*_horizontal_grid(y), *_axis_names("epoch", "validation accuracy, %")]
    parts += [
        f'<text x="{x(epoch):.1f}" y="{_HEIGHT - 26}" class="m">{epoch}</text>'
        for epoch in range(1, longest + 1, max(1, math.ceil(longest / 12)))
    ]
    for line, curve in curves:
        colour = f"c{(line.number - 1) % _COLOURS}"
        points = [(x(epoch), y(100 * value)) for epoch, value in enumerate(curve, 1)]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        tip = f"<title>{escape(line.title)}</title>"
        parts.append(f'<polyline class="s {colour}" points="{path}">{tip}</polyline>')
        best = max(range(len(curve)), key=curve.__getitem__)
        parts.append(
            f'<circle class="f {colour}" cx="{points[best][0]:.1f}" cy="{points[best][1]:.1f}" '
            f'r="4">{tip}</circle>'
        )
    return _svg(parts, "Validation accuracy by epoch")


class _Scale:
    """Maps values to places on the page."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high, self.start, self.end = low, high, start, end

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def _padded(low: float, high: float) -> tuple[float, float]:
    room = max((high - low) * 0.12, 0.5)
    return low - room, high + room


def _horizontal_grid(y: _Scale) -> list[str]:
    raw = (y.high - y.low) / 6
    step = next(s for s in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if s >= raw or s == 50)
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


def _label(text: str, x: float, y: float, taken: list[Box]) -> list[str]:
    """Writes a name beside its point where it covers nothing; where it would, the tip must do."""
    width = _LETTER * len(text)
    for dx, dy in ((9, 4), (-9 - width, 4), (-width / 2, -10), (-width / 2, 19), (9, -8), (9, 16)):
        box = (x + dx, y + dy - 10, x + dx + width, y + dy + 3)
        inside = box[0] >= _LEFT and box[2] <= _WIDTH and box[1] >= 0 and box[3] <= _HEIGHT - 40
        if inside and not any(_overlap(box, other) for other in taken):
            taken.append(box)
            return [f'<text x="{box[0]:.1f}" y="{y + dy:.1f}">{escape(text)}</text>']
    return []


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _svg(parts: Sequence[str], name: str) -> str:
    body = "".join(parts)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(name)}">{body}</svg>'
    )
