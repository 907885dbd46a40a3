"""Confusion of classes: counted when a model is judged, and shown in a table of the page."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

_MOST = 25
_OTHERS = "other"
_TABLE = Markup(
    '<div class="wide" tabindex="0"><table class="counts">\n<thead><tr><th>right</th>{heads}'
    "<th>share<br>right, %</th></tr></thead>\n<tbody>\n{rows}</tbody></table></div>"
)
_HEAD = Markup('<th scope="col">{}</th>')
_ROW = Markup('<tr><th scope="row">{name}</th>{cells}<td>{share}</td></tr>\n')
_CELL = Markup('<td class="{kind}" style="--w:{weight}" title="{title}">{count:,}</td>')
_NOTHING = Markup("<td></td>")


def confusion(right: Iterable[str], predicted: Iterable[str], last: str = "") -> dict[str, Any]:
    """Count all pairs of a right and a predicted class, as JSON.

    Args:
        right: The right class of each unit.
        predicted: The predicted class of each unit.
        last: A class to put last, such as "no class".

    Returns:
        ``names`` in the order of the rows and columns, and ``counts``, a list for each right class.
        If there are many classes, the rarer ones are counted together as "other".
    """
    pairs = Counter(zip(right, predicted, strict=True))
    often: Counter[str] = Counter()
    for (own, guess), count in pairs.items():
        often[own] += count
        often[guess] += count
    kept = [name for name, _ in often.most_common(_MOST if len(often) <= _MOST else _MOST - 1)]
    names = sorted(kept, key=lambda name: (name == last, name))
    if len(kept) < len(often):
        names.append(_OTHERS)
    places = {name: place for place, name in enumerate(names)}
    counts = [[0] * len(names) for _ in names]
    for (own, guess), count in pairs.items():
        counts[places.get(own, -1)][places.get(guess, -1)] += count
    return {"names": names, "counts": counts}


def confusion_section(
    examples: Iterable[Mapping[str, Any]], title: str, sentence: str
) -> list[tuple[str, str, str]]:
    """Return the section of a page for the confusions among examples; none without them.

    Args:
        examples: What ``Task.examples`` returned; the confusions are one of them.
        title: Title of the section.
        sentence: What is counted; how the table is shaded is added.
    """
    found = [each["confusion"] for each in examples if "confusion" in each]
    shaded = f"{sentence}; the stronger the shade, the larger the share of the row."
    return [(title, shaded, confusion_table(each)) for each in found[:1]]


def confusion_table(found: Mapping[str, Any]) -> Markup:
    """Return the table as HTML: one row for each right class, shaded by the shares in the row."""
    names: Sequence[str] = found["names"]
    rows = [
        _ROW.format(
            name=name,
            cells=Markup("").join(
                _cell(name, guess, count, sum(counts))
                for guess, count in zip(names, counts, strict=True)
            ),
            share=f"{100 * counts[place] / sum(counts):.1f}" if sum(counts) else "–",
        )
        for place, (name, counts) in enumerate(zip(names, found["counts"], strict=True))
    ]
    heads = Markup("").join(map(_HEAD.format, names))
    return _TABLE.format(heads=heads, rows=Markup("").join(rows))


def _cell(name: str, guess: str, count: int, total: int) -> Markup:
    if not count:
        return _NOTHING
    is_right, share = name == guess, count / total
    told = "recognised" if is_right else f"taken for {guess}"
    return _CELL.format(
        kind="hit" if is_right else "miss",
        # The square root makes errors of one in a hundred visible beside the diagonal.
        weight=round(share**0.5, 3),
        title=f"{name} {told}: {count:,} of {total:,}, {share:.1%}",
        count=count,
    )
