import pytest

from hf_recurrent.data.sentences import sentences_of


def test_lines_and_marks_end_sentences() -> None:
    texts = ["One. Two?  \n\n three! “Four.” \n", "", "e.g. five ; i.e. six", " \n"]
    assert [*sentences_of(texts)] == [
        "One.",
        "Two?",
        "three!",
        "“Four.”",
        "e.g. five ; i.e. six",
    ]


def test_one_text_is_refused() -> None:
    with pytest.raises(ValueError, match="texts is one text, expected several"):
        sentences_of("One. Two.")
