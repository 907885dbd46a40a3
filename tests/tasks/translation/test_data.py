"""Sentences with their translations, by name, from files, folders, tables and the Hub."""

import bz2
import gzip
import json
from pathlib import Path

import datasets
import pytest

from hf_recurrent.data import sources
from hf_recurrent.tasks.translation.data import load_pairs, may_be_quoted
from hf_recurrent.tasks.translation.named import in_passages
from hf_recurrent.tasks.translation.readers import read_aligned, rows_of

ENGLISH = [f"Line {number} — a dog." for number in range(20)]
GERMAN = [f"Zeile {number}: ein Hünd." for number in range(20)]


def write(path: Path, lines: list[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def pairs_of(rows: datasets.Dataset) -> list[tuple[str, str]]:
    return [*zip(rows["source_text"], rows["target_text"], strict=True)]


def test_two_text_files_are_cut_into_parts(tmp_path: Path) -> None:
    english, german = write(tmp_path / "a.en", ENGLISH), tmp_path / "a.de.bz2"
    # No line end after the last line, and a line separator that is no line end of a file.
    german.write_bytes(bz2.compress("\r\n".join(GERMAN).replace(":", "\u2028").encode()))
    parts = load_pairs(english, target_file=german)
    assert {part: len(rows) for part, rows in parts.items()} == (
        {"train": 16, "validation": 2, "test": 2}
    )
    found = sorted(pair for rows in parts.values() for pair in pairs_of(rows))
    assert found == sorted(
        zip(ENGLISH, [line.replace(":", "\u2028") for line in GERMAN], strict=True)
    )


def test_options_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    english, german = write(tmp_path / "a.en", ENGLISH), write(tmp_path / "a.de", GERMAN)
    with pytest.raises(ValueError, match=r"source_column is for tables and folders, and .*a\.en"):
        load_pairs(english, target_file=german, source_column="en")
    with pytest.raises(ValueError, match=r"a\.en and target_file are the same file"):
        load_pairs(english, target_file=tmp_path / "." / "a.en")
    with pytest.raises(ValueError, match="source_column and target_column are both 'en'"):
        load_pairs(tmp_path, source_column="en", target_column="en")


def test_lines_of_old_macs(tmp_path: Path) -> None:
    english, german = tmp_path / "a.en", write(tmp_path / "a.de", GERMAN)
    english.write_bytes("".join(f"{line}\r" for line in ENGLISH).encode())
    assert len(read_aligned(english, german)) == 20


def test_lines_that_do_not_belong_together_are_named(tmp_path: Path) -> None:
    english, german = write(tmp_path / "a.en", ENGLISH), write(tmp_path / "a.de", GERMAN[:-1])
    with pytest.raises(ValueError, match=r"a\.en has 20 lines and .*a\.de has 19 lines"):
        read_aligned(english, german)
    write(german, [*GERMAN[:4], " \t", *GERMAN[5:]])
    with pytest.raises(ValueError, match=r"a\.de, line 5 is empty, and the same line of .*a\.en"):
        read_aligned(english, german)
    with pytest.raises(ValueError, match=r"a\.de, line 5 is empty, and the same line of .*a\.en"):
        read_aligned(german, english)
    write(english, [*ENGLISH[:4], "", *ENGLISH[5:]])
    assert len(read_aligned(english, german)) == 19
    assert read_aligned(write(english, [""]), write(german, [""])) == []
    german.write_bytes(b"\x89PNG\r\n\x1a\n\0")
    with pytest.raises(ValueError, match="a PNG picture"):
        read_aligned(english, german)


def test_a_folder_of_aligned_files(tmp_path: Path) -> None:
    for part, some in (
        ("train", slice(0, 12)),
        ("val", slice(12, 16)),
        ("test_2016", slice(16, 20)),
    ):
        write(tmp_path / f"{part}.en", ENGLISH[some])
        content = "".join(f"{line}\n" for line in GERMAN[some])
        (tmp_path / f"{part}.de.gz").write_bytes(gzip.compress(content.encode()))
    (tmp_path / "._train.en").write_bytes(b"\0")  # as programs of Macs leave them
    columns = {"source_column": "de", "target_column": "en"}
    parts = load_pairs(tmp_path, **columns)
    assert pairs_of(parts["validation"]) == [*zip(GERMAN[12:16], ENGLISH[12:16], strict=True)]
    with pytest.raises(ValueError, match=r"end in \.de and \.en: name the ending of the sentences"):
        load_pairs(tmp_path)
    with pytest.raises(ValueError, match=r"target_file is for a text file, and .* is a folder"):
        load_pairs(tmp_path, **columns, target_file="a.de")
    write(tmp_path / "test_2017.en", ENGLISH)
    with pytest.raises(ValueError, match=r"has no file test_2017\.de"):
        load_pairs(tmp_path, **columns)
    write(tmp_path / "test_2017.de", GERMAN)
    with pytest.raises(ValueError, match="test_2017 is a second file of the part 'test'"):
        load_pairs(tmp_path, **columns)


def test_tables_of_two_columns(tmp_path: Path) -> None:
    rows = [{"en": a, "de": b} for a, b in zip(ENGLISH, GERMAN, strict=True)]
    rows += [{"en": "no translation", "de": " "}, rows[0]]
    table = tmp_path / "pairs.jsonl"
    table.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    with pytest.warns(UserWarning, match="1 row without a sentence or without its tr"):
        parts = load_pairs(table, source_column="en", target_column="de")
    assert sum(map(len, parts.values())) == 20
    with pytest.raises(
        ValueError, match=r"no column 'source' .*: name the column by source_column"
    ):
        load_pairs(table)
    # As on the Hub, and as the scripts of transformers want it.
    table.write_text("".join(f"{json.dumps({'translation': row})}\n" for row in rows[:20]))
    parts = load_pairs(table, source_column="de", target_column="en")
    assert sorted(pairs_of(parts["test"]))[0][0] in GERMAN
    with pytest.raises(ValueError, match="row 1: the translations are in 'en', 'de', and not in"):
        load_pairs(table)
    with pytest.raises(ValueError, match=r"a\.txt is no table .*by target_file"):
        load_pairs(write(tmp_path / "a.txt", ENGLISH))


def test_pairs_of_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"en": a, "de": b} for a, b in zip(ENGLISH, GERMAN, strict=True)]
    feature = datasets.Translation(["en", "de"])
    loaded = datasets.Dataset.from_dict(
        {"translation": rows}, features=datasets.Features(translation=feature)
    )
    monkeypatch.setattr(
        sources, "load_hub_parts", lambda hub: datasets.DatasetDict(train=loaded, test=loaded)
    )
    parts = load_pairs("owner/opus", source_column="de", target_column="en", config="de-en")
    assert pairs_of(parts["test"]) == [*zip(GERMAN, ENGLISH, strict=True)]
    with pytest.raises(ValueError, match="the translations are in 'de', 'en', and not in 'source'"):
        load_pairs("owner/opus")


