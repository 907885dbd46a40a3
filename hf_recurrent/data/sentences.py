"""The sentences of plain texts, found by marks: rough, and good enough to train language models."""

import re
from collections.abc import Iterable, Iterator

# A line ends a sentence, as does a mark before white space and a capital or a quotation mark.
_ENDS = re.compile(r"\s*\n\s*|(?<=[.!?])\s+(?=[\"“'A-Z])")


def sentences_of(texts: Iterable[str]) -> Iterator[str]:
    r"""Yield the sentences of texts, one after the other, without empty ones.

    A line ends a sentence, as does a full stop, a question mark or an exclamation mark before white
    space and a capital or a quotation mark. So "Dr. Smith" is cut in two.

    Args:
        texts: The texts; of a generator only one is held at a time.

    Raises:
        ValueError: If ``texts`` is one text, whose characters would be the texts.

    Example:
        >>> list(sentences_of(["It rains. Stay in!\nHe went out, i.e. home ."]))
        ['It rains.', 'Stay in!', 'He went out, i.e. home .']
    """
    if isinstance(texts, str):
        raise ValueError("texts is one text, expected several, such as a list of texts")
    return (sentence for text in texts for sentence in _ENDS.split(text.strip()) if sentence)
