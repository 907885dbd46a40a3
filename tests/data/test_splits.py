"""Splits are fixed, stratified and share no text."""

import random
import warnings
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.data.leakage import text_key
from hf_recurrent.data.splits import complete, draw, drop_duplicates


def numbered(sizes: dict[str, int]) -> list[tuple[str, str]]:
    return [(f"{label} {i}", label) for label, size in sizes.items() for i in range(size)]


ROWS = st.lists(st.tuples(st.text("abA \n", max_size=3), st.sampled_from("xyz")), max_size=40)


@given(ROWS)
def test_duplicates_by_brute_force(rows):
    expected = []
    for i, (text, label) in enumerate(rows):
        same = [j for j, (other, _) in enumerate(rows) if text_key(other) == text_key(text)]
        alone = len({rows[j][1] for j in same}) == 1 and same[0] == i
        if not text_key(text) or alone:
            expected.append((text, label))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert drop_duplicates(rows) == expected
    assert len(caught) == (len(expected) < len(rows))


@given(ROWS, st.integers(0, 40), st.integers(0, 3), st.randoms(use_true_random=False))
def test_draw(rows, size, seed, shuffler):
    drawn, rest = draw(rows, size, seed)
    assert Counter(drawn) + Counter(rest) == Counter(rows)
    assert len(drawn) <= size
    drawn_keys = {text_key(text) for text, _ in drawn} - {""}
    assert not drawn_keys & {text_key(text) for text, _ in rest}
    assert {label for _, label in rest} == {label for _, label in rows}
    # The order of the rows does not matter; only equal empty texts cannot be told apart.
    shuffled = rows.copy()
    shuffler.shuffle(shuffled)
    again, _ = draw(shuffled, size, seed)
    assert Counter(map(_compared, again)) == Counter(map(_compared, drawn))


def _compared(row: tuple[str, str]) -> tuple[str, str]:
    return text_key(row[0]), row[1]


def test_draw_keeps_the_share_of_each_class():
    rows = numbered({"a": 700, "b": 290, "c": 9, "d": 1})
    drawn, rest = draw(rows, 100, seed=0)
    assert Counter(label for _, label in drawn) == {"a": 70, "b": 29, "c": 1}
    assert Counter(label for _, label in rest)["d"] == 1
    assert draw(rows, 100, seed=1)[0] != drawn


def test_the_draw_never_changes():
    """Results are published with these splits: whoever changes this changes all of them."""
    drawn, _ = draw(numbered({"a": 10, "b": 10}), 4, seed=42)
    assert [text for text, _ in drawn] == ["a 0", "a 9", "b 6", "b 8"]


def test_one_part_is_cut_in_three():
    rows = numbered({"a": 60, "b": 40})
    random.Random(0).shuffle(rows)
    with pytest.warns(UserWarning, match="7 of 107 rows were dropped"):
        splits = complete({"all": [*rows, *rows[:7]]})
    assert {part: len(rows) for part, rows in splits.items()} == {
        "train": 80,
        "validation": 10,
        "test": 10,
    }
    assert Counter(row for part in splits.values() for row in part) == Counter(rows)
    for part in splits.values():
        assert Counter(label for _, label in part)["a"] == 0.6 * len(part)


def test_published_parts_stay():
    train, dev, test = (numbered({"a": n, "b": n}) for n in (20, 3, 4))
    parts = {"train": train, "validation": dev, "test": test}
    assert complete({**parts, "unsupervised": [("x", "a")]}) == parts
    # A missing validation part comes out of the training part, and nothing else changes.
    splits = complete({"train": train, "test": test})
    assert splits["test"] == test
    assert len(splits["validation"]) == 4
    assert sorted(splits["validation"] + splits["train"]) == sorted(train)
    splits = complete({"train": train, "test": test}, validation_size=10)
    assert len(splits["validation"]) == 10
    # A missing test part is the validation part.
    splits = complete({"train": train, "validation": dev})
    assert splits["test"] == dev
    assert len(splits["validation"]) == 4


def test_what_cannot_be_split():
    rows = numbered({"a": 5, "b": 4})
    with pytest.raises(ValueError, match="'train' has 9 different texts, and cutting it"):
        complete({"train": rows})
    with pytest.raises(ValueError, match="no part 'train'; the parts are validation, test"):
        complete({"validation": rows, "test": rows})
    with pytest.raises(ValueError, match="no part 'test'; the parts are train, extra"):
        complete({"train": rows, "extra": rows})
    with pytest.raises(ValueError, match="the parts are none"):
        complete({})
