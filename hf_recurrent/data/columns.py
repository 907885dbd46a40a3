"""Column files: one token a line, its columns apart, sentences parted by blank lines."""

import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from .._wording import counted
from .encodings import check_bytes, decode_line, fallback_note, open_text
from .rows import Rows, Splits
from .splits import SPLITS

__all__ = [
    "CONLLU_COLUMNS",
    "ColumnFormat",
    "column_place",
    "conll",
    "conllu",
    "files_of_parts",
    "is_conllu",
    "read_columns",
]

CONLLU_COLUMNS = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
_MARK = "\ufeff"
# A no-break space or an ideographic one is part of a token, so ``str.split`` cuts too much.
_BLANKS = re.compile("[ \t]+")
_NO_TOKEN = re.compile(r"\d+[-.]\d+")


@dataclass(frozen=True)
class ColumnFormat:
    """How the lines of a column file are read.

    Attributes:
        columns: For each column that is wanted, its place; -1 is the last one, and all lines must
            then have the same number of columns.
        separator: What parts columns; ``None`` for spaces and tabs.
        comment: How a comment begins; empty where there are none.
        only_whole_ids: Whether the first column is a whole number; the ranges (``3-4``) and the
            empty words (``5.1``) of CoNLL-U are passed over.
        document: The first word of a line that only parts documents; it ends a sentence.
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


def conll(**columns: int) -> ColumnFormat:
    """Return the format of the CoNLL tasks: columns parted by spaces or tabs."""
    return ColumnFormat(columns)


def is_conllu(path: Path) -> bool:
    """Check whether a file's name says that it is CoNLL-U, packed or not."""
    return ".conllu" in path.suffixes


def column_place(path: Path, given: str, option: str) -> int:
    """Return the place of a column that a user named, counted from 0.

    Args:
        path: The file.
        given: A number from 1, or of CoNLL-U a name of ``CONLLU_COLUMNS``.
        option: Where the user named it.

    Raises:
        ValueError: If it is neither.
    """
    if is_conllu(path) and given.lower() in CONLLU_COLUMNS:
        return CONLLU_COLUMNS.index(given.lower())
    if not given.isdecimal() or int(given) < 1:
        named = f" or one of {', '.join(CONLLU_COLUMNS)}" if is_conllu(path) else ""
        raise ValueError(
            f"{option} is {given!r}: columns of a file have numbers, expected 1 or more{named}."
        )
    return int(given) - 1


def read_columns(path: Path, form: ColumnFormat) -> Rows:
    """Read the sentences of a column file.

    A line that holds nothing but a byte order mark counts as blank, wherever it stands. Lines that
    are not UTF-8 are read as Windows-1252, with a warning.

    Args:
        path: The file; gzip, bzip2 and xz are unpacked.
        form: How its lines are read.

    Returns:
        For each sentence the values of each wanted column, all of one number.

    Raises:
        ValueError: If a line has too few columns or no id, or the file is no text or has no
            sentence; the sentence names file and line.
        OSError: If the file cannot be read.
    """
    places = form.columns.values()
    # Places from the end are columns of their own: of a line of one column the token is no tag.
    needed = max(0, *(place + 1 for place in places)) + max(0, *(-place for place in places))
    from_end = min(places) < 0
    width = 0
    sentences: Rows = []
    current: dict[str, list[str]] = {name: [] for name in form.columns}
    first = next(iter(form.columns))
    for number, line in _lines(path):
        if not line or _parts_documents(line, form.document):
            if current[first]:
                sentences.append(current)
                current = {name: [] for name in form.columns}
            continue
        if form.comment and line.startswith(form.comment):
            continue
        if form.separator is None:
            cells = _BLANKS.split(line.strip(" \t"))
        else:
            cells = line.split(form.separator)
        if form.only_whole_ids and not cells[0].isdecimal():
            if _NO_TOKEN.fullmatch(cells[0]):
                continue
            raise ValueError(
                f"{path}, line {number}: the id is {cells[0][:40]!r}, expected a whole number and "
                f"columns parted by tabs."
            )
        if len(cells) < needed:
            raise ValueError(
                f"{path}, line {number}: there {'is' if len(cells) == 1 else 'are'} "
                f"{counted(len(cells), 'column')}, expected at least {needed}: {line[:60]!r}."
            )
        if from_end and len(cells) != (width := width or len(cells)):
            raise ValueError(
                f"{path}, line {number}: there {'is' if len(cells) == 1 else 'are'} "
                f"{counted(len(cells), 'column')}, and the first line has {width}: {line[:60]!r}."
            )
        for name, place in form.columns.items():
            if not cells[place]:
                raise ValueError(f"{path}, line {number}: the {name} is empty: {line[:60]!r}.")
            current[name].append(cells[place])
    if current[first]:
        sentences.append(current)
    if not sentences:
        raise ValueError(f"{path}: there is no sentence in it, expected one token a line.")
    return sentences


def _parts_documents(line: str, mark: str) -> bool:
    return (
        bool(mark) and line.startswith(mark) and line[len(mark) : len(mark) + 1] in ("", " ", "\t")
    )


def _lines(path: Path) -> Iterator[tuple[int, str]]:
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
        warnings.warn(fallback_note(f"{path}, line {others[0]}", len(others)), stacklevel=3)


def files_of_parts(*choices: tuple[str, ...], form: ColumnFormat) -> dict[str, Any]:
    """Return column files of train, validation and test with their reader, for ``NamedDataset``.

    Args:
        *choices: Names that the three files may have, all of one choice.
        form: How their lines are read.
    """
    return {
        "files": choices[0],
        "other_files": choices[1:],
        "read": partial(_read_parts, choices=choices, form=form),
    }


def _read_parts(folder: Path, choices: tuple[tuple[str, ...], ...], form: ColumnFormat) -> Splits:
    """Read the first choice of files that a folder holds whole."""
    files = next(c for c in choices if all((folder / file).exists() for file in c))
    splits: Splits = {}
    for part, file in zip(SPLITS, files, strict=True):
        splits[part] = read_columns(folder / file, form)
    return splits
