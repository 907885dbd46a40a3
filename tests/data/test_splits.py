"""Splits are fixed, stratified and share no text."""

import hashlib
import json
import random
import warnings
from collections import Counter
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.data import splits as splits_module
from hf_recurrent.data.leakage import text_key
from hf_recurrent.data.splits import check_columns, how_drawn


def key(row):
    return text_key(row["note"])


BY = {"key": key, "stratum": "kind"}
complete = partial(splits_module.complete, **BY)
draw = partial(splits_module.draw, **BY)
drop_duplicates = partial(splits_module.drop_duplicates, **BY)


def made(pairs):
    return [{"note": note, "kind": kind} for note, kind in pairs]


def pairs(rows):
    return [(row["note"], row["kind"]) for row in rows]


def numbered(sizes: dict[str, int]):
    return made((f"{label} {i}", label) for label, size in sizes.items() for i in range(size))


ROWS = st.lists(st.tuples(st.text("abA \n", max_size=3), st.sampled_from("xyz")), max_size=40).map(
    made
)


@given(ROWS)
def test_duplicates_by_brute_force(rows):
    expected = []
    for i, row in enumerate(rows):
        same = [j for j, other in enumerate(rows) if key(other) == key(row)]
        alone = len({rows[j]["kind"] for j in same}) == 1 and same[0] == i
        if not key(row) or alone:
            expected.append(row)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert drop_duplicates(rows) == expected
    assert len(caught) == (len(expected) < len(rows))


@given(ROWS, st.integers(0, 40), st.integers(0, 3), st.randoms(use_true_random=False))
def test_draw(rows, size, seed, shuffler):
    drawn, rest = draw(rows, size, seed)
    assert Counter(pairs(drawn)) + Counter(pairs(rest)) == Counter(pairs(rows))
    assert len(drawn) <= size
    drawn_keys = set(map(key, drawn)) - {""}
    assert not drawn_keys & set(map(key, rest))
    assert {row["kind"] for row in rest} == {row["kind"] for row in rows}
    # The order of the rows does not matter; only equal empty texts cannot be told apart.
    shuffled = rows.copy()
    shuffler.shuffle(shuffled)
    again, _ = draw(shuffled, size, seed)
    assert Counter(map(_compared, again)) == Counter(map(_compared, drawn))


def _compared(row):
    return key(row), row["kind"]


def test_draw_keeps_the_share_of_each_class():
    rows = numbered({"a": 700, "b": 290, "c": 9, "d": 1})
    drawn, rest = draw(rows, 100, seed=0)
    assert Counter(row["kind"] for row in drawn) == {"a": 70, "b": 29, "c": 1}
    assert Counter(row["kind"] for row in rest)["d"] == 1
    assert draw(rows, 100, seed=1)[0] != drawn


def test_the_draw_never_changes():
    """Results are published with these splits: whoever changes this changes all of them."""
    drawn, _ = draw(numbered({"a": 10, "b": 10}), 4, seed=42)
    assert [row["note"] for row in drawn] == ["a 0", "a 9", "b 6", "b 8"]


