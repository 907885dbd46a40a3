"""Train comes before validation and validation before test, and no time is cut apart."""

import datetime
import warnings
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.data.splits import complete
from hf_recurrent.data.times import draw_latest, read_times

TIMES = st.lists(st.integers(-6, 6), min_size=1, max_size=40)


def rows_of(times):
    return [{"note": f"{i}", "when": time} for i, time in enumerate(times)]


def times(rows):
    return [row["when"] for row in rows]


@given(TIMES, st.integers(0, 45), st.integers(2, 3))
def test_draw_latest_by_brute_force(values, size, parts):
    rows = rows_of(values)
    distinct = sorted(set(values))
    if len(distinct) < parts:
        with pytest.raises(ValueError, match=f"and {parts} parts need at least {parts}, as rows"):
            draw_latest(rows, size, parts, "when")
        return
    latest, rest = draw_latest(rows, size, parts, "when")
    assert max(times(rest)) < min(times(latest))
    assert len(set(times(rest))) >= parts - 1
    assert latest == [row for row in rows if row in latest]
    assert Counter(map(str, latest + rest)) == Counter(map(str, rows))
    cuts = [sum(value >= border for value in values) for border in distinct[parts - 1 :]]
    assert (abs(len(latest) - size), len(latest)) == min((abs(cut - size), cut) for cut in cuts)


def test_of_two_cuts_as_near_the_later_is_taken():
    latest, rest = draw_latest(rows_of([0, 1, 1, 2, 2]), 3, 2, "when")
    assert (times(latest), times(rest)) == ([2, 2], [0, 1, 1])


@given(TIMES)
def test_one_part_is_cut_by_time(values):
    rows = rows_of(values)
    if len(rows) < 10 or len(set(values)) < 3:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        splits = complete({"all": rows}, key="note", time="when")
    assert max(times(splits["train"])) < min(times(splits["validation"]))
    assert max(times(splits["validation"])) < min(times(splits["test"]))
    assert sum(map(len, splits.values())) == len(rows)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("9", "10"),
        ("-1.5", " 2 "),
        (1_700_000_000_000_000_001, 1_700_000_000_000_000_002),
        ("1700000000000000001", "1700000000000000002"),
        ("2024-05-31", "2024-05-31T00:00:01"),
        (datetime.date(2024, 5, 31), datetime.datetime(2024, 5, 31, 0, 1)),
        ("2024-05-31T12:00+02:00", "2024-05-31T11:00Z"),
        (np.float32(1), np.int64(2)),
    ],
)
def test_times_have_an_order(earlier, later):
    found = read_times(rows_of([later, earlier]), "when")
    assert found[1] < found[0]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([1, None], "Row 2 of 2 has no time, and every row needs one"),
        ([1, float("nan")], "Row 2 of 2 has no time"),
        (["", 1], "Row 1 of 2 has no time"),
        (["Monday", "Tuesday"], "Row 1 of 2 has the time 'Monday': expected a number, or a date"),
        (["1", "nan"], "Row 2 of 2 has the time 'nan': expected"),
        ([True, 2], "Row 1 of 2 has the time 'True': expected a number"),
        ([[1], 2], r"Row 1 of 2 has the time '\[1\]': expected a number"),
        (["2024-05-31", 5], "Row 2 of 2 has the time '5', a number, and that of row 1 is a date"),
        (["2024-05-31", "2024-05-31T01:00Z"], "a date with its time zone, and that of row 1 is a"),
    ],
)
def test_times_without_an_order_are_refused(values, sentence):
    with pytest.raises(ValueError, match=sentence) as caught:
        read_times(rows_of(values), "when")
    assert "\n" not in str(caught.value)


def test_too_few_times():
    with pytest.raises(ValueError, match="rows have 2 different times, and 3 parts need at least"):
        complete({"all": rows_of([1, 2] * 10)}, key="note", time="when")


def test_a_missing_validation_part_is_the_latest_of_training():
    rows = rows_of(range(100))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        splits = complete({"train": rows[79::-1], "test": rows[80:]}, key="note", time="when")
    assert times(splits["validation"]) == list(range(79, 71, -1))
    assert times(splits["train"]) == list(range(71, -1, -1))


@pytest.mark.parametrize(
    ("middle", "parts"), [(5, "'train' .* 'validation'"), (50, "'val.*'test'")]
)
def test_published_parts_that_do_not_follow_each_other(middle, parts):
    splits = {"train": rows_of([1, 9]), "validation": rows_of([middle]), "test": rows_of([20])}
    with pytest.warns(UserWarning, match=f"Not all rows of the part {parts}: the figures say"):
        assert complete(splits, key="note", time="when") == splits
