"""The words of a text on the page: every letter stands there once."""

import pytest

from hf_recurrent.app.answers import Word

pytest.importorskip("gradio")

from hf_recurrent.app.page import _segments

TEXT = "a 𝄞 fine film"


def cut(*places: tuple[int, int]) -> list[tuple[str, tuple[int, int] | None]]:
    words = [Word(start, end, True, None) for start, end in places]
    found = list(_segments(TEXT, words))
    assert "".join(text for text, _ in found) == TEXT
    return [(text, word and (word.start, word.end)) for text, word in found]


def test_words_and_what_stands_between_them() -> None:
    assert cut((0, 1), (4, 8)) == [
        ("a", (0, 1)),
        (" 𝄞 ", None),
        ("fine", (4, 8)),
        (" film", None),
    ]


@pytest.mark.parametrize(
    "places",
    [
        [(2, 3), (2, 3), (2, 3), (4, 8)],  # bytes of one character
        [(0, 8), (4, 13)],  # the second begins within the first
        [(0, 8), (4, 6), (9, 13)],  # or lies within it
        [(4, 8), (0, 8), (9, 13)],  # or goes back
        [(0, 13), (0, 1), (9, 13)],
        [],
    ],
)
def test_tokens_that_overlap_double_no_letter(places: list[tuple[int, int]]) -> None:
    cut(*places)


def test_of_two_tokens_the_first_has_the_letters_that_they_share() -> None:
    assert cut((2, 3), (2, 3), (0, 8), (4, 13)) == [
        ("a ", None),
        ("𝄞", (2, 3)),
        (" fine", (0, 8)),
        (" film", (4, 13)),
    ]
