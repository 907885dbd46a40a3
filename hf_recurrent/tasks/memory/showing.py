"""Answers of a model for a memory task, for the command line."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification

from ..._terminal import printable
from ..loading import load_model
from .data import BLANK, COPIED, MARK, SYMBOLS
from .fitting import add, copy
from .judging import copied

_BLANKS = re.compile(r"\.(\d{0,5})")
_NUMBER = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(\*?)")


def copied_lines(
    source: str, texts: Sequence[str], trust_remote_code: bool = False
) -> Iterator[str]:
    """Yield the symbols that a model copies, a line for each text."""
    model = load_model(
        source,
        AutoModelForTokenClassification,
        title="copying",
        part="classifier of steps",
        noun="a network that copies",
        trust_remote_code=trust_remote_code,
    )
    for text in texts:
        (scores,) = copy(model, [ids_of(text)])
        yield f"{text}: {' '.join(map(str, copied(scores)))}"


def added_lines(
    source: str, texts: Sequence[str], trust_remote_code: bool = False
) -> Iterator[str]:
    """Yield the sums that a model answers, a line for each text."""
    model = load_model(
        source,
        AutoModelForSequenceClassification,
        title="adding",
        part="output",
        noun="a network that adds",
        trust_remote_code=trust_remote_code,
    )
    for text in texts:
        (found,) = add(model, [frames_of(text)])
        yield f"{text}: {found:.3f}"


def ids_of(text: str) -> NDArray[np.int64]:
    """Return the ids of ten symbols and blanks in a text, with the mark and ten blanks after them.

    Raises:
        ValueError: If the text is none of this form.
    """
    ids: list[int] = []
    for word in text.split():
        blanks = _BLANKS.fullmatch(word)
        if blanks:
            ids += [BLANK] * int(blanks[1] or 1)
        elif len(word) == 1 and word in "0123456789"[:SYMBOLS]:
            ids.append(int(word))
        else:
            raise _no_row(text, f"'{printable(word)}'")
    symbols = sum(each < SYMBOLS for each in ids)
    if symbols != COPIED:
        raise _no_row(text, f"{symbols} symbols")
    return np.array([*ids, MARK, *[BLANK] * COPIED])


def _no_row(text: str, found: str) -> ValueError:
    return ValueError(
        f"The text '{_short(text)}' has {found}: expected {COPIED} symbols from 0 to "
        f"{SYMBOLS - 1}, between spaces, and blanks among or after them, '.' for one and '.99' for "
        "99."
    )


def frames_of(text: str) -> NDArray[np.float32]:
    """Return the frames (steps, 2) of numbers in a text, two of which are marked by a star.

    Raises:
        ValueError: If the text is none of this form.
    """
    found = [_NUMBER.fullmatch(word) for word in text.split()]
    frames: list[Any] = [(float(each[1]), bool(each[2])) for each in found if each]
    is_whole = len(frames) == len(found) and all(value <= 1 for value, _ in frames)
    if not is_whole or sum(is_marked for _, is_marked in frames) != 2:
        raise ValueError(
            f"The text '{_short(text)}' is no row: expected numbers from 0 to 1, between spaces, "
            "two of them with a star, as in '0.2 0.7* 0.1 0.9*'."
        )
    return np.array(frames, np.float32)


def _short(text: str) -> str:
    return printable(text if len(text) <= 60 else f"{text[:60]}...")
