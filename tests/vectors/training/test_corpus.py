"""Corpora from files, data sets, texts and lists, each read again and again."""

import bz2
import codecs
import gzip
import json
import lzma
import warnings
from collections.abc import Iterator

import datasets
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hf_recurrent.vectors import tokenizer_from_texts
from hf_recurrent.vectors._preparation import Preparation
from hf_recurrent.vectors.training import corpus as corpus_module
from hf_recurrent.vectors.training import make_corpus, open_corpus, sources
from hf_recurrent.vectors.training.corpus import TextLines

TEXTS = ["The film wasn't bad.", "", "It’s 我们 😀 NOT bad"]
WORDS = [["the", "film", "was", "n't", "bad", "."], [], ["it", "'s", "我们", "😀", "not", "bad"]]


def read_twice(corpus) -> list[list[str]]:
    first, second = list(corpus), list(corpus)
    assert first == second
    return first


def stream(texts: list) -> datasets.IterableDataset:
    def rows() -> Iterator[dict]:
        yield from ({"text": text, "label": 1} for text in texts)

    return datasets.IterableDataset.from_generator(rows)


def test_every_source_gives_the_same_words(tmp_path):
    file = tmp_path / "text.txt"
    file.write_text("\n".join(TEXTS) + "\n", encoding="utf-8")
    packed = tmp_path / "text.txt.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    table = datasets.Dataset.from_dict({"body": TEXTS, "text": ["x"] * 3})
    for corpus in (
        make_corpus(TEXTS),
        make_corpus(file),
        make_corpus(str(packed)),
        make_corpus(table, column="body"),
        make_corpus(table["body"]),
        make_corpus(stream(TEXTS)),
        make_corpus(WORDS),
        make_corpus(make_corpus(TEXTS)),
    ):
        assert read_twice(corpus) == WORDS
    assert make_corpus(file).name == "text.txt"
    assert make_corpus(TEXTS, name="mine").name == "mine"
    assert make_corpus(TEXTS).preparation == "lower case, words by 'ptb'"
    assert make_corpus(WORDS).preparation is None


def test_columns_of_words_and_missing_texts():
    table = datasets.Dataset.from_dict(
        {"tokens": [["A", "b c"], [], ["d"]], "text": ["x", None, "y"]}
    )
    assert read_twice(make_corpus(table, column="tokens")) == [["A", "b c"], [], ["d"]]
    assert read_twice(make_corpus(table)) == [["x"], [], ["y"]]
    table = datasets.Dataset.from_dict({"tokens": [None, ["A", "b c"], None]})
    assert [list(words) for words in make_corpus(table, column="tokens")] == [[], ["A", "b c"], []]


@pytest.mark.parametrize("name", ["ptb", "googlenews", "chinese", "whitespace"])
@pytest.mark.parametrize("lowercase", [True, False])
@settings(max_examples=40)
@given(text=st.text(st.sampled_from("aB1.’'n t我é😀İΣ\u00a0-") | st.characters(codec="utf-8")))
def test_words_are_those_of_the_tokenizer(name, lowercase, text):
    """The short cuts for ASCII and for white space give what the tokenizer's own steps give."""
    words = Preparation(name, lowercase).cutter()(text)
    tokenizer = tokenizer_from_texts(["a"], pre_tokenizer=name, lowercase=lowercase)
    backend = tokenizer.backend_tokenizer
    if name == "chinese":  # it finds longer words by a model, which here has none
        normalized = backend.normalizer.normalize_str(text)
        assert "".join("".join(words).split()) == "".join(normalized.split())
        assert all(len(word) == 1 for word in words if "\u4e00" <= word[0] <= "\u9fff")
        return
    cut = backend.pre_tokenizer.pre_tokenize_str(backend.normalizer.normalize_str(text))
    expected = [word for word, _ in cut]
    if name == "whitespace":  # Python counts U+001C to U+001F among white space
        expected = " ".join(expected).split()
    assert words == expected


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ((text for text in TEXTS), {}, "is a generator, which can be read only once"),
        (iter([["a"]]), {}, "which can be read only once"),
        (3, {}, "The corpus is a int, expected texts or a file"),
        ([3, 4], {}, "The first item of the corpus is a int, expected a text or a list of words"),
        (TEXTS, {"column": "text"}, "column is for data sets"),
        (TEXTS, {"pre_tokenizer": "moses"}, "pre_tokenizer must be one of"),
    ],
)
def test_bad_sources(source, options, message):
    with pytest.raises(ValueError, match=message):
        make_corpus(source, **options)


