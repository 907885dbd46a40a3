"""A fast tokenizer that also gives each token the n-grams that fastText cuts it into."""

from typing import Self

from transformers import PreTrainedTokenizerFast

from .ngram_inputs import NgramIds
from .ngrams import LONGEST_WORD
from .tokenization_extra_inputs import ExtraInputTokenizer


class NgramTokenizer(ExtraInputTokenizer):
    """A word-level tokenizer whose encodings hold ``ngram_ids`` beside ``input_ids``.

    Each token has a list of n-gram ids, 1 + the bucket of each n-gram (see ``ngrams.py``); padding
    and special tokens have none. A word that the vocabulary lacks has the n-grams of its surface
    form, normalised as the tokenizer normalises text, so that a model with n-grams still tells it
    from others.

    Without padding each token has a tuple as long as it has n-grams. Tensors and whatever is padded
    have one fixed width, that of a word of ``longest_word`` characters, filled with 0; longer words
    keep their first n-grams, with one warning.

    Make it by ``from_tokenizer``; ``ngrams``, a keyword of the constructor, holds ``min_n``,
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
            tokenizer: a word-level fast tokenizer with an unknown token; what it gives beside token
                ids, this one gives too.
            min_n: shortest n-gram, in characters.
            max_n: longest n-gram.
            bucket: number of buckets.
            longest_word: length up to which a word keeps all of its n-grams.

        Raises:
            ValueError: if a number cannot be.
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
        """How many n-gram ids a token has in a tensor."""
        return self._ngram_ids.width

    def word_ngram_ids(self, word: str) -> tuple[int, ...]:
        """Return the n-gram ids of a word as it stands in the vocabulary."""
        return self._ngram_ids.of_word(word)


NgramTokenizer.register_for_auto_class("AutoTokenizer")
