import warnings
from pathlib import Path

import datasets
import pytest

from hf_recurrent.tasks.token_classification.data import (
    has_spans,
    load_tagging_dataset,
    tag_names,
)
from hf_recurrent.tasks.token_classification.named import _base_tag

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
    assert data["train"].info.description.endswith("from the files of names")
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


def test_columns_of_conllu_have_names(tmp_path: Path) -> None:
    path = tmp_path / "one.conllu"
    lines = (f"1\tw{n}\tl{n}\tU{n % 2}\tX{n % 3}" for n in range(30))
    path.write_text("\n\n".join(lines) + "\n")
    data = load_tagging_dataset(path, tokens_column="lemma", tags_column="xpos")
    assert tag_names(data["train"]) == ["X0", "X1", "X2"]
    assert data["train"][0]["tokens"][0].startswith("l")
    with pytest.raises(ValueError, match=r"tags_column is 'pos': .* or one of id, form, lemma"):
        load_tagging_dataset(path, tags_column="pos")


def test_iob1_is_not_broken(names: Path) -> None:
    for part in ("train", "dev", "test"):
        path = names / f"{part}.conll"
        path.write_text("\n\n".join(["a I-X\nb B-X\nc O"] * 3))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = load_tagging_dataset(names)
    assert tag_names(data["train"]) == ["O", "B-X", "I-X"]


CLASSES = datasets.List(datasets.ClassLabel(names=["O", "B-X"]))


def hub(monkeypatch, tags=CLASSES, tokens=datasets.List(datasets.Value("string")), **parts):  # noqa: B008
    features = datasets.Features(tokens=tokens, ner_tags=tags)
    loaded = {
        part: datasets.Dataset.from_list(
            [{"tokens": words, "ner_tags": own} for words, own in rows], features=features
        )
        for part, rows in parts.items()
    }
    monkeypatch.setattr(datasets, "load_dataset", lambda *a, **k: loaded)


def hub_rows(size: int):
    return [([f"w{n}", "x"], [n % 2, 0]) for n in range(size)]


def hub_of_documents(monkeypatch, **changed) -> None:
    """Let the Hub have sentences with their document and day."""
    columns = {
        "tokens": [[f"w{n}", "x"] for n in range(50)],
        "tags": [["A", "B"]] * 50,
        "document": [f"d{n % 10}" for n in range(50)],
        "day": [f"2024-02-{1 + n // 5:02}" for n in range(50)],
    }
    rows = datasets.Dataset.from_dict(columns | changed)
    monkeypatch.setattr(datasets, "load_dataset", lambda *a, **k: {"train": rows})


def numbers(rows: datasets.Dataset) -> list[int]:
    return [int(tokens[0][1:]) for tokens in rows["tokens"]]


def test_sentences_of_the_hub_are_drawn_by_document_or_by_day(monkeypatch) -> None:
    hub_of_documents(monkeypatch)
    data = load_tagging_dataset("owner/name", group_column="document")
    assert tuple(map(len, data.values())) == (40, 5, 5)
    assert len({n % 10 for n in numbers(data["test"])}) == 1
    assert data["train"].column_names == ["tokens", "tags"]
    assert data["train"].info.description.endswith("; split by the group 'document', seed 42")
    data = load_tagging_dataset("owner/name", time_column="day")
    assert numbers(data["validation"]) == list(range(40, 45))
    assert numbers(data["test"]) == list(range(45, 50))


def test_tags_that_only_look_like_spans_are_told(tmp_path: Path) -> None:
    for tags, told in (
        (["O", "b-A", "i-A"], "'b-A'"),
        (["O", "B_A", "I_A"], "'B_A'"),
        (["O", "A-B", "A-I"], "'A-B'"),
        (["O", "B-A", "S-A", "U-A"], "'B-A'"),
        (["O", "ADJ", "X"], None),
        (["O", "B-A", "I-A"], None),
        (["O", "B", "I"], None),
    ):
        text = "".join(f"w{n} {tag}\n" for n, tag in enumerate(tags))
        for part in ("train", "dev", "test"):
            (tmp_path / f"{part}.conll").write_text(text)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            load_tagging_dataset(tmp_path)
        found = [str(each.message) for each in caught if "look like spans" in str(each.message)]
        assert len(found) == (told is not None)
        assert told is None or f"Tags such as {told} look" in found[0]


