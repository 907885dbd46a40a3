"""Hand-made features of words in a sentence, as used in taggers before networks."""

import re
from collections.abc import Sequence
from functools import lru_cache

_LONGEST_AFFIX = 4
_RUNS = re.compile(r"(.)\1+", re.DOTALL)


def word_shape(word: str) -> str:
    """Return the kinds of a word's characters: X for upper case, x for other letters, d for digits.

    All other characters are kept.

    Example:
        >>> word_shape("Mid-2017s")
        'Xxx-ddddx'
    """
    return "".join(
        "X" if sign.isupper() else "x" if sign.isalpha() else "d" if sign.isdigit() else sign
        for sign in word
    )


def sentence_features(words: Sequence[str]) -> list[list[str]]:
    """Return the features of each word of a sentence, each feature one string.

    For the word itself: its form, also in lower case, its prefixes and suffixes of up to four
    characters, its shape with and without repetitions, and its kinds of characters. For the two
    words on either side: the form in lower case and the shape, and for the direct neighbours also
    the suffix. At the ends: a mark that the sentence begins or ends.
    """
    own = [*map(_of_word, words)]
    near = [*map(_of_neighbour, words)]
    features = []
    for i, of_word in enumerate(own):
        found = ["bias", *of_word]
        for offset in (-2, -1, 1, 2):
            if 0 <= i + offset < len(words):
                kept = near[i + offset] if abs(offset) == 1 else near[i + offset][:2]
                found += [f"{offset:+}{feature}" for feature in kept]
            elif offset == -1:
                found.append("begin")
            elif offset == 1:
                found.append("end")
        if i:
            found.append(f"-1{near[i - 1][0]}|{near[i][0]}")
        features.append(found)
    return features


def _text(word: str) -> str:
    """Return a word without characters that strings in C cannot hold: NUL and surrogates."""
    if word.isprintable():
        return word
    return word.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


@lru_cache(maxsize=1 << 16)
def _of_word(word: str) -> tuple[str, ...]:
    word = _text(word)
    lower, shape = word.lower(), word_shape(word)
    sizes = range(1, min(_LONGEST_AFFIX, len(lower)) + 1)
    found = [f"word={word}", f"lower={lower}", f"shape={shape}", f"kinds={_short(shape)}"]
    found += [f"prefix={lower[:size]}" for size in sizes]
    found += [f"suffix={lower[-size:]}" for size in sizes]
    kinds = {
        "title": word.istitle(),
        "upper": word.isupper(),
        "digits": word.isdigit(),
        "has-digit": "d" in shape,
        "has-upper-inside": "X" in shape[1:],
        "hyphen": "-" in word,
        "sign": not any(sign.isalnum() for sign in word),
    }
    return (*found, *(name for name, holds in kinds.items() if holds))


@lru_cache(maxsize=1 << 16)
def _of_neighbour(word: str) -> tuple[str, ...]:
    word = _text(word)
    lower = word.lower()
    return f"lower={lower}", f"kinds={_short(word_shape(word))}", f"suffix={lower[-3:]}"


def _short(shape: str) -> str:
    return _RUNS.sub(r"\1", shape)
