"""A fast tokenizer that also says where words begin, for those that cut words into pieces."""

from typing import Self

from transformers import PreTrainedTokenizerFast

from .tokenization_extra_inputs import ExtraInputTokenizer
from .word_starts import WordStarts


class WordStartTokenizer(ExtraInputTokenizer):
    """A tokenizer whose encodings hold ``word_starts`` beside ``input_ids``.

    It is 1 at the first piece of each word, and 0 at its other pieces, at special tokens and at
    padding. A tagger then tags words, whatever pieces they are cut into. A word is what was given
    as one with ``is_split_into_words=True``; in running text it is what the tokenizer's
    pre-tokenizer parts, so a model that is used on text should be trained on words parted so. Where
    a long text overflows into several encodings, each of them begins with a word.

    Make it by ``from_tokenizer``.

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

        What that one gives beside token ids, such as n-gram ids, this one gives too.
        """
        return cls.from_settings(tokenizer, True)


WordStartTokenizer.register_for_auto_class("AutoTokenizer")
