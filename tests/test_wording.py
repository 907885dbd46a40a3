"""Pieces of sentences."""

import pytest

from hf_recurrent._wording import counted, did_you_mean, name_options

OPTIONS = {
    "min_count": "--min-count",
    "window": "--window",
    "text_column": "--text-column",
    "symmetric": "--one-sided",
    "learning_rate": "--learning-rate",
    "min_learning_rate": "--min-learning-rate",
}


def test_numbers_have_their_plural() -> None:
    assert [counted(n, "word") for n in (0, 1, 2000)] == ["0 words", "1 word", "2,000 words"]


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
        ("The window is shut, my_file/text_column.csv.", None),
        ("/a/text_column is no file, nor text_column.txt; window and door.", None),
    ],
)
def test_arguments_are_named_as_options(sentence, told) -> None:
    assert name_options(sentence, OPTIONS) == (told or sentence)
