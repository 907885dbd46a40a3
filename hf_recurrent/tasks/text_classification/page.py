"""The part of a comparison's page that is special to text classification."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ..answered import classes_shown, ends_wrong
from ..confusion import confusion_section

_WORD = Markup('<b style="--w:{shade}" title="{weight:.3f}">{word}</b> ')
_RIGHT = Markup('<span class="soft">{label}, recognized</span>')
_WRONG = Markup('<b class="miss">{label}, taken for {predicted}</b>')
_TEXT = Markup('<div class="text">{words}\n<br>{verdict}</div>\n')


def text_sections(results: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Return examples and confused classes of the first result with any, which is the best."""
    best = next((result for result in results if result["examples"]), None)
    if best is None:
        return []
    examples = [each for each in best["examples"] if "label" in each]
    described = (
        f"Test texts with the answers of {best['model']}, the best run by validation. A digest of "
        "each text chose them"
    )
    described += classes_shown(best["examples"])
    described += ", and one more that is wrong." if ends_wrong(examples) else "."
    if any("words" in each for each in examples):
        described += (
            " The stronger the shade, the larger the attention to a word; it does not explain the "
            "answer."
        )
    shown = Markup("").join(map(_example, examples))
    confused = confusion_section(
        best["examples"],
        "Confused classes",
        f"Test texts by their right class (rows) and the answer of {best['model']} (columns)",
    )
    return [("Examples", described, shown), *confused]


def _example(example: Mapping[str, Any]) -> Markup:
    words = example.get("words")
    if words is None:
        shown = Markup.escape(example["text"])
    else:
        most = max((weight for _, weight in words), default=1.0) or 1.0
        shown = Markup("").join(
            _WORD.format(shade=round(weight / most, 3), weight=weight, word=word)
            for word, weight in words
        )
    verdict = _RIGHT if example["label"] == example["predicted"] else _WRONG
    return _TEXT.format(words=shown, verdict=verdict.format_map(example))
