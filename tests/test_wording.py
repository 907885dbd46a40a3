"""Pieces of sentences."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import hf_recurrent
from hf_recurrent._wording import check_least, counted, did_you_mean, name_options

OPTIONS = {
    "min_count": "--min-count",
    "window": "--window",
    "text_column": "--text-column",
    "symmetric": "--one-sided",
    "learning_rate": "--learning-rate",
    "min_learning_rate": "--min-learning-rate",
    "allow_pickle": "--allow-pickle",
    "strict": "--skip-bad",
    "min_count of phrases": "--phrase-min-count",
}


def test_numbers_have_their_plural() -> None:
    assert [counted(n, "word") for n in (0, 1, 2000)] == ["0 words", "1 word", "2,000 words"]
    assert [counted(n, "entry") for n in (1, 2)] == ["1 entry", "2 entries"]
    assert [counted(2, word) for word in ("day", "class")] == ["2 days", "2 classes"]


@pytest.mark.parametrize(
    ("given", "meant"), [("lsmt", "lstm"), ("LSTM", "lstm"), ("Text", "text"), ("xyz", None)]
)
def test_the_closest_name_is_guessed(given, meant) -> None:
    guess = f" Did you mean {meant!r}?" if meant else ""
    assert did_you_mean(given, ["lstm", "gru", "text"]) == guess


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("min_count is 0, expected at least 1.", "--min-count is 0, expected at least 1."),
        ("window is 0, expected at least 1.", "--window is 0, expected at least 1."),
        ("window must be at least 1.", "--window must be at least 1."),
        (
            "min_learning_rate is 1, expected at most learning_rate, 0.1.",
            "--min-learning-rate is 1, expected at most --learning-rate, 0.1.",
        ),
        (
            "alpha: no option of cbow, which has min_count, window, symmetric.",
            "alpha: no option of cbow, which has --min-count, --window, --one-sided.",
        ),
        (
            "a.csv has no column 'text_column': name the column by text_column.",
            "a.csv has no column 'text_column': name the column by --text-column.",
        ),
        ("allow it by allow_pickle=True.", "allow it by --allow-pickle."),
        (
            "read x with strict=False, or keep ngrams=False.",
            "read x with --skip-bad, or keep ngrams=False.",
        ),
        (
            "min_count of phrases is 0, not 'strict=False'.",
            "--phrase-min-count is 0, not 'strict=False'.",
        ),
        ("min_count of words is 0.", "--min-count of words is 0."),
        ("The window is shut, my_file/text_column.csv.", None),
        ("/a/text_column is no file, nor text_column.txt; window and door.", None),
    ],
)
def test_arguments_are_named_as_options(sentence, told) -> None:
    assert name_options(sentence, OPTIONS) == (told or sentence)


# Folders whose files cannot import `_wording`: they travel with a checkpoint.
ALONE = {"models"}
VERBS = ("has", "is", "was", "this", "its", "as", "needs")


def lengths_before_plurals(source: str) -> Iterator[int]:
    """Yield the lines of f-strings in which ``{len(...)}`` stands before a plural."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.JoinedStr):
            continue
        for value, after in pairwise(node.values):
            if (
                isinstance(value, ast.FormattedValue)
                and isinstance(value.value, ast.Call)
                and getattr(value.value.func, "id", "") == "len"
                and isinstance(after, ast.Constant)
                and (word := re.match(r" ([a-z-]+s)\b", after.value))
                and word[1] not in VERBS
            ):
                yield node.lineno


def test_a_number_of_things_is_counted() -> None:
    assert list(lengths_before_plurals("f'{len(x)} rows'\nf'{len(x):,} is on'")) == [1]
    package = Path(hf_recurrent.__file__).parent
    found = [
        f"{path.relative_to(package)}, line {line}: write counted(...)"
        for path in sorted(package.rglob("*.py"))
        if path.relative_to(package).parts[0] not in ALONE
        for line in lengths_before_plurals(path.read_text("utf-8"))
    ]
    assert not found


def test_a_number_that_is_too_small_is_named() -> None:
    check_least(1, window=1, vocabulary_size=None, negative=7)
    with pytest.raises(ValueError, match=r"^window is 0, expected at least 1\.$"):
        check_least(1, epochs=3, window=0, negative=-1)
