"""A fast tokenizer that also gives each token the n-grams that fastText cuts it into."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from tokenizers import Encoding
from transformers import PreTrainedTokenizerFast

from .ngrams import LONGEST_WORD, most_ngrams, ngram_ids
from .surface import surface_of
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

    It has no ``__init__``, for transformers would then rebuild it wrongly when it is loaded. Make
    it by ``from_tokenizer``; ``ngrams``, a keyword of the constructor, holds ``min_n``, ``max_n``,
    ``bucket`` and ``longest_word``.
    """

    extra_input = "ngram_ids"

    @classmethod
    def from_tokenizer(
        cls,
        tokenizer: PreTrainedTokenizerFast,
        *,
        min_n: int,
        max_n: int,
        bucket: int,
        longest_word: int = LONGEST_WORD,
    ) -> "NgramTokenizer":
        """Make a tokenizer that cuts text as another one does.

        Args:
            tokenizer: a word-level fast tokenizer with an unknown token.
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
        settings = cls.settings_of(tokenizer)
        settings["ngrams"] = {
            "min_n": min_n,
            "max_n": max_n,
            "bucket": bucket,
            "longest_word": longest_word,
        }
        return cls(**settings)

    @property
    def ngrams(self) -> dict[str, int]:
        """``min_n``, ``max_n``, ``bucket`` and ``longest_word``."""
        found = self.init_kwargs.get("ngrams")
        if not isinstance(found, dict):
            raise ValueError(
                "the tokenizer lacks the setting 'ngrams' (min_n, max_n, bucket, longest_word): "
                "make it by NgramTokenizer.from_tokenizer"
            )
        return found

    @property
    def ngrams_width(self) -> int:
        """How many n-gram ids a token has in a tensor."""
        settings = self.ngrams
        return most_ngrams(settings["longest_word"], settings["min_n"], settings["max_n"])

    def word_ngram_ids(self, word: str) -> tuple[int, ...]:
        """Return the n-gram ids of a word as it stands in the vocabulary."""
        s = self.ngrams
        return ngram_ids(word, s["min_n"], s["max_n"], s["bucket"], self.ngrams_width)

    def extra_values(
        self,
        encodings: Sequence[Encoding],
        samples: Iterable[int],
        texts: Sequence[Any],
        pairs: Sequence[Any] | None,
        split: bool,
    ) -> Iterator[list[tuple[int, ...]]]:
        """Give the n-gram ids of each token of each encoding."""
        s, width = self.ngrams, self.ngrams_width
        rule = (s["min_n"], s["max_n"], s["bucket"], width)
        unknown = self.unk_token_id
        without = set(self.all_special_ids)  # the unknown token, one of them, is seen to below
        normalizer = self.backend_tokenizer.normalizer
        for encoding, sample in zip(encodings, samples, strict=True):
            ids = encoding.ids  # each look at a field of an encoding copies it
            row = [
                () if token_id in without else ngram_ids(token, *rule)
                for token_id, token in zip(ids, encoding.tokens, strict=True)
            ]
            if unknown in ids:
                places = zip(
                    ids, encoding.sequence_ids, encoding.word_ids, encoding.offsets, strict=True
                )
                for position, (token_id, sequence, word, (start, end)) in enumerate(places):
                    if token_id != unknown or sequence is None:
                        continue
                    source = texts[sample] if not sequence or pairs is None else pairs[sample]
                    surface = surface_of(source[word] if split else source, start, end)
                    if surface != self.unk_token:
                        if normalizer is not None:
                            surface = normalizer.normalize_str(surface)
                        row[position] = ngram_ids(surface, *rule)
            yield row

    def rectangle(self, rows: Sequence[Sequence[int]], length: int, side: str) -> np.ndarray:
        """Return ids (length, ngrams_width) of tokens, padded on a side, with 0."""
        rectangle = np.zeros((length, self.ngrams_width), dtype=np.int64)
        counts = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
        flat = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=int(counts.sum()))
        start = length - len(rows) if side == "left" else 0
        filled = np.arange(self.ngrams_width) < counts[:, None]
        rectangle[start : start + len(rows)][filled] = flat
        return rectangle


NgramTokenizer.register_for_auto_class("AutoTokenizer")
