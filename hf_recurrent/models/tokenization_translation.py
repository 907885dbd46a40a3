"""A fast tokenizer with a vocabulary for sentences and another one for their translations."""

import os
from pathlib import Path
from typing import Any, Self

from tokenizers import Tokenizer
from transformers import BatchEncoding, PreTrainedTokenizerFast

from .publishable import GuardedPushes, passing_on

TARGET_FILE = "target_tokenizer.json"


class TranslationTokenizer(GuardedPushes, PreTrainedTokenizerFast):
    """A tokenizer of two languages with a vocabulary each, as that of Marian.

    ``tokenizer(text)`` reads the language that is translated, and ``tokenizer(text_target=...)``
    that of the translations; with both, the second are ``labels``. Ids are decoded as those of
    translations, or with ``use_source_tokenizer=True`` as those of sentences. ``len`` and
    ``get_vocab`` are of the sentences, ``target_vocab_size`` is of the translations. Special tokens
    have equal ids on both sides.

    Make it with ``from_tokenizers``. It has no ``__init__``, because transformers would then
    rebuild it wrongly when it is loaded.
    """

    vocab_files_names = {  # noqa: RUF012
        **PreTrainedTokenizerFast.vocab_files_names,
        "target_file": TARGET_FILE,
    }

    @classmethod
    def from_tokenizers(
        cls, source: PreTrainedTokenizerFast, target: PreTrainedTokenizerFast
    ) -> Self:
        """Make a tokenizer of two.

        Args:
            source: The tokenizer of sentences.
            target: The tokenizer of their translations.

        Raises:
            ValueError: If they have different special tokens, or different ids of them.
        """
        tokens = [
            {name: (str(token), each.convert_tokens_to_ids(str(token))) for name, token in named}
            for each in (source, target)
            for named in [sorted(each.special_tokens_map.items())]
        ]
        if tokens[0] != tokens[1]:
            raise ValueError(
                f"the special tokens of source are {tokens[0]}, and those of target {tokens[1]}: "
                "both need the same ones, with the same ids"
            )
        given = dict(source.init_kwargs)
        for name in ("tokenizer_object", "tokenizer_file", "vocab_file", "backend", "auto_map"):
            given.pop(name, None)
        given |= {name: str(token) for name, token in source.special_tokens_map.items()}
        made = cls(**given, tokenizer_object=source.backend_tokenizer)
        made._sides = (made._tokenizer, Tokenizer.from_str(target.backend_tokenizer.to_str()))
        return passing_on(made, source, target)

    @classmethod
    def from_pretrained(cls, *args: Any, **kwargs: Any) -> Self:
        """Load the tokenizer of both sides; see ``PreTrainedTokenizerFast.from_pretrained``."""
        made = super().from_pretrained(*args, **kwargs)
        path = made.init_kwargs.pop("target_file", None)
        if path is not None:
            made._sides = (made._tokenizer, Tokenizer.from_file(os.fspath(path)))
        return made

    @property
    def target_tokenizer(self) -> Tokenizer:
        """The backend of the translations."""
        return self._both[1]

    @property
    def target_vocab_size(self) -> int:
        """The number of ids of the translations."""
        return int(self.target_tokenizer.get_vocab_size())

    @property
    def _both(self) -> tuple[Tokenizer, Tokenizer]:
        found: tuple[Tokenizer, Tokenizer] | None = self.__dict__.get("_sides")
        if found is None:
            raise ValueError(
                f"there is no {TARGET_FILE} beside the tokenizer: make it with from_tokenizers, or "
                "load a folder that has both files"
            )
        return found

    def __call__(self, *args: Any, **kwargs: Any) -> BatchEncoding:
        """Return the ids of sentences, of translations, or of both; see the class.

        An error among translations leaves the tokenizer as it was, where that of transformers would
        go on with the vocabulary of translations, and save it as that of sentences.
        """
        try:
            encoded: BatchEncoding = super().__call__(*args, **kwargs)
            return encoded
        finally:
            self._switch_to_input_mode()

    def _switch_to_input_mode(self) -> None:
        self._tokenizer = self._both[0]

    def _switch_to_target_mode(self) -> None:
        self._tokenizer = self._both[1]

    def _decode(
        self,
        token_ids: int | list[int],
        *args: Any,
        use_source_tokenizer: bool = False,
        **kwargs: Any,
    ) -> str:
        if use_source_tokenizer:
            return super()._decode(token_ids, *args, **kwargs)
        self._switch_to_target_mode()
        try:
            return super()._decode(token_ids, *args, **kwargs)
        finally:
            self._switch_to_input_mode()

    def convert_ids_to_tokens(
        self, ids: int | list[int], skip_special_tokens: bool = False
    ) -> str | list[str]:
        """Return the tokens of ids of translations."""
        self._switch_to_target_mode()
        try:
            return super().convert_ids_to_tokens(ids, skip_special_tokens)
        finally:
            self._switch_to_input_mode()

    def _save_pretrained(
        self, save_directory: Any, file_names: tuple[str, ...], *args: Any, **kwargs: Any
    ) -> tuple[str, ...]:
        saved = super()._save_pretrained(save_directory, file_names, *args, **kwargs)
        path = Path(save_directory, TARGET_FILE)
        self.target_tokenizer.save(str(path))
        return (*saved, str(path))


TranslationTokenizer.register_for_auto_class("AutoTokenizer")
