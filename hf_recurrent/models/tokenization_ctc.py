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
    between spaces, and words may be tokens by themselves. No token crosses a space. Tokens that are
    added later are found like those of the vocabulary, and the space is none of the special tokens.

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

    def _add_tokens(self, new_tokens: Any, special_tokens: bool = False) -> int:
        added: int = super()._add_tokens(new_tokens, special_tokens)
        self._longest = max((self._longest, *map(len, self._added_tokens_encoder)))
        return added

    def tokenize(self, text: str, *args: Any, **kwargs: Any) -> list[str]:
        """Return the tokens of a text.

        The class between cuts added tokens out of the text first, with the spaces beside them.
        """
        return self._tokenize(text)

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
                sizes = (n for n in range(longest, 1, -1) if self._has(word[place : place + n]))
                size = next(sizes, 1)
                tokens.append(word[place : place + size])
                place += size
        return tokens

    def _has(self, token: str) -> bool:
        return token in self.encoder or token in self._added_tokens_encoder

    def convert_ids_to_tokens(self, ids: Any, skip_special_tokens: bool = False) -> Any:
        """Return the tokens of ids; the space is no special one."""
        if not skip_special_tokens or isinstance(ids, int):
            return super().convert_ids_to_tokens(ids)
        special = self._special_ids()
        return super().convert_ids_to_tokens([i for i in map(int, ids) if i not in special])

    def get_special_tokens_mask(
        self,
        token_ids_0: list[int],
        token_ids_1: list[int] | None = None,
        already_has_special_tokens: bool = False,
    ) -> list[int]:
        """Return 1 for each special token and 0 for the others, the space among these."""
        if not already_has_special_tokens or token_ids_1 is not None:
            found: list[int] = super().get_special_tokens_mask(
                token_ids_0, token_ids_1, already_has_special_tokens
            )
            return found
        special = self._special_ids()
        return [int(i in special) for i in token_ids_0]

    def _special_ids(self) -> set[int]:
        return {*self.all_special_ids} - {self.word_delimiter_token_id}

    def _decode(  # type: ignore[override]
        self, token_ids: Any, skip_special_tokens: bool = False, **kwargs: Any
    ) -> Any:
        """Return the text of steps; see ``decode``.

        Skipped tokens are made blanks: without those between them, equal tokens would be one.
        """
        ids = [int(i) for i in ([token_ids] if isinstance(token_ids, int) else token_ids)]
        if skip_special_tokens:
            special = self._special_ids()
            ids = [self.pad_token_id if i in special else i for i in ids]
        return super()._decode(ids, **kwargs)

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
