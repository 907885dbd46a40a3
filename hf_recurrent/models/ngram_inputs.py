"""The n-gram ids of each token, which a tokenizer makes."""

from collections.abc import Iterator
from typing import Any

from .extra_inputs import Encoded, ExtraInput
from .ngrams import most_ngrams, ngram_ids


class NgramIds(ExtraInput):
    """The ids of the n-grams of each token: 1 + the bucket in fastText; see ``ngrams.py``.

    Padding and special tokens have none. A word that is not in the vocabulary has the n-grams of
    its form in the text, normalised as the tokenizer normalises text.
    """

    name = "ngram_ids"
    setting = "ngrams"

    def __init__(self, tokenizer: Any, settings: Any) -> None:
        if not isinstance(settings, dict):
            raise ValueError(
                "the tokenizer lacks the setting 'ngrams' (min_n, max_n, bucket, longest_word): "
                "make it by NgramTokenizer.from_tokenizer"
            )
        low, high = settings["min_n"], settings["max_n"]
        self.tokenizer = tokenizer
        self.settings: dict[str, int] = settings
        self.width: int = most_ngrams(settings["longest_word"], low, high)
        self.rule = (low, high, settings["bucket"], self.width)

    def of_word(self, word: str) -> tuple[int, ...]:
        """Return the n-gram ids of a word, given as in the vocabulary."""
        return ngram_ids(word, *self.rule)

    def values(self, encoded: Encoded) -> Iterator[list[tuple[int, ...]]]:
        """Yield, for each encoding, the n-gram ids of its tokens."""
        unknown, unknown_token = self.tokenizer.unk_token_id, self.tokenizer.unk_token
        without = set(self.tokenizer.all_special_ids)  # the unknown token follows below
        normalizer = self.tokenizer.backend_tokenizer.normalizer
        for encoding, sample in encoded.each():
            ids = encoding.ids  # each access to a field of an encoding copies it
            row = [
                () if token_id in without else self.of_word(token)
                for token_id, token in zip(ids, encoding.tokens, strict=True)
            ]
            if unknown in ids:
                surfaces = encoded.surfaces(encoding, sample)
                for position, (token_id, surface) in enumerate(zip(ids, surfaces, strict=True)):
                    if token_id != unknown or surface is None or surface == unknown_token:
                        continue
                    if normalizer is not None:
                        surface = normalizer.normalize_str(surface)
                    row[position] = self.of_word(surface)
            yield row
