"""Figures drawn by matplotlib, as SVG or PNG; one look for all plots of the package.

The same input gives the same bytes. All lengths are pixels, and text stays text in SVG.
"""

import io
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from typing import Any

from ._labels import FONT_SIZE, Label

COLOURS = (
    *("#2563eb", "#d9480f", "#2b8a3e", "#9c36b5"),
    *("#b08900", "#0b7285", "#c2255c", "#5f6b7a"),
)
_INK, SOFT, _LINE, _PAGE = "#1b1f24", "#5c6570", "#d8dde3", "#ffffff"
# Names of the colours in the style sheet of a page.
_VARIABLES = {_INK: "ink", SOFT: "soft", _LINE: "line", _PAGE: "page"} | {
    colour: f"c{number}" for number, colour in enumerate(COLOURS)
}
_DOTS_PER_INCH = 72  # matplotlib's unit of lengths in SVG: one pixel is one point
_PNG_SCALE = 2
# For letters that the first font lacks, where they are installed.
_MORE_FONTS = ("Noto Sans CJK SC", "WenQuanYi Zen Hei", "Arial Unicode MS", "Noto Emoji")
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "hf-recurrent",
    "text.parse_math": False,
    "text.color": _INK,
    "font.size": 13,
    "axes.labelcolor": _INK,
    "axes.grid": True,
    "grid.color": _LINE,
    "axes.facecolor": "none",
    "figure.facecolor": _PAGE,
    **{f"axes.spines.{side}": False for side in ("left", "right", "top", "bottom")},
    **{f"{axis}tick.{key}": 0 for axis in "xy" for key in ("major.size", "minor.size")},
    **{f"{axis}tick.labelcolor": _INK for axis in "xy"},
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the look of this package, whatever the user's settings of matplotlib are."""
    # Imported here because matplotlib takes a second.
    from matplotlib import font_manager, style

    installed = set(font_manager.get_font_names())
    fonts = ["DejaVu Sans", *(font for font in _MORE_FONTS if font in installed)]
    with style.context(["default", _STYLE | {"font.family": fonts}]), warnings.catch_warnings():
        # A letter that no installed font has is drawn as a box.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        yield


def new_figure(width: float, height: float) -> Any:
    """Return an empty figure of so many pixels."""
    from matplotlib.figure import Figure

    size = (width / _DOTS_PER_INCH, height / _DOTS_PER_INCH)
    return Figure(figsize=size, dpi=_DOTS_PER_INCH)


def pixel_axes(figure: Any, box: Any, width: float, height: float) -> Any:
    """Return invisible axes in a part of a figure, with pixels from its top left as units."""
    axes = figure.add_axes(box, xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    return axes


def dot(
    axes: Any,
    x: float,
    y: float,
    width: float,
    colour: str,
    name: str | None = None,
    *,
    square: bool = False,
) -> None:
    """Draw a dot; with a name, ``svg`` can show a text under the pointer."""
    # Neither an edge nor clipping: SVG then needs no links within the file.
    shape = {"s": width**2, "color": colour, "edgecolors": "none", "marker": "so"[not square]}
    axes.scatter(x, y, **shape, gid=name, clip_on=False, zorder=3)


def write(axes: Any, text: str, point: tuple[float, float], label: Label) -> None:
    """Write a placed label into ``pixel_axes``, with a line from its point where it has one."""
    if label.leader is not None:
        ends = zip(point, label.leader, strict=True)
        axes.plot(*ends, color=SOFT, linewidth=0.5, clip_on=False, zorder=1)
    place = {"horizontalalignment": label.anchor, "fontsize": FONT_SIZE, "zorder": 4}
    axes.text(label.x, label.y, text, **place)


def png(figure: Any) -> bytes:
    """Return the PNG file of a figure, with two dots a pixel."""
    file = io.BytesIO()
    dots = _DOTS_PER_INCH * _PNG_SCALE
    figure.savefig(file, format="png", dpi=dots, metadata={"Software": None})
    return file.getvalue()


def svg(figure: Any, title: str, tips: Mapping[str, str], *, in_page: bool = False) -> str:
    """Return the SVG of a figure.

    Args:
        figure: The figure.
        title: Its description for those who do not see it.
        tips: Text to show under the pointer, by the ``gid`` of what is drawn.
        in_page: Whether it becomes a part of an HTML page, whose style sheet may then set the
            colours by ``--ink``, ``--soft``, ``--line``, ``--page`` and ``--c0`` to ``--c7``.
    """
    file = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(file, format="svg", metadata=nothing)
    body = file.getvalue()
    body = body[body.index("<g ") :]
    # The fonts of the reader, as those that are installed here say nothing about his.
    body = re.sub(r"'DejaVu Sans'[^;\"]*", "system-ui, sans-serif", body)
    for name, tip in tips.items():
        group = f'<g id="{name}">'
        body = body.replace(group, f"{group}<title>{escape(tip)}</title>")
    if in_page:
        body = re.sub(
            "|".join(_VARIABLES), lambda hit: f"var(--{_VARIABLES[hit[0]]}, {hit[0]})", body
        )
    width, height = (round(inches * _DOTS_PER_INCH) for inches in figure.get_size_inches())
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    space = "" if in_page else ' xmlns="http://www.w3.org/2000/svg"'
    if "xlink:" in body and not in_page:  # bands of a fan chart; HTML knows the prefix
        space += ' xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<svg{space} {size} role="img" aria-label="{escape(title)}">\n{body}'


def as_drawn(picture: str) -> str:
    """Return the SVG of a figure for a page that shows it in its own size, whatever the window's.

    A grid of cells has it, as its words would grow and shrink with the number of cells.
    """
    return f'<div class="as-drawn">{picture}</div>'