def test_bad_files_and_columns(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no text file .*nothing\.txt here"):
        make_corpus(tmp_path / "nothing.txt")
    table = datasets.Dataset.from_dict({"text": ["a"], "label": [3]})
    for bad in (table, stream(TEXTS)):
        with pytest.raises(ValueError, match="has no column 'body'; it has text, label"):
            list(make_corpus(bad, column="body"))
    with pytest.raises(ValueError, match="Row 1 of the column 'label' is 3, expected a text"):
        list(make_corpus(table, column="label"))
    with pytest.raises(ValueError, match="A text of the corpus is 7, expected a string"):
        list(make_corpus(["a", 7]))
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(b"some text\n" * 1000)[:-20])
    with pytest.raises(ValueError, match=r"cut.gz: the gzip file is damaged or cut off"):
        list(TextLines(cut))


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("utf16.txt", lambda text: text.encode("utf-16")),
        ("big-endian", lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be")),
        ("utf8.txt", lambda text: codecs.BOM_UTF8 + text.encode()),
        ("dump.bz2", lambda text: bz2.compress(text.encode())),
        ("text.xz", lambda text: lzma.compress(text.encode())),
        ("text.GZ", lambda text: gzip.compress(text.encode())),
        ("text.txt", lambda text: gzip.compress(text.encode("utf-16"))),
        ("not-packed.gz", str.encode),
    ],
)
def test_files_are_read_as_what_they_are(tmp_path, name, pack):
    path = tmp_path / name
    path.write_bytes(pack("\n".join(TEXTS)))
    assert read_twice(make_corpus(path)) == WORDS
    assert read_twice(open_corpus(path)) == WORDS


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("plain".encode("utf-16-le"), "line 1: found a NUL byte, so the file is no text"),
        (b"two\nlines\0\n", "line 2: found a NUL byte"),
        (gzip.compress(b"\x93\0\x12", mtime=0), "line 1: found a NUL byte"),
        (b"PK\x03\x04 docx", r"compressed \(zip\); unpack it first"),
        (b"\x28\xb5\x2f\xfd zstd", r"compressed \(zstd\); unpack it first"),
    ],
)
def test_files_that_are_no_text(tmp_path, content, why):
    path = tmp_path / "corpus.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=why) as caught:
        list(make_corpus(path))
    assert str(path) in str(caught.value)


def test_lines_of_windows_are_told_once(tmp_path):
    path = tmp_path / "windows.txt"
    path.write_bytes("plain\nna\u00efve\n\u201cquoted\u201d\n".encode("cp1252"))
    corpus = make_corpus(path, pre_tokenizer="whitespace")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert read_twice(corpus) == [["plain"], ["na\u00efve"], ["\u201cquoted\u201d"]]
    assert [str(warning.message) for warning in told] == [
        f"{path}, line 2 (the first of its kind) is not UTF-8 and is read as Windows-1252 (cp1252)."
    ]


def test_lone_surrogates_of_a_text_are_replaced():
    assert read_twice(make_corpus(["a \ud83d b"], pre_tokenizer="whitespace")) == [["a", "?", "b"]]


def test_lines_without_end_and_foreign_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(corpus_module, "_LINE_BYTES", 16)
    path = tmp_path / "one-line.txt"
    words = [f"word{number}" for number in range(200)]
    path.write_bytes(" ".join(words).encode() + b"\ncaf\xe9\r\n" + "é".encode())
    with pytest.warns(UserWarning, match=r"one-line.txt, line 2 .* is read as Windows-1252"):
        lines = list(TextLines(path))
    assert " ".join(lines).split() == [*words, "café", "é"]
    assert max(map(len, lines)) < 32
    path.write_bytes(b"x" * 400)
    with pytest.raises(ValueError, match=r"one-line.txt, line 1: it has \d+ bytes without white"):
        list(TextLines(path))


