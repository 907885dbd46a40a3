"""Read a corpus again and again as sentences of words, whatever holds its text."""

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import datasets

from ..._wording import counted
from ...data.encodings import check_bytes, decode_line, fallback_note, open_text
from .._pre_tokenizers import check_name
from .._preparation import Preparation

Table: TypeAlias = datasets.Dataset | datasets.IterableDataset

_ROWS_AT_ONCE = 1000
# A line without an end, as the one line of text8, is read in pieces of so many bytes.
_LINE_BYTES = 2**20


class Corpus:
    """Sentences that can be read again and again, as lists of words.

    Attributes:
        name: Its name; None if it has none.
        sentences: Lists of words, or texts.
        form: How a tokenizer makes text into these words; None if they were lists of words.
        preparation: The same as a sentence.

    Args:
        sentences: Lists of words; texts if ``cut`` is given.
        name: Its name.
        cut: How texts are split, as they are read.
        form: How other text becomes such words, if these texts are a special case.
    """

    def __init__(
        self,
        sentences: Iterable[Any],
        name: str | None = None,
        cut: Preparation | None = None,
        form: Preparation | None = None,
    ) -> None:
        self.name = name
        self.sentences = sentences
        self.form = form or cut
        self.preparation = None if cut is None else str(cut)
        self._cut = None if cut is None else cut.cutter()

    def __iter__(self) -> Iterator[Sequence[str]]:
        return iter(self.sentences) if self._cut is None else map(self._cut, self.sentences)


def make_corpus(
    source: Any,
    *,
    column: str | None = None,
    pre_tokenizer: str = "ptb",
    lowercase: bool = True,
    name: str | None = None,
    preparation: Preparation | None = None,
) -> Corpus:
    """Make a corpus of anything that contains text.

    Args:
        source: A text file with one sentence a line, as ``TextLines`` reads it; a
            ``datasets.Dataset`` or a streamed ``IterableDataset``; several texts; or several lists
            of words. Texts and lists may be any object that can be iterated again and again.
        column: Column of a data set, "text" by default. It may contain lists of words.
        pre_tokenizer: How texts are split into words, as in ``tokenizer_from_texts``: "ptb",
            "googlenews", "chinese" (each Han character is a word) or "whitespace".
        lowercase: Whether texts are lower-cased. Lists of words are taken as they are.
        name: Its name; that of the file or of the data set by default.
        preparation: A whole preparation, used instead of ``pre_tokenizer`` and ``lowercase``.

    Raises:
        ValueError: If the source can be read only once, the column is missing, or the
            pre-tokeniser is unknown.
        OSError: If the file is missing.
    """
    check_name(pre_tokenizer)
    preparation = preparation or Preparation(pre_tokenizer, lowercase)
    if isinstance(source, Corpus):
        return source
    if column is not None and not isinstance(source, Table):
        raise ValueError("column is for data sets, and the corpus is none.")
    rows: Iterable[Any]
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        if not path.is_file():
            raise FileNotFoundError(f"There is no text file {path} here.")
        return Corpus(TextLines(path), name or path.name, preparation)
    if isinstance(source, Table):
        rows = Again(lambda: table_column(source, column or "text"))
        name = name or getattr(source.info, "dataset_name", None)
    elif isinstance(source, Iterable):
        rows = source
        if iter(source) is source:
            raise ValueError(
                f"The corpus is a {type(source).__name__}, which can be read only once, and it is "
                f"read several times: give a list, or an object whose __iter__ begins anew."
            )
    else:
        raise ValueError(f"The corpus is a {type(source).__name__}, expected texts or a file.")
    # Missing rows of a column of words are empty texts, which do not show what the column is.
    first = next((row for row in rows if not isinstance(row, str) or row), "")
    if isinstance(first, str):
        return Corpus(rows, name, preparation)
    if not isinstance(first, Sequence):
        raise ValueError(
            f"The first item of the corpus is a {type(first).__name__}, expected a text or a list "
            f"of words."
        )
    return Corpus(rows, name)


class TextLines:
    """The lines of a text file of any size, read from the beginning each time.

    gzip, bzip2 and xz are unpacked, whatever the name of the file. UTF-16 and UTF-32 are read if
    they have their mark. A line that is not UTF-8 is read as Windows-1252, with one warning for the
    whole file. A line longer than a mebibyte is split at white space, so that a file of one line
    needs no more memory than another.

    Args:
        path: The file.

    Raises:
        ValueError: While it is read, if the file is not text, is packed in another way or is
            damaged. The message names the file.
        OSError: If it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told = False

    def __iter__(self) -> Iterator[str]:
        with open_text(self._path) as file:
            for number, piece in _pieces(file, self._path):
                place = f"{self._path}, line {number}"
                check_bytes(piece, place)
                text, is_utf8 = decode_line(piece)
                if not (is_utf8 or self._told):
                    self._told = True
                    warnings.warn(fallback_note(f"{place} (the first of its kind)"), stacklevel=2)
                yield text


def _pieces(file: BinaryIO, path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the text of each line, long lines in pieces."""
    number, rest = 1, b""
    while line := file.readline(_LINE_BYTES):
        if line.endswith(b"\n") or len(line) < _LINE_BYTES:
            yield number, rest + line
            number, rest = number + 1, b""
            continue
        head, space, tail = (rest + line).rpartition(b" ")
        if space:
            yield number, head
        rest = tail
        if len(rest) > 16 * _LINE_BYTES:
            raise ValueError(
                f"{path}, line {number}: it has {counted(len(rest), 'byte')} without white space."
            )
    if rest:
        yield number, rest


class Again:
    """An iterable that calls a function for a new iterator each time."""

    def __init__(self, start: Callable[[], Iterator[Any]]) -> None:
        self._start = start

    def __iter__(self) -> Iterator[Any]:
        return self._start()


def table_column(table: Table, column: str) -> Iterator[Any]:
    """Yield the values of a column, read in batches of rows; None becomes an empty text."""
    if table.column_names is not None:
        if column not in table.column_names:
            raise ValueError(
                f"The data set has no column '{column}'; it has {', '.join(table.column_names)}."
            )
        table = table.select_columns(column)
    row = 0
    for batch in table.iter(batch_size=_ROWS_AT_ONCE):
        if column not in batch:
            raise ValueError(f"The data set has no column '{column}'; it has {', '.join(batch)}.")
        for value in batch[column]:
            row += 1
            if value is None:
                yield ""
            elif isinstance(value, str) and "\0" in value:
                raise ValueError(
                    f"Row {row} of the column '{column}' has a NUL character, so it is no text."
                )
            elif isinstance(value, str | list):
                yield value
            else:
                raise ValueError(
                    f"Row {row} of the column '{column}' is {value!r:.40}, expected a text or a "
                    f"list of words."
                )
