"""ARPA files of word n-grams, as KenLM, SRILM and others write them."""

import math
import re
import warnings
from pathlib import Path

from ..data.encodings import decode_line, fallback_note, open_text

BEGIN, END, UNKNOWN = "<s>", "</s>", "<unk>"
LN10 = math.log(10)
# What an ARPA file writes for a probability of 0; finite, so that a search can still rank texts
# with a word that the model lacks.
NEVER = -99 * LN10

Ngram = tuple[str, ...]
_SPACES, _COUNT = re.compile(r"[ \t]+"), re.compile(r"ngram[ \t]+(\d+)[ \t]*=[ \t]*(\d+)$")


class _Reader:
    """The n-grams of the lines so far, as natural logarithms."""

    def __init__(self) -> None:
        self.found: dict[Ngram, float] = {}
        self.rests: dict[Ngram, float] = {}
        self.wanted: dict[int, int] = {}  # by size, as the head of the file says
        self.counts: dict[int, int] = {}
        self.has_begun = self.has_ended = False
        self.size = 0

    def read(self, line: str) -> None:
        """Read a line; raise a ``ValueError`` if it is none of an ARPA file."""
        if line.startswith("\\"):
            self.has_begun = self.has_begun or line == "\\data\\"
            self.has_ended = self.has_begun and line == "\\end\\"
            head = line.strip("\\:").removesuffix("-grams")
            self.size = int(head) if head.isdigit() else 0
            return
        if not line or not self.has_begun:  # what is before it is a comment
            return
        if not self.size and (count := _COUNT.match(line)):
            self.wanted[int(count[1])] = int(count[2])
            return
        fields = _SPACES.split(line)
        if not self.size or not self.size + 1 <= len(fields) <= self.size + 2:
            raise ValueError
        numbers = [float(fields[0]), *map(float, fields[self.size + 1 :])]
        if any(number != number or number == math.inf for number in numbers) or numbers[0] > 0:
            raise ValueError
        words = fields[1 : self.size + 1]
        ngram = tuple(UNKNOWN if word == UNKNOWN.upper() else word for word in words)
        score, *rest = (max(number * LN10, NEVER) for number in numbers)
        self.found[ngram] = score
        if rest:
            self.rests[ngram] = rest[0]
        self.counts[self.size] = self.counts.get(self.size, 0) + 1

    def check(self, file: str | Path) -> None:
        """Check that a file was whole; raise a ``ValueError`` that names it."""
        if not self.has_begun:
            raise ValueError(
                f"{file} holds no n-grams: expected an ARPA file, with a line \\data\\"
            )
        if not self.has_ended:
            raise ValueError(f"{file} is cut off, as it has no line \\end\\: get the whole file")
        for size, wanted in self.wanted.items():
            if self.counts.get(size, 0) != wanted:
                raise ValueError(
                    f"{file} holds {self.counts.get(size, 0)} n-grams of {size} words, and its "
                    f"head says {wanted}: get the whole file"
                )
        if not self.found:
            raise ValueError(f"{file} holds no n-grams")


def read_arpa(file: str | Path) -> tuple[dict[Ngram, float], dict[Ngram, float]]:
    """Return the log-probabilities of a file's n-grams and their back-offs; it may be compressed.

    Raises:
        ValueError: If a line is not what the format says, or lines are missing; the message names
            the file.
        OSError: If it cannot be read.
    """
    reader, bad, first = _Reader(), 0, 0
    with open_text(Path(file)) as lines:
        for number, content in enumerate(lines, 1):
            line, is_utf8 = decode_line(content.strip(b" \t\r\n"))
            if not is_utf8:
                bad, first = bad + 1, first or number
            try:
                reader.read(line)
            except ValueError:
                raise ValueError(
                    f"{file}, line {number}: {line[:80]!r} is no line of an ARPA file, expected a "
                    f"logarithm of at most 0, {reader.size or 'n'} words, and maybe a back-off "
                    "weight"
                ) from None
            if reader.has_ended:
                break
    reader.check(file)
    if bad:
        warnings.warn(fallback_note(f"{file}, line {first}", bad), stacklevel=3)
    return reader.found, reader.rests
