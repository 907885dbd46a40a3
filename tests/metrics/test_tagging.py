import math

import pytest

from hf_recurrent.metrics import SpanF1, TaggingAccuracy, tag_accuracy

RIGHT = [["B-A", "I-A", "O"], ["I-C", "O"]]
FOUND = [["B-A", "I-A", "B-C"], ["I-C", "O"]]


def test_f1_of_spans_in_both_modes() -> None:
    found = SpanF1().compute(predictions=FOUND, references=RIGHT)
    assert (found["precision"], found["recall"]) == (pytest.approx(2 / 3), 1.0)
    assert found["f1"] == pytest.approx(0.8)
    assert (found["support"], found["mode"]) == (2, "conlleval")
    assert found["by_type"]["C"] == {
        "precision": 0.5,
        "recall": 1.0,
        "f1": pytest.approx(2 / 3),
        "support": 1,
    }
    strict = SpanF1("IOB2").compute(predictions=FOUND, references=RIGHT)
    assert (strict["f1_strict"], strict["mode"]) == (pytest.approx(2 / 3), "IOB2")
    assert strict["by_type_strict"].keys() == {"A", "C"}
    assert SpanF1().compute(predictions=FOUND, references=RIGHT, scheme="IOB2") == strict


def test_accuracy_of_all_words_and_of_unseen_ones() -> None:
    metric = TaggingAccuracy()
    assert metric.compute(predictions=FOUND, references=RIGHT) == {"accuracy": 0.8}
    words = [["New", "York", "rules"], ["new", "york"]]
    found = metric.compute(
        predictions=FOUND, references=RIGHT, words=words, known_words={"New", "York", "york"}
    )
    assert found == {"accuracy": 0.8, "accuracy_unseen": 0.5, "unseen_words": 2}
    nothing = tag_accuracy(RIGHT, FOUND, words, {word for row in words for word in row})
    assert math.isnan(nothing["accuracy_unseen"])
    assert nothing["unseen_words"] == 0


def test_what_does_not_fit_is_one_sentence() -> None:
    with pytest.raises(ValueError, match="words and known_words go together"):
        TaggingAccuracy().compute(predictions=FOUND, references=RIGHT, words=RIGHT)
    with pytest.raises(ValueError, match="sentence 2 has 2 right tags, 1 predicted"):
        tag_accuracy(RIGHT, [FOUND[0], ["O"]])
    with pytest.raises(ValueError, match="2 right tags, 2 predicted and 1 word"):
        tag_accuracy(RIGHT, FOUND, [["a", "b", "c"], ["d"]], {"a"})
    with pytest.raises(ValueError, match="different numbers of sentences"):
        tag_accuracy(RIGHT, FOUND[:1])
