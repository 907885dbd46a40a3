"""Loading by name, from files and from the Hub, and what is said where that fails."""

import datetime
import json
from collections import Counter
from pathlib import Path

import datasets
import pytest
from huggingface_hub import constants

from hf_recurrent.data import TEXT_DATASETS, PackageError, load_text_dataset, sources
from hf_recurrent.tasks.text_classification import data as text


@pytest.fixture(autouse=True)
def no_network(monkeypatch, tmp_path):
    """Whoever asks for the network without saying so in the test fails."""
    monkeypatch.setenv("HF_RECURRENT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("HF_RECURRENT_DATA", raising=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets, "load_dataset", _unreachable)


def _unreachable(*args, **kwargs):
    raise ConnectionError("Couldn't reach the Hub.\nMore lines")


def rows(size, labels=("neg", "pos"), start=0):
    return [{"text": f"text {i}", "label": labels[i % 2]} for i in range(start, start + size)]


def folder(tmp_path: Path, **parts) -> Path:
    for part, records in parts.items():
        path = tmp_path / f"{part}.jsonl"
        path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return tmp_path


def sst2(tmp_path: Path) -> Path:
    for part, size in {"train": 8, "dev": 2, "test": 4}.items():
        lines = (f"{i % 2} {part} {i}\n" for i in range(size))
        (tmp_path / f"stsa.binary.{part}").write_text("".join(lines))
    return tmp_path


def hub(monkeypatch, **parts):
    """Lets the Hub answer with these parts, and records what it was asked for."""
    asked = []

    def load_dataset(*args, **kwargs):
        asked.append((args, kwargs))
        return datasets.DatasetDict(parts)

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    return asked


def test_files(tmp_path):
    data = load_text_dataset(folder(tmp_path, train=rows(20), dev=rows(4), test=rows(6, start=50)))
    assert list(data) == ["train", "validation", "test"]
    assert [part.num_rows for part in data.values()] == [20, 4, 6]
    assert data["test"].features == datasets.Features(
        text=datasets.Value("string"), label=datasets.ClassLabel(names=["neg", "pos"])
    )
    assert data["test"][1] == {"text": "text 51", "label": 1}


def test_one_file_with_columns_of_other_names(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("note,kind\n" + "".join(f"n {i},{i % 11}\n" for i in range(110)))
    data = load_text_dataset(path, text_column="note", label_column="kind")
    assert [part.num_rows for part in data.values()] == [88, 11, 11]
    # Names that are numbers are in their order as numbers.
    assert data["train"].features["label"].names == [str(i) for i in range(11)]
    same = load_text_dataset(path, text_column="note", label_column="kind")
    assert all(data[part][:] == same[part][:] for part in data)
    other = load_text_dataset(path, text_column="note", label_column="kind", seed=1)
    assert data["test"]["text"][:] != other["test"]["text"][:]
    assert "split seed 1" in other["train"].info.description


def dated(tmp_path: Path, size: int = 100, **changed: dict[int, object]) -> Path:
    """Write a file in which every tenth row is of one author, each a day after the last."""
    start = datetime.date(2024, 1, 1)
    records = [
        row | {"by": f"a{i % 10}", "on": str(start + datetime.timedelta(days=i))}
        for i, row in enumerate(rows(size))
    ]
    for column, values in changed.items():
        for i, value in values.items():
            records[i][column] = value
    path = tmp_path / "mine.jsonl"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return path


def numbers(part) -> list[int]:
    return [int(text.removeprefix("text ")) for text in part["text"]]


def test_a_file_is_split_by_group(tmp_path):
    # Labels must not follow the groups, or the training part lacks some.
    path = dated(tmp_path, label={i: "pos" if i // 10 % 2 else "neg" for i in range(100)})
    data = load_text_dataset(path, group_column="by")
    assert [part.num_rows for part in data.values()] == [80, 10, 10]
    assert len({i % 10 for i in numbers(data["test"])}) == 1
    assert len({i % 10 for i in numbers(data["train"])}) == 8
    assert data["train"].column_names == ["text", "label"]
    assert data["train"].info.description.endswith("; split by the group 'by', seed 42")
    other = load_text_dataset(path, group_column="by", seed=1)
    assert numbers(other["test"]) != numbers(data["test"])


def test_a_file_is_split_by_time(tmp_path):
    data = load_text_dataset(dated(tmp_path), time_column="on")
    assert numbers(data["validation"]) == list(range(80, 90))
    assert numbers(data["test"]) == list(range(90, 100))
    assert data["train"].info.description.endswith("; split by the time 'on'")


@pytest.mark.parametrize(
    ("options", "changed", "message"),
    [
        ({"group_column": "who"}, {}, r"no column 'who' .*: name the column by group_column\."),
        ({"time_column": "onn"}, {}, r"name the column by time_column\. Did you mean 'on'"),
        ({"group_column": "by"}, {"by": {6: " "}}, r"mine\.jsonl, row 7: the group is missing, a"),
        ({"time_column": "on"}, {"on": {6: None}}, r"mine\.jsonl, row 7: the time is missing, an"),
        ({"time_column": "on"}, {"on": {6: "May"}}, r"jsonl, row 7: 'May' is no time: expected a"),
        (
            {"time_column": "on"},
            {"on": {6: "2024-05-31T12:00Z"}},
            r"mine\.jsonl' cannot be used: Row 7 of the part 'all' has .* a date with its time z",
        ),
        ({"group_column": "by"}, {"by": dict.fromkeys(range(100), 1)}, "rows are of 1 group, and"),
        ({"time_column": "on"}, {"on": dict.fromkeys(range(100), 1)}, "have 1 different time, and"),
        ({"time_column": "on", "group_column": "by"}, {}, "are both given, and rows are drawn by"),
    ],
)
def test_groups_and_times_that_cannot_be_used(tmp_path, options, changed, message):
    with pytest.raises(ValueError, match=message) as caught:
        load_text_dataset(dated(tmp_path, **changed), **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("option", ["group_column", "time_column"])
def test_where_groups_and_times_have_no_column(tmp_path, option):
    path = tmp_path / "lines.txt"
    path.write_text("".join(f"__label__{'ab'[i % 2]} text {i}\n" for i in range(40)))
    with pytest.raises(ValueError, match=f"has lines of a label and a text: {option} is for tab"):
        load_text_dataset(path, **{option: "who"})
    with pytest.raises(ValueError, match="The columns of 'sst2' are known"):
        load_text_dataset("sst2", **{option: "who"})


@pytest.mark.filterwarnings("ignore:.* were wanted")
def test_a_data_set_of_the_hub_is_split_by_time_or_group(monkeypatch):
    start = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
    records = [
        row | {"on": start - datetime.timedelta(hours=i), "by": i % 10 // 2}
        for i, row in enumerate(rows(100))
    ]
    hub(monkeypatch, train=datasets.Dataset.from_list(records))
    data = load_text_dataset("some/one", time_column="on")
    assert numbers(data["test"]) == list(range(10))
    data = load_text_dataset("some/one", group_column="by")
    assert len({i % 10 // 2 for i in numbers(data["test"])}) == 1
    missing = [*records[:4], records[4] | {"on": None}]
    hub(monkeypatch, train=datasets.Dataset.from_list(missing))
    with pytest.raises(ValueError, match=r"'some/one' of the Hub \(part 'train'\), row 5: the"):
        load_text_dataset("some/one", time_column="on")


def test_empty_texts_are_kept(tmp_path):
    empty = [{"text": None, "label": "neg"}, {"text": "", "label": "pos"}, {"label": "pos"}]
    data = load_text_dataset(folder(tmp_path, train=rows(4) + empty, dev=empty, test=empty))
    assert data["test"]["text"][:] == ["", "", ""]
    assert data["train"].num_rows == 7
    data = load_text_dataset(folder(tmp_path, mine=rows(20) + empty) / "mine.jsonl")
    assert Counter(text for part in data.values() for text in part["text"])[""] == 3


def test_a_part_without_labels_is_left_out(tmp_path):
    unknown = [{"text": "x", "label": None}] * 3
    parts = folder(tmp_path, train=rows(20), dev=rows(4), test=unknown)
    with pytest.warns(UserWarning, match="The part 'test' has no labels and is left out"):
        data = load_text_dataset(parts)
    assert data["test"]["text"][:] == [row["text"] for row in rows(4)]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"train": rows(9, "aa"), "test": rows(2, "aa")}, "8 rows of the one label 'a', and"),
        (
            {"train": rows(20), "test": rows(3, "xy")},
            r"test part has the label 'x', .*'neg', 'pos'",
        ),
        ({"train": rows(9), "dev": rows(3, "xy"), "test": rows(2)}, r"validation part has .* 'x'"),
        (
            {"train": [*rows(20), {"text": "x"}]},
            "1 of the 21 rows of the part 'train' has no la",
        ),
        ({"test": rows(20), "dev": rows(20)}, "There is no part 'train'"),
        ({"train": rows(6)}, "6 different texts"),
        ({"train": rows(4), "test": rows(4)}, "validation part has no rows, .* the 4 rows of"),
        (
            {"all": [{"text": f"t {i}", "label": f"l {i}"} for i in range(40)]},
            "part has no rows, .* has 40 labels",
        ),
        ({"train": [{"text": "x", "kind": 1}]}, r"no column 'label' .*'text', 'kind'"),
        ({"train": [{"label": 1}]}, r"no column 'text' .*'label'.*: name the column by text_col"),
    ],
)
def test_data_that_cannot_be_used(tmp_path, parts, message):
    with pytest.raises(ValueError, match=message) as caught:
        load_text_dataset(folder(tmp_path, **parts))
    assert "\n" not in str(caught.value)


def test_a_test_part_without_rows(tmp_path):
    folder(tmp_path, train=rows(20))
    (tmp_path / "test.csv").write_text("text,label\n")
    with pytest.raises(ValueError, match="its test part has no rows"):
        load_text_dataset(tmp_path)


@pytest.mark.parametrize("name", ["movie-snipets", "no/such/file.csv", "no/file.jsonl.gz", "./x/y"])
def test_unknown_name(name):
    with pytest.raises(
        FileNotFoundError, match=r"is neither a file .* a known name: movie-snippet"
    ):
        load_text_dataset(name)


@pytest.mark.parametrize("place", ["data_dir", "sub-folder", "variable"])
def test_named_from_a_folder(tmp_path, monkeypatch, place):
    (tmp_path / "text").mkdir()
    sst2(tmp_path if place == "data_dir" else tmp_path / "text")
    if place == "variable":
        monkeypatch.setenv("HF_RECURRENT_DATA", str(tmp_path))
    data = load_text_dataset("sst2", data_dir=None if place == "variable" else tmp_path)
    assert [part.num_rows for part in data.values()] == [8, 2, 4]
    assert data["train"].features["label"].names == ["negative", "positive"]
    assert data["train"].info.license == TEXT_DATASETS["sst2"].license
    assert data["train"].info.description.startswith("sst2, from files of a folder")


def test_named_from_a_package(tmp_path, monkeypatch):
    lines = "".join(f"{i}\t{(-1) ** i}\ttext {i}\n" for i in range(20))
    (tmp_path / "movieReviewSnippets_GroundTruth.txt").write_text(lines)
    monkeypatch.setattr(sources, "fetch", lambda name, progress: tmp_path)
    data = load_text_dataset("movie-snippets")
    assert [part.num_rows for part in data.values()] == [16, 2, 2]
    assert data["train"].info.description.startswith("movie-snippets, from vaderSentiment==3.3.2")


def test_the_sources_come_in_their_order(tmp_path, monkeypatch):
    def failing(name, progress):
        raise PackageError(f"no {name}.")

    monkeypatch.setattr(sources, "fetch", failing)
    message = (
        r"The data set '20-newsgroups' could not be loaded: no folder is named .*; "
        r"no 20-newsgroups; 'SetFit/20_newsgroups' could not be loaded from the Hub: Couldn't reach"
    )
    with pytest.raises(OSError, match=message) as caught:
        load_text_dataset("20-newsgroups")
    assert "\n" not in str(caught.value)
    with pytest.raises(OSError, match=r"not be loaded: the folder .* lacks stsa\.binary\.train"):
        load_text_dataset("sst2", source="folder", data_dir=tmp_path)
    with pytest.raises(OSError, match="not be loaded: no registry package carries it"):
        load_text_dataset("sst2", source="package")
    with pytest.raises(OSError, match="not be loaded: the Hub is not known to have it"):
        load_text_dataset("movie-snippets", source="hub")
    # Each of these is skipped where a later source has the data.
    part = datasets.Dataset.from_list([{"text": f"t {i}", "label": i % 2} for i in range(20)])
    hub(monkeypatch, train=part)
    assert load_text_dataset("sst2", data_dir=tmp_path)["train"].num_rows == 16


def test_arguments_that_do_not_fit(tmp_path):
    # A package or the Hub may have the data, and would hide the slip.
    with pytest.raises(NotADirectoryError, match=r"data_dir is '.*nowhere', which is no folder"):
        load_text_dataset("sst2", data_dir=tmp_path / "nowhere")
    with pytest.raises(ValueError, match="source 'web' is unknown: expected one of auto, folder"):
        load_text_dataset("sst2", source="web")
    with pytest.raises(ValueError, match="The columns of 'sst2' are known"):
        load_text_dataset("sst2", text_column="x")


def test_hub(monkeypatch):
    label = datasets.ClassLabel(names=["ham", "spam"])
    features = datasets.Features(sms=datasets.Value("string"), label=label)
    columns = {"sms": [f"t {i}" for i in range(20)], "label": [i % 2 for i in range(20)]}
    unlabelled = {"sms": ["x"], "label": [-1]}
    asked = hub(
        monkeypatch,
        train=datasets.Dataset.from_dict(columns, features=features),
        test=datasets.Dataset.from_dict(unlabelled, features=features),
    )
    with pytest.warns(UserWarning, match="The part 'test' has no labels"):
        data = load_text_dataset("some/one", text_column="sms", config="plain")
    assert asked == [(("some/one", "plain"), {})]
    assert [part.num_rows for part in data.values()] == [16, 2, 2]
    assert data["train"].features["label"] == label
    assert all(row["label"] == int(row["text"][2:]) % 2 for row in data["train"])
    with pytest.raises(ValueError, match=r"one' of the Hub \(part 'train'\) has no column 'text'"):
        load_text_dataset("some/one")


@pytest.mark.parametrize("form", ["names", "ids", "other names"])
def test_named_from_the_hub(monkeypatch, form):
    """Whatever the Hub's copy calls the labels, they get our names and ids."""
    kind = {
        "names": datasets.ClassLabel(names=["spam", "ham"]),
        "ids": datasets.Value("int64"),
        "other names": datasets.ClassLabel(names=["wanted", "unwanted"]),
    }[form]
    features = datasets.Features(sms=datasets.Value("string"), label=kind)
    spam = 0 if form == "names" else 1
    labels = [spam if i % 2 else 1 - spam for i in range(20)]
    columns = {"sms": [f"t {i}" for i in range(20)], "label": labels}
    hub(monkeypatch, train=datasets.Dataset.from_dict(columns, features=features))
    data = load_text_dataset("sms-spam")
    assert data["train"].features["label"].names == ["ham", "spam"]
    assert all(row["label"] == int(row["text"][2:]) % 2 for row in data["train"])


def test_a_label_of_the_hub_that_is_not_declared(monkeypatch):
    part = datasets.Dataset.from_list([{"text": f"t {i}", "label": "good"} for i in range(20)])
    hub(monkeypatch, train=part)
    with pytest.raises(ValueError, match="label 'good', where one of 'negative', 'positive' is"):
        load_text_dataset("mr")


def test_mails_of_the_hub(monkeypatch):
    raw = [f"X-Spam: {i % 2}\nSubject: s {i}\n\nbody".encode() for i in range(20)]
    features = datasets.Features(
        raw=datasets.Value("binary"), label=datasets.ClassLabel(names=["spam", "ham"])
    )
    columns = {"raw": raw, "label": [i % 2 for i in range(20)]}
    asked = hub(monkeypatch, train=datasets.Dataset.from_dict(columns, features=features))
    data = load_text_dataset("spam-assassin", source="hub")
    options = {"revision": "refs/convert/parquet", "data_dir": "unprocessed"}
    assert asked == [(("talby/spamassassin", None), options)]
    assert data["test"][0]["text"].endswith("\n\nbody")
    assert "X-Spam" not in data["test"][0]["text"]


def test_hub_is_unreachable():
    with pytest.raises(OSError, match="'some/one' could not be loaded from the Hub: Couldn't") as e:
        load_text_dataset("some/one")
    assert "\n" not in str(e.value)


def test_labels_that_are_equal_as_integers_stand_in_the_order_of_their_names():
    # A set of many: whatever the hash seed is, its own order is not this one by chance.
    names = [zeros * "0" + "1" for zeros in range(12)]
    splits = {
        part: [{"text": "a", "label": name} for name in names]
        for part in ("train", "validation", "test")
    }
    assert text._sorted_names(splits) == tuple(sorted(names))
    splits["train"].append({"text": "b", "label": "-2"})
    assert text._sorted_names(splits)[0] == "-2"
