"""A fast tokenizer that also returns the n-grams of each token, as fastText cuts it."""

from typing import Self

from transformers import PreTrainedTokenizerFast

from .ngram_inputs import NgramIds
from .ngrams import LONGEST_WORD
from .tokenization_extra_inputs import ExtraInputTokenizer


class NgramTokenizer(ExtraInputTokenizer):
    """A word-level tokenizer whose encodings hold ``ngram_ids`` beside ``input_ids``.

    Each token has a list of n-gram ids, 1 + the bucket of each n-gram (see ``ngrams.py``); padding
    and special tokens have none. A word that is not in the vocabulary has the n-grams of its form
    in the text, normalised as the tokenizer normalises text. So a model with n-grams can still
    distinguish unknown words.

    Without padding each token has a tuple with its n-grams. Tensors and padded lists have one fixed
    width, filled with 0: the number of n-grams of a word of ``longest_word`` characters. Longer
    words keep their first n-grams, with one warning.

    Make it with ``from_tokenizer``. The keyword ``ngrams`` of the constructor holds ``min_n``,
    ``max_n``, ``bucket`` and ``longest_word``.
    """

    kind = NgramIds

    @classmethod
    def from_tokenizer(
        cls,
        tokenizer: PreTrainedTokenizerFast,
        *,
        min_n: int,
        max_n: int,
        bucket: int,
        longest_word: int = LONGEST_WORD,
    ) -> Self:
        """Make a tokenizer that cuts text as another one does.

        Args:
            tokenizer: A word-level fast tokenizer with an unknown token; its additional inputs are
                kept.
            min_n: Shortest n-gram, in characters.
            max_n: Longest n-gram.
            bucket: Number of buckets.
            longest_word: Length up to which a word keeps all of its n-grams.

        Raises:
            ValueError: If a number is out of range.
        """
        if not 1 <= min_n <= max_n:
            raise ValueError(f"min_n is {min_n} and max_n {max_n}, expected 1 <= min_n <= max_n")
        for name, value in (("bucket", bucket), ("longest_word", longest_word)):
            if value < 1:
                raise ValueError(f"{name} is {value}, expected at least 1")
        settings = {"min_n": min_n, "max_n": max_n, "bucket": bucket, "longest_word": longest_word}
        return cls.from_settings(tokenizer, settings)

    @property
    def _ngram_ids(self) -> NgramIds:
        return NgramIds(self, self.init_kwargs.get("ngrams"))

    @property
    def ngrams(self) -> dict[str, int]:
        """``min_n``, ``max_n``, ``bucket`` and ``longest_word``."""
        return self._ngram_ids.settings

    @property
    def ngrams_width(self) -> int:
        """The number of n-gram ids that a token has in a tensor."""
        return self._ngram_ids.width

    def word_ngram_ids(self, word: str) -> tuple[int, ...]:
        """Return the n-gram ids of a word, given as in the vocabulary."""
        return self._ngram_ids.of_word(word)


NgramTokenizer.register_for_auto_class("AutoTokenizer")
