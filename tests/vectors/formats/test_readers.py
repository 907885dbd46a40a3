"""Word vectors are read as gensim reads them, and every kind of damage is refused."""

import tracemalloc
import warnings
from unittest import mock

import numpy as np
import pytest
from gensim.models import KeyedVectors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hf_recurrent.vectors import load_vectors

from ..files import GLOVE, MATRIX, assert_same, binary_file, make_vectors, write


@pytest.mark.parametrize("binary", [False, True])
def test_reads_what_gensim_writes(tmp_path, binary):
    vectors = KeyedVectors(4)
    words = [f"w{i}" for i in range(50)] + ["我们", "😀"]
    vectors.add_vectors(words, np.random.default_rng(0).normal(size=(52, 4)).astype(np.float32))
    path = tmp_path / "vectors"
    vectors.save_word2vec_format(str(path), binary=binary)
    found = load_vectors(path)
    assert_same(found, words, vectors.vectors)
    assert found.most_similar("w1")[0] == vectors.most_similar("w1")[0]
    assert_same(load_vectors(path, limit=7), words[:7], vectors.vectors[:7])
    assert_same(load_vectors(path, limit=1000), words, vectors.vectors)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(
        st.text(
            st.characters(codec="utf-8", exclude_characters=" \n", exclude_categories=["Cc"]),
            max_size=5,
        ),
        min_size=1,
        max_size=20,
        unique=True,
    ),
    dimension=st.integers(1, 6),
    end=st.sampled_from([b"", b"\n"]),
    limit=st.none() | st.integers(1, 25),
    block=st.sampled_from([64, 1 << 20]),
)
def test_binary_equals_what_was_written(tmp_path, words, dimension, end, limit, block):
    matrix = np.random.default_rng(len(words)).normal(size=(len(words), dimension))
    matrix = matrix.astype(np.float32)
    path = write(tmp_path, binary_file(words, matrix, end))
    with mock.patch("hf_recurrent.vectors.formats._word2vec_binary.BLOCK_BYTES", block):
        found = load_vectors(path, "word2vec-binary", limit)
    assert_same(found, words[:limit], matrix[:limit])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (GLOVE, ["the", "of"]),
        ("2 2\n" + GLOVE, ["the", "of"]),
        ("2 2 \r\n" + GLOVE.replace("\n", " \r\n"), ["the", "of"]),
        ("\ufeff" + GLOVE, ["the", "of"]),
        ("\ufeff2 2\n" + GLOVE, ["the", "of"]),
        (binary_file(["the", "of"], MATRIX), ["the", "of"]),
        (binary_file(["the", "of"], MATRIX, b""), ["the", "of"]),
        ("1 0.1 0.2\n2 -1 2e-3", ["1", "2"]),
        (". . . 0.1 0.2\n. . -1 2e-3\n", [". . .", ". ."]),
    ],
)
def test_format_is_told_by_the_content(tmp_path, data, words):
    assert_same(load_vectors(write(tmp_path, data)), words, MATRIX)


def test_one_dimension(tmp_path):
    one = np.array([[2.0], [3.0]], dtype=np.float32)
    assert_same(load_vectors(write(tmp_path, "1 2\n2 3\n")), ["1", "2"], one)
    assert_same(load_vectors(write(tmp_path, "2 1\na 2\nb 3\n")), ["a", "b"], one)


def test_invalid_utf8_is_kept_readable(tmp_path):
    row = MATRIX[:1]
    path = write(tmp_path, b"caf\xe9 0.1 0.2\n")
    why = r"1 word is not UTF-8 \(the first: line 1, word 'caf.*save the file as UTF-8"
    with pytest.warns(UserWarning, match=why):
        assert_same(load_vectors(path), ["caf\\xe9"], row)
    path = write(tmp_path, binary_file(["the", b"caf\xe9"], MATRIX))
    with pytest.warns(UserWarning, match=r"1 word is not UTF-8 .the first: vector 2, word 'caf"):
        assert_same(load_vectors(path), ["the", "caf\\xe9"], MATRIX)