def test_named_pairs_of_a_folder(tmp_path: Path) -> None:
    for part in ("train", "val", "test_2016_flickr"):
        write(tmp_path / f"{part}.en", [f"{part} {line}" for line in ENGLISH])
        write(tmp_path / f"{part}.fr", [f"{part} {line}" for line in GERMAN])
    parts = load_pairs("multi30k-fr-en", data_dir=tmp_path)
    assert pairs_of(parts["test"])[0] == (
        f"test_2016_flickr {GERMAN[0]}",
        f"test_2016_flickr {ENGLISH[0]}",
    )
    assert parts["test"].info.license == "non-commercial research"
    assert not may_be_quoted(parts["test"])
    with pytest.raises(ValueError, match="target_file and config are for files"):
        load_pairs("multi30k-fr-en", data_dir=tmp_path, target_column="de")
    with pytest.raises(OSError, match="Did you mean 'multi30k-fr-en'"):
        load_pairs("multi30k-fr-em", data_dir=tmp_path)


def test_passages_are_whole_in_a_part() -> None:
    rows = rows_of(map(str, range(805)), map(str, range(805)))
    splits = in_passages(rows)
    assert [int(row["source_text"]) for row in splits["test"]] == [
        *range(380, 400),
        *range(780, 800),
    ]
    assert [int(row["source_text"]) for row in splits["validation"][:20]] == [*range(360, 380)]
    assert len(splits["train"]) == 805 - 80
