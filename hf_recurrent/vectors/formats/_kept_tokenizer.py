"""A tokenizer that moves with its matrix from one format to another, unchanged."""

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast
from transformers.tokenization_utils_base import VERY_LARGE_INTEGER

from ._tokens import read_json, tokens_of

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
            name: next((token for token in names if token in tokens), None)
            for name, names in _NAMES.items()
        }
        pad, eos = self._special["pad_token"], self._special["eos_token"]
        self.pad_token_id = None if pad is None else tokens.index(pad)
        self.eos_token_id = None if eos is None else tokens.index(eos)

    def copy(self, path: Path) -> None:
        """Copy the file."""
        path.write_bytes(self.path.read_bytes())

    def save(self, folder: Path) -> None:
        """Write it as a tokenizer of transformers that works as sentence-transformers uses it.

        So it adds no tokens around a text, and does not truncate it.

        Raises:
            ValueError: If the tokenizers library cannot read the file.
        """
        self._for_model().save_pretrained(folder)

    def _for_model(self) -> PreTrainedTokenizerFast:
        document: dict[str, Any] = read_json(self.path)
        document |= {"post_processor": None, "truncation": None, "padding": None}
        try:
            backend = Tokenizer.from_str(json.dumps(document))
        except Exception as error:  # the library raises nothing narrower
            reason = " ".join(str(error).split())
            raise ValueError(f"{self.path}: the tokenizer cannot be built ({reason}).") from None
        return PreTrainedTokenizerFast(
            tokenizer_object=backend,
            padding_side="right",
            model_max_length=VERY_LARGE_INTEGER,
            model_input_names=["input_ids", "attention_mask"],
            clean_up_tokenization_spaces=False,
            **{name: token for name, token in self._special.items() if token is not None},
        )