SPACED = ["New York", "the", "San Francisco", "of", "à la carte", "x y"]


@pytest.mark.parametrize("dimension", [1, 2, 3, 10, 300])
@pytest.mark.parametrize("first", range(4))
@pytest.mark.parametrize("limit", [None, 1, 4])
def test_binary_words_with_spaces_are_not_silent(tmp_path, dimension, first, limit):
    words = [*(f"word{row}" for row in range(first)), *SPACED]
    vectors = make_vectors(words, dimension, seed=first)
    path = tmp_path / "v.bin"
    vectors.save_word2vec_format(str(path), binary=True)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            found = load_vectors(path, limit=limit)
        except ValueError as error:
            assert str(path) in str(error)  # noqa: PT017
            return
    if limit is not None and limit <= first:
        assert_same(found, words[:limit], vectors.vectors[:limit])
    else:
        assert any("words with spaces" in str(warning.message) for warning in told)


def test_rows_that_are_none_of_word_vectors(tmp_path):
    spaced = r"so the file very likely has words with spaces, which this form has no place for"
    path = write(tmp_path, binary_file(["the", "o\1f"], MATRIX))
    with pytest.raises(ValueError, match=r"vector 2, word 'o.x01f': the word holds control bytes"):
        load_vectors(path)
    with pytest.warns(UserWarning, match="1 bad row was dropped .*control bytes"):
        assert load_vectors(path, strict=False).index_to_key == ["the"]
    for number in (2.9e26, -1e12):
        path = write(tmp_path, binary_file(["the", "of"], MATRIX * [[1, 1], [1, number / 0.002]]))
        with pytest.raises(ValueError, match=f"vector 2, word 'of': found the number .*{spaced}"):
            load_vectors(path)
    path = write(tmp_path, binary_file(["the", "of"], MATRIX * 1e11))
    assert_same(load_vectors(path), ["the", "of"], MATRIX * np.float32(1e11))
    path = write(tmp_path, binary_file(["the", "of"], MATRIX) + b"York\xcd\xcc")
    with pytest.raises(ValueError, match=f"last whole vector there are 6 bytes more, {spaced}"):
        load_vectors(path)
    with pytest.warns(UserWarning, match="6 bytes more, .* passed over"):
        assert_same(load_vectors(path, strict=False), ["the", "of"], MATRIX)


