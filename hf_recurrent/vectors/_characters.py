"""Characters as a part of an input layer, beside word vectors."""

from collections.abc import Sequence
from typing import Any

from ._look_ups import Part

__all__ = ["KINDS", "character_part", "check_characters"]

# The kinds of input layers by the names that users give.
KINDS = {"cnn": "char_cnn", "lstm": "char_lstm"}


def check_characters(characters: str, texts: Sequence[str] | None, with_ngrams: bool) -> None:
    """Check that a model can have characters.

    Raises:
        ValueError: If the kind is unknown, there are no texts, or a tokenizer would have to give
            n-grams too.
    """
    if characters not in KINDS:
        raise ValueError(f"characters is {characters!r}, expected None, {' or '.join(KINDS)}.")
    if texts is None:
        raise ValueError("characters need texts, for their alphabet.")
    if with_ngrams:
        raise ValueError(
            "A tokenizer gives n-grams or characters, not both: leave one of them out "
            "(ngrams=False keeps fastText's words without their n-grams)."
        )


def character_part(characters: str, tokenizer: Any) -> Part:
    """Return the fields of the part; it has no weights yet."""
    return {"kind": KINDS[characters], "num_characters": tokenizer.num_characters}, {}