@pytest.mark.parametrize(
    ("seed", "digest"),
    [
        (42, "605a46aa3f8ac26d038fa92426709c2b9b6f7e40debc2ad32059fe2812891a39"),
        (0, "21456a52be403c6028f791dec6d4fcbf1f07a13cfb6c22030aa764861a57cafe"),
        (7, "6f3d1814e9b1c5ca7c3309311439c1163e6298dba159054d2baff0697e9ce6f2"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*rows were dropped")
def test_splits_are_those_of_the_pairs_that_rows_once_were(seed, digest):
    """The digests were recorded when a row was a pair of a text and its label."""
    words = ["red", "green", "blue", "Red", "", "GREEN"]
    notes = (f"{words[i % 5]} {'thing' if i % 3 else ' Thing '} {i * i % 97}" for i in range(400))
    rows = made((n if i % 41 else "", "abc"[i * i % 7 % 3]) for i, n in enumerate(notes))
    one = complete({"all": rows}, seed=seed)
    two = complete({"train": rows, "test": rows[:30]}, seed=seed, validation_size=33)
    found = [[part, [list(p) for p in pairs(s[part])]] for s in (one, two) for part in s]
    assert hashlib.sha256(json.dumps(found).encode()).hexdigest() == digest


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
    assert Counter(p for part in splits.values() for p in pairs(part)) == Counter(pairs(rows))
    for part in splits.values():
        assert Counter(row["kind"] for row in part)["a"] == 0.6 * len(part)


def test_published_parts_stay():
    train, dev, test = (numbered({"a": n, "b": n}) for n in (20, 3, 4))
    parts = {"train": train, "validation": dev, "test": test}
    assert complete({**parts, "unsupervised": made([("x", "a")])}) == parts
    # A missing validation part comes out of the training part, and nothing else changes.
    splits = complete({"train": train, "test": test})
    assert splits["test"] == test
    assert len(splits["validation"]) == 4
    assert sorted(pairs(splits["validation"] + splits["train"])) == sorted(pairs(train))
    splits = complete({"train": train, "test": test}, validation_size=10)
    assert len(splits["validation"]) == 10
    # A missing test part is the validation part.
    splits = complete({"train": train, "validation": dev})
    assert splits["test"] == dev
    assert len(splits["validation"]) == 4


def test_what_cannot_be_split():
    rows = numbered({"a": 5, "b": 4})
    with pytest.raises(ValueError, match="'train' has 9 different rows, and cutting it"):
        complete({"train": rows})
    with pytest.raises(ValueError, match="no part 'train'; the parts are validation, test"):
        complete({"validation": rows, "test": rows})
    with pytest.raises(ValueError, match="no part 'test'; the parts are train, extra"):
        complete({"train": rows, "extra": rows})
    with pytest.raises(ValueError, match="the parts are none"):
        complete({})


def test_without_strata_rows_are_drawn_by_their_keys_alone():
    rows = [{"word": f"w{i}"} for i in range(100)]
    splits = splits_module.complete({"all": rows}, key="word")
    assert {part: len(own) for part, own in splits.items()} == {
        "train": 80,
        "validation": 10,
        "test": 10,
    }
    twice = [*rows, {"word": "w1"}]
    with pytest.warns(UserWarning, match=r"1 of 101 rows were dropped .*: repeated films\.$"):
        again = splits_module.complete({"all": twice}, key="word", units="films")
    assert again == splits


def test_a_column_that_rows_lack():
    with pytest.raises(ValueError, match="Row 2 has no column 'kind'; its columns are 'note'"):
        complete({"all": [*made([("a", "b")]), {"note": "c"}]})


def test_a_random_split_over_groups_warns():
    rows = [{"note": f"{i}", "kind": "a", "who": i // 10} for i in range(100)]
    with pytest.warns(UserWarning, match="groups have rows in more than one part, of 10: the fig"):
        complete({"all": rows}, group="who", by="random")
    with pytest.warns(UserWarning, match="^1 group has rows in more than one part, of 3: "):
        complete({"train": rows[:11], "validation": rows[:1], "test": rows[20:30]}, group="who")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        complete({"all": [row | {"who": row["note"]} for row in rows]}, group="who", by="random")


def test_how_rows_are_drawn_must_be_clear():
    rows = [{"note": f"{i}", "kind": "a", "who": i % 5, "when": i} for i in range(50)]
    with pytest.raises(ValueError, match="have a group and a time: by must be"):
        complete({"all": rows}, group="who", time="when")
    with pytest.raises(ValueError, match="to be drawn by time, and no time of a row is named"):
        complete({"all": rows}, group="who", by="time")
    by_time = complete({"all": rows}, group="who", time="when", by="time")
    assert [row["when"] for row in by_time["test"]] == [45, 46, 47, 48, 49]


def test_repeats_that_are_kept_are_drawn_together():
    rows = [{"note": f"{i % 60}", "kind": "a"} for i in range(100)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        splits = complete({"all": rows}, keep_repeats=True)
    assert [len(splits[part]) for part in ("train", "validation", "test")] == [80, 10, 10]
    parts = [{row["note"] for row in part} for part in splits.values()]
    assert sum(map(len, parts)) == 60
    assert complete({"all": rows}, keep_repeats=True, seed=1) != splits
    # An empty key is a key here, of rows that stand together.
    empty = [{"note": "", "kind": "a"}] * 3
    splits = complete({"train": [*rows, *empty], "test": rows}, keep_repeats=True)
    assert sum(not row["note"] for row in splits["train"]) in (0, 3)


def test_too_few_rows_beside_their_repeats():
    rows = [{"note": f"{i % 9}", "kind": "a"} for i in range(100)]
    with pytest.raises(ValueError, match="'all' has 9 different films, and cutting it 80/10/10"):
        complete({"all": rows}, keep_repeats=True, units="films")
    one = [{"note": "x", "kind": "a"}] * 30
    with pytest.raises(
        ValueError, match="'train' needs at least 2 different films, and it has 1\\."
    ):
        complete({"train": one, "test": rows}, keep_repeats=True, units="films")


def test_how_parts_are_drawn_is_described():
    assert how_drawn(["all"], None, None) == "; split seed 42"
    assert how_drawn(["train", "test"], "who", None, 3) == "; split by the group 'who', seed 3"
    assert how_drawn(["all"], "who", None, by="random") == "; split at random, seed 42"
    assert how_drawn(["all"], None, "when") == "; split by the time 'when'"
    assert how_drawn(["test", "train", "validation"], "who", None) == ""
    with pytest.raises(ValueError, match=r"^group_column and time_column are both given, and rows"):
        check_columns("who", "when")
