"""Every format gives back what was saved in it, and refuses what it cannot hold."""

import struct
import warnings
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hf_recurrent.vectors import load_vectors, save_vectors
from hf_recurrent.vectors.formats import FORMATS
from hf_recurrent.vectors.formats._row_writer import replace_start

from ..files import assert_same
from .samples import TOKENIZED, WORDS, plain_vectors, subword_vectors
from .test_text import word_ok, words_ok

HALF = ["numpy", "static-embedding", "sentence-transformers", "model2vec", "gensim"]


def vectors_of(words: list[str], matrix: np.ndarray) -> KeyedVectors:
    vectors = KeyedVectors(matrix.shape[1])
    vectors.add_vectors(words, matrix)
    return vectors


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_saved_comes_back(tmp_path: Path, format: str) -> None:
    words = [*WORDS, "<unk>", "tab\tbed", "\u00a0", "a\rb"]
    vectors = plain_vectors(words)
    with warnings.catch_warnings(action="error"):
        if format in TOKENIZED:  # white space within a word, or as one
            with pytest.warns(UserWarning, match="3 of the 13 words are out of reach of any text"):
                save_vectors(vectors, tmp_path / "x", format)
        else:
            save_vectors(vectors, tmp_path / "x", format)
        found = load_vectors(tmp_path / "x", allow_pickle=True)
    assert_same(found, words, vectors.vectors)
    part = load_vectors(tmp_path / "x", allow_pickle=True, limit=2, vocabulary=words[1:])
    assert_same(part, words[1:3], vectors.vectors[1:3])


@pytest.mark.parametrize("format", HALF)
def test_half_precision_is_kept_on_disk_and_in_memory(tmp_path: Path, format: str) -> None:
    vectors = plain_vectors([f"word{row}" for row in range(3000)])
    save_vectors(vectors, tmp_path / "whole", format)
    save_vectors(vectors, tmp_path / "half", format, dtype="float16")
    found = load_vectors(tmp_path / "half", allow_pickle=True, dtype="float16")
    assert found.vectors.dtype == np.float16
    assert np.array_equal(found.vectors, vectors.vectors.astype(np.float16))
    wide = load_vectors(tmp_path / "half", allow_pickle=True)
    assert_same(wide, vectors.index_to_key, vectors.vectors.astype(np.float16).astype(np.float32))
    sizes = [
        sum(file.stat().st_size for file in [path, *path.rglob("*")] if file.is_file())
        for path in (tmp_path / "whole", tmp_path / "half")
    ]
    assert sizes[0] - sizes[1] > 3000 * 3 * 1.9
    # Its own type is kept where none is asked for.
    save_vectors(found, tmp_path / "again", format)
    again = load_vectors(tmp_path / "again", allow_pickle=True, dtype="float16")
    assert np.array_equal(again.vectors, found.vectors)


@pytest.mark.parametrize("format", sorted(set(FORMATS) - set(HALF)))
def test_other_formats_refuse_half_precision_and_widen_it(tmp_path: Path, format: str) -> None:
    vectors = plain_vectors()
    with pytest.raises(ValueError, match=f"{format} holds float32 only"):
        save_vectors(vectors, tmp_path / "x", format, dtype="float16")
    vectors.vectors = vectors.vectors.astype(np.float16)
    save_vectors(vectors, tmp_path / "x", format)
    assert np.array_equal(load_vectors(tmp_path / "x").vectors, vectors.vectors.astype(np.float32))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\n\0"), max_size=5).filter(
            word_ok
        ),
        min_size=1,
        max_size=9,
        unique=True,
    ).filter(words_ok),
    numbers=st.lists(
        st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=2, max_size=18
    ),
    format=st.sampled_from(["glove", "word2vec"]),
)
def test_text_gives_back_the_very_numbers(tmp_path, words, numbers, format):
    words = [word.lstrip("\ufeff") if not row else word for row, word in enumerate(words)]
    words = list(dict.fromkeys(words))
    matrix = np.resize(np.array(numbers, dtype=np.float32), (len(words), 2))
    with warnings.catch_warnings(action="ignore"):
        save_vectors(vectors_of(words, matrix), tmp_path / "x", format)
        assert_same(load_vectors(tmp_path / "x", format), words, matrix)


def test_gensim_reads_text_and_binary(tmp_path: Path) -> None:
    vectors = plain_vectors()
    for format, options in (
        ("glove", {"no_header": True}),
        ("word2vec", {}),
        ("word2vec-binary", {"binary": True}),
    ):
        save_vectors(vectors, tmp_path / "x", format)
        found = KeyedVectors.load_word2vec_format(str(tmp_path / "x"), **options)
        assert_same(found, WORDS, vectors.vectors)


