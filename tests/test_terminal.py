"""What others wrote does not steer the terminal, and is seen."""

import pytest

from hf_recurrent._terminal import one_line, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("good, schlecht, 好, Ελλάδα, 👍", "good, schlecht, 好, Ελλάδα, 👍"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("a\rb\nc\td\x08", "a\\rb\\nc\\td\\x08"),
        ("\x9b2J\x7f", "\\x9b2J\\x7f"),
        ("abc\u202ecba\u2066", "abc\\u202ecba\\u2066"),
        ("a\u200bb\ufeff\u2028", "a\\u200bb\\ufeff\\u2028"),
        ("\udc9b", "\\udc9b"),
        ("نمی\u200cخواهم", "نمی\u200cخواهم"),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert all(sign.isprintable() or sign == "\u200c" for sign in printable(text))


def test_one_line() -> None:
    assert one_line(" a\n\tb \x1b[1mc\u202e ") == "a b [1mc"