BAD = [
    ("", "auto", "the file is empty"),
    ("\n\n", "auto", "not text of word vectors"),
    ("2 2\n", "auto", "promises 2 vectors, and the file holds 0"),
    ("0 2\n", "auto", "holds no vectors"),
    ("hello world\nhow are you\n", "auto", "not text of word vectors"),
    (bytes(range(256)) * 10, "auto", "not text of word vectors"),
    ("the,0.1,0.2\n", "auto", "line 1: the file is not text of word vectors"),
    (GLOVE.encode("utf-16"), "auto", "line 1: the file is UTF-16; save it as UTF-8 first"),
    (b"\x28\xb5\x2f\xfd data", "auto", r"compressed \(zstd\)"),
    (b"\x1f\x8b\x08 data", "auto", r"compressed \(gzip\)"),
    ("the 0.1 0.2\nof 0.3\n", "auto", "line 2, word 'of': found 1 number at its end, expected 2"),
    ("the 0.1\nof 0.3 1\nto 1 2\n", "auto", "line 1, word 'the': found 1 number "),
    ("the 0.1 0.2\nof 0.3 1 2\n", "auto", "line 2, word 'of': found 3 numbers at its end"),
    ("the 0.1 0.2\n\n\nof 0.3 x\n", "auto", "line 4, word 'of 0.3 x': found 0 numbers"),
    ("the 0.1 0.2\nof  \n", "auto", "line 2, word 'of': found 0 numbers"),
    ("the 0.1 0.2\nof nan 1\n", "auto", "line 2, word 'of': found NaN or infinity"),
    ("the 0.1 0.2\nof 1 -inf\n", "auto", "line 2, word 'of': found NaN or infinity"),
    ("the 0.1 0.2\nof 1 1e39\n", "auto", "line 2, word 'of': found NaN or infinity"),
    ("the 0.1 0.2\nof\0 1 1\n", "glove", "not text of word vectors"),
    ("the 0.1 0.2\n" * 9000 + "o\0f 1 1\n", "glove", "line 9001, word 'o.x00f': found a NUL byte"),
    ("3 2\n" + GLOVE, "auto", "promises 3 vectors, and the file holds 2"),
    ("1 2\n" + GLOVE, "auto", "promises 1 vector, and the file holds 2"),
    ("2 3\n" + GLOVE, "auto", "line 2, word 'the': found 2 numbers at its end, expected 3"),
    ("2 0\n" + GLOVE, "word2vec", "promises 0 numbers a row"),
    ("2 999999999999\n" + GLOVE, "word2vec", "promises 999,999,999,999 numbers a row"),
    ("-2 2\n" + GLOVE, "word2vec", "begins with the number of words and the dimension"),
    (GLOVE, "word2vec", "begins with the number of words and the dimension"),
    (GLOVE, "word2vec-binary", "begins with the number of words and the dimension"),
    (GLOVE, "fastext", "format must be"),
    (b"x" * (1 << 21), "word2vec-binary", "begins with the number of words and the dimension"),
    (b"the 0.1\n" + b"x" * (1 << 22), "glove", "line 2: the line is longer than"),
    (f"2 {(1 << 18) + 1}\n".encode() + b"\1" * (1 << 21), "word2vec-binary", "1 to 262,144 in a"),
    (f"2 {(1 << 19) + 1}\n".encode() + b"a " * (1 << 20), "word2vec", "1 to 524,288 in a file"),
    (b"100000 2\n" + b"\1" * (1 << 22), "auto", "found no word within"),
    (binary_file(["the", "of"], MATRIX)[:-4], "auto", "promises 2 vectors, and the file holds 1"),
    (binary_file(["the", "of"], MATRIX * np.nan), "auto", "vector 1, word 'the': found NaN"),
    (b"9999999 2" + binary_file(["the"], MATRIX[:1])[3:], "word2vec-binary", "holds at most 1"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "format", "message"), BAD)
def test_bad_input_is_refused_in_one_sentence(tmp_path, data, format, message):
    path = write(tmp_path, data)
    with (
        warnings.catch_warnings(action="ignore"),
        pytest.raises(ValueError, match=message) as error,
    ):
        load_vectors(path, format)
    assert "\n" not in str(error.value)
    assert format == "fastext" or str(path) in str(error.value)


