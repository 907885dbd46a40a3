"""Files of lines that begin with their label."""

import pytest

from hf_recurrent.data import load_text_dataset
from hf_recurrent.data.label_lines import read_label_lines
from tests.data.read import read_pairs


def test_lines_of_fasttext_are_known_by_themselves(tmp_path):
    path = tmp_path / "reviews.train"
    path.write_bytes(b"__label__good a  fine film\r\n\n__label__bad\tdull\n__label__bad\n")
    rows = [("a  fine film", "good"), ("dull", "bad"), ("", "bad")]
    assert read_pairs(path, "text", "label") == ({"all": rows}, None)
    (tmp_path / "reviews.test").write_text("__label__good warm\n")
    splits, _ = read_pairs(tmp_path, "text", "label")
    assert splits == {"train": rows, "test": [("warm", "good")]}


def test_other_lines_must_be_told(tmp_path):
    path = tmp_path / "TREC.train.all"
    path.write_bytes("DESC:manner How does a caf\xe9 work ?\n1 Who ?\n".encode("cp1252"))
    with pytest.raises(ValueError, match="is no data file"):
        read_pairs(path, "text", "label")
    with pytest.warns(UserWarning, match="Windows-1252"):
        splits, _ = read_pairs(path, "text", "label", label_lines=True)
    assert splits == {"all": [("How does a café work ?", "DESC:manner"), ("Who ?", "1")]}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("no label", "'no'"),
        ("__label__a __label__b x", "several labels"),
        ("__label__ x", "__label__"),
    ],
)
def test_bad_lines_are_named(tmp_path, line, found):
    path = tmp_path / "a.txt"
    path.write_text(f"__label__a x\n{line}\n")
    with pytest.raises(ValueError, match=rf"a\.txt, line 2: expected one label .*{found}"):
        read_label_lines(path, "text", "label")


def test_a_data_set_is_made_of_them(tmp_path):
    path = tmp_path / "data.txt"
    path.write_text("".join(f"{number % 2} text number {number}\n" for number in range(40)))
    data = load_text_dataset(path, label_lines=True)
    assert data["train"].features["label"].names == ["0", "1"]
    assert data["train"][0]["text"].startswith("text number ")
