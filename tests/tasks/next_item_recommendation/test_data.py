"""Sessions from events, their parts, and the named data sets with the numbers that are known."""

import gzip
import warnings
from collections import Counter
from pathlib import Path

import pytest

from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.next_item_recommendation.data import load_sessions
from hf_recurrent.tasks.next_item_recommendation.sessions import Cut, whole_training

from .conftest import COLUMNS


def table(path: Path, *rows: str, head: str = "SessionId,ItemId,Time") -> Path:
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def event(session: str, item: str, time: float) -> dict:
    return {"session": session, "item": item, "time": time}


def test_parts_by_time() -> None:
    """The ends are 1, 11, ..., 81, 95 and 98: nine tenths have ended at 95, and before it at 73."""
    events = [event(f"s{n}", item, 10 * n + t) for n in range(9) for t, item in enumerate("ab")]
    events += [event("late", "a", 96), event("late", "new", 97), event("late", "b", 98)]
    events += [event("across", "a", 80), event("across", "b", 95), event("single", "a", 5)]
    parts = Cut(min_events=1).parts({"all": events})
    assert {part: [row["session"] for row in rows] for part, rows in parts.items()} == {
        "train": [f"s{n}" for n in range(8)],
        "validation": ["s8"],
        "test": ["late"],
    }
    assert parts["test"][0]["items"] == ["a", "b"]
    assert parts["test"][0]["targets"] == 1


def test_one_item_is_left_out() -> None:
    events = [event("u", item, time) for time, item in enumerate("abca")]
    events += [event("v", item, time) for time, item in enumerate("ab")]
    parts = Cut("leave-one-out", min_events=1).parts({"all": events})
    told = {
        part: [(row["session"], "".join(row["items"]), row["targets"]) for row in rows]
        for part, rows in parts.items()
    }
    assert told == {
        "train": [("v", "ab", 1), ("u", "ab", 1)],
        "validation": [("u", "abc", 1)],
        "test": [("u", "abca", 1)],
    }
    whole = whole_training(parts["train"], parts["validation"])
    told = {"".join(row["items"]): row["targets"] for row in whole}
    assert told == {"ab": 1, "abc": 2}
    assert len(whole) == 2


@pytest.mark.parametrize("gap", [None, 1.0])
def test_sessions_of_one_user_in_two_published_parts_are_both_trained_on(gap) -> None:
    """With a gap both have pieces of the name "u/0"."""
    train = [event("u", item, time) for time, item in enumerate("abc")]
    validation = [event("u", item, 5000 + time) for time, item in enumerate("deef")]
    late = 10000 if gap else 0
    train.append(event("u", "a", 4999 + late))
    validation.append(event("u", "d", 9999 + late))
    test = [event("u", item, 30000 + time) for time, item in enumerate("ad")]
    events = {"train": train, "validation": validation, "test": test}
    parts = Cut(gap=gap).parts(events)
    assert {row["session"] for row in parts["train"]} <= {"u", "u/0", "u/1"}
    whole = whole_training(parts["train"], parts["validation"])
    assert sum(len(row["items"]) for row in whole) == 9
    assert [row["targets"] for row in whole] == [len(row["items"]) - 1 for row in whole]


def test_gaps_repeats_and_rare_items() -> None:
    times = {"a": 0, "b": 3600, "c": 2 * 3600 + 1}
    events = [event("u", item, time) for item, time in times.items()]
    rows = Cut(gap=1.0)._sessions(events)
    assert [(row["session"], row["items"]) for row in rows] == [("u/0", ["a", "b"]), ("u/1", ["c"])]
    repeated = [event("u", item, time) for time, item in enumerate("aabba")]
    (row,) = Cut(drops_repeats=True)._sessions(repeated)
    assert (row["items"], row["targets"]) == (["a", "b", "a"], 2)


def test_events_of_one_second_are_in_no_order_of_the_file() -> None:
    events = [event("u", str(item), 0) for item in range(20)]
    (row,) = Cut()._sessions(events)
    assert row["items"] != sorted(row["items"], key=int)
    assert Cut()._sessions(events[::-1])[0]["items"] == row["items"]


def test_a_table_with_titles_and_items_of_several_words(events: Path) -> None:
    found = load_sessions(events, **COLUMNS)
    row = found["train"][0]
    assert row["session"] == "u0"
    assert set(row["items"]) <= {"red_shoes", "blue_shoes", "hat", "coat", "scarf", "gloves"} | {
        "belt",
        "bag",
    }
    assert row["titles"][0] == f"The {row['items'][0].replace('_', ' ')}"
    assert "; split by time, repeated items kept" in found["train"].info.description
    dropped = load_sessions(events, **COLUMNS, drop_repeats=True, drop_seen=True)
    assert all(dropped["test"]["drops_seen"])
    task = get_task("next-item-recommendation")
    said = "Items that follow themselves were removed"
    assert said in " ".join(task.for_data(dropped["train"].select(range(9))).limits())
    assert said not in " ".join(task.for_data(found["train"]).limits())
    left_out = load_sessions(events, **COLUMNS, split="leave-one-out")
    assert set(left_out["test"]["targets"]) == {1}


