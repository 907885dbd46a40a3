import warnings
from dataclasses import replace
from pathlib import Path

import pytest

from hf_recurrent.tasks.token_classification.data import (
    _named,
    has_spans,
    load_tagging_dataset,
    tag_names,
)
from hf_recurrent.tasks.token_classification.named import TAGGING_DATASETS, _base_tag

DATA = Path(__file__).parents[4] / "shared" / "data"
needs_data = pytest.mark.skipif(not (DATA / "tagging").is_dir(), reason="shared data are absent")


def test_a_folder_has_three_parts_and_o_comes_first(names: Path) -> None:
    data = load_tagging_dataset(names)
    assert {part: len(rows) for part, rows in data.items()} == {
        "train": 80,
        "validation": 20,
        "test": 20,
    }
    assert tag_names(data["train"]) == ["O", "B-LOC", "B-PER", "I-LOC"]
    assert has_spans(tag_names(data["train"]))
    assert all(len(row["tokens"]) == len(row["tags"]) for row in data["test"])


def test_a_single_file_is_cut_and_repeated_sentences_stay_together(tmp_path: Path) -> None:
    path = tmp_path / "one.conll"
    path.write_text("\n\n".join(f"w{n % 40} {'AB'[n % 2]}" for n in range(80)) + "\n")
    data = load_tagging_dataset(path)
    assert [len(data[part]) for part in ("train", "validation", "test")] == [64, 8, 8]
    words = [{w for row in rows["tokens"] for w in row} for rows in data.values()]
    assert not words[0] & words[1]
    assert not words[0] & words[2]


def test_columns_are_chosen_by_number(tmp_path: Path) -> None:
    path = tmp_path / "one.conll"
    path.write_text("\n\n".join(f"{n} w{n} {'AB'[n % 2]} x" for n in range(30)) + "\n")
    data = load_tagging_dataset(path, tokens_column="2", tags_column="3")
    assert tag_names(data["train"]) == ["A", "B"]
    with pytest.raises(ValueError, match="tags_column is 'tag': columns of a file have numbers"):
        load_tagging_dataset(path, tags_column="tag")
    with pytest.raises(ValueError, match="line 1: there are 4 columns, expected at least 9"):
        load_tagging_dataset(path, tags_column="9")


def test_doubtful_tags_are_counted_and_told_once(names: Path) -> None:
    test = names / "test.conll"
    test.write_text("x O\ny I-PER\n\nz B-NEW\n\nz B-NEW\n")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        data = load_tagging_dataset(names)
    told = [str(warning.message) for warning in caught]
    assert any(
        "3 tokens of the test part have a tag that the training part lacks" in t for t in told
    )
    assert any("1 tag that no scheme allows" in t for t in told)
    assert "B-NEW" in tag_names(data["train"])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda f: (f / "test.conll").unlink(), "has no file of the part 'test'"),
        (lambda f: (f / "valid.txt").write_text("a O\n"), "two files of the part 'validation'"),
        (lambda f: (f / "dev.conll").write_text("\n"), r"dev\.conll: there is no sentence in it"),
    ],
)
def test_a_folder_that_cannot_be_read_is_one_sentence(names: Path, change, sentence: str) -> None:
    change(names)
    with pytest.raises(ValueError, match=sentence) as caught:
        load_tagging_dataset(names)
    assert "\n" not in str(caught.value)


def test_names_that_are_not_known(names: Path) -> None:
    with pytest.raises(FileNotFoundError, match="Did you mean 'wnut17'"):
        load_tagging_dataset("wnut71")
    with pytest.raises(ValueError, match="columns of 'wnut17' are known"):
        load_tagging_dataset("wnut17", tags_column="2")
    spec = replace(TAGGING_DATASETS["conll2003"], hub=None)
    with pytest.raises(FileNotFoundError, match=r"eng\.train.*name their folder by --data-dir"):
        _named(spec, names)


def test_base_tags_of_the_brown_corpus() -> None:
    tags = ["nn", "nn-tl", "fw-nn-hl", "--", "---hl", "dod*", "pps+hvz", "*", "pp$", "fw-in+nn"]
    wanted = ["nn", "nn", "nn", "--", "--", "dod", "pps", "*", "pp$", "in"]
    assert list(map(_base_tag, tags)) == wanted


@needs_data
@pytest.mark.parametrize(
    ("name", "sizes", "tokens", "tags"),
    [
        ("ud-ewt", (12_544, 2_001, 2_077), (204_577, 25_147, 25_094), 17),
        ("wnut17", (3_394, 1_009, 1_287), (62_730, 15_733, 23_394), 13),
    ],
)
def test_the_published_sets(name: str, sizes, tokens, tags: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = load_tagging_dataset(name, data_dir=DATA)
    assert tuple(map(len, data.values())) == sizes
    assert tuple(sum(map(len, rows["tokens"])) for rows in data.values()) == tokens
    assert len(tag_names(data["train"])) == tags
