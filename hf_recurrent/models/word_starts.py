"""The starts of words, for tokenizers that cut words into pieces."""

from collections.abc import Iterator
from typing import Any

from .extra_inputs import Encoded, ExtraInput


class WordStarts(ExtraInput):
    """1 at the first token of each word, 0 at others and at special tokens."""

    name = "word_starts"
    setting = "word_starts"

    def __init__(self, tokenizer: Any, settings: Any) -> None:
        pass

    def values(self, encoded: Encoded) -> Iterator[list[int]]:
        """Yield, for each encoding, 1 for a token that begins a word and 0 for others."""
        for encoding in encoded.encodings:
            before: tuple[int | None, int | None] = (None, None)
            starts = []
            for place in zip(encoding.sequence_ids, encoding.word_ids, strict=True):
                starts.append(int(place[1] is not None and place != before))
                before = place
            yield starts
