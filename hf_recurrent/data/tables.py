"""Read rows from CSV, TSV, JSON, JSON Lines and Parquet files."""

import csv
import io
import json
import re
import warnings
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import datasets
import pandas as pd
import pyarrow.parquet as pq

from .._wording import did_you_mean, first_line
from .cells import class_cell, text_cell
from .encodings import decode_text
from .label_lines import has_fasttext_labels, read_label_lines
from .rows import Rows, Splits

_SEPARATORS = (";", "\t", "|", ",")
SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".parquet")
# Names of a part in file names and on the Hub.
PARTS = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "testa": "validation",
    "test": "test",
    "testb": "test",
}


@dataclass(frozen=True)
class Table:
    """Columns of equal length, and the label names of columns with ids.

    Attributes:
        source: The name of the table in messages.
        columns: Values by column name.
        names: Label names by column name, for columns of the type ``ClassLabel``.
    """

    source: str
    columns: dict[str, Sequence[Any]]
    names: dict[str, list[str]]


@dataclass(frozen=True)
class TableColumn:
    """A column of a table that becomes a column of the rows.

    Attributes:
        name: Its name in the table.
        option: The option with which a user names it.
        read: Returns the value for a row, given the value in the table and the label names of the
            column (``text_cell``, ``class_cell``); it raises ``ValueError`` for a wrong value, and
            ``FileNotFoundError`` if it names a file that is missing.
        other_names: Other names that it may have.
    """

    name: str
    option: str
    read: Callable[[Any, list[str] | None], Any]
    other_names: tuple[str, ...] = ()

    def among(self, names: Collection[str]) -> "TableColumn":
        """Return the column with the first of its names that is among some names."""
        known = (name for name in (self.name, *self.other_names) if name in names)
        return replace(self, name=next(known, self.name))


@dataclass(frozen=True)
class Loaded:
    """A data set as it was read.

    Attributes:
        splits: The rows of each part.
        names: The names of the classes by the column of the rows, if the source has them.
        grouped_by: What the column "group" of the rows holds, if they are drawn by it though no
            column of groups was named.
    """

    splits: Splits
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    grouped_by: str | None = None


def read_files(path: Path, columns: Mapping[str, TableColumn], label_lines: bool = False) -> Loaded:
    """Read a file, or the files of a folder, whose names may contain the name of their part.

    A file ``train.csv``, ``train-00000-of-00002.parquet`` or ``my_train.csv`` belongs to the part
    train; validation (also dev, valid, val) and test likewise. If no file name has a part, all
    files are one part. If some have, the other files are skipped, with a warning. Files in
    fastText's form are recognised by their first label.

    Args:
        path: The file or folder.
        columns: The wanted columns, by the column of the rows that they become.
        label_lines: Whether the files have lines ``label text`` and no columns. The text and the
            label become the first columns of texts and of classes; there are no others.

    Raises:
        ValueError: If there is no readable file, a column is missing, or a file is broken.
        OSError: If a file cannot be read.
    """
    files = [path]
    if path.is_file() and _suffix(path) not in SUFFIXES:
        label_lines = label_lines or has_fasttext_labels(path)
    if path.is_dir():
        found = sorted(f for f in path.iterdir() if f.is_file() and not f.name.startswith("."))
        files = [file for file in found if label_lines != (_suffix(file) in SUFFIXES)]
        if not files and not label_lines:
            files = [file for file in found if has_fasttext_labels(file)]
            label_lines = bool(files)
    elif not label_lines and _suffix(path) not in SUFFIXES:
        raise ValueError(
            f"{path} is no data file: expected one of {', '.join(SUFFIXES)}, or lines that begin "
            f"with '__label__'."
        )
    if not files:
        raise ValueError(f"The folder {path} holds no file of {', '.join(SUFFIXES)}.")
    parts = {file: part_of_file(file.name) for file in files}
    if path.is_dir() and any(parts.values()):
        others = [file.name for file in files if not parts[file]]
        if others:
            warnings.warn(
                f"Of the folder {path.name} the files {', '.join(others)} are left out: their "
                f"names tell no part, as those of the others do.",
                stacklevel=2,
            )
        files = [file for file in files if parts[file]]
    else:
        parts = dict.fromkeys(files, "all")
    splits: Splits = {}
    names: dict[str, tuple[str, ...]] = {}
    for file in files:
        rows = splits.setdefault(str(parts[file]), [])
        if label_lines:
            more = [c.option for c in columns.values() if c.read not in (text_cell, class_cell)]
            if more:
                raise ValueError(
                    f"{file} has lines of a label and a text: {more[0]} is for tables and data "
                    f"sets of the Hub."
                )
            places = (_first(columns, text_cell), _first(columns, class_cell))
            rows += read_label_lines(file, *places)
            continue
        table = read_table(file)
        rows += table_rows(table, columns)
        for own, column in columns.items():
            if stated := table.names.get(column.among(table.columns).name):
                names[own] = tuple(stated)
    return Loaded(splits, names)


def _first(columns: Mapping[str, TableColumn], read: Callable[..., Any]) -> str:
    return next(own for own, column in columns.items() if column.read is read)


def part_of_file(name: str) -> str | None:
    """Return the part named by the first word of a file name, or else by exactly one word."""
    words = re.split(r"[-_.]", name.lower())
    told = {PARTS[word] for word in words if word in PARTS}
    return PARTS.get(words[0]) or (told.pop() if len(told) == 1 else None)


