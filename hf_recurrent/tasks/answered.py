"""Rows of the test part with their answers, for the page of any task that has answers in words."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from .._wording import shortened
from .confusion import confusion, confusion_section

if TYPE_CHECKING:
    from datasets import Dataset

    from .base import Task, Units

_EXAMPLES = 4
# As many as the table of confusions has; of more classes the first in order are shown.
MOST_CLASSES = 25
_MOST_LETTERS = 240
_TEXT = Markup('<div class="text">{text}\n<br>{verdict}</div>\n')
_RIGHT = Markup('<span class="soft">{predicted}, right</span>')
_WRONG = Markup('<b class="miss">{predicted}, not {label}</b>')


def answered(task: "Task", rows: "Dataset", predictions: Sequence[Any]) -> list[dict[str, Any]]:
    """Return a few rows with their right and their given answers, as JSON; see ``chosen``."""
    return chosen(task.answers(rows, predictions), task.strata(rows) is not None)


def chosen(
    answers: Iterable[tuple[str, str, str | None]], has_classes: bool = False
) -> list[dict[str, Any]]:
    """Return a few answers as JSON.

    A digest of what is read chooses them, from every class of a task with classes. A wrong one
    follows if none of them is wrong, and, of a task with classes, the confusions.

    Args:
        answers: Text, answer and, if the answer is wrong, the right one, for each row.
        has_classes: Whether right answers are classes.
    """
    told = [
        {"text": shortened(text, _MOST_LETTERS), "label": right or found, "predicted": found}
        for text, found, right in answers
    ]
    unequal = {tuple(each.values()): each for each in told}.values()
    by_digest = sorted(unequal, key=lambda each: hashlib.sha256(each["text"].encode()).digest())
    if not has_classes:
        shown = by_digest[:_EXAMPLES]
        counts = []
    else:
        names = sorted({each["label"] for each in told})[:MOST_CLASSES]
        some = max(1, _EXAMPLES // max(len(names), 1))
        shown = [
            each
            for name in names
            for each in [one for one in by_digest if one["label"] == name][:some]
        ]
        own, guessed = ([each[part] for each in told] for part in ("label", "predicted"))
        counts = [{"confusion": confusion(own, guessed)}] if told else []
    if not any(map(_is_wrong, shown)):
        shown += [each for each in by_digest if _is_wrong(each)][:1]
    return [*shown, *counts]


def ends_wrong(examples: Sequence[Mapping[str, Any]]) -> bool:
    """Check whether only the last example is wrong, which was then added for that."""
    wrong = list(map(_is_wrong, examples))
    return len(wrong) > 1 and wrong[-1] and not any(wrong[:-1])


def classes_shown(examples: Sequence[Mapping[str, Any]]) -> str:
    """Return from which classes examples are, by the confusions among them."""
    shown = {each["label"] for each in examples if "label" in each}
    counted = [each["confusion"] for each in examples if "confusion" in each]
    there = {
        name
        for each in counted
        for name, row in zip(each["names"], each["counts"], strict=True)
        if any(row)
    }
    return ", from every class" if there <= shown else f", from {len(shown)} of the classes"


def answer_sections(
    results: Sequence[Mapping[str, Any]], units: "Units"
) -> list[tuple[str, str, str]]:
    """Return the sections of these rows and confusions, of the first result with any."""
    best = next((result for result in results if result["examples"]), None)
    if best is None:
        return []
    examples = [each for each in best["examples"] if "predicted" in each]
    confused = confusion_section(
        best["examples"],
        "Confused classes",
        f"Test {units.many} by their right class (rows) and the answer of {best['model']} "
        "(columns)",
    )
    told = (
        f"Test {units.many} with the answers of {best['model']}, the best run by validation. A "
        "digest chose them"
    )
    told += classes_shown(best["examples"]) if confused else ""
    told += ", and one more that is wrong." if ends_wrong(examples) else "."
    return [("Examples", told, Markup("").join(map(_example, examples))), *confused]


def _is_wrong(example: Mapping[str, Any]) -> bool:
    return bool(example["label"] != example["predicted"])


def _example(example: Mapping[str, Any]) -> Markup:
    verdict = (_WRONG if _is_wrong(example) else _RIGHT).format_map(example)
    return _TEXT.format(text=example["text"], verdict=verdict)
