"""Documents of plain texts, and the parts that are made of them."""

import re
from collections.abc import Iterable, Iterator, Sequence

from ..._wording import counted
from ...data.rows import Rows, Splits
from ...data.splits import SPLITS

# A title is between single signs; the titles of sections have more of them.
_TITLE = re.compile(r"^ = [^=].* = \n", re.MULTILINE)
_CHAPTER = re.compile(r"^[ ]*CHAPTER [IVXLC]+[ ]*\n", re.MULTILINE)
_GUTENBERG = re.compile(r"\*\*\* (?:START|END) OF TH(?:IS|E) PROJECT GUTENBERG EBOOK.*\n?")
# Chapters of a table of contents are shorter, and all others are longer.
_SHORTEST_CHAPTER = 200
# A passage is much longer than the memory of any model here, and short enough that a part of a
# small file has several, from which the spread of a figure is estimated.
_PASSAGE = 10_000
_SMALL_PART = 0.05


def articles(text: str) -> list[str]:
    """Return the articles of WikiText, each with its title."""
    return _cut(text, _TITLE)


def chapters(text: str) -> list[str]:
    """Return the chapters of a book of Project Gutenberg, without what is around the book."""
    parts = _GUTENBERG.split(text)
    book = parts[1] if len(parts) == 3 else text
    found = _CHAPTER.split(book)[1:]
    return [chapter for chapter in found if len(chapter) >= _SHORTEST_CHAPTER]


def passages(text: str, size: int = _PASSAGE) -> Iterator[str]:
    """Yield a text in passages of about a number of characters, cut at the ends of lines.

    Text without line ends is cut at spaces, and text without spaces anywhere.
    """
    start = 0
    while len(text) - start > size:
        end = start + size
        places = [text.rfind(sign, start, end) for sign in "\n "]
        near = next((place + 1 for place in places if place > start + size // 2), end)
        yield text[start:near]
        start = near
    if start < len(text):
        yield text[start:]


def tenths(documents: Iterable[str]) -> Splits:
    """Return documents in parts: of each ten in a row the ninth is validation, the tenth test."""
    splits: Splits = {part: [] for part in SPLITS}
    for number, document in enumerate(documents):
        part = {8: "validation", 9: "test"}.get(number % 10, "train")
        splits[part] += rows_of([document])
    return splits


def in_order(text: str) -> Splits:
    """Return one text in parts: its first 90 % to train, then 5 % each for validation and test.

    Validation and test are cut into passages.

    Raises:
        ValueError: If the text is too short.
    """
    size = round(len(text) * _SMALL_PART)
    if not size:
        raise ValueError(
            f"The text has {counted(len(text), 'character')}, too few to cut it 90/5/5."
        )
    ends = [_line_end(text, len(text) - 2 * size), _line_end(text, len(text) - size)]
    train, validation, test = (text[a:b] for a, b in zip([0, *ends], [*ends, None], strict=True))
    return {
        "train": rows_of([train]),
        "validation": rows_of(passages(validation)),
        "test": rows_of(passages(test)),
    }


def rows_of(documents: Iterable[str]) -> Rows:
    """Return the rows of documents, without those of white space."""
    return [{"text": document} for document in documents if document.strip()]


def _cut(text: str, heading: re.Pattern[str]) -> list[str]:
    """Return the stretches of a text that begin with a heading; what is before them is left out."""
    starts: Sequence[int] = [match.start() for match in heading.finditer(text)]
    return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


def _line_end(text: str, place: int) -> int:
    """Return the end of the line at a place, if it is near; otherwise the place."""
    end = text.find("\n", place, place + _PASSAGE // 10) + 1
    return end if 0 < end < len(text) else place
