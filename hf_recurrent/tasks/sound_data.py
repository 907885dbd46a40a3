"""Rows that name recordings: of tables, of LibriSpeech's layout, and of the Hub."""

import csv
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from .._wording import counted
from ..data.cells import text_cell
from ..data.encodings import read_utf8_lines
from ..data.groups import group_cell
from ..data.hub_files import load_hub_files
from ..data.loading import SplitRows, load_splits
from ..data.rows import Row, Rows, Splits
from ..data.sources import NamedDataset
from ..data.tables import Loaded, TableColumn, part_of_file, read_files
from .sound import AUDIO, SPEAKER


def load_recordings(
    name_or_path: str | os.PathLike[str],
    known: Mapping[str, NamedDataset],
    answer: str,
    read_answer: Callable[[Any, list[str] | None], Any],
    prepare: Callable[[Splits], Splits],
    *,
    answer_column: str | None,
    audio_column: str | None,
    speaker_column: str | None,
    config: str | None,
    data_dir: str | os.PathLike[str] | None,
    other_names: tuple[str, ...] = (),
    stratum: str | None = None,
) -> SplitRows:
    """Load train, validation and test of recordings, with an answer and a speaker each.

    Args:
        name_or_path: A name, a table, a folder or an id of the Hub.
        known: The data sets that have a name.
        answer: What a row calls the answer, "text" or "label".
        read_answer: Returns it; see ``TableColumn``, also for ``other_names``.
        prepare: See ``load_splits``, also for ``stratum`` and ``data_dir``.
        answer_column: Column of the answer as a user named it.
        audio_column: Column of the sound, "audio" by default; paths are relative to the table.
        speaker_column: Column of the speakers; each is then whole in one part.
        config: On the Hub, the configuration of the data set.
        data_dir: Folder of the files of named data sets.
        other_names: Other names that the column of the answer may have.
        stratum: The class of a row, if rows have one.

    Raises:
        ValueError: If the data have a wrong form; the message names the file.
        OSError: If the data, or a recording that a table names, cannot be found.
    """
    option = f"{answer}_column"
    columns = {
        AUDIO: TableColumn(
            audio_column or AUDIO, "audio_column", text_cell, other_names=("path", "file")
        ),
        answer: TableColumn(answer_column or answer, option, read_answer, other_names=other_names),
    }
    if speaker_column is not None:
        columns["group"] = TableColumn(speaker_column, "speaker_column", group_cell)
    given = {
        "audio_column": audio_column,
        option: answer_column,
        "speaker_column": speaker_column,
        "config": config,
    }
    parts = load_splits(
        os.fspath(name_or_path),
        known,
        given,
        read=lambda path: _read_manifest(path, columns),
        columns=columns,
        from_hub=partial(load_hub_files, column=AUDIO, what="recording"),
        prepare=prepare,
        key=AUDIO,
        units="recordings",
        stratum=stratum,
        keep_repeats=True,
        data_dir=data_dir,
        group_option="speaker_column",
    )
    for rows in parts.splits.values():
        for row in rows:
            row.setdefault(SPEAKER, row.get("group", ""))
    return parts


def _read_manifest(path: Path, columns: Mapping[str, TableColumn]) -> Loaded:
    """Read a table of recordings, or a folder as LibriSpeech is laid out.

    Args:
        path: A table, a folder of tables, or a folder with files ``*.trans.txt``.
        columns: The wanted columns of a table; paths of recordings are relative to the table.

    Raises:
        ValueError: If a table has a wrong form.
        OSError: If a recording is missing; the message names the table and the recording.
    """
    if path.is_dir() and "text" in columns:
        lists = sorted(path.rglob("*.trans.txt"))
        if lists:
            return Loaded(_read_lists(path, lists, "group" in columns))
    loaded = read_files(path, columns)
    folder = path if path.is_dir() else path.parent
    for part, rows in loaded.splits.items():
        for number, row in enumerate(rows, 1):
            if not row[AUDIO].strip():
                raise ValueError(
                    f"{path}: row {number} of the part '{part}' names no recording, expected the "
                    f"path of one in its column '{columns[AUDIO].name}'."
                )
            row[AUDIO] = str(folder / row[AUDIO])
    _check_files(path, (row for rows in loaded.splits.values() for row in rows))
    return loaded


def _check_files(where: Path, rows: Iterable[Row]) -> None:
    """Raise ``FileNotFoundError`` if a recording is missing."""
    missing = [row[AUDIO] for row in rows if not Path(row[AUDIO].partition("::")[0]).is_file()]
    if missing:
        raise FileNotFoundError(
            f"{where} names {counted(len(missing), 'recording')} that cannot be found, the first "
            f"of them '{missing[0]}'."
        )


def _read_lists(folder: Path, files: Sequence[Path], has_groups: bool) -> dict[str, Rows]:
    """Return the rows of files of transcripts, by part if their folders are called by parts.

    Args:
        folder: The folder that holds them all.
        files: The files; one in "dev-clean/84/121123" is of the part validation.
        has_groups: Whether speakers are groups, each of whom is in one part.
    """
    parts = [part_of_file(file.relative_to(folder).parts[0]) for file in files]
    splits: dict[str, Rows] = {}
    for part, file in zip(parts, files, strict=True):
        rows = _read_transcripts(file)
        for row in rows if has_groups else ():
            row["group"] = row[SPEAKER]
        splits.setdefault(part if part and all(parts) else "all", []).extend(rows)
    return splits


def _read_transcripts(file: Path) -> Rows:
    """Read the lines ``ID TEXT`` of a file; the sound of an id is beside it."""
    rows: Rows = []
    for number, line in enumerate(read_utf8_lines(file), 1):
        if not line.strip():
            continue
        name, text = (*line.split(maxsplit=1), "")[:2]
        sound = next(
            (
                p
                for end in ("flac", "wav", "opus", "ogg")
                if (p := file.parent / f"{name}.{end}").is_file()
            ),
            None,
        )
        if sound is None:
            raise FileNotFoundError(
                f"{file}, line {number}: there is no recording {name}.flac, .wav, .opus or .ogg "
                "beside it."
            )
        rows.append({AUDIO: str(sound), "text": text.strip(), SPEAKER: name.partition("-")[0]})
    return rows


def read_tsv(file: Path) -> list[list[str]]:
    """Return the fields of the lines of a manifest of tabs."""
    with open(file, encoding="utf-8", newline="") as lines:
        return [*csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]


def held_out(names: Iterable[str], every: int) -> set[str]:
    """Return every n-th of some names in the order of the alphabet."""
    return set(sorted(set(names))[every - 1 :: every])


def by_part(rows: Rows, part_of: Callable[[Row], str]) -> dict[str, Rows]:
    """Return rows by the part that a function gives them, all parts there."""
    splits: dict[str, Rows] = {"train": [], "validation": [], "test": []}
    for row in rows:
        splits[part_of(row)].append(row)
    return splits
