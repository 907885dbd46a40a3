"""A fast tokenizer that also says where words begin, for those that cut words into pieces."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tokenizers import Encoding
from transformers import PreTrainedTokenizerFast

from .tokenization_extra_inputs import ExtraInputTokenizer


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

    extra_input = "word_starts"

    @classmethod
    def from_tokenizer(cls, tokenizer: PreTrainedTokenizerFast) -> "WordStartTokenizer":
        """Make a tokenizer that cuts text as another fast tokenizer does.

        Raises:
            ValueError: if the tokenizer gives an input of its own that would be lost.
        """
        if isinstance(tokenizer, ExtraInputTokenizer) and not isinstance(tokenizer, cls):
            raise ValueError(
                f"{type(tokenizer).__name__} gives {tokenizer.extra_input}, which would be lost: "
                "take the tokenizer that it was made of"
            )
        return cls(**cls.settings_of(tokenizer))

    def extra_values(
        self,
        encodings: Sequence[Encoding],
        samples: Iterable[int],
        texts: Sequence[Any],
        pairs: Sequence[Any] | None,
        split: bool,
    ) -> Iterator[list[int]]:
        """Give 1 for each token that begins a word and 0 for others; see the base class."""
        for encoding in encodings:
            before: tuple[int | None, int | None] = (None, None)
            starts = []
            for place in zip(encoding.sequence_ids, encoding.word_ids, strict=True):
                starts.append(int(place[1] is not None and place != before))
                before = place
            yield starts

    def rectangle(self, values: Sequence[int], length: int, side: str) -> list[int]:
        """Return the values of an encoding, filled up with 0 to ``length`` tokens on a side."""
        given = [int(value) for value in values]
        filled = [0] * (length - len(given))
        return filled + given if side == "left" else given + filled


WordStartTokenizer.register_for_auto_class("AutoTokenizer")
