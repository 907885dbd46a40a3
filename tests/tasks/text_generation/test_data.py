"""Texts by name, from files and folders: their documents and parts."""

import gzip
from pathlib import Path

import pytest

from hf_recurrent.tasks.text_generation import data, named
from hf_recurrent.tasks.text_generation.data import load_texts
from hf_recurrent.tasks.text_generation.documents import articles, chapters, in_order, passages

ARTICLES = " \n = A = \n \n One . \n = = Part = = \n Two . \n \n = B C = \n Three <unk> . \n"


def texts_of(parts) -> dict[str, list[str]]:
    return {part: rows["text"][:] for part, rows in parts.items()}


def test_articles_begin_with_their_titles() -> None:
    first, second = articles(ARTICLES)
    assert first.startswith(" = A = \n") and first.endswith("Two . \n \n")  # noqa: PT018
    assert second == " = B C = \n Three <unk> . \n"


def test_chapters_leave_out_the_licence_and_the_contents() -> None:
    mark = "*** {} OF THIS PROJECT GUTENBERG EBOOK A ***\n"
    long = "Well, prince. " * 20
    contents = "    CHAPTER I\n\n    CHAPTER II\n\n"
    book = f"{contents}\n\nCHAPTER I\n\n{long}\n\nCHAPTER II\n\n{long}2"
    found = chapters(f"Licence\n{mark.format('START')}{book}\n{mark.format('END')}Licence")
    assert [chapter.strip() for chapter in found] == [long.strip(), f"{long}2"]


@pytest.mark.parametrize("text", ["line of text\n" * 40, "word " * 80, "x" * 333, "", "ab\n" * 7])
def test_passages_are_the_text_cut_at_lines_or_spaces(text: str) -> None:
    found = [*passages(text, 50)]
    assert "".join(found) == text
    assert all(0 < len(passage) <= 50 for passage in found)
    for passage in found[:-1]:
        assert passage[-1] == ("\n" if "\n" in text else " " if " " in text else "x")


def test_one_text_is_cut_in_its_order() -> None:
    text = "".join(f"line {i}\n" for i in range(1000))
    parts = in_order(text)
    joined = {part: "".join(row["text"] for row in rows) for part, rows in parts.items()}
    assert "".join(joined.values()) == text
    assert [len(rows) for rows in parts.values()] == [1, 1, 1]
    assert len(joined["test"]) == pytest.approx(0.05 * len(text), abs=10)
    assert joined["test"].startswith("line ")
    with pytest.raises(ValueError, match="has 3 characters, too few to cut it 90/5/5"):
        in_order("abc")


def test_a_file_and_a_folder_of_parts(tmp_path: Path) -> None:
    text = "Ünder the <unk> sky .\r\n" * 1000
    file = tmp_path / "a.txt.gz"
    file.write_bytes(gzip.compress(text.encode()))
    parts = load_texts(file)
    assert "".join(t for texts in texts_of(parts).values() for t in texts) == text.replace("\r", "")
    assert set(parts["test"]["tokenizer_kind"]) == {"whitespace"}
    folder = tmp_path / "parts"
    folder.mkdir()
    for part, size in (("train", 3), ("valid", 900), ("test", 1)):
        (folder / f"{part}.txt").write_text("A plain line.\n" * size, encoding="utf-8")
    parts = load_texts(folder)
    assert {part: len(rows) for part, rows in parts.items()} == (
        {"train": 1, "validation": 2, "test": 1}
    )
    assert set(parts["train"]["tokenizer_kind"]) == {"bpe"}
    assert load_texts(folder, tokenizer="bytes")["train"]["tokenizer_kind"][0] == "bytes"
    (folder / "valid.txt").write_text(" \n")
    with pytest.raises(ValueError, match="its part 'validation' has no text"):
        load_texts(folder)


def test_a_folder_of_documents(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number:02}.txt").write_text(f"Document {number}.")
    parts = texts_of(load_texts(tmp_path))
    assert parts["validation"] == ["Document 8.", "Document 18."]
    assert parts["test"] == ["Document 9.", "Document 19."]
    for number in range(10):
        (tmp_path / f"{number:02}.txt").unlink()
    (tmp_path / "10.txt").unlink()
    with pytest.raises(ValueError, match="has 9 files and none of a part"):
        load_texts(tmp_path)


def test_named_texts_of_a_folder(tmp_path: Path) -> None:
    for file in ("wiki.train.tokens", "wiki.valid.tokens", "wiki.test.tokens"):
        (tmp_path / file).write_text(ARTICLES)
    parts = load_texts("wikitext-2", data_dir=tmp_path)
    assert texts_of(parts)["train"] == articles(ARTICLES)
    assert parts["train"]["tokenizer_kind"][0] == "whitespace"
    assert parts["train"].info.license == "CC BY-SA 3.0"
    for year in range(1790, 1810):
        (tmp_path / f"{year}_a_president_n.txt").write_text(f"Gentlemen of {year}")
    read = named._read_addresses(tmp_path)
    assert [row["text"] for row in read["test"]] == ["Gentlemen of 1799", "Gentlemen of 1809"]


def test_rows_of_the_hub_are_documents_and_lines_of_wikitext(monkeypatch) -> None:
    lines = [{"text": line} for line in ARTICLES.split("\n")]
    monkeypatch.setattr(
        data,
        "load_hub_rows",
        lambda hub, *names: data.Loaded({"train": lines, "validation": lines}),
    )
    parts = data._from_hub(data.HubSource("Salesforce/wikitext")).splits
    assert [row["text"].rstrip() for row in parts["train"]] == (
        [article.rstrip() for article in articles(ARTICLES)]
    )
    assert [row["text"] for row in data._from_hub(data.HubSource("a/b")).splits["train"]] == (
        [line for line in ARTICLES.split("\n") if line.strip()]
    )


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("state-of-the-union", {"tokenizer": "letters"}, "tokenizer is 'letters', expected one of"),
        ("state-of-the-union", {"text_column": "a"}, "The columns of 'state-of-the-union' are kno"),
        (__file__, {"config": "a"}, "text_column and config are for data sets of the Hub"),
        ("state-of-the-onion", {}, "did you mean|Did you mean 'state-of-the-union'"),
    ],
)
def test_wrong_options_are_refused(name: str, options: dict[str, str], message: str) -> None:
    with pytest.raises((ValueError, OSError), match=message):
        load_texts(name, **options)
