"""A fast tokenizer that also returns the characters of each token as ELMo reads them."""

from typing import Self

from transformers import PreTrainedTokenizerFast

from .characters import CharIds
from .elmo_characters import LONGEST_WORD, ElmoCharIds
from .tokenization_extra_inputs import ExtraInputTokenizer


class ElmoTokenizer(ExtraInputTokenizer):
    """A tokenizer whose encodings hold ``char_ids`` beside ``input_ids``, for ELMo.

    Each token has ``max_characters_per_token`` ids, exactly as in the original: the bytes of the
    word between two marks; see ``elmo_characters.py``. They are made from the word as it was
    written. So a word that is not in the vocabulary has its own, and the token id does not matter
    to the model. Padding has none.

    Make it with ``from_tokenizer``, or with ``hf_recurrent.vectors.elmo_tokenizer`` for words
    between white space, which are what the published models were trained on.
    """

    kind = ElmoCharIds

    @classmethod
    def from_tokenizer(
        cls,
        tokenizer: PreTrainedTokenizerFast,
        *,
        max_characters_per_token: int = LONGEST_WORD,
    ) -> Self:
        """Make a tokenizer that cuts text as another one does.

        Args:
            tokenizer: Any fast tokenizer that cuts text into words; its additional inputs are kept.
            max_characters_per_token: How many ids a word has, marks included; that of the model.

        Raises:
            ValueError: If the number is too small, or the tokenizer has other ``char_ids``.
        """
        if max_characters_per_token < 3:
            raise ValueError(
                f"max_characters_per_token is {max_characters_per_token}, expected at least 3: two "
                "marks and a byte"
            )
        if CharIds.setting in tokenizer.init_kwargs:
            raise ValueError(
                "the tokenizer returns char_ids of code points (CharTokenizer), and a token has "
                "one list of them: make the ElmoTokenizer from the tokenizer before that"
            )
        settings = {"max_characters_per_token": max_characters_per_token}
        return cls.from_settings(tokenizer, settings)

    @property
    def max_characters_per_token(self) -> int:
        """The number of character ids of a token."""
        return self._char_ids.width

    def word_char_ids(self, word: str) -> tuple[int, ...]:
        """Return the character ids of a word."""
        return self._char_ids.of_word(word)

    @property
    def _char_ids(self) -> ElmoCharIds:
        return ElmoCharIds(self, self.init_kwargs.get(ElmoCharIds.setting))


ElmoTokenizer.register_for_auto_class("AutoTokenizer")
