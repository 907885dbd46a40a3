import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.vectors.evaluation import (
    Analogies,
    Categories,
    WordPairs,
    read_analogies,
    read_categories,
    read_pairs,
    read_word_set,
)

from ..files import write


@pytest.mark.parametrize(
    "text",
    [
        "# a comment\nlove\tsex\t6.77\n\ntiger\tcat\t7.35\n",
        "Word 1,Word 2,Human (mean)\nlove,sex,6.77\ntiger,cat,7.35",
        "love;sex;6.77\r\ntiger;cat;7.35\r\n",
        "\ufefflove sex   6.77\ntiger  cat 7.35\n",
    ],
)
def test_pairs_in_every_form(text, tmp_path) -> None:
    path = write(tmp_path, text)
    expected = WordPairs("vectors", (("love", "sex"), ("tiger", "cat")), (6.77, 7.35))
    assert read_pairs(path) == expected
    assert read_word_set(path) == expected


def test_analogies(tmp_path) -> None:
    path = write(tmp_path, ": capital\nAthens Greece Oslo Norway\n\n: empty\n: gram1\na b c d\n")
    expected = Analogies(
        "x",
        {"capital": (("Athens", "Greece", "Oslo", "Norway"),), "gram1": (("a", "b", "c", "d"),)},
    )
    assert read_analogies(path, "x") == expected
    assert read_word_set(path, "x") == expected


def test_categories(tmp_path) -> None:
    path = write(tmp_path, "cat\tan animal\noak\tplant\ndog\tan animal\n")
    expected = Categories("x", {"an animal": ("cat", "dog"), "plant": ("oak",)})
    assert read_categories(path, "x") == expected
    assert read_word_set(path, "x") == expected


@pytest.mark.parametrize(
    ("read", "text", "sentence"),
    [
        (read_pairs, "a b 1\na b\n", "line 2: expected two words and a rating, and found 'a b'"),
        (read_pairs, "a b 1\na b c\n", "line 2: expected a number as the rating"),
        (read_pairs, "a b 1\na b nan\n", "line 2: expected a finite rating"),
        (read_pairs, "a b 1\n\na\tb c\t\t1\n", "line 3: expected two words and a rating"),
        (read_pairs, "", "holds no rated pairs"),
        (read_pairs, "# none\n", "holds no rated pairs"),
        (read_pairs, b"a b 1\nx \xe9 2\n", "line 2: expected UTF-8, and byte 3 of the"),
        (read_analogies, "a b c d\n", "line 1: expected a line ': section' before"),
        (read_analogies, ": x\na b c\n", "line 2: expected four words, and found 'a b c'"),
        (read_analogies, ":\na b c d\n", "line 1: expected the name of a section"),
        (read_analogies, ": x\n", "holds no analogies"),
        (read_categories, "a\tx\nb\n", "line 2: expected a word and its category"),
        (read_categories, "a x\nb y\na y\n", "line 3: expected a new word ('a' stands in 1)"),
        (read_categories, "a x\nb x\n", "holds 1 category"),
        (read_word_set, "a b c d e\n", "line 1: expected two words and a rating"),
        (read_word_set, "", "holds no rated pairs"),
    ],
)  # fmt: skip
def test_damage_is_one_sentence(read, text, sentence, tmp_path) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ValueError, match=re.escape(sentence)) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_set_or_a_sentence(tmp_path_factory, data) -> None:
    path = write(tmp_path_factory.mktemp("sets"), data)
    try:
        name = read_word_set(path).name
    except ValueError as error:
        name = str(error)
    assert name == "vectors" or str(path) in name


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(OSError, match=r"nothing\.txt"):
        read_word_set(tmp_path / "nothing.txt")
