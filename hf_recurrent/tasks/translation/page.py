"""The parts of a comparison's page that are special to translation."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ..._drawing import COLOURS, as_drawn, new_figure, style, svg

_PAIR = Markup(
    '<div class="text">{source}<br><b>{translation}</b><br><small>{right} (chrF {chrf})</small>'
    "</div>\n"
)
_TABLE = Markup(
    "<table><thead><tr><th>words</th><th>sentences</th><th>BLEU</th></tr></thead>"
    "<tbody>{rows}</tbody></table>\n"
)
_ROW = Markup("<tr><td>{words}</td><td>{sentences}</td><td>{bleu:.1f}</td></tr>")
_CELL, _LETTER, _MOST = 30, 8, 30


def translated_sections(results: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Return sentences, BLEU by length and attention of the first result, which is the best."""
    examples: Any = next((result["examples"] for result in results if result["examples"]), [])
    found: list[tuple[str, str, str]] = []
    pairs = [_PAIR.format(**each) for each in examples if "translation" in each]
    if pairs:
        told = (
            "Test sentences, their translations by the best model by validation (shaded), and the "
            "right ones. A digest chose the first three; the last is the worst of fifty by chrF."
        )
        found.append(("Translated sentences", told, Markup("").join(pairs)))
    for each in examples:
        if "lengths" in each:
            rows = Markup("").join(
                _ROW.format(words=_lengths(row), **row) for row in each["lengths"]
            )
            told = "BLEU of the same model, cased, by the number of words of a test sentence."
            found.append(("By length", told, _TABLE.format(rows=rows)))
        if "alignment" in each:
            told = (
                "The first of these sentences: the attention of each word of the translation "
                "(rows) to the words of the sentence (columns); darker is more."
            )
            found.append(("Attention", told, Markup(as_drawn(alignment_svg(each["alignment"])))))
    return found


def alignment_svg(alignment: Mapping[str, Any], *, in_page: bool = True) -> str:
    """Return the picture of an alignment, as of ``translating.align``, of at most 30 words a side.

    Args:
        alignment: The keys "source", "target" and "weights".
        in_page: See ``_drawing.svg``.
    """
    # Imported here because matplotlib takes a second.
    from matplotlib.patches import Rectangle

    source, target = alignment["source"][:_MOST], alignment["target"][:_MOST]
    left, top = (_LETTER * max(map(len, side), default=0) + 20 for side in (target, source))
    width, height = left + _CELL * len(source) + 10, top + _CELL * len(target) + 10
    with style():
        figure = new_figure(width, height)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
        axes.axis("off")
        for row, word in enumerate(target):
            y = top + _CELL * row
            axes.text(left - 8, y + _CELL / 2, word, ha="right", va="center")
            for column, share in enumerate(alignment["weights"][row][:_MOST]):
                place = (left + _CELL * column, y)
                cell = Rectangle(place, _CELL - 2, _CELL - 2, color=COLOURS[0], linewidth=0)
                cell.set_alpha(max(0.0, min(float(share), 1.0)))
                cell.set_clip_on(False)
                axes.add_patch(cell)
        for column, word in enumerate(source):
            x = left + _CELL * (column + 0.5)
            axes.text(x, top - 8, word, rotation=90, ha="center", va="bottom")
        return svg(figure, "Attention of a translation", {}, in_page=in_page)


def _lengths(row: Mapping[str, Any]) -> str:
    if row["longest"] is None:
        return f"{row['shortest']} and more"
    return f"{row['shortest']} to {row['longest']}"
