"""CSV, TSV, JSON, JSON Lines and Parquet files: what is read, and what is said of bad ones."""

import contextlib
import gzip
import json

import datasets
import pyarrow
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.data.tables import part_of_file
from tests.data.read import read_pairs

ROWS = [("a, good film", "pos"), ('"bad"\nfilm', "neg"), ("", "neg"), ("NA", "null")]


def write(path, rows=ROWS, text="text", label="label"):
    records = [{text: a, label: b} for a, b in rows]
    suffix = path.name.split(".", 1)[1]
    if suffix == "parquet":
        datasets.Dataset.from_list(records).to_parquet(path)
    elif suffix == "csv":
        datasets.Dataset.from_list(records).to_csv(path, index=False)
    elif suffix == "json":
        path.write_text(json.dumps(records))
    elif suffix == "jsonl":
        path.write_text("\n".join(map(json.dumps, records)))
    elif suffix == "jsonl.gz":
        path.write_bytes(gzip.compress("\n".join(map(json.dumps, records)).encode()))
    return path


@pytest.mark.parametrize("suffix", ["csv", "json", "jsonl", "jsonl.gz", "parquet"])
def test_formats(tmp_path, suffix):
    path = write(tmp_path / f"data.{suffix}", text="words", label="class")
    assert read_pairs(path, "words", "class") == ({"all": ROWS}, None)


def test_tsv_has_no_quotes(tmp_path):
    path = tmp_path / "data.tsv"
    path.write_text('text\tlabel\n"quoted\t1\nplain\t0\n')
    assert read_pairs(path, "text", "label")[0] == {"all": [('"quoted', "1"), ("plain", "0")]}


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8")), st.sampled_from("ab"))))
def test_json_lines_come_back(tmp_path_factory, rows):
    path = write(tmp_path_factory.mktemp("json") / "data.jsonl", rows)
    if rows:
        assert read_pairs(path, "text", "label")[0] == {"all": rows}


def test_values(tmp_path):
    path = tmp_path / "data.jsonl"
    lines = [
        '{"text": null, "label": 1}',
        '{"label": 2.0}',
        '{"text": 5, "label": true}',
        '{"text": "\\ud800", "label": " x "}',
        '{"text": "y", "label": null}',
        "",
        '{"text": "z", "label": " ", "more": 1}',
    ]
    path.write_text("\n".join(lines))
    rows = [("", "1"), ("", "2"), ("5", "True"), ("?", "x"), ("y", None), ("z", None)]
    assert read_pairs(path, "text", "label")[0] == {"all": rows}


def test_label_names_of_a_parquet_file(tmp_path):
    path = tmp_path / "data.parquet"
    features = datasets.Features(
        text=datasets.Value("string"), label=datasets.ClassLabel(names=["no", "maybe", "yes"])
    )
    columns = {"text": ["a", "b", "c"], "label": [2, 0, -1]}
    datasets.Dataset.from_dict(columns, features=features).to_parquet(path)
    rows = [("a", "yes"), ("b", "no"), ("c", None)]
    assert read_pairs(path, "text", "label") == ({"all": rows}, ("no", "maybe", "yes"))


def test_latin_1(tmp_path):
    path = tmp_path / "data.csv"
    path.write_bytes("text,label\ncafé,1\n".encode("latin-1"))
    with pytest.warns(UserWarning, match="line 2 is not UTF-8 and is read as Windows-1252"):
        assert read_pairs(path, "text", "label")[0] == {"all": [("café", "1")]}


def test_folder(tmp_path):
    names = {"train-00000-of-00002.jsonl": "a", "train-00001-of-00002.jsonl": "b"}
    names |= {"dev.csv": "c", "Test.json": "d", "extra.csv": "e"}
    for name, text in names.items():
        write(tmp_path / name, [(text, "x")])
    (tmp_path / "README.md").write_text("x")
    with pytest.warns(UserWarning, match=r"the files extra\.csv are left out"):
        splits, _ = read_pairs(tmp_path, "text", "label")
    assert splits == {
        "train": [("a", "x"), ("b", "x")],
        "validation": [("c", "x")],
        "test": [("d", "x")],
    }


def test_folder_whose_parts_stand_within_the_names(tmp_path):
    for name in ("my_train.csv", "my_test.csv", "my_train-test.csv"):
        write(tmp_path / name, [(name, "x")])
    with pytest.warns(UserWarning, match=r"my_train-test\.csv are left out"):
        splits, _ = read_pairs(tmp_path, "text", "label")
    assert splits == {"train": [("my_train.csv", "x")], "test": [("my_test.csv", "x")]}


