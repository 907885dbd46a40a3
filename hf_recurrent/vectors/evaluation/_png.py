"""Draws a plot of words as PNG, by matplotlib."""

import io
import warnings

from ..._extras import require
from ._labels import FONT_SIZE, text_width
from .word_plot import WordPlot

__all__ = ["png_bytes"]

_COLOURS = (
    *("#2563eb", "#d9480f", "#2b8a3e", "#9c36b5"),
    *("#b08900", "#0b7285", "#c2255c", "#5f6b7a"),
)
_INK, _SOFT, _LINE = "#1b1f24", "#5c6570", "#aab2bc"
# The first that is installed and has the letter is taken.
_FONTS = ("DejaVu Sans", "Noto Sans CJK SC", "WenQuanYi Zen Hei", "Arial Unicode MS", "Noto Emoji")
_DOTS_PER_INCH = 100  # of the layout; twice as many are drawn
_HEAD, _CAPTION, _LEGEND_ROW = 34, 26, 18


def png_bytes(plot: WordPlot) -> bytes:
    """Return the file.

    Raises:
        ImportError: If matplotlib is missing.
    """
    figure_module = require("matplotlib.figure", extra="plot", purpose="Plotting words as PNG")
    legend = _legend_rows(plot)
    foot = plot.height + _LEGEND_ROW * len(legend) + _CAPTION
    height = foot + _HEAD
    figure = figure_module.Figure(
        figsize=(plot.width / _DOTS_PER_INCH, height / _DOTS_PER_INCH), dpi=_DOTS_PER_INCH
    )
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, plot.width), ylim=(foot, -_HEAD))
    axes.axis("off")
    text = {"family": _installed_fonts(), "parse_math": False}
    axes.text(12, -12, plot.title, fontsize=_points(15), color=_INK, **text)
    axes.text(12, foot - 12, plot.caption, fontsize=_points(11), color=_SOFT, **text)
    for number, row in enumerate(legend):
        y = plot.height + _LEGEND_ROW * number + 12
        for x, colour, group in row:
            axes.plot(x + 4, y - 4, "o", color=colour, markersize=_points(8))
            axes.text(x + 13, y, group, fontsize=_points(11), color=_INK, **text)
    for word in plot.words:
        colour = _COLOURS[word.colour % len(_COLOURS)]
        label = word.label
        if label is not None and label.leader is not None:
            ends = zip((word.x, word.y), label.leader, strict=True)
            axes.plot(*ends, color=_LINE, linewidth=0.7, zorder=1)
        axes.plot(word.x, word.y, "o", color=colour, markersize=_points(8), zorder=2)
        if label is not None:
            side = {"start": "left", "middle": "center", "end": "right"}[label.anchor]
            place = {"horizontalalignment": side, "fontsize": _points(FONT_SIZE)}
            axes.text(label.x, label.y, word.word, color=_INK, zorder=3, **place, **text)
    file = io.BytesIO()
    with warnings.catch_warnings():
        # A letter that no installed font has is drawn as a box.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(file, format="png", dpi=2 * _DOTS_PER_INCH)
    return file.getvalue()


def _legend_rows(plot: WordPlot) -> list[list[tuple[float, str, str]]]:
    """Return place, colour and name of the groups, in as many rows as they need."""
    rows: list[list[tuple[float, str, str]]] = []
    end = plot.width
    for number, group in enumerate(plot.groups):
        width = 31 + text_width(group)
        if end + width > plot.width:
            rows.append([])
            end = 12.0
        rows[-1].append((end, _COLOURS[number % len(_COLOURS)], group))
        end += width
    return rows


def _points(pixels: float) -> float:
    return pixels * 72 / _DOTS_PER_INCH


def _installed_fonts() -> list[str]:
    manager = require("matplotlib.font_manager", extra="plot", purpose="Plotting words as PNG")
    installed = set(manager.get_font_names())
    return [font for font in _FONTS if font in installed] or ["sans-serif"]