def test_named_corpora(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "BrownSentences", lambda: [["The", "jury"], ["said", "``"]])
    assert read_twice(open_corpus("brown")) == [["the", "jury"], ["said", "``"]]
    assert read_twice(open_corpus("brown", lowercase=False))[0] == ["The", "jury"]
    parts = {"train": datasets.Dataset.from_dict({"text": TEXTS})}
    monkeypatch.setattr(sources, "load_text_dataset", lambda name, data_dir: parts)
    assert read_twice(open_corpus("20-newsgroups")) == WORDS
    assert read_twice(open_corpus("chinese-reviews"))[2][3:5] == ["我", "们"]
    assert open_corpus("20-newsgroups").name == "20-newsgroups, training part"


def test_tables(tmp_path):
    comma = tmp_path / "texts.csv"
    comma.write_text('body,stars\n"The film wasn\'t bad.",3\n,\nIt’s 我们 😀 NOT bad,1\n', "utf-8")
    tab = tmp_path / "texts.tsv"
    tab.write_text('body\tstars\nThe film "wasn\'t" bad.\t3\n', "utf-8")
    lines = tmp_path / "texts.jsonl"
    lines.write_text("\n".join(json.dumps({"body": text}) for text in TEXTS), "utf-8")
    for path in (comma, lines):
        assert read_twice(open_corpus(path, text_column="body")) == WORDS
    assert read_twice(open_corpus(tab, text_column="body"))[0][2:5] == ['"', "was", "n't"]
    with pytest.raises(ValueError, match=r"texts.csv: The data set has no column 'text'"):
        list(open_corpus(comma))
    (tmp_path / "plain.txt").write_text("a b\n")
    assert make_corpus(list(open_corpus(tmp_path / "plain.txt"))).form is None


def test_tables_are_told_by_their_mark_and_their_last_suffixes(tmp_path):
    text = "label,text\n1,The film wasn't bad.\n2,\n3,It’s 我们 😀 NOT bad\n"
    packed = {".bz2": bz2.compress, ".xz": lzma.compress, ".gz": gzip.compress}
    for name, content in (
        ("a.CSV", text.encode()),
        ("a.csv", text.encode("utf-16")),
        ("a.tsv", text.replace(",", "\t").encode("utf-16")),
        *((f"a.csv{suffix}", pack(text.encode())) for suffix, pack in packed.items()),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        assert read_twice(open_corpus(path)) == WORDS, name
    (tmp_path / "nul.csv").write_bytes(b"text\nfine\na\0b\n")
    with pytest.raises(ValueError, match=r"nul.csv: found a NUL byte"):
        open_corpus(tmp_path / "nul.csv")
    (tmp_path / "nul.jsonl").write_text('{"text": "fine"}\n{"text": "a\\u0000b"}\n')
    with pytest.raises(ValueError, match="Row 2 of the column 'text' has a NUL character"):
        list(open_corpus(tmp_path / "nul.jsonl"))


def test_hub_data_sets_are_streamed(monkeypatch):
    calls = []

    def load(*arguments, **options):
        calls.append((arguments, options))
        return stream(TEXTS)

    monkeypatch.setattr(sources.datasets, "load_dataset", load)
    assert read_twice(open_corpus("owner/data", split="validation", config="en")) == WORDS
    options = {"split": "validation", "streaming": True}
    assert calls == [(("owner/data", "en"), options)]

    def fails(*arguments, **options):
        raise ConnectionError("Couldn't reach the Hub.\nlong\ntrace")

    monkeypatch.setattr(sources.datasets, "load_dataset", fails)
    with pytest.raises(
        OSError, match=r"'owner/data' could not be opened: Couldn't reach the Hub\.$"
    ):
        open_corpus("owner/data")


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("no-such", {}, "'no-such' is neither a file nor a data set of the Hub"),
        ("brown", {"text_column": "text"}, "'brown' holds sentences of words: a text column"),
        ("brown", {"pre_tokenizer": "ptb"}, "The words of 'brown' are cut already"),
        ("20-newsgroups", {"config": "en"}, "'20-newsgroups' holds texts whose column is known"),
    ],
)
def test_bad_names(name, options, message):
    with pytest.raises((ValueError, OSError), match=message):
        open_corpus(name, **options)
