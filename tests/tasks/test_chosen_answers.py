"""The answers on a card: two that are right and differ, and one that is wrong."""

import datasets
import pytest

from hf_recurrent.hub import RecordedAnswer
from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.records import chosen_answers


@pytest.fixture
def texts() -> datasets.Dataset:
    labels = datasets.ClassLabel(names=["bad", "good"])
    features = datasets.Features({"text": datasets.Value("string"), "label": labels})
    rows = {"text": [f"text {i}" for i in range(9)] + ["long " * 40], "label": [1] * 5 + [0] * 5}
    return datasets.Dataset.from_dict(rows, features=features)


def test_two_right_answers_differ_and_one_is_wrong(texts: datasets.Dataset) -> None:
    task = get_task("text-classification")
    first, second, wrong = chosen_answers(task, texts, [1, 1, 1, 1, 0, 0, 0, 0, 1, 0])
    assert {first.answer, second.answer} == {"bad", "good"}
    assert (first.expected, second.expected) == (None, None)
    assert (wrong.text, wrong.answer, wrong.expected) in {
        ("text 4", "bad", "good"),
        ("text 8", "good", "bad"),
    }


def test_without_an_error_all_are_right(texts: datasets.Dataset) -> None:
    task = get_task("text-classification")
    found = chosen_answers(task, texts, texts["label"])
    assert [each.expected for each in found] == [None, None]
    assert all(len(each.text) < 100 for each in found)


def test_a_tagger_names_the_wrong_words() -> None:
    tags = datasets.Sequence(datasets.ClassLabel(names=["O", "B-PER"]))
    features = datasets.Features(
        {"tokens": datasets.Sequence(datasets.Value("string")), "tags": tags}
    )
    rows = {"tokens": [["Ada", "met", "Bob"]], "tags": [[1, 0, 1]]}
    data = datasets.Dataset.from_dict(rows, features=features)
    task = get_task("token-classification")
    assert chosen_answers(task, data, [["B-PER", "O", "O"]]) == [
        RecordedAnswer("Ada met Bob", "Ada/B-PER met Bob", "Bob/B-PER")
    ]
