"""The words that a reader should keep."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

from ...data.encodings import check_bytes, open_text

Words: TypeAlias = str | os.PathLike[str] | Iterable[str]


def wanted_words(vocabulary: Words | None) -> frozenset[str] | None:
    """Return the words of a vocabulary, ``None`` if all words are wanted.

    Args:
        vocabulary: The words, or a text file with one word per line, in UTF-8, or in UTF-16 with
            its byte order mark. Empty lines are skipped.

    Raises:
        ValueError: If there are no words.
        OSError: If the file cannot be read.
    """
    if vocabulary is None:
        return None
    if isinstance(vocabulary, str | os.PathLike):
        with open_text(Path(vocabulary)) as file:
            data = file.read()
        check_bytes(data, os.fspath(vocabulary))
        words = frozenset(filter(None, words_of_lines(data)))
        source = f"{os.fspath(vocabulary)}: the vocabulary"
    else:
        words, source = frozenset(vocabulary), "vocabulary"
    if not words:
        raise ValueError(f"{source} holds no words, expected those to keep.")
    return words


def words_of_lines(data: bytes) -> list[str]:
    """Return the words of a text with one word per line; bytes not in UTF-8 become escapes."""
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="backslashreplace")
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return [line.removesuffix("\r") for line in lines]
