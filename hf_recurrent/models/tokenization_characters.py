"""A fast tokenizer that also gives each token its characters."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from tokenizers import Encoding
from transformers import PreTrainedTokenizerFast

from .surface import surface_of
from .tokenization_extra_inputs import ExtraInputTokenizer

# Ids of what is no character of the alphabet; its first character has the id behind them.
PADDING, UNKNOWN, BEGIN, END = range(4)
_FIRST = 4


def alphabet_of(texts: Iterable[str], min_frequency: int = 2) -> str:
    """Return the characters (code points) of texts, white space left out, the most frequent first.

    Args:
        texts: the training texts or words.
        min_frequency: how often a character must stand in them; others are unknown.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text)
    found = [(-n, c) for c, n in counts.items() if n >= min_frequency and not c.isspace()]
    return "".join(c for _, c in sorted(found))


class CharTokenizer(ExtraInputTokenizer):
    """A tokenizer whose encodings hold ``char_ids`` beside ``input_ids``.

    Each token has the ids of the characters that it stands for in the text, as they were written
    (code points, in their case, before any normaliser), between one for its begin and one for its
    end. Special tokens and padding have none. Of a word of more than ``longest_word`` characters
    the first ones are kept. Tensors and whatever is padded have the width ``longest_word`` + 2.

    Make it by ``from_tokenizer``; ``characters``, a keyword of the constructor, holds ``alphabet``
    and ``longest_word``.
    """

    extra_input = "char_ids"

    @classmethod
    def from_tokenizer(
        cls, tokenizer: PreTrainedTokenizerFast, *, alphabet: str, longest_word: int = 30
    ) -> "CharTokenizer":
        """Make a tokenizer that cuts text as another one does.

        Args:
            tokenizer: any fast tokenizer without an extra input of its own.
            alphabet: the characters that have an id, as ``alphabet_of`` gives them.
            longest_word: characters of a word that are kept.

        Raises:
            ValueError: if an argument cannot be.
        """
        if isinstance(tokenizer, ExtraInputTokenizer) and not isinstance(tokenizer, cls):
            raise ValueError(
                f"{type(tokenizer).__name__} gives {tokenizer.extra_input}, which would be lost: "
                "take the tokenizer that it was made of"
            )
        if not alphabet or len(set(alphabet)) < len(alphabet):
            raise ValueError("the alphabet must have characters, and each of them once")
        if longest_word < 1:
            raise ValueError(f"longest_word is {longest_word}, expected at least 1")
        settings = cls.settings_of(tokenizer)
        settings["characters"] = {"alphabet": alphabet, "longest_word": longest_word}
        return cls(**settings)

    @property
    def characters(self) -> dict[str, Any]:
        """``alphabet`` and ``longest_word``."""
        found = self.init_kwargs.get("characters")
        if not isinstance(found, dict):
            raise ValueError(
                "the tokenizer lacks the setting 'characters' (alphabet, longest_word): make it by "
                "CharTokenizer.from_tokenizer"
            )
        return found

    @property
    def num_characters(self) -> int:
        """How many character ids there are."""
        return len(self.characters["alphabet"]) + _FIRST

    def word_char_ids(self, word: str) -> list[int]:
        """Return the character ids of a word."""
        settings = self.characters
        ids = {character: i for i, character in enumerate(settings["alphabet"], _FIRST)}
        return _ids_of(word, ids, settings["longest_word"])

    def extra_values(
        self,
        encodings: Sequence[Encoding],
        samples: Iterable[int],
        texts: Sequence[Any],
        pairs: Sequence[Any] | None,
        split: bool,
    ) -> Iterator[list[list[int]]]:
        """Give the character ids of each token of each encoding."""
        settings = self.characters
        ids = {character: i for i, character in enumerate(settings["alphabet"], _FIRST)}
        seen: dict[str, list[int]] = {}
        for encoding, sample in zip(encodings, samples, strict=True):
            row: list[list[int]] = []
            places = zip(encoding.sequence_ids, encoding.word_ids, encoding.offsets, strict=True)
            for sequence, word, (start, end) in places:
                if sequence is None:
                    row.append([])
                    continue
                source = texts[sample] if not sequence or pairs is None else pairs[sample]
                surface = surface_of(source[word] if split else source, start, end)
                if surface not in seen:
                    seen[surface] = _ids_of(surface, ids, settings["longest_word"])
                row.append(seen[surface])
            yield row

    def rectangle(self, values: Sequence[Sequence[int]], length: int, side: str) -> np.ndarray:
        """Return ids (length, longest_word + 2) of tokens, padded on a side, with 0."""
        rectangle = np.zeros((length, self.characters["longest_word"] + 2), dtype=np.int64)
        start = length - len(values) if side == "left" else 0
        for place, own in enumerate(values, start):
            rectangle[place, : len(own)] = own
        return rectangle


def _ids_of(word: str, ids: dict[str, int], longest: int) -> list[int]:
    return [BEGIN, *(ids.get(character, UNKNOWN) for character in word[:longest]), END]


CharTokenizer.register_for_auto_class("AutoTokenizer")
