"""Column files: one token a line, its columns apart, sentences parted by blank lines."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .._wording import counted
from .encodings import check_bytes, decode_line, fallback_note, open_text

__all__ = ["CONLL", "ColumnFormat", "conllu", "read_columns"]

_MARK = "\ufeff"


@dataclass(frozen=True)
class ColumnFormat:
    """How the lines of a column file are read.

    Attributes:
        columns: For each column that is wanted, its place; -1 is the last one.
        separator: What parts columns; ``None`` for any white space.
        comment: How a comment begins; empty where there are none.
        only_whole_ids: Whether lines whose first column is no whole number are passed over, as the
            ranges (``3-4``) and the empty words (``5.1``) of CoNLL-U.
        document: How a line begins that only parts documents.
    """

    columns: Mapping[str, int] = field(default_factory=dict)
    separator: str | None = None
    comment: str = ""
    only_whole_ids: bool = False
    document: str = "-DOCSTART-"


def conllu(**columns: int) -> ColumnFormat:
    """Return the format of CoNLL-U (Universal Dependencies), with the places of columns.

    Example:
        >>> conllu(word=1, tag=3).columns
        {'word': 1, 'tag': 3}
    """
    return ColumnFormat(columns, "\t", "#", only_whole_ids=True)


def CONLL(**columns: int) -> ColumnFormat:  # noqa: N802 - the name of the format
    """Return the format of the CoNLL tasks: columns parted by white space."""
    return ColumnFormat(columns)


def read_columns(path: Path, form: ColumnFormat) -> tuple[list[dict[str, list[str]]], list[str]]:
    """Read the sentences of a column file.

    A line that holds nothing but a byte order mark counts as blank, wherever it stands.

    Args:
        path: The file; gzip, bzip2 and xz are unpacked.
        form: How its lines are read.

    Returns:
        For each sentence the values of each wanted column, all of one number; and sentences on
        what was doubtful.

    Raises:
        ValueError: If a line has too few columns, or the file is no text or has no sentence; the
            sentence names file and line.
        OSError: If the file cannot be read.
    """
    needed = max(place + 1 if place >= 0 else -place for place in form.columns.values())
    notes: list[str] = []
    sentences: list[dict[str, list[str]]] = []
    current: dict[str, list[str]] = {name: [] for name in form.columns}
    first = next(iter(form.columns))
    for number, line in _lines(path, notes):
        if not line:
            if current[first]:
                sentences.append(current)
                current = {name: [] for name in form.columns}
            continue
        if form.comment and line.startswith(form.comment):
            continue
        if form.document and line.startswith(form.document):
            continue
        cells = line.split(form.separator)
        if form.only_whole_ids and not cells[0].isdecimal():
            continue
        if len(cells) < needed:
            raise ValueError(
                f"{path}, line {number}: there {'is' if len(cells) == 1 else 'are'} "
                f"{counted(len(cells), 'column')}, expected at least {needed}: {line[:60]!r}."
            )
        for name, place in form.columns.items():
            if not cells[place]:
                raise ValueError(f"{path}, line {number}: the {name} is empty: {line[:60]!r}.")
            current[name].append(cells[place])
    if current[first]:
        sentences.append(current)
    if not sentences:
        raise ValueError(f"{path}: there is no sentence in it, expected one token a line.")
    return sentences, notes


def _lines(path: Path, notes: list[str]) -> Iterator[tuple[int, str]]:
    """Yield the number and the text of each line, without its end; blank ones are empty."""
    others: list[int] = []
    with open_text(path) as file:
        for number, raw in enumerate(file, 1):
            check_bytes(raw, f"{path}, line {number}")
            line, is_utf8 = decode_line(raw.rstrip(b"\r\n"))
            if not is_utf8:
                others.append(number)
            line = line.removeprefix(_MARK)
            yield number, "" if line.isspace() else line
    if others:
        notes.append(fallback_note(f"{path}, line {others[0]}", len(others)))
