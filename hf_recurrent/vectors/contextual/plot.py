"""The spread of words over their contexts, by layer, as a figure."""

from collections.abc import Mapping
from typing import Any

from ..._drawing import COLOURS, SOFT, dot, new_figure, png, style, svg
from .spread import Spread

_PANEL, _PLOT, _LEFT, _RIGHT, _TOP, _BOTTOM = 330, 202, 56, 20, 44, 84
# Attribute, name in the legend, whether the line is dashed.
_LINES = (
    ("self_similarity", "one word in two sentences", False),
    ("baseline", "two random words (anisotropy)", True),
    ("adjusted", "difference", False),
)


def plot_layers(spreads: Mapping[str, Spread], *, form: str = "svg") -> str | bytes:
    """Draw self-similarity, its baseline and the difference over the layers, a panel a model.

    Args:
        spreads: What ``context_spread`` found, by the name of the model.
        form: "svg" or "png".

    Returns:
        The text of an SVG, or the bytes of a PNG.

    Raises:
        ValueError: If there is no model, or the form is unknown.
    """
    if not spreads:
        raise ValueError("there is nothing to draw, expected the spread of a model")
    if form not in ("svg", "png"):
        raise ValueError(f"form is {form!r}, expected svg or png")
    # One panel is too narrow for a legend in one row.
    columns = len(_LINES) if len(spreads) > 1 else 1
    bottom = _BOTTOM if columns > 1 else _BOTTOM + 44
    width, height = _PANEL * len(spreads), _TOP + _PLOT + bottom
    every = [
        value for each in spreads.values() for name, *_ in _LINES for value in getattr(each, name)
    ]
    tips: dict[str, str] = {}
    with style():
        figure = new_figure(width, height)
        for number, (name, spread) in enumerate(spreads.items()):
            left = (number * _PANEL + _LEFT) / width
            size = ((_PANEL - _LEFT - _RIGHT) / width, _PLOT / height)
            axes = figure.add_axes((left, bottom / height, *size))
            axes.set_ylim(min(0.0, *every) - 0.05, 1.05)
            _panel(axes, name, spread, tips, number)
        handles, names = axes.get_legend_handles_labels()
        figure.legend(
            handles, names, loc="lower center", ncols=columns,
            frameon=False, fontsize=12,
        )  # fmt: skip
        if form == "png":
            return png(figure)
        return svg(figure, "Similarity of words over contexts, by layer", tips)


def _panel(axes: Any, name: str, spread: Spread, tips: dict[str, str], number: int) -> None:
    layers = range(len(spread.baseline))
    for line, (attribute, label, dashed) in enumerate(_LINES):
        values = getattr(spread, attribute)
        axes.plot(
            layers, values, color=COLOURS[line], label=label, linestyle="--" if dashed else "-"
        )
        for layer, value in zip(layers, values, strict=True):
            gid = f"s{number}-{attribute}-{layer}"
            tips[gid] = f"{name}, layer {layer}, {label}: {value:.3f}"
            dot(axes, layer, value, 6, COLOURS[line], gid)
    axes.set_xticks([*layers])
    axes.set_xlim(-0.3, len(spread.baseline) - 0.7)
    axes.set_title(name, fontsize=13, loc="left")
    axes.set_xlabel("layer", color=SOFT)
    if number == 0:
        axes.set_ylabel("mean cosine", color=SOFT)
