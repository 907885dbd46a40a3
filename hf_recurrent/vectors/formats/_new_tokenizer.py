"""Write the files of a tokenizer of many words, without building it.

A tokenizer takes more memory than the matrix of short vectors. So a tiny one with the same settings
is built, and its words are replaced in its files.
"""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .._own_words import remark_on_unreachable, with_own_words
from .._preparation import Preparation, guessed
from ..tokenizer import END, PADDING, UNKNOWN, build, lost_to_model
from ._tokens import read_json

_FILE, _CONFIG = "tokenizer.json", "tokenizer_config.json"
_PLACE = "the words stand here"


class NewTokenizer:
    """The tokenizer that ``tokenizer_from_vectors`` makes of words, as files.

    Args:
        words: The words, all different.
        preparation: How text becomes these words; None to guess it from the words.

    Attributes:
        rows: Number of its ids: the words, and the special tokens after them.
        pad_token_id: The id of the padding token.
        eos_token_id: The id of the end of a sentence, None if it is not among the words.
        remarks: Sentences for the user: one counts the words that it never makes of any text.
    """

    def __init__(self, words: list[str], preparation: Preparation | None = None) -> None:
        self._words = words
        self._added = [token for token in (UNKNOWN, PADDING) if token not in words]
        self.rows = len(words) + len(self._added)
        self.pad_token_id = self._id_of(PADDING)
        self.eos_token_id = words.index(END) if END in words else None
        self._preparation, lost = with_own_words(words, preparation or guessed(words))
        self._whole = None
        if self._preparation.pre_tokenizer == "chinese":  # its words have scores
            self._whole = build(words, self._preparation)
            lost = lost_to_model(self._whole, words)
        self.remarks = [remark for remark in [remark_on_unreachable(lost, len(words))] if remark]

    def save(self, folder: Path) -> None:
        """Write ``tokenizer.json`` and the configuration beside it."""
        if self._whole is not None:
            self._whole.save_pretrained(folder)
            return
        few = ["a", END] if self.eos_token_id is not None else ["a"]
        build(few, self._preparation).save_pretrained(folder)
        document = read_json(folder / _FILE)
        for token in document["added_tokens"]:
            token["id"] = self._id_of(token["content"])
        document["added_tokens"].sort(key=lambda token: token["id"])
        document["model"]["vocab"] = _PLACE
        before, after = json.dumps(document, indent=2, ensure_ascii=False).split(f'"{_PLACE}"')
        with (folder / _FILE).open("w", encoding="utf-8") as file:
            file.write(before)
            file.writelines(self._vocabulary())
            file.write(after)
        config: dict[str, Any] = read_json(folder / _CONFIG)
        if "added_tokens_decoder" in config:
            tokens = config["added_tokens_decoder"].values()
            decoder = {str(self._id_of(token["content"])): token for token in tokens}
            config["added_tokens_decoder"] = decoder
            text = json.dumps(config, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
            (folder / _CONFIG).write_text(text, encoding="utf-8")

    def _id_of(self, token: str) -> int:
        if token in self._added:
            return len(self._words) + self._added.index(token)
        return self._words.index(token)

    def _vocabulary(self) -> Iterator[str]:
        """Yield the parts of the map from words to ids."""
        for row, word in enumerate(itertools.chain(self._words, self._added)):
            yield f"{', ' if row else '{'}{json.dumps(word, ensure_ascii=False)}: {row}"
        yield "}"
