"""A trie of words, character by character."""

import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ..data.encodings import decode_text


@dataclass(slots=True)
class Node:
    """A beginning of words.

    Attributes:
        after: The longer beginnings, by their next character.
        is_word: Whether it is a word itself.
    """

    after: dict[str, "Node"] = field(default_factory=dict)
    is_word: bool = False


class Lexicon:
    """The words that a search may write.

    Raises:
        ValueError: If there is no word, or one holds a space.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.root = Node()
        for word in words:
            if not word or word.split() != [word]:
                raise ValueError(f"the lexicon holds {word!r}, expected a word without spaces")
            node = self.root
            for character in word:
                node = node.after.setdefault(character, Node())
            node.is_word = True
        if not self.root.after:
            raise ValueError("the lexicon is empty, so no text could be written")

    def after(self, node: Node | None, text: str) -> Node | None:
        """Return the node after more characters, or ``None`` if no word goes on so."""
        for character in text:
            node = None if node is None else node.after.get(character)
        return node


def read_lexicon(file: str | Path) -> list[str]:
    """Return the words of a list or of a pronouncing dictionary, the first of each line, once each.

    The number of a further pronunciation, as in ``A(2)``, is no part of a word, and lines that
    begin with ";;;" are comments. A file that is not UTF-8 is read as Windows-1252, with a warning.

    Raises:
        ValueError: If there is no word, or the file is no text.
        OSError: If the file cannot be read.
    """
    text, note = decode_text(Path(file).read_bytes(), file)
    if note:
        warnings.warn(note, stacklevel=2)
    lines = [line for line in text.split("\n") if line.strip() and not line.startswith(";;;")]
    words = [re.sub(r"\(\d+\)$", "", line.split()[0]) for line in lines]
    if not words:
        raise ValueError(f"{file} holds no word, expected one at the beginning of each line")
    return [*dict.fromkeys(words)]
