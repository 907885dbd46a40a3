"""A fast tokenizer that also returns the characters of each token."""

from typing import Any, Self

from transformers import PreTrainedTokenizerFast

from .characters import LONGEST_WORD, CharIds
from .tokenization_extra_inputs import ExtraInputTokenizer


class CharTokenizer(ExtraInputTokenizer):
    """A tokenizer whose encodings hold ``char_ids`` beside ``input_ids``.

    Each token has the ids of its characters as they were written in the text (code points,
    composed, upper or lower case), between an id for its begin and one for its end. Special tokens
    and padding have none; a word that is not in the vocabulary has its own. A word of more than
    ``longest_word`` characters keeps the first ones, with one warning. Without padding each token
    has a tuple of its own length. Tensors and padded lists have the width ``longest_word`` + 2.

    Make it with ``from_tokenizer``. The keyword ``characters`` of the constructor holds
    ``alphabet`` and ``longest_word``.
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
            tokenizer: Any fast tokenizer; its additional inputs are kept.
            alphabet: The characters that have an id, such as ``alphabet_of`` returns.
            longest_word: How many characters of a word are kept.

        Raises:
            ValueError: If an argument has a wrong value.
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
        """The number of character ids."""
        return self._char_ids.num_characters

    def word_char_ids(self, word: str) -> tuple[int, ...]:
        """Return the character ids of a word."""
        return self._char_ids.of_word(word)


CharTokenizer.register_for_auto_class("AutoTokenizer")
