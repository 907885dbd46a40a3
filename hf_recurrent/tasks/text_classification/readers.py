"""Readers of the forms in which the named data sets are published."""

import gzip
import warnings
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from tqdm.auto import tqdm

from ..._wording import counted, first_line
from ...data.encodings import decode_line, fallback_note
from ...data.mails import mail_text
from ...data.rows import Row, Rows, Splits


def read_lines(path: Path) -> list[str]:
    """Read the lines of a text file, which may be gzipped and have CRLF line ends.

    A line that is not UTF-8 is read as Windows-1252 (``encodings.decode_line``), with a warning.
    """
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    lines = content.split(b"\n")
    if not lines[-1]:
        lines.pop()
    texts = []
    first, bad = 0, 0
    for number, line in enumerate(lines, 1):
        text, is_utf8 = decode_line(line.removesuffix(b"\r"))
        texts.append(text)
        bad += not is_utf8
        first = first or (0 if is_utf8 else number)
    if bad:
        warnings.warn(fallback_note(f"{path.name}, line {first}", bad), stacklevel=2)
    return texts


def read_labelled_lines(
    folder: Path, parts: Mapping[str, str], labels: Mapping[str, str], separator: str = " "
) -> Splits:
    """Read files of lines ``label separator text``.

    Args:
        folder: The folder of the files.
        parts: File name by the name of its part.
        labels: Names of the labels by their form in the files.
        separator: The separator between label and text.

    Raises:
        ValueError: If a line does not begin with one of the labels.
    """
    splits: Splits = {}
    for part, name in parts.items():
        rows: Rows = []
        for number, line in enumerate(read_lines(folder / name), 1):
            label, _, text = line.partition(separator)
            if label not in labels:
                raise ValueError(
                    f"{folder / name}, line {number}: it begins with {label[:40]!r}, where one of "
                    f"the labels {', '.join(labels)} is expected."
                )
            rows.append(_row(text, labels[label]))
        splits[part] = rows
    return splits


def read_labelled_csv(folder: Path, name: str, labels: Mapping[str, str]) -> Splits:
    """Read a CSV file with a header and the columns label and text, in this order."""
    table = _read_csv(folder / name, ["label", "text"], header=0)
    return {"all": _labelled(folder / name, table["label"], table["text"], labels)}


def read_ag_news(folder: Path, name: str, labels: Mapping[str, str]) -> Splits:
    """Read a CSV file of class, title and body without a header; the text is title and body."""
    table = _read_csv(folder / name, ["label", "title", "body"], header=None)
    texts = table["title"] + " " + table["body"]
    return {"all": _labelled(folder / name, table["label"], texts, labels)}


def _read_csv(path: Path, columns: list[str], header: int | None) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, header=header, dtype=str, keep_default_na=False)
    except ValueError as error:
        raise ValueError(f"{path} cannot be read as CSV: {first_line(error)}.") from error
    if len(table.columns) != len(columns):
        raise ValueError(
            f"{path} has {counted(len(table.columns), 'column')}, where {', '.join(columns)} are "
            f"expected."
        )
    return table.set_axis(columns, axis="columns")


def _labelled(path: Path, found: pd.Series, texts: pd.Series, labels: Mapping[str, str]) -> Rows:
    unknown = sorted(set(found) - set(labels))
    if unknown:
        raise ValueError(
            f"{path} has the label {unknown[0]!r}, where one of {', '.join(labels)} is expected."
        )
    return [_row(text, labels[label]) for text, label in zip(texts, found, strict=True)]


def read_orange_tables(folder: Path, parts: Mapping[str, str]) -> Splits:
    """Read files of lines ``label TAB text`` after the three header lines of an Orange table."""
    splits: Splits = {}
    for part, name in parts.items():
        rows: Rows = []
        for line in read_lines(folder / name)[3:]:
            label, _, text = line.partition("\t")
            if label:
                rows.append(_row(text, label))
        splits[part] = rows
    return splits


def read_movie_snippets(folder: Path, name: str) -> Splits:
    """Read lines ``id TAB mean rating TAB text``, without those of the neutral rating 0.

    The ratings are means over 20 people, from -4 to 4 (Hutto and Gilbert 2014).
    """
    rows: Rows = []
    for number, line in enumerate(read_lines(folder / name), 1):
        try:
            _, rating, text = line.split("\t", 2)
            mean = float(rating)
        except ValueError:
            raise ValueError(
                f"{folder / name}, line {number}: expected an id, a rating and a text, separated "
                f"by tabs, and found {line[:40]!r}."
            ) from None
        if mean:
            rows.append(_row(text, "positive" if mean > 0 else "negative"))
    return {"all": rows}


def read_mails(folder: Path, folders: Mapping[str, str]) -> Splits:
    """Read folders of raw mails, one a file; see ``mail_text`` for the parts that are kept.

    Args:
        folder: The folder of these folders.
        folders: Name of the label by the name of the folder.
    """
    files = [
        (path, label)
        for name, label in folders.items()
        for path in sorted((folder / name).glob("*.txt"))
    ]
    bar = tqdm(files, desc="Reading mails", unit="mail", leave=False, disable=None)
    return {"all": [{"text": mail_text(path.read_bytes()), "label": label} for path, label in bar]}


def read_chinese_reviews(folder: Path, files: Mapping[str, str]) -> Splits:
    """Read files of one review a line, a file for each label; skip blank lines."""
    rows = (
        _row(line, label) for name, label in files.items() for line in read_lines(folder / name)
    )
    return {"all": [row for row in rows if row["text"]]}


def _row(text: str, label: str) -> Row:
    return {"text": text.strip(), "label": label}
