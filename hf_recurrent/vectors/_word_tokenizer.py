"""The class of this package's tokenizers: like transformers' own, but quick to load."""

import json
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerFast

from .._whole import write_whole


class WordTokenizer(PreTrainedTokenizerFast):
    """A fast tokenizer that loads as the plain class of transformers, everywhere.

    It has no ``__init__``, because transformers would then rebuild it wrongly when it is loaded.
    """

    def _save_pretrained(
        self, save_directory: Any, file_names: tuple[str, ...], *args: Any, **kwargs: Any
    ) -> tuple[str, ...]:
        """Save the tokenizer, and list the added tokens in its configuration.

        If they are not listed, transformers parses the whole file of the tokenizer once more in
        Python to find them.
        """
        saved = super()._save_pretrained(save_directory, file_names, *args, **kwargs)
        path = Path(file_names[0])
        config = json.loads(path.read_text(encoding="utf-8"))
        config["tokenizer_class"] = PreTrainedTokenizerFast.__name__
        config["added_tokens_decoder"] = {
            str(row): token.__getstate__() for row, token in self.added_tokens_decoder.items()
        }
        text = json.dumps(config, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        write_whole(path, text)
        return saved
