"""Column files: one token a line, in columns, with blank lines between sentences."""

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

CONLLU_COLUMNS = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
_MARK = "\ufeff"
# ``str.split`` splits at too much: a no-break or ideographic space is part of a token.
_BLANKS = re.compile("[ \t]+")
_NO_TOKEN = re.compile(r"\d+[-.]\d+")
# The comments that files of CoNLL columns have before a sentence: "# text = ...", "# id ...". A
# token "#" with its tags never looks like that.
_COMMENT = re.compile(r"# (?:[\w.:-]+ = |(?:id|sent_id) \S|new(?:doc|par)\b)")
_NEW_DOCUMENT = re.compile(r"#\s*newdoc\b")


@dataclass(frozen=True)
class ColumnFormat:
    """The format of a column file.

    Attributes:
        columns: The index of each wanted column, by its name. The index -1 is the last column; then
            all lines must have the same number of columns.
        separator: The separator of columns; ``None`` for spaces and tabs.
        comment: The pattern at the beginning of a comment line; ``None`` if there are none. If not
            ``only_whole_ids``, a comment can only be before a sentence.
        only_whole_ids: Whether to keep only lines whose first column is an integer, to skip the
            ranges (``3-4``) and the empty words (``5.1``) of CoNLL-U.
        document: The first word of a line between documents; such a line ends a sentence.
        number: The name under which each sentence gets the number of its document; empty for none.
            A document begins at a line between documents and at a comment "# newdoc".
    """

    columns: Mapping[str, int] = field(default_factory=dict)
    separator: str | None = None
    comment: re.Pattern[str] | None = None
    only_whole_ids: bool = False
    document: str = "-DOCSTART-"
    number: str = ""


def conllu(**columns: int) -> ColumnFormat:
    """Return the format of CoNLL-U (Universal Dependencies) for columns, given by their index.

    Example:
        >>> conllu(word=1, tag=3).columns
        {'word': 1, 'tag': 3}
    """
    return ColumnFormat(columns, "\t", re.compile("#"), only_whole_ids=True)


def conll(**columns: int) -> ColumnFormat:
    """Return the format of the CoNLL tasks, with columns separated by spaces or tabs."""
    return ColumnFormat(columns, comment=_COMMENT)


def is_conllu(path: Path) -> bool:
    """Check whether a file is CoNLL-U by its name, compressed or not."""
    return ".conllu" in [suffix.lower() for suffix in path.suffixes]


def column_place(path: Path, given: str, option: str) -> int:
    """Return the index, from 0, of a column that a user named.

    Args:
        path: The file.
        given: A number from 1, or for CoNLL-U also a name in ``CONLLU_COLUMNS``.
        option: The option with which the user named it.

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

    A line that holds only a byte order mark counts as blank. Lines that are not UTF-8 are read as
    Windows-1252, with a warning.

    Args:
        path: The file; gzip, bzip2 and xz files are decompressed.
        form: The format of its lines.

    Returns:
        For each sentence the values of each wanted column, one value a token.

    Raises:
        ValueError: If a line has too few columns or no id, or the file is not text or has no
            sentence. The message names file and line.
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
    document = 0

    def end_sentence() -> None:
        nonlocal current
        if current[first]:
            sentences.append(current | ({form.number: document} if form.number else {}))
            current = {name: [] for name in form.columns}

    for number, line in _lines(path):
        parts_documents = _parts_documents(line, form.document)
        if not line or parts_documents:
            end_sentence()
            document += parts_documents
            continue
        comment = form.comment if form.only_whole_ids or not current[first] else None
        if comment and comment.match(line):
            document += bool(_NEW_DOCUMENT.match(line))
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
    end_sentence()
    if not sentences:
        raise ValueError(f"{path}: there is no sentence in it, expected one token a line.")
    return sentences


def _parts_documents(line: str, mark: str) -> bool:
    return (
        bool(mark) and line.startswith(mark) and line[len(mark) : len(mark) + 1] in ("", " ", "\t")
    )


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the number and the text of each line, without its end; a blank line is empty."""
    others: list[int] = []
    with open_text(path) as file:
        for number, raw in enumerate(file, 1):
            check_bytes(raw, f"{path}, line {number}")
            line, is_utf8 = decode_line(raw.rstrip(b"\r\n"))
            if not is_utf8:
                others.append(number)
            line = line.removeprefix(_MARK)
            if "\r" in line:
                raise ValueError(
                    f"{path}, line {number}: found a carriage return within the line, expected "
                    f"lines that end in LF or CR LF."
                )
            yield number, "" if line.isspace() else line
    if others:
        warnings.warn(fallback_note(f"{path}, line {others[0]}", len(others)), stacklevel=3)


def files_of_parts(*choices: tuple[str, ...], form: ColumnFormat) -> dict[str, Any]:
    """Return the names of the three column files and their reader, for ``NamedDataset``.

    Args:
        *choices: Possible names of the files for train, validation and test.
        form: The format of their lines.
    """
    return {
        "files": choices[0],
        "other_files": choices[1:],
        "read": partial(_read_parts, choices=choices, form=form),
    }


def _read_parts(folder: Path, choices: tuple[tuple[str, ...], ...], form: ColumnFormat) -> Splits:
    """Read the first choice of files that a folder has completely."""
    files = next(c for c in choices if all((folder / file).exists() for file in c))
    splits: Splits = {}
    for part, file in zip(SPLITS, files, strict=True):
        splits[part] = read_columns(folder / file, form)
    return splits
