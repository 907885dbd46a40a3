"""The picture of a plot of words: as a file of its own, or in an HTML page."""

from typing import Any

from markupsafe import Markup

from ..._drawing import COLOURS, SOFT, dot, new_figure, pixel_axes, png, style, svg, write
from ..._labels import text_width
from ..._templates import render
from .word_plot import WordPlot

_HEAD, _CAPTION, _LEGEND_ROW = 34, 26, 18


def picture_bytes(plot: WordPlot, suffix: str) -> bytes:
    """Return the file ``.png`` or ``.svg``, with title, groups and caption."""
    legend = _legend_rows(plot)
    foot = plot.height + _LEGEND_ROW * len(legend) + _CAPTION
    with style():
        figure = new_figure(plot.width, _HEAD + foot)
        axes = pixel_axes(figure, (0, 0, 1, 1), plot.width, foot)
        axes.set_ylim(foot, -_HEAD)
        axes.text(12, -12, plot.title, fontsize=15)
        axes.text(12, foot - 12, plot.caption, fontsize=11, color=SOFT)
        for number, row in enumerate(legend):
            y = plot.height + _LEGEND_ROW * number + 12
            for x, colour, group in row:
                dot(axes, x + 4, y - 4, 8, colour)
                axes.text(x + 13, y, group, fontsize=11)
        tips = _draw_words(axes, plot)
        return png(figure) if suffix == ".png" else svg(figure, plot.title, tips).encode()


def page_bytes(plot: WordPlot) -> bytes:
    """Return an HTML page that needs no network; the pointer shows each word and its group."""
    with style():
        figure = new_figure(plot.width, plot.height)
        tips = _draw_words(pixel_axes(figure, (0, 0, 1, 1), plot.width, plot.height), plot)
        drawn = Markup(svg(figure, plot.title, tips, in_page=True))
    page = render(
        __package__, "words.html.j2", html=True, plot=plot, svg=drawn, colours=len(COLOURS)
    )
    return page.encode("utf-8", errors="replace")


def _draw_words(axes: Any, plot: WordPlot) -> dict[str, str]:
    """Draw the words, and return the text under the pointer of each dot."""
    tips = {}
    for number, word in enumerate(plot.words):
        colour, name = COLOURS[word.colour % len(COLOURS)], f"tip_{number}"
        dot(axes, word.x, word.y, 8, colour, name)
        tips[name] = f"{word.word} ({word.group})" if word.group else word.word
        if word.label is not None:
            write(axes, word.word, (word.x, word.y), word.label)
    return tips


def _legend_rows(plot: WordPlot) -> list[list[tuple[float, str, str]]]:
    """Return place, colour and name of the groups, in as many rows as they need."""
    rows: list[list[tuple[float, str, str]]] = []
    end = plot.width
    for number, group in enumerate(plot.groups):
        width = 31 + text_width(group)
        if end + width > plot.width:
            rows.append([])
            end = 12.0
        rows[-1].append((end, COLOURS[number % len(COLOURS)], group))
        end += width
    return rows
