"""The prompts of a telephone exchange (Asterisk's core sounds), with what they say."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

from .packages import fetch

TEXTS = "core-sounds-en.txt.gz"
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def read_prompts(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each recording with its text: lower case, digits as words, no punctuation.

    Left out are tones and silences, notes, longer numbers, and names without a recording.

    Args:
        folder: Folder of the recordings. The file of texts is downloaded if it is not there.

    Raises:
        OSError: If a file cannot be read or downloaded.
    """
    texts = folder / TEXTS
    if not texts.is_file():
        texts = fetch("asterisk-texts") / TEXTS
    with gzip.open(texts, "rt", encoding="utf-8") as lines:
        for line in lines:
            name, _, said = line.strip().partition(":")
            recording, text = folder / f"{name}.wav", plain(said)
            if not line.startswith(";") and text and recording.is_file():
                yield recording, text


def plain(said: str) -> str | None:
    """Return a text as it is spoken, or ``None`` if it does not say that."""
    if re.search(r"[\[(]", said):
        return None
    words = re.sub(r"\b\d\b", lambda digit: f" {_DIGITS[int(digit[0])]} ", said.lower())
    text = " ".join(re.sub(r"[^a-z0-9' ]+", " ", words).split())
    return None if re.search(r"\d", text) else text