def test_published_parts_stay_as_they_are(tmp_path: Path) -> None:
    rows = [f"{n},{item},{10 * n + t}" for n in range(12) for t, item in enumerate("ab")]
    table(tmp_path / "train.csv", *rows)
    table(tmp_path / "test.csv", "t,a,500", "t,new,501", "t,b,502", "u,new,503", "u,a,504")
    found = load_sessions(tmp_path)
    assert found["test"][0]["items"] == ["a", "b"]
    assert len(found["test"]) == 1
    assert len(found["train"]) + len(found["validation"]) == 12
    with pytest.raises(ValueError, match="leave-one-out cuts one part"):
        load_sessions(tmp_path, split="leave-one-out")


@pytest.mark.parametrize(
    ("rows", "options", "said"),
    [
        (["1,a,soon", "1,b,2"], {}, r"events.csv, row 1: 'soon' is no time"),
        (["1,a,inf", "1,b,2"], {}, r"row 1: 'inf' is no time: expected a finite number"),
        (["1,,1", "1,b,2"], {}, r"row 1: the item is missing"),
        ([",a,1", "1,b,2"], {}, r"row 1: the session is missing"),
        (["1,a,5", "1,b,5", "2,a,5", "2,b,5"], {}, "All sessions end at one time"),
        (["1,a,5", "1,b,5", "1,c,5"], {"split": "leave-one-out"}, "have one time"),
        (["1,a,1", "2,b,2", "3,a,3"], {}, "Of 3 sessions none has two items"),
        (["1,a,1", "1,b,2", "2,a,3", "2,b,9"], {}, "or a lower --min-item-events"),
        (["1,a,1"], {"split": "week"}, "split is 'week', expected time or leave-one-out"),
        (
            ["1,a,1700000000000"],
            {"session_gap": 24},
            "expected seconds or dates, and no thousandth",
        ),
        (["1,a,1"], {"session_gap": "-1"}, "session_gap is '-1', expected a number above 0"),
        (["1,a,1"], {"min_item_events": "few"}, "min_item_events is 'few'"),
        (["1,a,1"], {"item_column": "thing"}, "no column 'thing'"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path: Path, rows, options, said) -> None:
    path = table(tmp_path / "events.csv", *rows)
    with pytest.raises(ValueError, match=said):
        load_sessions(path, **options)


def test_films_without_a_title_are_kept(tmp_path: Path) -> None:
    rows = [f"{n},{item},{10**6 * n + t}" for n in range(12) for t, item in enumerate((7, 8))]
    table(tmp_path / "ratings.csv", *rows, head="userId,movieId,timestamp")
    table(tmp_path / "movies.csv", "7,Heat", head="movieId,title")
    found = load_sessions("movielens-small", data_dir=tmp_path)
    assert found["train"]["titles"][0] == ["Heat", ""]


def test_columns_of_a_named_data_set_are_known() -> None:
    with pytest.raises(ValueError, match=r"The columns of 'movielens-small' are known"):
        load_sessions("movielens-small", time_column="when")


def numbers(rows) -> tuple[int, int, int]:
    items = [item for row in rows for item in row["items"]]
    return len(items), len(rows), len(set(items))


def test_the_slice_of_yoochoose_has_the_known_numbers(real_data: Path) -> None:
    found = load_sessions("yoochoose-slice", data_dir=real_data)
    whole = whole_training([*found["train"]], [*found["validation"]])
    assert numbers(whole) == (70_278, 17_794, 2_933)
    assert numbers(found["test"])[:2] == (13_568, 3_416)
    assert sum(found["test"]["targets"]) == 10_152
    # GRU4Rec's validation file is ours without the items that its training file lacks.
    known = {item for row in found["train"]["items"] for item in row}
    ours: Counter = Counter()
    for name, items in zip(
        found["validation"]["session"], found["validation"]["items"], strict=True
    ):
        kept = [item for item in items if item in known]
        if len(kept) > 1:
            ours.update((name, item) for item in kept)
    file = real_data / "recommend" / "yoochoose100k_train_valid.tsv.gz"
    lines = gzip.decompress(file.read_bytes()).decode().splitlines()[1:]
    assert ours == Counter(tuple(line.split("\t")[:2]) for line in lines)


def test_movielens_has_the_known_numbers(real_data: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = load_sessions("movielens-small", data_dir=real_data)
    whole = whole_training([*found["train"]], [*found["validation"]])
    assert numbers(whole) == (75_619, 2_570, 3_283)
    assert numbers(found["test"])[:2] == (10_551, 230)
