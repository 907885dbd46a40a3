"""Terminals that show or send less than UTF-8."""

import io
import sys

import pytest

from hf_recurrent._streams import clean_text, open_streams


def written(monkeypatch: pytest.MonkeyPatch, encoding: str, text: str) -> bytes:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    open_streams()
    print(text, flush=True)
    return raw.getvalue()


@pytest.mark.parametrize(
    ("encoding", "text", "bytes_"),
    [
        ("ascii", "77.6 ± 0.2, un été", rb"77.6 +- 0.2, un \xe9t\xe9"),
        ("latin-1", "± été 好", b"\xb1 \xe9t\xe9 \\u597d"),
        ("utf-8", "± caf\udce9", "± caf".encode() + rb"\udce9"),
    ],
)
def test_no_character_ends_the_command(monkeypatch, encoding, text, bytes_) -> None:
    assert written(monkeypatch, encoding, text) == bytes_ + b"\n"


@pytest.mark.parametrize(
    ("encoding", "bytes_", "text"),
    [
        ("utf-8", "\ufeffun été\r\n".encode(), "un été\n"),
        ("utf-8", b"caf\xe9\n", "caf\ufffd\n"),
        ("ascii", "été\n".encode(), "été\n"),
        ("latin-1", b"caf\xe9\n", "café\n"),
    ],
)
def test_no_byte_of_the_input_ends_the_command(monkeypatch, encoding, bytes_, text) -> None:
    stream = io.TextIOWrapper(io.BytesIO(bytes_), encoding=encoding, errors="surrogateescape")
    monkeypatch.setattr(sys, "stdin", stream)
    open_streams()
    assert list(sys.stdin) == [text]


def test_arguments_are_text() -> None:
    assert clean_text("caf\udce9 film") == "caf\ufffd film"
    assert clean_text("un été") == "un été"
