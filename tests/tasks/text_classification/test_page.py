"""Examples of the page: of every class, one of them wrong, and all confusions."""

import datasets
import pytest

from hf_recurrent.tasks.fitted import Fitted
from hf_recurrent.tasks.text_classification.judging import shown
from hf_recurrent.tasks.text_classification.page import text_sections

NAMES = ["bad", "good", "so so"]
ROWS = datasets.Dataset.from_dict(
    {"text": [f"text number {n} that is long enough to show" for n in range(30)] + ["short"] * 30}
    | {"label": [n % 3 for n in range(60)]},
    features=datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=NAMES)}
    ),
)


def fitted(explain=None) -> Fitted:
    nothing = lambda _: None  # noqa: E731
    return Fitted(nothing, nothing, 0.5, 1, 1, 1.0, 1.0, "", explain=explain)


def test_there_is_one_text_of_each_class_and_one_more_that_is_wrong() -> None:
    answers = list(ROWS["label"])
    right = shown(fitted(), ROWS, answers)
    assert [each["label"] for each in right[:-1]] == NAMES
    assert all(len(each["text"]) > 40 for each in right[:-1])
    told = [each["text"] for each in right[:-1]]
    wrong = next(n for n in range(30) if ROWS[n]["text"] not in told)
    answers[wrong] = (answers[wrong] + 1) % 3
    *examples, last, counts = shown(fitted(), ROWS, answers)
    assert [each["text"] for each in examples] == told
    assert last["text"] == ROWS[wrong]["text"]
    assert last["label"] != last["predicted"]
    assert sum(map(sum, counts["confusion"]["counts"])) == 60
    assert counts["confusion"]["names"] == NAMES


def test_a_wrong_text_among_them_is_enough() -> None:
    answers = [(label + 1) % 3 for label in ROWS["label"]]
    examples = shown(fitted(), ROWS, answers)[:-1]
    assert [each["label"] for each in examples] == NAMES
    assert "and one more" not in page_of(examples)[0][1]


def page_of(examples):
    return text_sections([{"examples": examples, "model": "lstm, seed 1"}])


@pytest.mark.parametrize("explain", [None, lambda text: [(word, 0.5) for word in text.split()]])
def test_the_page_shows_them_with_the_confusions(explain) -> None:
    answers = list(ROWS["label"])
    answers[:30] = [1] * 30
    (title, sentence, html), (second, _, table) = page_of(shown(fitted(explain), ROWS, answers))
    assert (title, second) == ("Examples", "Confused classes")
    assert "lstm, seed 1" in sentence
    assert ("does not explain" in sentence) == (explain is not None)
    assert html.count('class="text"') == 3
    assert "good, recognized" in html
    assert "bad, taken for good" in html
    assert "bad taken for good: 10 of 20, 50.0%" in table


def test_the_added_wrong_text_is_named() -> None:
    rows = [{"label": "a", "predicted": "a", "text": "x"}]
    rows += [{"label": "b", "predicted": "a", "text": "<b>"}]
    [(_, sentence, html)] = page_of(rows)
    assert "and one more that is wrong" in sentence
    assert "&lt;b&gt;" in html
    assert text_sections([{"examples": []}]) == []
