"""Error rates, against jiwer."""

import jiwer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.metrics import CharacterErrorRate, WordErrorRate
from hf_recurrent.metrics.speech import bootstrap_interval, error_counts

TEXTS = st.lists(st.sampled_from(["go", "on", "back", "a"]), max_size=6).map(" ".join)
PAIRS = st.lists(st.tuples(TEXTS, TEXTS.filter(bool)), min_size=1, max_size=4)


@given(PAIRS)
def test_rates_equal_those_of_jiwer(pairs: list[tuple[str, str]]) -> None:
    found, right = map(list, zip(*pairs, strict=True))
    for characters, expected in ((False, jiwer.wer(right, found)), (True, jiwer.cer(right, found))):
        errors, sizes = error_counts(found, right, characters=characters)
        assert sum(errors) / sum(sizes) == pytest.approx(expected)


def test_metrics() -> None:
    given = {"predictions": ["go  on", "back"], "references": ["go back on", "back"]}
    assert WordErrorRate().compute(**given)["wer"] == 1 / 4
    assert CharacterErrorRate().compute(**given)["cer"] == 5 / 14
    low, high = WordErrorRate().compute(**given)["interval"]
    assert 0 <= low < 1 / 4 < high <= 1 / 3


def test_intervals() -> None:
    # The rate of one text in two that is wrong, of 400 texts: 0.5 and a standard error of 0.025.
    low, high = bootstrap_interval([0, 1] * 200, [1] * 400)
    assert low == pytest.approx(0.5 - 1.96 * 0.025, abs=0.005)
    assert high == pytest.approx(0.5 + 1.96 * 0.025, abs=0.005)
    assert bootstrap_interval([1, 1], [2, 2]) == (0.5, 0.5)


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="1 prediction for 2 references"):
        error_counts(["a"], ["a", "b"])
    with pytest.raises(ValueError, match="no word"):
        WordErrorRate().compute(predictions=["a"], references=[" "])