def table_rows(table: Table, columns: Mapping[str, TableColumn]) -> Rows:
    """Return the rows of a table, with only the wanted columns.

    Args:
        table: The table.
        columns: The wanted columns, by the column of the rows that they become.

    Raises:
        ValueError: If a column is missing, or a value has a wrong type for its column.
        FileNotFoundError: If a value names a file that is missing.
    """
    columns = {own: column.among(table.columns) for own, column in columns.items()}
    for column in columns.values():
        if column.name not in table.columns:
            raise ValueError(
                f"{table.source} has no column '{column.name}' (its columns are "
                f"{', '.join(map(repr, table.columns))}): name the column by {column.option}."
                f"{did_you_mean(column.name, table.columns)}{_separator_hint(table)}"
            )
    readers = [(own, c.read, table.names.get(c.name)) for own, c in columns.items()]
    rows: Rows = []
    values = (table.columns[column.name] for column in columns.values())
    for number, cells in enumerate(zip(*values, strict=True), 1):
        try:
            rows.append(
                {
                    own: read(cell, names)
                    for (own, read, names), cell in zip(readers, cells, strict=True)
                }
            )
        except ValueError as error:
            raise ValueError(f"{table.source}, row {number}: {error}") from None
        except FileNotFoundError as error:
            raise FileNotFoundError(f"{table.source}, row {number}: {error}") from None
    return rows


def _separator_hint(table: Table) -> str:
    """Return a hint at the probable separator of a file that was read as one column."""
    if len(table.columns) != 1:
        return ""
    (name,) = table.columns
    found = next((sign for sign in _SEPARATORS if sign in name), None)
    if found is None:
        return ""
    return f" Its values seem to be parted by {found!r}: a .csv has commas, a .tsv tabs."


def _suffix(path: Path) -> str:
    suffixes = path.suffixes
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return suffixes[-1].lower() if suffixes else ""


def read_table(path: Path) -> Table:
    """Read all columns of a CSV, TSV, JSON, JSON Lines or Parquet file; CSV and TSV give texts.

    Raises:
        ValueError: If it is no such file, or broken; the message names it.
        OSError: If it cannot be read.
    """
    suffix = _suffix(path)
    if suffix not in SUFFIXES:
        raise ValueError(f"{path} is no table: expected one of {', '.join(SUFFIXES)}.")
    try:
        if suffix == ".parquet":
            return _read_parquet(path)
        content = path.read_bytes()
        text, note = decode_text(content, path.name)
        if note is not None:
            warnings.warn(note, stacklevel=4)
        if not text.strip():
            raise ValueError("the file is empty")
        columns = _read_json(text) if suffix.startswith(".json") else _read_csv(text, suffix)
    except (ValueError, EOFError, zlib.error, OSError, RecursionError) as error:
        # A broken gzip or Parquet file also raises OSError, but without an errno of the system.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        kind = suffix[1:]
        raise ValueError(f"{path} cannot be read as {kind}: {first_line(error)}.") from error
    return Table(str(path), columns, {})


def _read_csv(text: str, suffix: str) -> dict[str, Sequence[Any]]:
    # All values stay strings, also "1" and "NA". In a TSV file a quotation mark is part of the
    # text.
    form: dict[str, Any] = {}
    if suffix == ".tsv":
        form = {"delimiter": "\t", "quoting": csv.QUOTE_NONE}
    with warnings.catch_warnings():
        # Without this, a first row that is too long would be cut.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            frame = pd.read_csv(
                io.StringIO(text), dtype=str, keep_default_na=False, index_col=False, **form
            )
        except pd.errors.ParserWarning as warning:
            raise ValueError("a row has more values than the header has names") from warning
        except pd.errors.ParserError as error:
            unclosed = re.search(r"EOF inside string starting at row (\d+)", str(error))
            if unclosed is None:
                raise
            raise ValueError(
                f"the quotation mark that opens in row {unclosed[1]} is never closed"
            ) from error
    lines = csv.reader(io.StringIO(text, newline=""), **form)
    names = next(filter(None, lines), [])
    _check_names([name for name in names if name])
    return {str(name): frame[name].tolist() for name in frame.columns}


def _check_names(names: Sequence[str]) -> None:
    """Check that no two columns have the same name, as one would be lost or renamed."""
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise ValueError(f"two of its columns have the name {twice!r}")


def _record(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _check_names([name for name, _ in pairs])
    return dict(pairs)


def _read_json(text: str) -> dict[str, Sequence[Any]]:
    if text.lstrip().startswith("["):
        records = json.loads(text, object_pairs_hook=_record)
    else:
        records = []
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                try:
                    records.append(json.loads(line, object_pairs_hook=_record))
                except ValueError as error:
                    raise ValueError(f"line {number} is no JSON object ({error})") from None
    for number, record in enumerate(records, 1):
        if not isinstance(record, dict):
            raise ValueError(f"record {number} is no object: {str(record)[:40]!r}")
    names = dict.fromkeys(name for record in records for name in record)
    return {name: [record.get(name) for record in records] for name in names}


def _read_parquet(path: Path) -> Table:
    with path.open("rb") as file:
        parquet = pq.ParquetFile(file)
        _check_names(parquet.schema_arrow.names)
        table = parquet.read()
    # Files written by ``datasets`` contain their label names.
    features = datasets.Features.from_arrow_schema(table.schema)
    names = {
        name: feature.names
        for name, feature in features.items()
        if isinstance(feature, datasets.ClassLabel)
    }
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    return Table(str(path), columns, names)
