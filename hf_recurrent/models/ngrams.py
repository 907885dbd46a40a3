"""The n-grams of a word and their buckets, exactly as in fastText.

A word in angle brackets, ``<word>``, is cut into all n-grams of ``min_n`` to ``max_n`` characters.
The hash of an n-gram is the number of one of ``bucket`` vectors (Bojanowski et al. 2017, "Enriching
word vectors with subword information").
"""

from functools import lru_cache

from transformers.utils import logging

logger = logging.get_logger(__name__)

# The end of a line, which is a word without n-grams in fastText.
END = "</s>"
# Default for the number of characters up to which a word keeps all of its n-grams.
LONGEST_WORD = 40

_FNV_PRIME, _FNV_OFFSET, _32_BITS = 16777619, 2166136261, 0xFFFFFFFF
# The hash is FNV-1a over bytes, but fastText takes bytes as signed: 0x80 and up are extended by
# ones to 32 bits.
_SIGNED = [byte if byte < 0x80 else byte | 0xFFFFFF00 for byte in range(256)]


def fnv1a(data: bytes) -> int:
    """Return fastText's 32-bit hash of some bytes.

    Example:
        >>> fnv1a("<wo".encode()) % 2_000_000
        1390033
    """
    value = _FNV_OFFSET
    for byte in data:
        value = ((value ^ _SIGNED[byte]) * _FNV_PRIME) & _32_BITS
    return value


def ngrams(word: str, min_n: int, max_n: int) -> list[str]:
    """Return the n-grams of a word in fastText's order, without the single brackets.

    ``</s>`` has none.

    Example:
        >>> ngrams("cat", 3, 4)
        ['<ca', '<cat', 'cat', 'cat>', 'at>']
    """
    if word == END:
        return []
    bracketed = f"<{word}>"
    length = len(bracketed)
    return [
        bracketed[start : start + n]
        for start in range(length)
        for n in range(min_n, min(max_n, length - start) + 1)
        if not (n == 1 and start in (0, length - 1))
    ]


def ngram_buckets(word: str, min_n: int, max_n: int, bucket: int) -> list[int]:
    """Return the bucket of each n-gram of a word, 0 to ``bucket - 1``, in the order of ``ngrams``.

    The result is ``[fnv1a(n.encode()) % bucket for n in ngrams(word, min_n, max_n)]``, but n-grams
    with the same start share their work.
    """
    if word == END:
        return []
    # Lone surrogates, which are in no file of vectors, have no bytes; they are read as "?".
    characters = [c.encode("utf-8", "replace") for c in f"<{word}>"]
    signed, length, buckets = _SIGNED, len(characters), []
    for start in range(length):
        value = _FNV_OFFSET
        for n, character in enumerate(characters[start : start + max_n], start=1):
            for byte in character:
                value = ((value ^ signed[byte]) * _FNV_PRIME) & _32_BITS
            if n >= min_n and not (n == 1 and start in (0, length - 1)):
                buckets.append(value % bucket)
    return buckets


def most_ngrams(length: int, min_n: int, max_n: int) -> int:
    """Return the number of n-grams of a word of ``length`` characters."""
    return sum(max(0, length + 2 - n + 1) - 2 * (n == 1) for n in range(min_n, max_n + 1))


@lru_cache(maxsize=1 << 16)  # about 70 MB when full
def ngram_ids(word: str, min_n: int, max_n: int, bucket: int, most: int) -> tuple[int, ...]:
    """Return 1 + the bucket of each of the first ``most`` n-grams of a word."""
    buckets = ngram_buckets(word, min_n, max_n, bucket)
    if len(buckets) > most:
        logger.warning_once(
            f"Words with more than {most} n-grams keep only the first {most}, the word "
            f"{word[:60]!r} among them: a larger longest_word of the tokenizer keeps all."
        )
    return tuple(value + 1 for value in buckets[:most])
