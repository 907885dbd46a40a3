"""A fast tokenizer that also gives each token its characters."""

from typing import Any, Self

from transformers import PreTrainedTokenizerFast

from .characters import LONGEST_WORD, CharIds
from .tokenization_extra_inputs import ExtraInputTokenizer


class CharTokenizer(ExtraInputTokenizer):
    """A tokenizer whose encodings hold ``char_ids`` beside ``input_ids``.

    Each token has the ids of the characters that it stands for in the text, as they were written
    (code points, composed, in their case), between one for its begin and one for its end. Special
    tokens and padding have none; a word that the vocabulary lacks has its own. Of a word of more
    than ``longest_word`` characters the first ones are kept, with one warning. Without padding each
    token has a tuple as long as it needs. Tensors and whatever is padded have the width
    ``longest_word`` + 2.

    Make it by ``from_tokenizer``; ``characters``, a keyword of the constructor, holds ``alphabet``
    and ``longest_word``.
    """

    kind = CharIds

    @classmethod
    def from_tokenizer(
        cls,
        tokenizer: PreTrainedTokenizerFast,
        *,
        alphabet: str,
        longest_word: int = LONGEST_WORD,
    ) -> Self:
        """Make a tokenizer that cuts text as another one does.

        Args:
            tokenizer: any fast tokenizer; what it gives beside token ids, this one gives too.
            alphabet: the characters that have an id, as ``alphabet_of`` gives them.
            longest_word: characters of a word that are kept.

        Raises:
            ValueError: if an argument cannot be.
        """
        if not alphabet or len(set(alphabet)) < len(alphabet):
            raise ValueError("the alphabet must have characters, and each of them once")
        if longest_word < 1:
            raise ValueError(f"longest_word is {longest_word}, expected at least 1")
        return cls.from_settings(tokenizer, {"alphabet": alphabet, "longest_word": longest_word})

    @property
    def _char_ids(self) -> CharIds:
        return CharIds(self, self.init_kwargs.get("characters"))

    @property
    def characters(self) -> dict[str, Any]:
        """``alphabet`` and ``longest_word``."""
        return self._char_ids.settings

    @property
    def num_characters(self) -> int:
        """How many character ids there are."""
        return self._char_ids.num_characters

    def word_char_ids(self, word: str) -> tuple[int, ...]:
        """Return the character ids of a word."""
        return self._char_ids.of_word(word)


CharTokenizer.register_for_auto_class("AutoTokenizer")
