"""A corpus that can be read again and again, as sentences of words, from wherever text lies."""

import gzip
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import datasets

from .._pre_tokenizers import check_name, normalizer, split

__all__ = [
    "Again",
    "Corpus",
    "Texts",
    "Words",
    "make_corpus",
    "read_text_lines",
    "table_column",
    "word_cutter",
]

Sentence: TypeAlias = Sequence[str]
Table: TypeAlias = datasets.Dataset | datasets.IterableDataset

_ROWS_AT_ONCE = 1000
# A line without an end, as the one line of text8, is read in pieces of so many bytes.
_LINE_BYTES = 2**20


class Words:
    """A corpus of sentences that are cut into words already.

    Attributes:
        name: What to call it; None where it has no name.
        preparation: How its text was made into words; None where that is not known.
        sentences: The sentences.
    """

    preparation: str | None = None

    def __init__(self, sentences: Iterable[Sentence], name: str | None = None) -> None:
        self.name = name
        self.sentences = sentences

    def __iter__(self) -> Iterator[Sentence]:
        return iter(self.sentences)


class Texts:
    """A corpus of texts, each one a sentence, which are cut into words as they are read.

    Attributes:
        name: What to call it; None where it has no name.
        preparation: How its text is made into words.
    """

    def __init__(
        self,
        texts: Iterable[str],
        pre_tokenizer: str = "ptb",
        lowercase: bool = True,
        name: str | None = None,
    ) -> None:
        self.name = name
        self.preparation = f"{'lower case, ' if lowercase else ''}words by '{pre_tokenizer}'"
        self._texts = texts
        self._cut = word_cutter(pre_tokenizer, lowercase)

    def __iter__(self) -> Iterator[Sentence]:
        return map(self._cut, self._texts)


Corpus: TypeAlias = Words | Texts


def make_corpus(
    source: Any,
    *,
    column: str | None = None,
    pre_tokenizer: str = "ptb",
    lowercase: bool = True,
    name: str | None = None,
) -> Corpus:
    """Makes a corpus of anything that holds text.

    Args:
        source: A text file, a sentence a line, gzipped if its name ends in ".gz"; a
            `datasets.Dataset` or a streamed `IterableDataset`; several texts; or several lists of
            words. Texts and lists may be any object that can be iterated again and again.
        column: Column of a data set, "text" by default. It may hold lists of words.
        pre_tokenizer: How texts are cut into words, as in `tokenizer_from_texts`: "ptb",
            "googlenews", "chinese" (each Han character is a word) or "whitespace".
        lowercase: Whether texts are lower-cased. Lists of words are taken as they are.
        name: What to call it; that of the file or of the data set by default.

    Raises:
        ValueError: If the source can be read only once, the column is missing, or the
            pre-tokeniser is unknown.
        OSError: If the file is missing.
    """
    check_name(pre_tokenizer)
    if isinstance(source, Words | Texts):
        return source
    if column is not None and not isinstance(source, Table):
        raise ValueError("column is for data sets, and the corpus is none.")
    rows: Iterable[Any]
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        if not path.is_file():
            raise FileNotFoundError(f"There is no text file {path} here.")
        texts = Again(lambda: read_text_lines(path))
        return Texts(texts, pre_tokenizer, lowercase, name or path.name)
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
    first = next(iter(rows), None)
    if isinstance(first, str):
        return Texts(rows, pre_tokenizer, lowercase, name)
    if first is not None and not isinstance(first, Sequence):
        raise ValueError(
            f"The first item of the corpus is a {type(first).__name__}, expected a text or a list "
            f"of words."
        )
    return Words(rows, name)


def word_cutter(pre_tokenizer: str, lowercase: bool) -> Callable[[str], list[str]]:
    """Makes the function that cuts a text as a tokenizer of `tokenizer_from_texts` does."""
    counted = "characters" if pre_tokenizer == "chinese" else pre_tokenizer
    normalize = normalizer(counted, lowercase).normalize_str
    pre_tokenize = split(counted).pre_tokenize_str
    # What the normaliser does to ASCII, Python does faster; but digits are folded by rule.
    plain = counted != "googlenews"

    def cut(text: str) -> list[str]:
        if not isinstance(text, str):
            raise ValueError(f"A text of the corpus is {text!r:.40}, expected a string.")
        if plain and text.isascii():
            text = text.lower() if lowercase else text
        else:
            text = normalize(text)
        if counted == "whitespace":
            return text.split()
        return [word for word, _ in pre_tokenize(text)]

    return cut


def read_text_lines(path: Path) -> Iterator[str]:
    """Reads the lines of a text file of any size, gzipped if its name ends in ".gz".

    A line that is not UTF-8 is read as latin-1. A line longer than a mebibyte is cut at white
    space, so that a file of a single line needs no more memory than another.

    Raises:
        ValueError: If a gzipped file is damaged or cut off.
        OSError: If the file cannot be read.
    """
    with _open(path) as file:
        try:
            yield from map(_decode, _pieces(file))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ValueError(f"{path}: the gzipped file is damaged or cut off ({error}).") from None


def _open(path: Path) -> Any:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while line := file.readline(_LINE_BYTES):
        if line.endswith(b"\n") or len(line) < _LINE_BYTES:
            yield rest + line
            rest = b""
            continue
        head, space, tail = (rest + line).rpartition(b" ")
        if space:
            yield head
        rest = tail
        if len(rest) > 16 * _LINE_BYTES:
            raise ValueError(f"{file.name}: it has {len(rest):,} bytes without white space.")
    if rest:
        yield rest


def _decode(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")


class Again:
    """Iterates over what a function gives, from the beginning each time."""

    def __init__(self, start: Callable[[], Iterator[Any]]) -> None:
        self._start = start

    def __iter__(self) -> Iterator[Any]:
        return self._start()


def table_column(table: Table, column: str) -> Iterator[Any]:
    """Yields the values of a column, a batch of rows at a time; None becomes an empty text."""
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
            elif isinstance(value, str | list):
                yield value
            else:
                raise ValueError(
                    f"Row {row} of the column '{column}' is {value!r:.40}, expected a text or a "
                    f"list of words."
                )
