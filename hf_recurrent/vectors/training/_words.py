"""Check that a corpus consists of words, before anything is trained on it."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any


def check_sentence(sentence: Any, number: int) -> None:
    """Check that a sentence is a sequence of words, and not a string.

    Otherwise the letters of a string would be its words. An empty string is allowed: it stands for
    a missing row and has no words.

    Args:
        sentence: The sentence.
        number: Its number, counted from 1, for the message.

    Raises:
        ValueError: If it is not a sequence of words.
    """
    if type(sentence) is list:
        return
    if isinstance(sentence, str | bytes):
        if sentence:
            raise ValueError(
                f"Sentence {number} of the corpus is one string ({sentence[:40]!r}), expected a "
                f"list of its words."
            )
    elif not isinstance(sentence, Sequence):
        raise ValueError(
            f"Sentence {number} of the corpus is {sentence!r:.40}, expected a list of its words."
        )


def check_words(words: Iterable[Any]) -> None:
    """Check that words are strings that can be saved.

    Args:
        words: The different words of a corpus.

    Raises:
        ValueError: If a word is not a string, or has a lone surrogate, which no encoding can write.
    """
    for word in words:
        if not isinstance(word, str):
            raise ValueError(f"The corpus has the word {word!r:.40}, expected strings.")
        if not word.isascii():
            try:
                word.encode()
            except UnicodeEncodeError:
                raise ValueError(
                    f"The corpus has the word {word!r:.40}, which is not valid Unicode."
                ) from None


@contextmanager
def unhashable_named(sentences: Iterable[Iterable[Any]]) -> Iterator[None]:
    """Name the word that cannot be counted, such as a list within a sentence.

    Args:
        sentences: The sentences that are being counted.

    Raises:
        ValueError: If a word is not a string, and counting it failed.
    """
    try:
        yield
    except TypeError:
        for sentence in sentences:
            check_words(sentence)
        raise
