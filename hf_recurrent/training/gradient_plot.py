"""One plot of gradients by step and of saturated gates, for one model or several."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .._drawing import COLOURS, SOFT, new_figure, png, style, svg
from .._whole import write_whole
from .gradient_numbers import GradientFlow, StateFlow

ENDINGS = (".svg", ".png")
_WIDTH, _HEIGHT, _ROW = 900, 400, 19
_TICKS = 9
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_PLAIN = 2  # powers of ten up to this are written as a number

Flows = GradientFlow | Sequence[tuple[str, GradientFlow]]


def draw_gradient_flow(
    flows: Flows, output: Path | str, *, title: str = "", relative: bool = False
) -> None:
    """Draw gradients and saturated gates, those of several models in one plot.

    On the left is the norm of the gradient by each state, from the first steps to the last: the
    median over the rows, and a band from the 10 % to the 90 % quantile. For an LSTM the cell state
    is a full line and the hidden state a broken one. Norms of 0 have no place on the logarithmic
    axis. On the right is the share of saturated values of each gate.

    Args:
        flows: One flow, or the title and the flow of each model.
        output: The file to write, ``.svg`` or ``.png``.
        title: Title of the plot.
        relative: Whether each norm is divided by that at the last step, so that models with losses
            of different sizes can be compared.

    Raises:
        ValueError: If there is no flow, or the file has another ending.
        OSError: If the file cannot be written.
    """
    path = Path(output)
    if path.suffix not in ENDINGS:
        raise ValueError(f"{path}: expected a file name that ends with {' or '.join(ENDINGS)}.")
    if path.suffix == ".svg":
        write_whole(path, gradient_svg(flows, title=title, relative=relative))
        return
    with style():
        figure, _ = _figure(flows, title, relative)
        content = png(figure)
    write_whole(path, content)


def gradient_svg(
    flows: Flows, *, title: str = "", relative: bool = False, in_page: bool = False
) -> str:
    """Return the plot of ``draw_gradient_flow`` as an SVG.

    Args:
        flows: One flow, or the title and the flow of each model.
        title: Title of the plot.
        relative: Whether each norm is divided by that at the last step.
        in_page: Whether it becomes a part of an HTML page, see ``_drawing.svg``.

    Raises:
        ValueError: If there is no flow.
    """
    with style():
        figure, tips = _figure(flows, title, relative)
        return svg(figure, title or "Gradients by step, and saturated gates", tips, in_page=in_page)


@dataclass(frozen=True)
class _Part:
    """One layer and direction of one flow, which has a colour of its own."""

    name: str
    colour: str
    states: tuple[StateFlow, ...]
    gates: tuple[tuple[str, float, float], ...]


def _parts(flows: Flows) -> Iterator[_Part]:
    """Yield the layers and directions of all flows."""
    named = [("", flows)] if isinstance(flows, GradientFlow) else list(flows)
    if not named:
        raise ValueError("there is no gradient flow to draw, expected one or more.")
    number = 0
    for title, flow in named:
        places = list(dict.fromkeys((each.layer, each.direction) for each in flow.states))
        for layer, direction in places:
            words = [title] if title else []
            if len({layer for layer, _ in places}) > 1 or not words:
                words.append(f"layer {layer}")
            if len({direction for _, direction in places}) > 1:
                words.append(direction)
            place = {"layer": layer, "direction": direction}
            yield _Part(
                ", ".join(words),
                COLOURS[number % len(COLOURS)],
                tuple(each for each in flow.states if place.items() <= vars(each).items()),
                tuple(
                    (gate.gate, gate.low, gate.high)
                    for gate in flow.gates
                    if place.items() <= vars(gate).items()
                ),
            )
            number += 1


def _figure(flows: Flows, title: str, relative: bool) -> tuple[Any, dict[str, str]]:
    """Return the figure, and the texts under the pointer."""
    parts = list(_parts(flows))
    rows = sum(len(part.gates) + 1 for part in parts)
    figure = new_figure(_WIDTH, max(_HEIGHT, 150 + _ROW * rows))
    figure.set_layout_engine("constrained", w_pad=0.15, h_pad=0.1, wspace=0.03)
    lines, bars = figure.subplots(1, 2, width_ratios=(3, 1.25))
    tips = _draw_lines(lines, parts, relative)
    _draw_bars(bars, parts)
    figure.legend(
        handles=lines.lines,
        loc="outside upper left",
        ncols=3,
        frameon=False,
        fontsize=12,
        title=title or None,
        title_fontsize=15,
        alignment="left",
    )
    return figure, tips


def _draw_lines(axes: Any, parts: Sequence[_Part], relative: bool) -> dict[str, str]:
    """Draw the norms by step; return the texts under the pointer."""
    from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

    tips: dict[str, str] = {}
    lowest, highest, longest = math.inf, 0.0, 1
    for part in parts:
        several = len(part.states) > 1
        for each in part.states:
            scale = each.norms[:, :1] if relative else np.ones((1, 1))
            with np.errstate(divide="ignore", invalid="ignore"):
                scaled = StateFlow(each.layer, each.direction, each.state, each.norms / scale)
            low, middle, high = (_positive(scaled.quantile(share)) for share in (0.1, 0.5, 0.9))
            broken = several and each.state == "hidden"
            name = f"{part.name}, {each.state} state" if several else part.name
            steps = np.arange(len(middle))
            look = {"color": part.colour, "linewidth": 1.4 if broken else 2.0, "clip_on": False}
            dashes = {"dashes": (5, 3)} if broken else {}
            key = f"tip_{len(tips)}"
            axes.plot(steps, middle, label=name, gid=key, **look, **dashes)
            tips[key] = f"{name}: factor {each.factor:.3g} a step"
            shown = [middle]
            if not broken and len(each.norms) > 1:
                _draw_band(axes, low, high, part.colour)
                shown += [low, high]
            numbers = np.concatenate(shown)
            numbers = numbers[np.isfinite(numbers)]
            if len(numbers):
                lowest, highest = min(lowest, numbers.min()), max(highest, numbers.max())
            longest = max(longest, len(middle) - 1)
    powers = _powers(lowest, highest)
    norm = "gradient norm" + (", relative to the last step" if relative else "")
    axes.set(
        xlim=(longest, 0),
        ylim=(10.0 ** powers[0], 10.0 ** powers[-1]),
        yscale="log",
        xlabel="steps before the last",
        ylabel=norm,
    )
    every = max(1, math.ceil((len(powers) - 1) / _TICKS))
    axes.yaxis.set_major_locator(FixedLocator([10.0**power for power in powers[::-every]]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(lambda value, _: _power(round(math.log10(value))))
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True, steps=(1, 2, 5, 10)))
    axes.grid(True, clip_on=False)
    return tips


def _draw_band(axes: Any, low: np.ndarray, high: np.ndarray, colour: str) -> None:
    """Fill the area between two curves, where both have a place on the axis."""
    there = np.flatnonzero(np.isfinite(low) & np.isfinite(high))
    for run in np.split(there, np.flatnonzero(np.diff(there) > 1) + 1):
        # A polygon, as the areas of ``fill_between`` become links within an SVG.
        around = (np.concatenate([run, run[::-1]]), np.concatenate([low[run], high[run][::-1]]))
        axes.fill(*around, color=colour, alpha=0.13, linewidth=0, clip_on=False)


def _draw_bars(axes: Any, parts: Sequence[_Part]) -> None:
    """Draw the shares of saturated values, low ones to the left and high ones to the right."""
    names: dict[float, str] = {}
    place = 0.0
    for part in parts:
        for gate, low, high in part.gates:
            names[place] = gate
            look = {"color": part.colour, "height": 0.72, "clip_on": False, "zorder": 2}
            axes.barh(place, -100 * low, **look)
            axes.barh(place, 100 * high, **look)
            place += 1
        # It shows whose gates these are where nothing is saturated.
        ends = (place - len(part.gates) - 0.4, place - 0.6)
        axes.plot((0, 0), ends, color=part.colour, linewidth=3, clip_on=False)
        place += 0.6
    axes.set(xlim=(-100, 100), ylim=(place - 1, -0.8), xlabel="saturated values, %")
    axes.set_yticks([*names], [*names.values()])
    axes.set_xticks((-100, -50, 0, 50, 100), ("100", "50", "0", "50", "100"))
    axes.grid(False, axis="y")
    axes.grid(True, axis="x", clip_on=False)
    for at, side in ((-50, "low"), (50, "high")):
        axes.text(at, -0.85, side, color=SOFT, horizontalalignment="center", fontsize=12)


def _positive(values: np.ndarray) -> np.ndarray:
    """Return values with NaN for those that have no logarithm."""
    return np.where(values > 0, values, np.nan)


def _powers(lowest: float, highest: float) -> range:
    """Return the powers of ten from below the lowest value to above the highest."""
    if not 0 < lowest <= highest:
        lowest = highest = 1.0
    first, last = math.floor(math.log10(lowest)), math.ceil(math.log10(highest))
    return range(first, max(last, first + 1) + 1)


def _power(power: int) -> str:
    if abs(power) <= _PLAIN:
        return f"{10.0**power:g}"
    return f"10{str(power).translate(_SUPERSCRIPTS)}"
