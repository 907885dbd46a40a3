"""Readers of the published forms, on small files."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.tasks.text_classification import readers


def pairs(rows):
    """Return the text and the label of each row, which has nothing else."""
    assert all(set(row) == {"text", "label"} for row in rows)
    return [(row["text"], row["label"]) for row in rows]


LABELS = {"0": "negative", "1": "positive"}


def test_lines(tmp_path):
    path = tmp_path / "lines"
    # CRLF, latin-1 beside UTF-8, a separator of Unicode that is no line end, no last line end.
    path.write_bytes(b"one\r\ncaf\xe9\n" + "café\u2028\x85\rx".encode() + b"\n\nlast\x94")
    with pytest.warns(UserWarning, match=r"^lines, line 2 \(and 1 more\) is not UTF-8 and") as told:
        assert readers.read_lines(path) == ["one", "café", "café\u2028\x85\rx", "", "last”"]
    assert len(told) == 1
    packed = tmp_path / "lines.gz"
    packed.write_bytes(gzip.compress(b"one\ntwo\n"))
    assert readers.read_lines(packed) == ["one", "two"]


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", codec="utf-8"))))
def test_lines_come_back(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("lines") / "lines"
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())
    assert readers.read_lines(path) == lines


def test_labelled_lines(tmp_path):
    (tmp_path / "a").write_text('0 a bad film .\n1 "good" \n0\n')
    found = readers.read_labelled_lines(tmp_path, {"train": "a"}, LABELS)
    expected = [("a bad film .", "negative"), ('"good"', "positive"), ("", "negative")]
    assert list(found) == ["train"]
    assert pairs(found["train"]) == expected
    (tmp_path / "b").write_bytes(b"1\tgood\tfilm\r\n")
    found = readers.read_labelled_lines(tmp_path, {"all": "b"}, LABELS, "\t")
    assert pairs(found["all"]) == [("good\tfilm", "positive")]
    (tmp_path / "c").write_text("0 a\n2 b\n")
    with pytest.raises(ValueError, match=r"c, line 2: it begins with '2', where one of .* 0, 1"):
        readers.read_labelled_lines(tmp_path, {"all": "c"}, LABELS)


def test_csv(tmp_path):
    (tmp_path / "a.csv").write_text('label,review\n1,"好, ""好"""\n0,NA\n0,\n', encoding="utf-8")
    rows = readers.read_labelled_csv(tmp_path, "a.csv", LABELS)["all"]
    assert pairs(rows) == [('好, "好"', "positive"), ("NA", "negative"), ("", "negative")]
    (tmp_path / "b.csv").write_text('"1","Title","Body, long"\n"0","T","B"\n')
    rows = readers.read_ag_news(tmp_path, "b.csv", LABELS)["all"]
    assert pairs(rows) == [("Title Body, long", "positive"), ("T B", "negative")]
    (tmp_path / "c.csv").write_text("label,review\n7,x\n")
    with pytest.raises(ValueError, match=r"c\.csv has the label '7', where one of 0, 1"):
        readers.read_labelled_csv(tmp_path, "c.csv", LABELS)
    (tmp_path / "d.csv").write_text("label\n7\n")
    with pytest.raises(ValueError, match=r"d\.csv has 1 column, where label, text are expected"):
        readers.read_labelled_csv(tmp_path, "d.csv", LABELS)
    (tmp_path / "e.csv").write_text("1,a,b\n1,a,b,c\n")
    with pytest.raises(ValueError, match=r"e\.csv cannot be read as CSV: .*Expected 3 fields"):
        readers.read_ag_news(tmp_path, "e.csv", LABELS)


def test_orange_tables(tmp_path):
    (tmp_path / "a.tab").write_text(
        "Category\tText\nd\tstring\nclass\t\n\nx\tone two\n\ny\tthree\n"
    )
    rows = readers.read_orange_tables(tmp_path, {"train": "a.tab"})["train"]
    assert pairs(rows) == [("one two", "x"), ("three", "y")]


def test_movie_snippets(tmp_path):
    (tmp_path / "a").write_text("1\t2.5\tGood\n2\t-0.1\tBad\n3\t0.0\tNeither\n")
    rows = readers.read_movie_snippets(tmp_path, "a")["all"]
    assert pairs(rows) == [("Good", "positive"), ("Bad", "negative")]
    for line in ("3\tmany\tx", "3\t1.0", ""):
        (tmp_path / "b").write_text(f"1\t2.5\tGood\n{line}\n")
        with pytest.raises(ValueError, match="b, line 2: expected an id, a rating and a text"):
            readers.read_movie_snippets(tmp_path, "b")


def test_mails(tmp_path):
    for name, content in {"in/2.txt": "two", "in/1.txt": "one", "out/1.txt": "x"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"Subject: {content}\n\nbody")
    rows = readers.read_mails(tmp_path, {"in": "ham", "out": "spam"})["all"]
    assert pairs(rows) == [("one\n\nbody", "ham"), ("two\n\nbody", "ham"), ("x\n\nbody", "spam")]


def test_chinese_reviews(tmp_path):
    (tmp_path / "neg.txt").write_text("坏\n\n 很坏 \n", encoding="utf-8")
    (tmp_path / "pos.txt").write_text("好\n", encoding="utf-8")
    files = {"neg.txt": "negative", "pos.txt": "positive"}
    rows = readers.read_chinese_reviews(tmp_path, files)["all"]
    assert pairs(rows) == [("坏", "negative"), ("很坏", "negative"), ("好", "positive")]
