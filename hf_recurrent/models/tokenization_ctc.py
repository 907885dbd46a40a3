"""The tokenizer of recognisers: characters, pieces of words, or words."""

import json
from itertools import groupby
from typing import Any

from transformers import Wav2Vec2CTCTokenizer

from .publishable import GuardedPushes

_UNITS = ("character", "piece", "word")


class CTCTokenizer(GuardedPushes, Wav2Vec2CTCTokenizer):
    """Texts to tokens, and the tokens of all steps back to a text, with stamps.

    Repeated tokens count once, and ``pad_token`` is the blank. It differs from
    ``Wav2Vec2CTCTokenizer`` in its units: a text is cut into the longest tokens of the vocabulary,
    between spaces, and words may be tokens by themselves. No token crosses a space.

    Args:
        vocab_file: A JSON file that gives the id of each token.
        unit: ``"character"`` or ``"piece"``, where a token of its own stands for the space, or
            ``"word"``.
        unk_token: The token of what the vocabulary lacks.
        pad_token: The token of the blank, which also pads.
        word_delimiter_token: The token of a space, which words as tokens do not need.
        replace_word_delimiter_char: What stands for that token in texts.
        bos_token: None, as texts have no beginning for CTC.
        eos_token: Likewise.
        **kwargs: Arguments of the tokenizers of transformers.
    """

    def __init__(
        self,
        vocab_file: str,
        unit: str = "character",
        unk_token: str = "<unk>",
        pad_token: str = "<pad>",
        word_delimiter_token: str | None = "|",
        replace_word_delimiter_char: str = " ",
        bos_token: str | None = None,
        eos_token: str | None = None,
        **kwargs: Any,
    ) -> None:
        if unit not in _UNITS:
            raise ValueError(f"unit is {unit!r}, expected one of {', '.join(_UNITS)}")
        word_delimiter_token = None if unit == "word" else word_delimiter_token
        self.unit = unit
        self.do_lower_case, self.target_lang = False, None
        self.replace_word_delimiter_char = replace_word_delimiter_char
        with open(vocab_file, encoding="utf-8") as file:
            self.vocab = json.load(file)
        self.encoder = self.vocab
        self.decoder = {number: token for token, number in self.encoder.items()}
        self._word_delimiter_token = word_delimiter_token
        self._longest = max(map(len, self.encoder))
        for name in ("do_lower_case", "target_lang", "special_tokens_pattern"):
            kwargs.pop(name, None)
        if word_delimiter_token is not None:  # a token that is None would become one named so
            kwargs["word_delimiter_token"] = word_delimiter_token
        # The class between adds every longer token as one that is cut out of the text first, with
        # the spaces beside it, so its own ``__init__`` is left out.
        super(Wav2Vec2CTCTokenizer, self).__init__(
            unit=unit,
            unk_token=unk_token,
            pad_token=pad_token,
            replace_word_delimiter_char=replace_word_delimiter_char,
            bos_token=bos_token,
            eos_token=eos_token,
            special_tokens_pattern="none",
            **kwargs,
        )

    def _tokenize(self, text: str, **kwargs: Any) -> list[str]:
        words = text.split()
        if self.unit == "word":
            return words
        tokens: list[str] = []
        for word in words:
            tokens += [str(self.word_delimiter_token)] if tokens else []
            place = 0
            while place < len(word):
                longest = min(self._longest, len(word) - place)
                sizes = (
                    n for n in range(longest, 1, -1) if word[place : place + n] in self.encoder
                )
                size = next(sizes, 1)
                tokens.append(word[place : place + size])
                place += size
        return tokens

    def convert_tokens_to_string(  # type: ignore[override]
        self,
        tokens: list[str],
        group_tokens: bool = True,
        spaces_between_special_tokens: bool = False,
        output_char_offsets: bool = False,
        output_word_offsets: bool = False,
    ) -> dict[str, Any]:
        """Return the text of the tokens of all steps, and the steps of characters or words.

        With the unit ``"word"`` a character is a word.
        """
        if self.unit != "word":
            found: dict[str, Any] = super().convert_tokens_to_string(
                tokens,
                group_tokens,
                spaces_between_special_tokens,
                output_char_offsets,
                output_word_offsets,
            )
            return found
        words, place = [], 0
        for token, group in groupby(tokens):
            count = len(list(group))
            for _ in range(1 if group_tokens else count):
                size = count if group_tokens else 1
                if token != self.pad_token:
                    words.append({"start_offset": place, "end_offset": place + size, "word": token})
                place += size
        chars = [
            {"char": w["word"], "start_offset": w["start_offset"], "end_offset": w["end_offset"]}
            for w in words
        ]
        return {
            "text": " ".join(str(word["word"]) for word in words),
            "char_offsets": chars if output_char_offsets else None,
            "word_offsets": words if output_word_offsets else None,
        }


CTCTokenizer.register_for_auto_class("AutoTokenizer")
