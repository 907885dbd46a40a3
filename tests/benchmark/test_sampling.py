import math

import datasets
import numpy as np
import pytest

from hf_recurrent import _tasks
from hf_recurrent.benchmark.sampling import GROUPS, standard_error
from hf_recurrent.tasks import get_task

from ..tasks import counting
from ..tasks.counting import Counting

# Its import has registered the made-up task, which no other test may find.
_tasks._REGISTERED.pop(Counting.id, None)


def data(words: list[str]) -> datasets.DatasetDict:
    rows = {"word": words, "count": list(map(counting.vowels, words))}
    part = datasets.Dataset.from_dict(rows)
    return datasets.DatasetDict(train=part, test=part)


def test_the_error_of_a_mean_is_its_standard_error() -> None:
    words = counting.WORDS
    predictions = [0.4 * len(word) for word in words]
    squares = [(a - counting.vowels(b)) ** 2 for a, b in zip(predictions, words, strict=True)]
    expected = np.std(squares, ddof=1) / math.sqrt(len(words))
    assert standard_error(Counting(), predictions, data(words)) == pytest.approx(expected)


def test_many_rows_are_left_out_in_groups(monkeypatch) -> None:
    judged = []
    whole = Counting.judge
    monkeypatch.setattr(
        Counting, "judge", lambda *given: judged.append(len(given[2])) or whole(*given)
    )
    words = counting.WORDS * 40
    predictions = list(np.random.default_rng(0).normal(2, 1, len(words)))
    squares = [(a - counting.vowels(b)) ** 2 for a, b in zip(predictions, words, strict=True)]
    found = standard_error(Counting(), predictions, data(words))
    assert judged == [380] * GROUPS
    means = [np.mean(squares[group::GROUPS]) for group in range(GROUPS)]
    assert found == pytest.approx(np.std(means, ddof=1) / math.sqrt(GROUPS))


def test_a_share_one_row_and_a_missing_figure_have_none(monkeypatch) -> None:
    text = get_task("text-classification")
    rows = datasets.Dataset.from_dict({"text": ["a", "b"], "label": [0, 1]})
    assert standard_error(text, [0, 1], datasets.DatasetDict(train=rows, test=rows)) is None
    assert standard_error(Counting(), [1.0], data(["sea"])) is None
    monkeypatch.setattr(Counting, "judge", lambda *given: {})
    assert standard_error(Counting(), [1.0, 2.0], data(["sea", "sky"])) is None
