"""Train comes before validation and validation before test, and no time is cut apart."""

import datetime
import warnings
from collections import Counter
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.data.splits import complete
from hf_recurrent.data.times import draw_latest, read_times, time_cell

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
        warnings.filterwarnings("ignore", ".* were wanted: rows of one")
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
        (Decimal("1.5"), 2),
        # The hour in which summer time ends comes twice on the wall.
        (
            datetime.datetime(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Paris")),
            datetime.datetime(2024, 10, 27, 2, 10, tzinfo=ZoneInfo("Europe/Paris"), fold=1),
        ),
        ("0001-01-01T00:00+05:00", "9999-12-31T23:00-05:00"),
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
    ("middle", "parts"),
    [(5, "'train' .* 'validation'"), (9, "'train' .* 'validation'"), (50, "'val.*'test'")],
)
def test_published_parts_that_do_not_follow_each_other(middle, parts):
    splits = {"train": rows_of([1, 9]), "validation": rows_of([middle]), "test": rows_of([20])}
    with pytest.warns(UserWarning, match=f"Not all rows of the part {parts}: the figures say"):
        assert complete(splits, key="note", time="when") == splits


def test_a_time_that_too_many_rows_have_is_told():
    rows = rows_of([*range(60), *[60] * 40])
    with pytest.warns(UserWarning, match="The test part has 40 of 100 rows, and 10 were wanted: r"):
        splits = complete({"all": rows}, key="note", time="when")
    assert times(splits["validation"]) == list(range(50, 60))


def test_a_fault_is_named_by_its_own_row_and_part():
    """Repeats are dropped before rows are drawn, and would move all rows behind them."""
    rows = rows_of(range(40))
    twice = [rows[0], *rows]
    twice[30] = twice[30] | {"when": "Monday"}
    with pytest.raises(ValueError, match="Row 31 of the part 'all' has the time 'Monday': expect"):
        complete({"all": twice}, key="note", time="when")
    test = [{"note": "x", "when": 99}, {"note": "y", "when": None}]
    with pytest.raises(ValueError, match="Row 2 of the part 'test' has no time, and every row n"):
        complete({"train": rows, "test": test}, key="note", time="when")


def test_times_of_a_table():
    assert time_cell("2024-05-31") == datetime.datetime(2024, 5, 31)
    assert time_cell(" 12 ") == 12
    for missing in (None, "", " ", float("nan")):
        with pytest.raises(ValueError, match="the time is missing, and every row needs one"):
            time_cell(missing)
    for wrong in ("31.05.2024", "nan", True, [1]):
        with pytest.raises(ValueError, match="is no time: expected a number, or a date such as 20"):
            time_cell(wrong)
