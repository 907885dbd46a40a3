"""No group stands in two parts, and the parts are as near to their sizes as groups allow."""

import itertools
import warnings
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.data.groups import draw_groups, group_cell, nearest_subset
from hf_recurrent.data.splits import complete

SIZES = st.lists(st.integers(1, 30), min_size=1, max_size=9)


def rows_of(sizes):
    return [
        {"note": f"{who} {i}", "who": f"g{who}"} for who, n in enumerate(sizes) for i in range(n)
    ]


def groups(rows):
    return {row["who"] for row in rows}


def nearest(sizes, wanted, most):
    """Return the distances that subsets have, by brute force, the least."""
    counts = range(1, most + 1)
    subsets = (subset for n in counts for subset in itertools.combinations(sizes, n))
    return min((abs(sum(subset) - wanted), sum(subset)) for subset in subsets)


@given(SIZES, st.data())
def test_no_subset_is_nearer(sizes, data):
    most = data.draw(st.integers(max(1, len(sizes) - 2), len(sizes)))
    largest = sum(sizes) // 3 if most < len(sizes) - 1 else 2 * sum(sizes)
    wanted = data.draw(st.integers(0, largest))
    chosen = nearest_subset(sizes, wanted, most)
    assert 1 <= len(chosen) <= most
    total = sum(sizes[index] for index in chosen)
    assert (abs(total - wanted), total) == nearest(sizes, wanted, most)


@given(SIZES, st.integers(0, 5), st.randoms(use_true_random=False), st.data())
def test_draw_groups(sizes, seed, shuffler, data):
    rows = rows_of(sizes)
    parts = data.draw(st.integers(2, 3))
    size = data.draw(st.integers(0, len(rows) // 3))
    if len(sizes) < parts:
        with pytest.raises(ValueError, match=f"and {parts} parts need at least {parts}, as no"):
            draw_groups(rows, size, seed, parts, "who")
        return
    drawn, rest = draw_groups(rows, size, seed, parts, "who")
    assert drawn
    assert len(groups(rest)) >= parts - 1
    assert not groups(drawn) & groups(rest)
    places = {row["note"]: place for place, row in enumerate(rows)}
    for part in (drawn, rest):
        found = [places[row["note"]] for row in part]
        assert found == sorted(found)
    assert len(drawn) + len(rest) == len(rows)
    shuffled = rows.copy()
    shuffler.shuffle(shuffled)
    again, _ = draw_groups(shuffled, size, seed, parts, "who")
    assert groups(again) == groups(drawn)


@given(st.lists(st.integers(1, 30), min_size=3, max_size=12))
def test_one_part_is_cut_by_group(sizes):
    rows = rows_of(sizes)
    if len(rows) < 10:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", ".* were wanted: rows of one")
        splits = complete({"all": rows}, key="note", group="who")
    assert list(splits) == ["train", "validation", "test"]
    assert all(splits.values())
    counts = Counter(who for part in splits.values() for who in groups(part))
    assert counts == dict.fromkeys(groups(rows), 1)
    assert sum(map(len, splits.values())) == len(rows)


def test_groups_of_one_size_give_the_exact_sizes_and_the_seed_chooses():
    rows = rows_of([5] * 40)
    splits = complete({"all": rows}, key="note", group=lambda row: row["who"])
    assert [len(splits[part]) for part in ("train", "validation", "test")] == [160, 20, 20]
    other = complete({"all": rows}, key="note", group="who", seed=1)
    assert groups(other["test"]) != groups(splits["test"])


def test_the_draw_of_groups_never_changes():
    """Results are published with these splits: whoever changes this changes all of them."""
    drawn, _ = draw_groups(rows_of([3, 7, 2, 9, 4, 6, 1, 8]), 12, 42, 3, "who")
    assert sorted(groups(drawn)) == ["g2", "g3", "g6"]


def test_many_groups_are_drawn_in_the_order_of_their_digests():
    """Neither large nor small groups are preferred."""
    sizes = [1 + i % 20 for i in range(4000)]
    drawn, rest = draw_groups(rows_of(sizes), 4200, 0, 3, "who")
    assert len(drawn) == 4200
    mean = len(drawn) / len(groups(drawn))
    assert abs(mean - len(rest) / len(groups(rest))) < 1


def test_a_missing_validation_part_is_drawn_by_group():
    rows = rows_of([4] * 25)
    splits = complete({"train": rows[:80], "test": rows[80:]}, key="note", group="who")
    assert splits["test"] == rows[80:]
    assert len(splits["validation"]) == 8
    assert not groups(splits["validation"]) & groups(splits["train"])


def test_groups_that_are_missing_or_too_few():
    rows = rows_of([10, 10])
    with pytest.raises(ValueError, match="rows are of 2 groups, and 3 parts need at least 3, as"):
        complete({"all": rows}, key="note", group="who")
    with pytest.raises(ValueError, match="rows are of 1 group, and 2 parts need at least 2, as"):
        complete({"train": rows[:10], "test": rows}, key="note", group="who")
    for missing in (None, " ", float("nan")):
        rows[3]["who"] = missing
        with pytest.raises(ValueError, match="Row 4 of the part 'all' has no group, and every r"):
            complete({"all": rows}, key="note", group="who")


@pytest.mark.filterwarnings("ignore:.* were wanted")
def test_groups_whose_names_are_equal_as_texts_are_one():
    rows = [{"note": f"{i}", "who": i % 4 if i % 2 else str(i % 4)} for i in range(40)]
    rows += [{"note": f"x{i}", "who": str(i % 4)} for i in range(40)]
    splits = complete({"all": rows}, key="note", group="who")
    found = Counter(who for part in splits.values() for who in {str(w) for w in groups(part)})
    assert set(found.values()) == {1}


def test_a_group_that_is_too_large_for_a_part_is_told():
    with pytest.warns(UserWarning, match="were wanted") as caught:
        splits = complete({"all": rows_of([300, 1, 200])}, key="note", group="who")
    assert [len(splits[part]) for part in ("train", "validation", "test")] == [300, 200, 1]
    assert [str(warning.message) for warning in caught] == [
        "The validation part has 200 of 501 rows, and 50 were wanted: rows of one group are never "
        "cut apart.",
        "The test part has 1 of 501 rows, and 50 were wanted: rows of one group are never cut "
        "apart.",
    ]
    train = {"train": rows_of([30, 20]), "test": [{"note": "x", "who": None}]}
    with pytest.warns(UserWarning, match="^The validation part has 20 of 50 rows, and 5 were w"):
        complete(train, key="note", group="who")


def test_a_missing_group_is_named_by_its_own_row_and_published_parts_need_none():
    rows = rows_of([4] * 25)
    twice = [rows[0], *rows]
    twice[50] = twice[50] | {"who": None}
    with pytest.raises(ValueError, match="Row 51 of the part 'mine' has no group"):
        complete({"mine": twice}, key="note", group="who")
    published = [{"note": "x", "who": None}] * 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        splits = complete({"train": rows, "test": published}, key="note", group="who")
    assert splits["test"] == published


def test_groups_of_a_table():
    assert [group_cell(value) for value in ("a b", 7, 7.0, 0)] == ["a b", "7", "7", "0"]
    assert group_cell(1, ["x", "y"]) == "y"
    with pytest.raises(ValueError, match="the group is missing"):
        group_cell(-1, ["x", "y"])  # as a column of classes writes it
    for missing in (None, "", " ", float("nan")):
        with pytest.raises(ValueError, match="the group is missing, and every row needs one"):
            group_cell(missing)
    with pytest.raises(ValueError, match="the group is a list, expected a name or a number"):
        group_cell(["a"])
