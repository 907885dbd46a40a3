"""How much of a vocabulary, and of texts, has a word vector."""

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from gensim.models import KeyedVectors
from transformers import PreTrainedTokenizerBase

from ..models.surface import surface_of
from ..models.texts import check_texts
from ._keyed_vectors import VectorSets, look_up, sets_of

_MISSING_SHOWN = 20
_TEXTS_AT_ONCE = 1000


@dataclass(frozen=True)
class Coverage:
    """The share of words that have a vector.

    Attributes:
        types: Number of different words, without special tokens.
        types_found: Those of them that have a vector.
        tokens: Number of running words; 0 if only a vocabulary was counted.
        tokens_found: Those of them that have a vector.
        most_frequent_missing: The most frequent words without a vector, at most 20.
    """

    types: int
    types_found: int
    tokens: int
    tokens_found: int
    most_frequent_missing: tuple[str, ...]

    def __str__(self) -> str:
        parts = [_share("types", self.types_found, self.types)]
        if self.tokens:
            parts.append(_share("tokens", self.tokens_found, self.tokens))
        if self.most_frequent_missing:
            parts.append(f"without a vector: {' '.join(self.most_frequent_missing)}")
        return "; ".join(parts)


def coverage(
    tokenizer_or_words: PreTrainedTokenizerBase | Iterable[str],
    keyed_vectors: VectorSets,
    texts: Iterable[str] | None = None,
) -> Coverage:
    """Count the words that have a vector in at least one set.

    Args:
        tokenizer_or_words: A tokenizer, whose vocabulary is counted, or running words.
        keyed_vectors: One set of vectors or several.
        texts: Texts for the tokenizer to cut. Their words are counted as written. A word that is
            not in the tokenizer's vocabulary counts as missing, because the model sees only
            the unknown token.

    Raises:
        ValueError: If texts come without a tokenizer, or a set is empty.
    """
    sets = sets_of(keyed_vectors)
    if not isinstance(tokenizer_or_words, PreTrainedTokenizerBase):
        if texts is not None:
            raise ValueError("texts need a tokenizer to cut them, and words were given instead.")
        given = Counter(check_texts(tokenizer_or_words, "words"))
        return summarize(list(given), found_in_any(list(given), sets), list(given.values()))
    tokenizer = tokenizer_or_words
    if texts is None:
        special = set(tokenizer.all_special_tokens)
        vocabulary = tokenizer.get_vocab()
        words = [w for w in sorted(vocabulary, key=vocabulary.__getitem__) if w not in special]
        return summarize(words, found_in_any(words, sets))
    return coverage_of_counts(count_words(tokenizer, texts), sets)


def coverage_of_counts(counts: Counter[tuple[str, bool]], sets: Sequence[KeyedVectors]) -> Coverage:
    """Return the coverage of words as ``count_words`` counts them."""
    words = [word for word, _ in counts]
    known = np.array([known for _, known in counts], dtype=bool)
    return summarize(words, found_in_any(words, sets) & known, list(counts.values()))


def found_in_any(words: Sequence[str], sets: Sequence[KeyedVectors]) -> np.ndarray:
    """Return for each word whether a set has it, (words,) bool."""
    return np.any([look_up(words, vectors) >= 0 for vectors in sets], axis=0)


def summarize(
    words: Sequence[str], found: np.ndarray, counts: Sequence[int] | None = None
) -> Coverage:
    """Summarize how many words were found.

    Args:
        words: Different words. Without counts they are in the order of their frequency.
        found: Whether each word has a vector, (words,) bool.
        counts: How often each word occurs; None for a vocabulary.
    """
    missing = [position for position, is_found in enumerate(found) if not is_found]
    if counts is not None:
        missing.sort(key=lambda position: -counts[position])
    frequency = np.zeros(len(words), dtype=np.int64) if counts is None else np.array(counts)
    return Coverage(
        types=len(words),
        types_found=int(found.sum()),
        tokens=int(frequency.sum()),
        tokens_found=int(frequency[found].sum()),
        most_frequent_missing=tuple(words[position] for position in missing[:_MISSING_SHOWN]),
    )


def count_words(
    tokenizer: PreTrainedTokenizerBase, texts: Iterable[str]
) -> Counter[tuple[str, bool]]:
    """Count the words of texts, each with whether the tokenizer's vocabulary has it."""
    counts: Counter[tuple[str, bool]] = Counter()
    normalizer = tokenizer.backend_tokenizer.normalizer
    rest = check_texts(texts)
    while batch := list(itertools.islice(rest, _TEXTS_AT_ONCE)):
        encoded = tokenizer(batch, add_special_tokens=False, return_offsets_mapping=True)
        for text, ids, spans in zip(
            batch, encoded["input_ids"], encoded["offset_mapping"], strict=True
        ):
            tokens = tokenizer.convert_ids_to_tokens(ids)
            for token_id, token, (start, end) in zip(ids, tokens, spans, strict=True):
                if token_id != tokenizer.unk_token_id:
                    counts[token, True] += 1
                else:
                    surface = surface_of(text, start, end)
                    counts[normalizer.normalize_str(surface) if normalizer else surface, False] += 1
    return counts


def _share(what: str, found: int, total: int) -> str:
    return f"{what}: {found:,} of {total:,} have a vector ({found / max(total, 1):.1%})"
