"""Read pairs of sentences: text files whose lines belong together, and tables of two columns."""

import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..._wording import counted, listed
from ...data.cells import text_cell
from ...data.encodings import decode_text
from ...data.rows import Rows, Splits
from ...data.tables import SUFFIXES, Loaded, TableColumn, part_of_file, read_files

SOURCE, TARGET = "source_text", "target_text"
_PACKED = (".gz", ".bz2", ".xz")
# The column of pairs in many data sets: a dictionary of sentences by language.
_PAIRS = "translation"


def rows_of(sources: Iterable[str], targets: Iterable[str]) -> Rows:
    """Return the rows of sentences and their translations."""
    return [{SOURCE: a, TARGET: b} for a, b in zip(sources, targets, strict=True)]


def read_aligned(source: Path, target: Path) -> Rows:
    """Read two text files, in any usual encoding, whose lines translate each other.

    Lines that are empty in both files are left out.

    Raises:
        ValueError: If they have different numbers of lines, a line is empty in one of them only, or
            a file is no text or is damaged.
        OSError: If a file cannot be read.
    """
    sides = [_lines(path) for path in (source, target)]
    if len(sides[0]) != len(sides[1]):
        raise ValueError(
            f"{source} has {counted(len(sides[0]), 'line')} and {target} has "
            f"{counted(len(sides[1]), 'line')}: expected a line in one for each line in the other."
        )
    pairs = [*zip(*sides, strict=True)]
    for number, (one, other) in enumerate(pairs, 1):
        if bool(one) != bool(other):
            empty, full = (source, target) if other else (target, source)
            raise ValueError(
                f"{empty}, line {number} is empty, and the same line of {full} is not: write the "
                f"missing sentence, or remove the line from both files."
            )
    return rows_of(*zip(*(pair for pair in pairs if pair[0]), strict=True)) if any(sides[0]) else []


def pair_columns(source: str | None, target: str | None) -> dict[str, TableColumn]:
    """Return the columns of sentences and translations, in tables and data sets of the Hub.

    Each of them may also be a language in the column "translation".

    Raises:
        ValueError: If both are the same.
    """
    if source is not None and source == target:
        raise ValueError(
            f"source_column and target_column are both {source!r}, expected two different ones."
        )
    return {
        SOURCE: _column(source or "source", "source_column"),
        TARGET: _column(target or "target", "target_column"),
    }


def read_pairs(
    path: Path, source: str | None, target: str | None, target_file: str | None
) -> Loaded:
    """Read a text file with its translation, a table, or a folder of either.

    Args:
        path: The file or folder.
        source: Column of the sentences; in a folder of text files the ending of their names.
        target: The same of the translations.
        target_file: The translation of a text file, line by line.

    Raises:
        ValueError: If files are missing, do not belong together or are broken.
        OSError: If a file cannot be read.
    """
    if path.is_dir():
        if target_file is not None:
            raise ValueError(f"target_file is for a text file, and {path} is a folder.")
        aligned = _by_ending(path)
        wanted = (source, target)
        if any(ending in aligned for ending in wanted) or (aligned and not _has_tables(path)):
            return Loaded(_read_folder(path, aligned, source, target))
        return read_files(path, pair_columns(source, target))
    if target_file is not None:
        option = "source_column" if source is not None else "target_column"
        if source is not None or target is not None:
            raise ValueError(f"{option} is for tables and folders, and {path} is a text file.")
        if path.samefile(target_file):
            raise ValueError(f"{path} and target_file are the same file, expected two.")
        return Loaded({"all": read_aligned(path, Path(target_file))})
    if Path(_unpacked(path.name)).suffix.lower() not in SUFFIXES:
        raise ValueError(
            f"{path} is no table ({', '.join(SUFFIXES)}): if it is a text file, name the file of "
            f"its translations, line by line, by target_file."
        )
    return read_files(path, pair_columns(source, target))


def whole_pairs(splits: Splits) -> Splits:
    """Return the parts without rows that lack a sentence; one warning counts them."""
    whole: Splits = {
        part: [row for row in rows if row[SOURCE].strip() and row[TARGET].strip()]
        for part, rows in splits.items()
    }
    lacking = sum(map(len, splits.values())) - sum(map(len, whole.values()))
    if lacking:
        warnings.warn(
            f"{counted(lacking, 'row')} without a sentence or without its translation "
            f"{'is' if lacking == 1 else 'are'} left out.",
            stacklevel=4,
        )
    return whole


def _lines(path: Path) -> list[str]:
    text, note = decode_text(path.read_bytes(), path)
    if note is not None:
        warnings.warn(note, stacklevel=3)
    if "\n" not in text:  # lines of old Macs, or one line
        text = text.replace("\r", "\n")
    lines = [line.strip() for line in text.split("\n")]
    return lines if lines[-1] else lines[:-1]


def _unpacked(name: str) -> str:
    return next((name.removesuffix(end) for end in _PACKED if name.endswith(end)), name)


def _has_tables(folder: Path) -> bool:
    return any(Path(_unpacked(each.name)).suffix.lower() in SUFFIXES for each in folder.iterdir())


def _by_ending(folder: Path) -> dict[str, dict[str, Path]]:
    """Return the text files of a folder by the ending of their name, and then by their stem."""
    found: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.iterdir()):
        name = _unpacked(path.name).removesuffix(".txt")
        stem, _, ending = name.rpartition(".")
        if path.name.startswith(".") or not path.is_file():
            continue
        if stem and f".{ending.lower()}" not in SUFFIXES:
            found.setdefault(ending, {})[stem] = path
    return found


def _read_folder(
    folder: Path, files: Mapping[str, Mapping[str, Path]], source: str | None, target: str | None
) -> Splits:
    if source is None or target is None or source not in files or target not in files:
        raise ValueError(
            f"The names of the text files in {folder} end in "
            f"{listed([f'.{ending}' for ending in files])}: name the ending of the sentences by "
            f"source_column and that of the translations by target_column, without the point."
        )
    stems = [*dict.fromkeys([*files[source], *files[target]])]
    splits: Splits = {}
    for stem in stems:
        for ending in (source, target):
            if stem not in files[ending]:
                raise ValueError(f"{folder} has no file {stem}.{ending} beside that of the other.")
        part = part_of_file(stem) or ("all" if len(stems) == 1 else None)
        if part is None:
            continue
        if part in splits:
            raise ValueError(f"{folder}: {stem} is a second file of the part '{part}'.")
        splits[part] = read_aligned(files[source][stem], files[target][stem])
    if not splits:
        raise ValueError(
            f"No file in {folder} has the name of a part: expected names such as train.{source}, "
            f"valid.{source} and test.{source}."
        )
    return splits


def _column(name: str, option: str) -> TableColumn:
    def read(value: Any, names: list[str] | None = None) -> str:
        if isinstance(value, dict) and name not in value:
            known = ", ".join(map(repr, value))
            raise ValueError(
                f"the translations are in {known}, and not in {name!r}: name the language by "
                f"{option}."
            )
        return text_cell(value[name] if isinstance(value, dict) else value)

    return TableColumn(name, option, read, other_names=(_PAIRS,))
