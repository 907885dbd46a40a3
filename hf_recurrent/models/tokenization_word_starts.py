"""A fast tokenizer that cuts words into pieces and also returns where words begin."""

from typing import Self

from transformers import PreTrainedTokenizerFast

from .tokenization_extra_inputs import ExtraInputTokenizer
from .word_starts import WordStarts


class WordStartTokenizer(ExtraInputTokenizer):
    """A tokenizer whose encodings hold ``word_starts`` beside ``input_ids``.

    The value is 1 at the first piece of each word, and 0 at its other pieces, at special tokens and
    at padding. So a tagger tags words and not pieces. With ``is_split_into_words=True`` the words
    are those given; in running text they are the parts that the tokenizer's pre-tokenizer makes. A
    model for running text should therefore be trained on words that were split in this way. If a
    long text overflows into several encodings, each of them begins with a word.

    Make it with ``from_tokenizer``.

    Example:
        >>> from tokenizers import Tokenizer, models, pre_tokenizers
        >>> from transformers import PreTrainedTokenizerFast
        >>> pieces = Tokenizer(models.WordPiece({"[UNK]": 0, "play": 1, "##ing": 2, "a": 3}))
        >>> pieces.pre_tokenizer = pre_tokenizers.Whitespace()
        >>> plain = PreTrainedTokenizerFast(tokenizer_object=pieces, unk_token="[UNK]")
        >>> WordStartTokenizer.from_tokenizer(plain)("a playing")["word_starts"]
        [1, 1, 0]
    """

    kind = WordStarts

    @classmethod
    def from_tokenizer(cls, tokenizer: PreTrainedTokenizerFast) -> Self:
        """Make a tokenizer that cuts text as another fast one does.

        The additional inputs of that tokenizer, such as n-gram ids, are kept.
        """
        return cls.from_settings(tokenizer, True)


WordStartTokenizer.register_for_auto_class("AutoTokenizer")
