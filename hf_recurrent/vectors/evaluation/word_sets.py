"""Readers of evaluation sets: rated pairs, analogies and categories."""

import math
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ..._wording import counted
from ...data.encodings import read_utf8_lines

Question: TypeAlias = tuple[str, str, str, str]
_SEPARATORS = ("\t", ";", ",")
_SHOWN = 60


@dataclass(frozen=True)
class WordPairs:
    """Pairs of words that people rated; a higher rating is a greater similarity.

    Attributes:
        name: Name of the set.
        pairs: The pairs.
        ratings: The rating of each.
    """

    name: str
    pairs: tuple[tuple[str, str], ...]
    ratings: tuple[float, ...]


@dataclass(frozen=True)
class Analogies:
    """Questions "a is to b as c is to d", in sections.

    Attributes:
        name: Name of the set.
        sections: The questions ``(a, b, c, d)`` by the name of their section.
    """

    name: str
    sections: Mapping[str, tuple[Question, ...]]


@dataclass(frozen=True)
class Categories:
    """Words sorted into categories.

    Attributes:
        name: Name of the set.
        categories: The words by the name of their category, at least two categories.
    """

    name: str
    categories: Mapping[str, tuple[str, ...]]


def read_word_set(
    path: str | os.PathLike[str], name: str | None = None
) -> WordPairs | Analogies | Categories:
    """Read a set of any kind; its first line decides the kind.

    A line ": section" begins analogies, a line of three fields rated pairs, and a line of two
    fields categories. See the other functions for each format.

    Args:
        path: The file: UTF-8, or UTF-16 with its byte order mark.
        name: Name of the set, the file's own by default.

    Raises:
        ValueError: If the file is empty or damaged; the sentence names the file and the line.
        OSError: If it cannot be read.
    """
    for _, line in _lines(Path(path)):
        if line.startswith(":"):
            return read_analogies(path, name)
        if len(_fields(line)) == 2:
            return read_categories(path, name)
        break
    return read_pairs(path, name)


def read_pairs(path: str | os.PathLike[str], name: str | None = None) -> WordPairs:
    """Read lines of two words and a rating, separated by tabs, semicolons, commas or white space.

    Empty lines, lines that begin with "#" and a first line with the names of the columns are
    skipped.
    """
    path = Path(path)
    pairs: list[tuple[str, str]] = []
    ratings: list[float] = []
    for position, (number, line) in enumerate(_lines(path)):
        fields = _fields(line)
        if len(fields) != 3:
            raise _bad_line(path, number, "two words and a rating", line)
        try:
            rating = float(fields[2])
        except ValueError:
            if position == 0:
                continue
            raise _bad_line(path, number, "a number as the rating", line) from None
        if not math.isfinite(rating):
            raise _bad_line(path, number, "a finite rating", line)
        pairs.append((fields[0], fields[1]))
        ratings.append(rating)
    if not pairs:
        raise ValueError(f"{path} holds no rated pairs: expected lines of two words and a rating.")
    return WordPairs(name or path.stem, tuple(pairs), tuple(ratings))


def read_analogies(path: str | os.PathLike[str], name: str | None = None) -> Analogies:
    """Read questions of four words a line, each section after a line ": name".

    This is the format of Mikolov's ``questions-words.txt``.
    """
    path = Path(path)
    sections: dict[str, list[Question]] = {}
    section = None
    for number, line in _lines(path, comments=False):
        if line.startswith(":"):
            section = line[1:].strip()
            if not section:
                raise _bad_line(path, number, "the name of a section behind the colon", line)
            sections.setdefault(section, [])
            continue
        if section is None:
            raise _bad_line(path, number, "a line ': section' before the first question", line)
        words = line.split()
        if len(words) != 4:
            raise _bad_line(path, number, "four words", line)
        a, b, c, d = words
        sections[section].append((a, b, c, d))
    kept = {section: tuple(questions) for section, questions in sections.items() if questions}
    if not kept:
        raise ValueError(f"{path} holds no analogies: expected ': section' and lines of 4 words.")
    return Analogies(name or path.stem, kept)


def read_categories(path: str | os.PathLike[str], name: str | None = None) -> Categories:
    """Read lines of a word and its category, separated as in ``read_pairs``.

    A word may be in one category only.
    """
    path = Path(path)
    categories: dict[str, list[str]] = {}
    lines: dict[str, int] = {}
    for number, line in _lines(path):
        fields = _fields(line)
        if len(fields) != 2:
            raise _bad_line(path, number, "a word and its category", line)
        word, category = fields
        if word in lines:
            raise _bad_line(path, number, f"a new word ({word!r} stands in {lines[word]})", line)
        lines[word] = number
        categories.setdefault(category, []).append(word)
    if len(categories) < 2:
        raise ValueError(
            f"{path} holds {counted(len(categories), 'category')}, expected lines of a word and "
            "its category with at least two categories."
        )
    return Categories(name or path.stem, {c: tuple(words) for c, words in categories.items()})


def _lines(path: Path, comments: bool = True) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file that are not empty, each with its number."""
    for number, line in enumerate(read_utf8_lines(path), 1):
        text = line.strip()
        if text and not (comments and text.startswith("#")):
            yield number, text


def _fields(line: str) -> list[str]:
    separator = next((s for s in _SEPARATORS if s in line), None)
    fields = line.split(separator) if separator else re.split(r"\s+", line)
    return [field.strip() for field in fields]


def _bad_line(path: Path, number: int, expected: str, line: str) -> ValueError:
    shown = line if len(line) <= _SHOWN else line[:_SHOWN] + "..."
    return ValueError(f"{path}, line {number}: expected {expected}, and found {shown!r}.")
