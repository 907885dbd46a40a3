"""Examples of the page for tasks whose answers are words: of every class, one of them wrong."""

from types import SimpleNamespace
from typing import Any

import pytest

from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.answered import answer_sections, answered
from hf_recurrent.tasks.base import Units

UNITS = Units("clip", "clips", "from clip to label", "frames")


def task(right: list[str], found: list[str], has_classes: bool = True) -> Any:
    triples = [
        (f"<b>{n}.mp4", answer, None if answer == label else label)
        for n, (label, answer) in enumerate(zip(right, found, strict=True))
    ]
    return SimpleNamespace(
        answers=lambda rows, predictions: iter(triples),
        strata=lambda rows: right if has_classes else None,
    )


def page(examples: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    results = [{"examples": [], "model": "a"}, {"examples": examples, "model": "gru, seed 1"}]
    return answer_sections(results, UNITS)


def test_every_class_has_an_example_and_a_wrong_one_is_added() -> None:
    right = [name for name in "abcde" for _ in range(4)]
    *examples, counts = answered(task(right, right), None, [])  # type: ignore[arg-type]
    assert [each["label"] for each in examples] == list("abcde")
    assert sum(map(sum, counts["confusion"]["counts"])) == 20
    shown = {each["text"] for each in examples}
    other = next(n for n in range(20) if f"<b>{n}.mp4" not in shown)
    found = [*right]
    found[other] = "z"
    *more, last, _ = answered(task(right, found), None, [])  # type: ignore[arg-type]
    assert more == examples
    assert last == {"text": f"<b>{other}.mp4", "label": right[other], "predicted": "z"}
    (_, told, html), (confused, _, table) = page([*more, last, counts])
    assert told == (
        "Test clips with the answers of gru, seed 1, the best run by validation. A digest chose "
        "them, from every class, and one more that is wrong."
    )
    assert f"z, not {right[other]}" in html
    assert html.count(", right<") == 5
    assert "&lt;b&gt;" in html
    assert "<b>0" not in html
    assert confused == "Confused classes"
    assert 'class="counts"' in table


@pytest.mark.parametrize(("classes", "told"), [(20, "every class"), (30, "25 of the classes")])
def test_the_page_says_from_how_many_classes_examples_are(classes: int, told: str) -> None:
    right = [f"{n:02}" for n in range(classes) for _ in range(2)]
    examples = answered(task(right, right), None, [])  # type: ignore[arg-type]
    assert f"chose them, from {told}." in page(examples)[0][1]


def test_without_classes_there_are_four_and_no_confusions() -> None:
    right = [str(n) for n in range(9)]
    examples = answered(task(right, ["x"] * 9, has_classes=False), None, [])  # type: ignore[arg-type]
    assert len(examples) == 4
    ((_, told, html),) = page(examples)
    assert told.endswith("A digest chose them.")
    assert html.count('class="miss"') == 4


def test_rows_that_are_equal_are_shown_once() -> None:
    equal = task(["a"] * 3, ["a"] * 3, has_classes=False)
    equal.answers = lambda rows, predictions: iter([("belt, gloves", "bag", None)] * 3)
    told = {"text": "belt, gloves", "label": "bag", "predicted": "bag"}
    assert answered(equal, None, []) == [told]  # type: ignore[arg-type]


@pytest.mark.parametrize("id", ["audio-classification", "video-captioning"])
def test_tasks_have_these_sections(id: str) -> None:
    told = {"text": "one", "label": "dog", "predicted": "cat"}
    ((title, _, html),) = get_task(id).sections([{"examples": [told], "model": "a"}])
    assert (title, "cat, not dog" in html) == ("Examples", True)
    assert get_task(id).sections([{"examples": [], "model": "a"}]) == []