REFUSED = [
    ("a b", {"word2vec-binary"}),
    ("a 1", {"glove", "word2vec-binary"}),
    ("a, 1, b", {"glove", "word2vec-binary"}),
    ("a\t1", {"glove", "word2vec"}),
    (" a", {"glove", "word2vec", "word2vec-binary"}),
    ("a\t", {"glove", "word2vec"}),
    ("a\x01b", {"word2vec-binary"}),
    ("a\nb", {"glove", "word2vec", "word2vec-binary", "numpy"}),
    ("a\0b", {"glove", "word2vec", "word2vec-binary", "fasttext"}),
    ("a\r", {"numpy"}),
    ("\ufeffa", {"glove", "numpy"}),
    ("a\ud800", set(FORMATS) - {"gensim"}),
]


@pytest.mark.parametrize(("word", "formats"), REFUSED, ids=[ascii(word) for word, _ in REFUSED])
def test_words_that_a_format_cannot_hold(tmp_path: Path, word: str, formats: set[str]) -> None:
    vectors = plain_vectors([word, "plain"])
    for format in FORMATS:
        path = tmp_path / format
        if format in formats:
            with pytest.raises(ValueError, match="word ") as error:
                save_vectors(vectors, path, format)
            assert repr(word) in str(error.value)
            assert str(path) in str(error.value)
            assert not path.exists()
        elif word != "a\ud800":
            with warnings.catch_warnings(action="ignore"):
                save_vectors(vectors, path, format)
            assert_same(load_vectors(path, allow_pickle=True), [word, "plain"], vectors.vectors)


def test_words_with_spaces_are_counted(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match=r"2 words hold spaces \(the first: '\. \. \.'\)") as found:
        save_vectors(plain_vectors([". . .", "x", "at y"]), tmp_path / "x", "glove")
    assert found[0].filename == __file__
    assert load_vectors(tmp_path / "x").index_to_key == [". . .", "x", "at y"]


@pytest.mark.parametrize("format", sorted(set(FORMATS) - {"fasttext", "gensim"}))
def test_lost_ngrams_are_said(tmp_path: Path, format: str) -> None:
    vectors = subword_vectors()
    with pytest.warns(UserWarning, match="the vectors of n-grams, which unseen words get"):
        save_vectors(vectors, tmp_path / "x", format)
    assert_same(load_vectors(tmp_path / "x"), WORDS, vectors.vectors)


@pytest.mark.parametrize("format", FORMATS)
def test_bad_vectors_are_refused(tmp_path: Path, format: str) -> None:
    path = tmp_path / "x"
    vectors = plain_vectors()
    vectors.vectors[4, 1] = np.inf
    with pytest.raises(ValueError, match="NaN or infinity"):
        save_vectors(vectors, path, format)
    with pytest.raises(ValueError, match=r"x: (there are|the file holds) no vectors"):
        save_vectors(KeyedVectors(3), path, format)
    vectors.vectors[4, 1] = 70_000
    if format in HALF:
        with pytest.raises(ValueError, match=r"word '\"': a number is too large for float16"):
            save_vectors(vectors, path, format, dtype="float16")
    assert not path.exists()
    save_vectors(vectors, path, format)
    with pytest.raises(ValueError, match="too large for float16, which holds at most 65504"):
        load_vectors(path, dtype="float16", allow_pickle=True)


def test_wrong_arguments(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"format must be one of glove, .*, not 'auto'"):
        save_vectors(plain_vectors(), tmp_path / "x", "auto")
    with pytest.raises(ValueError, match="dtype must be one of float32, float16, not 'int8'"):
        save_vectors(plain_vectors(), tmp_path / "x", "numpy", dtype="int8")
    save_vectors(plain_vectors(), tmp_path / "x", "glove")
    with pytest.raises(ValueError, match="dtype must be one of"):
        load_vectors(tmp_path / "x", dtype="float64")
    for words in ([], tmp_path / "empty.txt"):
        (tmp_path / "empty.txt").write_text("\n\n")
        with pytest.raises(ValueError, match="vocabulary holds no words"):
            load_vectors(tmp_path / "x", vocabulary=words)
    with pytest.raises(ValueError, match="holds no vectors of the 1 word of the vocabulary"):
        load_vectors(tmp_path / "x", vocabulary=["nowhere"])


@pytest.mark.parametrize("start", [b"", b"12", b"1234", b"123456789"])
@pytest.mark.parametrize("copied", [1, 3, 100])
def test_the_start_of_a_file_is_replaced(tmp_path: Path, monkeypatch, start, copied) -> None:
    monkeypatch.setattr("hf_recurrent.vectors.formats._row_writer._COPIED_BYTES", copied)
    with (tmp_path / "x").open("w+b") as file:
        file.write(b"HEADabcdefgh")
        replace_start(file, 4, start)
    assert (tmp_path / "x").read_bytes() == start + b"abcdefgh"


def test_rows_of_the_binary_form_are_those_of_the_c_program(tmp_path: Path) -> None:
    save_vectors(
        vectors_of(["a", "é"], np.eye(2, dtype=np.float32)), tmp_path / "x", "word2vec-binary"
    )
    one, zero = struct.pack("<f", 1), struct.pack("<f", 0)
    expected = b"2 2\na " + one + zero + b"\n" + "é ".encode() + zero + one + b"\n"
    assert (tmp_path / "x").read_bytes() == expected
