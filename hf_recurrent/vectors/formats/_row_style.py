"""Find from a sample of lines how a text of word vectors separates its fields."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..._wording import counted

BLANKS = b" \t"
# Fields that end in one of these are separated by it.
_SEPARATORS = b",;|:="
_MARKS = {bytes([code]) for code in _SEPARATORS}
_SAMPLE_LINES = 50


class NotRowsError(ValueError):
    """The lines are not rows of words and numbers; ``line`` counts from 1 in the sample."""

    def __init__(self, line: int, found: str) -> None:
        super().__init__(found)
        self.line = line


@dataclass(frozen=True)
class RowStyle:
    """How the rows of a text are written.

    Attributes:
        dimension: Numbers in a row.
        padded: Whether any number of spaces and tabs separates fields. If not, one space does, and
            further blanks belong to the word.
        fitting: Number of lines of the sample that fit this style.
        mixed: Whether some of them fit single spaces too.
    """

    dimension: int
    padded: bool
    fitting: int
    mixed: bool


@dataclass(frozen=True)
class _Line:
    """A line of the sample, cut into fields in one of the two styles."""

    word: bytes
    numbers: Sequence[bytes]
    clean: bool


def is_number(field: bytes) -> bool:
    """Return whether a field of a text row reads as a number, NaN and infinity included."""
    try:
        float(field)
    except ValueError:
        return False
    # Python reads "1_000" as a number; no file of vectors is written so.
    return b"_" not in field


def numbers_at_end(fields: Sequence[bytes]) -> int:
    """Return how many numbers a row ends with; its first field is always the word."""
    count = 0
    for field in reversed(fields[1:]):
        if not is_number(field):
            break
        count += 1
    return count


def is_clean(word: bytes) -> bool:
    """Return whether a word has no blank around it and no number after a tab."""
    if word.strip(BLANKS) != word:
        return False
    return b"\t" not in word or not any(map(is_number, word.split(b"\t")[1:]))


def holds_number(word: bytes) -> bool:
    """Return whether a word has a number after its first field, in any usual notation."""
    # Other spaces of Unicode separate fields too, such as the non-breaking space.
    fields = word.decode("utf-8", "replace").split()[1:]
    return any(is_number(field.encode().strip(_SEPARATORS).replace(b",", b".")) for field in fields)


def fields_of(line: bytes, padded: bool) -> list[bytes]:
    """Return the fields of a line without its end, in one of the two styles."""
    if padded:
        return [field for field in line.replace(b"\t", b" ").split(b" ") if field]
    return line.split(b" ")


def find_style(rows: bytes, dimension: int | None = None, whole: bool = True) -> RowStyle | None:
    """Return the style of the first lines of a text, ``None`` if none of them is a row.

    Padded columns are chosen if they fit more lines than single spaces do. No single line decides:
    the dimension is that of most lines.

    Args:
        rows: The beginning of the rows.
        dimension: Numbers in a row, if a header gives it.
        whole: Whether the last line of ``rows`` is whole.
    """
    lines = _sample(rows, whole)
    single, padded = (
        _fit([_cut(line, padded) for _, line in lines], dimension) for padded in (False, True)
    )
    single_count, padded_count = (fit[1] if fit else 0 for fit in (single, padded))
    if padded and padded_count > single_count:
        return RowStyle(padded[0], True, padded_count, single_count > 0)
    return RowStyle(single[0], False, single_count, False) if single else None


def check_style(rows: bytes, style: RowStyle, has_header: bool, whole: bool = True) -> None:
    """Check that a sample, read in its style, has words and numbers.

    Raises:
        NotRowsError: If most words contain numbers that belong to the vector, if all words end in
            the same mark or are in quotation marks, or if the rows have more numbers than the
            header says.
    """
    lines = _sample(rows, whole)
    found = [(number, _cut(line, style.padded)) for number, line in lines]
    found = [(number, line) for number, line in found if line.numbers]
    if not found:
        return
    first = found[0][0]
    if has_header:
        _check_header(found, style.dimension)
        return
    words = [line.word for _, line in found]
    if 2 * sum(not line.clean for _, line in found) > len(found):
        raise NotRowsError(first, "the words are not parted from the numbers by single spaces")
    if 2 * sum(map(holds_number, words)) > len(words):
        raise NotRowsError(
            first, "the numbers are not parted by single spaces, for most of them stand in words"
        )
    if len(set(words)) < 2:
        return
    ends = {word[-1:] for word in words}
    if len(ends) == 1 and ends <= _MARKS and all(len(word) > 1 for word in words):
        mark = ends.pop().decode()
        raise NotRowsError(first, f"each word ends in {mark!r}, which is no part of it")
    counts = [word.partition(b" ")[0] for word in words if b" " in word]
    if len(counts) == len(words) and all(map(bytes.isdigit, counts)):
        numbers = list(map(int, counts))
        if numbers == list(range(numbers[0], numbers[0] + len(numbers))):
            raise NotRowsError(first, "the lines begin with their number, which is no word")
    if all(len(word) > 2 and word[:1] == word[-1:] in (b'"', b"'") for word in words):
        raise NotRowsError(first, "the words stand in quotation marks")


def _check_header(found: Iterable[tuple[int, _Line]], dimension: int) -> None:
    """Check that the rows have no more numbers than the header says.

    A word such as "Apollo 11" ends in a number too, but it does not look like those of the vector.
    """
    lines = [(number, line) for number, line in found if len(line.numbers) >= dimension]
    if not lines or any(len(line.numbers) == dimension for _, line in lines):
        return
    if all(
        line.numbers[-dimension - 1].isdigit()
        and not all(field.lstrip(b"+-").isdigit() for field in line.numbers[-dimension:])
        for _, line in lines
    ):
        return
    number, line = lines[0]
    raise NotRowsError(
        number,
        f"found {counted(len(line.numbers), 'number')} at its end, where the header promises "
        f"{dimension}",
    )


def _sample(rows: bytes, whole: bool) -> list[tuple[int, bytes]]:
    """Return the first lines that are not empty, each with its line number."""
    lines = rows.split(b"\n", _SAMPLE_LINES)
    if not whole or len(lines) > _SAMPLE_LINES:
        # The last line may be cut off; a single line is all there is.
        lines = lines[: max(1, min(len(lines) - 1, _SAMPLE_LINES))]
    stripped = ((number, line.rstrip(b"\r" + BLANKS)) for number, line in enumerate(lines, 1))
    return [(number, line) for number, line in stripped if line]


def _cut(line: bytes, padded: bool) -> _Line:
    fields = fields_of(line, padded)
    found = numbers_at_end(fields)
    word = b" ".join(fields[: len(fields) - found])
    return _Line(word, fields[len(fields) - found :], padded or is_clean(word))


def _fit(lines: Sequence[_Line], dimension: int | None) -> tuple[int, int] | None:
    """Return the dimension of a sample and how many lines fit it; ``None`` without a row."""
    if dimension is not None:
        return dimension, sum(len(line.numbers) >= dimension and line.clean for line in lines)
    counts = Counter(len(line.numbers) for line in lines)
    del counts[0]
    if not counts:
        return None
    common = max(counts, key=counts.__getitem__)
    return common, sum(len(line.numbers) == common and line.clean for line in lines)
