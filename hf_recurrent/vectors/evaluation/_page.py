"""Draws a plot of words as an HTML page with an inline SVG, which shows each word on hovering."""

from html import escape

from markupsafe import Markup

from ..._templates import render
from .word_plot import PlottedWord, WordPlot

__all__ = ["page_bytes"]

_COLOURS = 8


def page_bytes(plot: WordPlot) -> bytes:
    """Return the file, which needs no network."""
    page = render(
        __package__,
        "words.html.j2",
        html=True,
        plot=plot,
        svg=Markup(_svg(plot)),
        colours=_COLOURS,
    )
    return page.encode("utf-8", errors="replace")


def _svg(plot: WordPlot) -> str:
    """Draws the plot; words without room for their label come last, over the others."""
    words = sorted(plot.words, key=lambda word: word.label is None)
    body = "\n".join(_group(word, plot.width) for word in words)
    return (
        f'<svg viewBox="0 0 {plot.width:.0f} {plot.height:.0f}" role="img" '
        f'aria-label="{escape(plot.title)}">\n{body}\n</svg>'
    )


def _group(word: PlottedWord, width: float) -> str:
    shown = escape(word.word)
    tip = f"{shown} ({escape(word.group)})" if word.group else shown
    parts = [f'<g class="w" tabindex="0"><title>{tip}</title>']
    label = word.label
    if label is not None and label.leader is not None:
        end_x, end_y = label.leader
        parts.append(
            f'<line x1="{word.x:.1f}" y1="{word.y:.1f}" x2="{end_x:.1f}" y2="{end_y:.1f}"/>'
        )
    parts.append(
        f'<circle class="c{word.colour % _COLOURS}" cx="{word.x:.1f}" cy="{word.y:.1f}" r="4"/>'
    )
    if label is not None:
        x, y, anchor, hidden = label.x, label.y, label.anchor, ""
    else:
        # Hidden until the pointer is on the dot; to the left of it near the right edge.
        anchor = "end" if word.x > width * 0.8 else "start"
        x, y, hidden = word.x + (-9 if anchor == "end" else 9), word.y + 4, ' class="h"'
    parts.append(f'<text{hidden} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{shown}</text>')
    return "".join([*parts, "</g>"])