def test_files_that_are_not_there_and_bad_limits(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load_vectors(tmp_path / "nowhere.txt")
    with pytest.raises(ValueError, match="limit must be at least 1"):
        load_vectors(write(tmp_path, GLOVE), limit=0)


@pytest.mark.parametrize("form", ["text", "binary"])
def test_a_file_cut_anywhere_is_refused(tmp_path, form):
    whole = b"3 2\nthe 0.1 0.2\nof -1 2e-3\nto 3 4\n"
    if form == "binary":
        whole = binary_file(["the", "of", "to"], np.arange(6).reshape(3, 2))
    end = whole.rindex(b" ") + 2 if form == "text" else len(whole) - 1
    for cut in range(end):
        with pytest.raises(ValueError, match=r"vectors\.txt"):
            load_vectors(
                write(tmp_path, whole[:cut]), "word2vec-binary" if form == "binary" else "word2vec"
            )
    load_vectors(write(tmp_path, whole[:end]))


def test_not_strict_drops_and_counts(tmp_path):
    data = "the 0.1 0.2\nbad 1\nof -1 2e-3\nworse nan 1\nwide 1 2 3\n"
    with pytest.warns(UserWarning, match="bad rows") as caught:
        found = load_vectors(write(tmp_path, data), strict=False)
    assert_same(found, ["the", "of"], MATRIX)
    assert [str(w.message).partition(": ")[2] for w in caught] == [
        "3 bad rows were dropped (the first: line 2, word 'bad': found 1 number at its end, "
        "expected 2)."
    ]
    assert caught[0].filename == __file__
    matrix = np.array([MATRIX[0], [np.inf, 0], MATRIX[1]])
    with pytest.warns(UserWarning, match="1 bad row was dropped .the first: vector 2, word 'x'"):
        found = load_vectors(write(tmp_path, binary_file(["the", "x", "of"], matrix)), strict=False)
    assert_same(found, ["the", "of"], MATRIX)


@pytest.mark.parametrize("count", [1, 3, 10**15 - 1])
def test_not_strict_reads_what_is_there_whatever_the_header_promises(tmp_path, count):
    for data in (
        f"{count} 2\n{GLOVE}".encode(),
        f"{count} 2\n".encode() + binary_file(["the", "of"], MATRIX)[4:],
    ):
        path = write(tmp_path, data)
        with pytest.warns(UserWarning, match=f"promises {count:,} vectors?, and the file holds 2"):
            assert_same(load_vectors(path, strict=False), ["the", "of"], MATRIX)


def test_everything_bad_is_still_an_error(tmp_path):
    path = write(tmp_path, "2 2\nthe nan 1\nof 1\n")
    with pytest.raises(ValueError, match="holds no vectors: 2 bad rows were dropped"):
        load_vectors(path, strict=False)


def test_first_of_repeated_words_is_kept(tmp_path):
    text = "the 0.1 0.2\nthe 5 5\nof -1 2e-3\nthe 6 6\nof 7 7\n"
    binary = binary_file(["the", "the", "of", "of"], MATRIX[[0, 1, 1, 0]])
    for data, repeated in ((text, 3), (f"5 2\n{text}", 3), (binary, 2)):
        path = write(tmp_path, data)
        message = f"{repeated} rows repeat an earlier word"
        with pytest.warns(UserWarning, match=message) as caught:
            assert_same(load_vectors(path), ["the", "of"], MATRIX)
        assert len(caught) == 1
        with warnings.catch_warnings(action="error"):
            assert_same(load_vectors(path, limit=1), ["the"], MATRIX[:1])


def test_limit_stops_reading(tmp_path):
    head = GLOVE + "word 3 4\n" * 10_000
    for data in (head, "9000000 2\n" + head, binary_file(["the", "of"], MATRIX)):
        path = write(tmp_path, data)
        with path.open("r+b") as file:
            file.truncate(1 << 40)  # sparse: to read it to its end would take minutes
        assert_same(load_vectors(path, limit=2), ["the", "of"], MATRIX)
        assert_same(load_vectors(path, limit=1), ["the"], MATRIX[:1])


@pytest.mark.parametrize("format", ["word2vec", "word2vec-binary"])
def test_a_lying_header_takes_no_memory(tmp_path, format):
    path = write(tmp_path, f"{10**14} 300\n".encode() + b"the 1 2\n" * 1000)
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"vectors\.txt"):
        load_vectors(path, format)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), strict=st.booleans())
def test_damaged_files_are_refused_or_read_finite(tmp_path, data, strict):
    whole = data.draw(
        st.sampled_from(
            [
                GLOVE.encode() * 3,
                b"2 2\n" + GLOVE.encode(),
                binary_file(["the", "of"], MATRIX),
            ]
        )
    )
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(damaged)))
        cut = data.draw(st.integers(0, 3))
        damaged[position : position + cut] = data.draw(st.binary(max_size=3))
    path = write(tmp_path, bytes(damaged))
    format = data.draw(st.sampled_from(["auto", "glove", "word2vec", "word2vec-binary"]))
    with warnings.catch_warnings(action="ignore"):
        try:
            found = load_vectors(path, format, strict=strict)
        except ValueError as error:
            message = str(error)
        else:
            assert len(found) == len(found.vectors) == len(set(found.index_to_key)) > 0
            assert np.isfinite(found.vectors).all()
            return
    assert str(path) in message