def test_files_are_drawn_by_document(tmp_path: Path, names: Path) -> None:
    path = tmp_path / "one.conllu"
    rest = "\t_" * 6
    path.write_text(
        "".join(
            f"{'' if n % 5 else '# newdoc'}\n1\tw{n}\t_\t{'AB'[n % 2]}{rest}\n\n" for n in range(50)
        )
    )
    data = load_tagging_dataset(path, group_column="document")
    assert tuple(map(len, data.values())) == (40, 5, 5)
    for part in ("validation", "test"):
        assert len({n // 5 for n in numbers(data[part])}) == 1
    assert data["train"].column_names == ["tokens", "tags"]
    with warnings.catch_warnings():  # documents of two files are never one
        warnings.simplefilter("error")
        load_tagging_dataset(names, group_column="document")
    with pytest.raises(ValueError, match="and files have no groups but documents: expected 'doc"):
        load_tagging_dataset(names, group_column="doc")
    path.write_text("".join(f"1\tw{n}\t_\tA{rest}\n\n" for n in range(50)))
    with pytest.raises(ValueError, match="are of 1 group, and 3 parts need at least 3"):
        load_tagging_dataset(path, group_column="document")


def test_documents_and_days_that_cannot_be_used(monkeypatch, names: Path) -> None:
    hub_of_documents(monkeypatch, day=[*["2024-02-01"] * 49, None])
    with pytest.raises(ValueError, match=r"\(part 'train'\), row 50: the time is missing"):
        load_tagging_dataset("owner/name", time_column="day")
    with pytest.raises(ValueError, match=r"has no column 'documents' .* Did you mean 'document'"):
        load_tagging_dataset("owner/name", group_column="documents")
    with pytest.raises(ValueError, match="group_column and time_column are both given"):
        load_tagging_dataset("owner/name", group_column="document", time_column="day")
    with pytest.raises(ValueError, match=r"^time_column is for data sets of the Hub, and '.*ames'"):
        load_tagging_dataset(names, time_column="day")
    with pytest.raises(ValueError, match="columns of 'wnut17' are known"):
        load_tagging_dataset("wnut17", group_column="document")


def test_a_file_of_few_sentences_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "one.conll"
    path.write_text("\n\n".join(f"w{n % 9} {'AB'[n % 2]}" for n in range(80)) + "\n")
    with pytest.raises(ValueError, match=r"one\.conll' cannot be used: .* 9 different sentences"):
        load_tagging_dataset(path)


def test_parts_that_the_hub_lacks_are_drawn(monkeypatch) -> None:
    for parts, sizes in (
        ({"train": hub_rows(50)}, (40, 5, 5)),
        ({"train": hub_rows(50), "test": hub_rows(7)}, (45, 5, 7)),
        ({"train": hub_rows(50), "dev": hub_rows(7)}, (45, 5, 7)),
        ({"train": hub_rows(50), "dev": hub_rows(7), "test": hub_rows(9)}, (50, 7, 9)),
    ):
        hub(monkeypatch, **parts)
        data = load_tagging_dataset("owner/name")
        assert tuple(map(len, data.values())) == sizes
        assert list(data) == ["train", "validation", "test"]
        assert tag_names(data["train"]) == ["O", "B-X"]
    hub(monkeypatch, test=hub_rows(20), dev=hub_rows(20))
    with pytest.raises(ValueError, match="'owner/name' cannot be used: There is no part 'train'; "):
        load_tagging_dataset("owner/name")


@pytest.mark.parametrize(
    ("row", "options", "sentence"),
    [
        ((["a"], [-1]), {}, r"\(part 'test'\), row 2: the class -1 is none of the 2"),
        ((["a"], [None]), {}, "row 2: a class is missing"),
        (([None], [0]), {}, "row 2: expected a list of strings, and None is none"),
        ((["a", "b"], [0]), {}, "row 2: expected as many tags as tokens, found 1 and 2"),
        ((["a"], [5]), {"tags": datasets.List(datasets.Value("int64"))}, None),
    ],
)
def test_a_fault_of_the_hub_names_part_and_row(monkeypatch, row, options, sentence) -> None:
    rows = hub_rows(20)
    hub(monkeypatch, **options, train=rows, dev=rows, test=[rows[0], row])
    if sentence is None:
        with pytest.warns(UserWarning, match="a tag that the training part lacks, such as '5'"):
            data = load_tagging_dataset("owner/name")
        assert tag_names(data["train"]) == ["0", "1", "5"]
        return
    with pytest.raises(ValueError, match=sentence):
        load_tagging_dataset("owner/name")


def test_names_that_are_not_known(names: Path) -> None:
    with pytest.raises(FileNotFoundError, match="Did you mean 'wnut17'"):
        load_tagging_dataset("wnut71")
    with pytest.raises(ValueError, match="columns of 'wnut17' are known"):
        load_tagging_dataset("wnut17", tags_column="2")
    with pytest.raises(NotADirectoryError, match=r"data_dir is .*nowhere', which is no folder"):
        load_tagging_dataset("wnut17", data_dir=names / "nowhere")
    with pytest.raises(OSError, match=r"the folder .* lacks \(ud_ewt_train.*\) or \(en_ewt-ud-tr"):
        load_tagging_dataset("ud-ewt", data_dir=names)


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
