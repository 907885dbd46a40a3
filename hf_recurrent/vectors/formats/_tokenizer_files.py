"""Write the files of a tokenizer: one that is kept, or a new one of many words.

A tokenizer takes more memory than the matrix of short vectors. So a tiny one with the same settings
is built, and its words are replaced in its files.
"""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast
from transformers.tokenization_utils_base import VERY_LARGE_INTEGER

from ...models.publishable import mark
from ...models.tokenization_marked import MarkedTokenizer
from .._own_words import remark_on_unreachable, with_own_words
from .._preparation import Preparation, guessed
from ..tokenizer import END, PADDING, UNKNOWN, build, lost_to_model
from ._tokens import TOKENIZER, read_json, tokens_of

_CONFIG = "tokenizer_config.json"
_WORDS_HERE = "the words go here"
# The usual names of special tokens.
_NAMES = {
    "unk_token": ("<unk>", "[UNK]", "<|unk|>"),
    "pad_token": ("[PAD]", "<pad>", "<|pad|>"),
    "eos_token": ("</s>", "<eos>"),
}


class KeptTokenizer:
    """The ``tokenizer.json`` of a folder of one of the formats with a tokenizer.

    Args:
        path: The file.

    Attributes:
        rows: Number of its ids.
        pad_token_id: The id of the padding token, None without one.
        eos_token_id: The id of the end of a sentence, None without one.
        remarks: Sentences for the user; always empty.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.remarks: list[str] = []
        tokens, _ = tokens_of(path)
        self.rows = len(tokens)
        self._special = {
            name: token
            for name, names in _NAMES.items()
            for token in [token for token in names if token in tokens][:1]
        }
        ids = {name: tokens.index(token) for name, token in self._special.items()}
        self.pad_token_id, self.eos_token_id = ids.get("pad_token"), ids.get("eos_token")

    def copy(self, path: Path) -> None:
        """Copy the file."""
        path.write_bytes(self.path.read_bytes())

    def save(self, folder: Path, marked: bool = False) -> None:
        """Write it as a tokenizer of transformers that works as sentence-transformers uses it.

        So it adds no tokens around a text, and does not truncate it.

        Args:
            folder: The folder.
            marked: Whether it was made of data that may not be passed on.

        Raises:
            ValueError: If the tokenizers library cannot read the file.
        """
        document: dict[str, Any] = read_json(self.path)
        document |= {"post_processor": None, "truncation": None, "padding": None}
        try:
            backend = Tokenizer.from_str(json.dumps(document))
        except Exception as error:  # the library raises nothing narrower
            reason = " ".join(str(error).split())
            raise ValueError(f"{self.path}: the tokenizer cannot be built ({reason}).") from None
        kind = MarkedTokenizer if marked else PreTrainedTokenizerFast
        made = kind(
            tokenizer_object=backend,
            padding_side="right",
            model_max_length=VERY_LARGE_INTEGER,
            model_input_names=["input_ids", "attention_mask"],
            clean_up_tokenization_spaces=False,
            **self._special,
        )
        _saved(made, folder, marked)


def _saved(tokenizer: Any, folder: Path, marked: bool) -> None:
    if marked:
        mark(tokenizer)
    tokenizer.save_pretrained(folder)


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

    def save(self, folder: Path, marked: bool = False) -> None:
        """Write ``tokenizer.json`` and the configuration beside it.

        Args:
            folder: The folder.
            marked: Whether it was made of data that may not be passed on.
        """
        if self._whole is not None:
            _saved(self._whole, folder, marked)
            return
        few = ["a", END] if self.eos_token_id is not None else ["a"]
        _saved(build(few, self._preparation), folder, marked)
        document = read_json(folder / TOKENIZER)
        for token in document["added_tokens"]:
            token["id"] = self._id_of(token["content"])
        document["added_tokens"].sort(key=lambda token: token["id"])
        document["model"]["vocab"] = _WORDS_HERE
        before, after = json.dumps(document, indent=2, ensure_ascii=False).split(f'"{_WORDS_HERE}"')
        with (folder / TOKENIZER).open("w", encoding="utf-8") as file:
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