def test_folder_without_parts(tmp_path):
    write(tmp_path / "two.json", [("b", "x")])
    write(tmp_path / "one.csv", [("a", "x")])
    assert read_pairs(tmp_path, "text", "label")[0] == {"all": [("a", "x"), ("b", "x")]}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"text,kind\nx,1\n", r"a\.csv has no column 'label' .*'text', 'kind'.*label_col"),
        ("a.csv", b"", r"a\.csv cannot be read as csv: the file is empty\.$"),
        ("a.json", b" ", r"a\.json cannot be read as json: the file is empty\.$"),
        ("a.csv", b"text;label\nx;1\n", r"seem to be parted by ';': a \.csv has commas, a \.tsv"),
        ("a.csv", b"text\tlabel\nx\t1\n", r"parted by '\\t': a \.csv has commas, a \.tsv tabs\.$"),
        ("a.tsv", b"text,label\nx,1\n", r"parted by ',': a \.csv has commas, a \.tsv tabs\.$"),
        ("a.csv", b"text,label\nx,1\ny,2,3\n", r"a\.csv cannot .*Expected 2 fields in line 3"),
        ("a.csv", b"text,label\nx,1,2\n", r"a row has more values than the header has names"),
        ("a.csv", b'text,label\n"x,1\n', r"the quotation mark that opens in row 1 is never closed"),
        (
            "a.csv.gz",
            gzip.compress(b"text,label\n" * 9, mtime=0)[:-9],
            r"cannot be read as csv: .*gzip file is damaged or cut off",
        ),
        ("a.json", b'[{"text": 1', r"a\.json cannot be read as json: Expecting"),
        ("a.json", b"[" * 100_000, r"a\.json cannot be read as json: maximum recursion depth"),
        ("a.jsonl", b'{"text": 1}\n[1', r"cannot be read as jsonl: record 2|line 2 is no JSON"),
        ("a.jsonl", b'{"text": 1}\n[1]', r"record 2 is no object: '\[1\]'"),
        ("a.jsonl", b'{"text": [1], "label": 1}', r"a\.jsonl, row 1: the text is a list"),
        ("a.jsonl", b'{"text": "x", "label": 0.5}', r"row 1: the label 0\.5 is not a class"),
        ("a.parquet", b"PAR1 no", r"a\.parquet cannot be read as parquet: "),
        ("a.txt", b"x", r"a\.txt is no data file: expected one of \.csv, \.tsv"),
    ],
)
def test_bad_files(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        read_pairs(path, "text", "label")
    assert "\n" not in str(caught.value)


@given(st.data())
def test_damaged_parquet_files(tmp_path_factory, data):
    path = write(tmp_path_factory.mktemp("parquet") / "data.parquet")
    content = bytearray(path.read_bytes())
    position = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        del content[position:]
    else:
        content[position] ^= 255
    path.write_bytes(content)
    with contextlib.suppress(ValueError):
        read_pairs(path, "text", "label")


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"data\.parquet"):
        read_pairs(tmp_path / "data.parquet", "text", "label")


def test_folder_without_data(tmp_path):
    with pytest.raises(ValueError, match=r"holds no file of \.csv, \.tsv"):
        read_pairs(tmp_path, "text", "label")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32"])
@pytest.mark.parametrize("name", ["data.csv", "data.jsonl"])
def test_a_byte_order_mark_is_believed(tmp_path, encoding, name):
    path = tmp_path / name
    content = {"data.csv": "text,label\ncafé,1\n", "data.jsonl": '{"text": "café", "label": "1"}'}
    path.write_bytes(content[name].encode(encoding))
    assert read_pairs(path, "text", "label")[0] == {"all": [("café", "1")]}


def test_windows_1252(tmp_path):
    path = tmp_path / "data.csv"
    path.write_bytes(b"text,label\n\x93so\x94 \x96 \x80,1\n")
    with pytest.warns(UserWarning, match="Windows-1252") as notes:
        assert read_pairs(path, "text", "label")[0] == {"all": [("“so” – €", "1")]}
    assert len(notes) == 1


@pytest.mark.parametrize(
    "content", [b"text,label\na\0b,1\n", "text,label\na,1\n".encode("utf-16-le")]
)
def test_nul_bytes_are_no_text(tmp_path, content):
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"data\.csv.* found a NUL byte"):
        read_pairs(path, "text", "label")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("data.csv", "text,label,text\na,1,b\n"),
        ("data.csv", '\ntext,label,"text"\na,1,b\n'),
        ("data.tsv", "text\tlabel\ttext\na\t1\tb\n"),
        ("data.jsonl", '{"text": "a", "label": "1", "text": "b"}'),
        ("data.json", '[{"text": "a", "label": "1", "text": "b"}]'),
    ],
)
def test_two_columns_of_one_name_are_refused(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    with pytest.raises(ValueError, match="two of its columns have the name 'text'"):
        read_pairs(tmp_path / name, "text", "label")


def test_two_columns_of_one_name_in_parquet_are_refused(tmp_path):
    """pandas cannot write them, other programs can."""
    path = tmp_path / "data.parquet"
    columns = [pyarrow.array(values) for values in (["a"], ["1"], ["b"])]
    pq.write_table(pyarrow.table(columns, names=["text", "label", "text"]), path)
    why = r"data\.parquet cannot be read as parquet: two of its columns have the name 'text'"
    with pytest.raises(ValueError, match=why):
        read_pairs(path, "text", "label")


def test_columns_without_a_name_may_be_several(tmp_path):
    (tmp_path / "data.csv").write_text("text,label,,\na,1,,\n")
    assert read_pairs(tmp_path / "data.csv", "text", "label")[0] == {"all": [("a", "1")]}


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("eng.testa", "validation"),
        ("eng.testb", "test"),
        ("train-00000-of-00002.parquet", "train"),
        ("wnut17_emerging.dev.conll", "validation"),
        ("train_and_test.csv", "train"),
        ("notes_of_train_and_test.csv", None),
        ("readme.md", None),
    ],
)
def test_the_name_of_a_file_tells_its_part(name: str, part: str | None) -> None:
    assert part_of_file(name) == part
