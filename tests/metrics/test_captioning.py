"""CIDEr-D against a worked example, and its limits."""

import math

import pytest

from hf_recurrent.metrics import CiderD, cider_d, cider_d_scores


def test_a_worked_example() -> None:
    """Three clips, one reference each; every weight is written out.

    "a" stands in two references of three, all other words in one: their weights are log(3/2) and
    log(3). Prediction 1 is "a dog barks" for "a dog runs": of three words "a" and "dog" are right,
    of two pairs "a dog", of one triple none.
    """
    predictions = ["a dog barks", "a cat sleeps", "birds fly"]
    references = ["a dog runs", "a cat sleeps", "birds fly high"]
    a, word = math.log(3 / 2), math.log(3)
    first = (a**2 + word**2) / (
        a**2 + 2 * word**2
    )  # "barks" weighs log(3) too: no reference has it
    pairs = 1 / 2
    expected = [
        10 * (first + pairs) / 4,
        10 * 3 / 4,  # right in words, pairs and the triple; it has no four words
        10 * math.exp(-1 / 72) * (math.sqrt(2 / 3) + math.sqrt(1 / 2)) / 4,
    ]
    assert cider_d_scores(predictions, references) == pytest.approx(expected)
    assert cider_d(predictions, references) == pytest.approx(sum(expected) / 3)
    found = CiderD().compute(predictions=predictions, references=[[each] for each in references])
    assert found == {"cider_d": pytest.approx(sum(expected) / 3)}


def test_words_that_are_repeated_are_clipped() -> None:
    references = ["red dog", "blue cat"]
    (first, _) = cider_d_scores(["red red", "x"], references)
    # (2 log 2 cut to log 2) times log 2, over (2 log 2) and sqrt(2) log 2.
    assert first == pytest.approx(10 * (1 / (2 * math.sqrt(2))) / 4)


def test_several_references_and_limits() -> None:
    several = [["a dog", "one dog"], ["a cat"]]
    scores = cider_d_scores(["a dog", "a cat"], several)
    assert 0 < scores[0] < scores[1] * 1.01
    assert cider_d(["same", "same"], ["same", "same"]) == 0  # what all say tells nothing
    assert cider_d_scores(["", "b"], ["a", "b"])[0] == 0
    with pytest.raises(ValueError, match="There are 1 caption and references of 2"):
        cider_d(["a"], ["a", "b"])
    with pytest.raises(ValueError, match="Caption 2 has no reference"):
        cider_d(["a", "b"], [["a"], []])
