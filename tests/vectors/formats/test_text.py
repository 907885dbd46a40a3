"""The text reader against a naive one, for words and numbers of any form."""

import warnings
from pathlib import Path
from unittest import mock

import numpy as np
from gensim.models import KeyedVectors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hf_recurrent.vectors import load_vectors
from hf_recurrent.vectors.formats import _text

from ..files import assert_same, write

ODD_WORDS = [
    "null", "nan", "NaN", "NA", "n/a", "", "#N/A", "inf", "-", "1", "-2.5", "1e5", "true",
    '"', '""', '"a', "'", "\\", "\\N", ",", ";", "\t", "a\tb", "\u00a0", "a\u00a0b", "\u0085",
    "\u2028", "\u3000", "\x0c", "\x1f", "\r", "a\rb", "\ufeff", "\ufeffa", ". . .", "at x@y.z",
    " ", "a ", "我", "😀", "é", "e\u0301", "#", "#x",
]  # fmt: skip


def is_float(text: str) -> bool:
    try:
        float(text.encode())
    except ValueError:
        return False
    return True


def naive_text(data: bytes, dimension: int, limit: int | None = None):
    """Read line by line: the reference."""
    rows: dict[str, np.ndarray] = {}
    for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        line = line.removesuffix(b"\r").rstrip(b" ")
        if not line or len(rows) == limit:
            continue
        fields = line.split(b" ")
        word = b" ".join(fields[:-dimension]).decode("utf-8", "backslashreplace")
        rows.setdefault(word, np.array([float(x) for x in fields[-dimension:]], np.float32))
    return list(rows), np.array(list(rows.values()))


def word_ok(word: str) -> bool:
    """Leave out words that look like padding or separators (``test_row_style.py``)."""
    if "\n" in word or "\0" in word or word.strip(" \t") != word:
        return False
    return not any(is_float(field.replace(",", ".").strip(",;|:=")) for field in word.split()[1:])


def words_ok(words: list[str]) -> bool:
    ends = {word[-1:] for word in words}
    return len(set(words)) < 2 or len(ends) > 1 or not ends <= set(",;|:=\"'")


words_strategy = st.one_of(
    st.sampled_from(ODD_WORDS), st.text(st.characters(codec="utf-8"), max_size=6)
).filter(word_ok)
numbers_strategy = st.one_of(
    st.floats(width=32, allow_nan=False, allow_infinity=False).map(repr),
    st.floats(-1e30, 1e30).map(repr),
    st.floats(-10, 10).map(lambda x: f"{x:.5g}"),
    st.sampled_from(["+1", ".5", "1.", "-0", "1e-60", "00012", "1E5", "1.00000005960464477539063"]),
)


@st.composite
def text_files(draw) -> tuple[bytes, int]:
    dimension = draw(st.integers(1, 4))
    row = st.tuples(
        words_strategy, st.lists(numbers_strategy, min_size=dimension, max_size=dimension)
    )
    ends = st.sampled_from(["\n"] * 5 + ["\r\n", " \n", "  \n", " \r\n", "\n\n", "\n \n"])
    lines = draw(
        st.lists(st.tuples(row, ends), min_size=1, max_size=25).filter(
            lambda lines: words_ok([word for (word, _), _ in lines])
        )
    )
    data = "".join(" ".join([word, *numbers]) + end for (word, numbers), end in lines)
    return data.encode() if draw(st.booleans()) else data.encode().rstrip(b"\r\n "), dimension


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    file=text_files(), limit=st.none() | st.integers(1, 30), block=st.sampled_from([400, 1 << 20])
)
def test_text_equals_the_naive_reader(tmp_path, file, limit, block):
    data, dimension = file
    path = write(tmp_path, data)
    with (
        mock.patch.object(_text, "BLOCK_BYTES", block),
        warnings.catch_warnings(action="ignore"),
    ):
        found = load_vectors(path, "glove", limit)
    assert_same(found, *naive_text(data, dimension, limit))
    header = f"{len(naive_rows(data))} {dimension}\n".encode()
    path = write(tmp_path, header + data.removeprefix(b"\xef\xbb\xbf"))
    with warnings.catch_warnings(action="ignore"):
        assert_same(load_vectors(path, "word2vec", limit), *naive_text(data, dimension, limit))


def naive_rows(data: bytes) -> list[bytes]:
    return [line for line in data.split(b"\n") if line.removesuffix(b"\r").rstrip(b" ")]


def plain_file(folder: Path, rows: int = 60, dimension: int = 5) -> Path:
    generator = np.random.default_rng(0)
    words = ["null", "nan", "NA", "", '"', '"x"', "'s", "\\", "#", "1", "a\u00a0b", "\u0085", "我"]
    words += [f"word{i}" for i in range(rows - len(words))]
    lines = [
        f"{word} " + " ".join(f"{x:.5g}" for x in generator.normal(size=dimension))
        for word in words
    ]
    return write(folder, "\n".join(lines) + "\n")


def test_fast_path_takes_plain_blocks(tmp_path):
    path = plain_file(tmp_path)
    with mock.patch.object(_text, "parse_line", side_effect=AssertionError):
        fast = load_vectors(path)
    with mock.patch.object(_text, "_parse_block", return_value=None):
        slow = load_vectors(path)
    assert len(fast) == 60
    assert_same(fast, slow.index_to_key, slow.vectors)


def test_numbers_equal_gensims_to_the_last_bit(tmp_path):
    generator = np.random.default_rng(1)
    values = generator.normal(size=(200, 7)) * 10.0 ** generator.integers(-30, 30, (200, 7))
    # Just above the middle between two floats: rounding through float64 makes it even.
    lines = ["half " + " ".join(["1.00000005960464477539063"] * 7)]
    lines += [f"w{i} " + " ".join(map(repr, row.tolist())) for i, row in enumerate(values)]
    path = write(tmp_path, "\n".join(lines) + "\n")
    theirs = KeyedVectors.load_word2vec_format(str(path), binary=False, no_header=True)
    assert_same(load_vectors(path), theirs.index_to_key, theirs.vectors)
