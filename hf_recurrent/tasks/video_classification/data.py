"""Load clips with a label by name, from a table or a folder of folders."""

import os
import re
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

import datasets

from ...data.cells import class_cell, text_cell
from ...data.clips import file_of
from ...data.groups import group_cell
from ...data.hub_files import FILE, load_hub_files
from ...data.loading import load_splits
from ...data.rows import Splits
from ...data.splits import SPLITS
from ...data.tables import SUFFIXES, Loaded, TableColumn, part_of_file, read_files
from .named import CLIP, CLIPS, LABEL, ORIGIN

# The column by which parts are drawn.
_GROUP = "group"
VIDEOS = (".mp4", ".avi", ".mkv", ".mov", ".webm", ".mpg", ".mpeg", ".m4v")
# Other names that the column of clips may have on the Hub.
ON_HUB = ("video", "path", "file")
# The recording that a clip is cut from, as in names of UCF101: v_Archery_g03_c02.avi.
_RECORDING = re.compile(r"_g(\d+)_c\d+$")


def load_clips(
    name_or_path: str | os.PathLike[str],
    *,
    data_dir: str | os.PathLike[str] | None = None,
    clip_column: str | None = None,
    label_column: str | None = None,
    group_column: str | None = None,
    config: str | None = None,
    random_split: bool = False,
) -> datasets.DatasetDict:
    """Load the splits train, validation and test with the columns clip, label and origin.

    Parts that are not published are drawn by group where groups are known: from the column of a
    table, or from names such as ``v_Archery_g03_c02.avi``. A random draw brings a warning.

    Args:
        name_or_path: A name of ``CLIPS``; a table (CSV, TSV, JSON, Parquet) of paths of clips and
            their labels, or a folder of such tables; a folder with a folder of clips for each
            label, or with such folders for each part; or an id of the Hub.
        data_dir: Folder of the files of named data sets; its sub-folders ``video`` and ``motion``
            are searched too.
        clip_column: Column of the clips, "clip" by default; paths are relative to the table.
        label_column: Column of the labels, "label" by default.
        group_column: Column of the person or recording, which is then whole in one part.
        config: On the Hub, the configuration of the data set.
        random_split: Whether clips are drawn at random though their groups are known.

    Raises:
        ValueError: If the data have a wrong form; the message names the file.
        OSError: If the data, or a clip that a table names, cannot be found.
    """
    name = os.fspath(name_or_path)
    given: dict[str, Any] = {
        "clip_column": clip_column,
        "label_column": label_column,
        "group_column": group_column,
        "config": config,
        "random_split": random_split,
    }
    columns = {
        CLIP: TableColumn(clip_column or CLIP, "clip_column", text_cell, ON_HUB),
        LABEL: TableColumn(label_column or LABEL, "label_column", class_cell),
    }
    if group_column is not None:
        columns[_GROUP] = TableColumn(group_column, "group_column", group_cell)

    def read(path: Path) -> Loaded:
        folders: Splits = {}
        if path.is_dir() and not _has_tables(path):
            folders = read_class_folders(path)
        return _by_recording(Loaded(folders) if folders else read_clip_tables(path, columns))

    def from_hub(*place: Any) -> Loaded:
        return _by_recording(load_hub_files(*place, column=CLIP, what="clip"))

    loaded = load_splits(
        name,
        CLIPS,
        given,
        read=read,
        columns=columns,
        from_hub=from_hub,
        prepare=_labelled,
        key=CLIP,
        units="clips",
        stratum=LABEL,
        data_dir=data_dir,
        by="random" if random_split else None,
    )
    _warn(name, loaded.info.description)
    rows = [row for part in SPLITS for row in loaded.splits[part]]
    for row in rows:
        row.setdefault(ORIGIN, row.get(_GROUP, ""))
    names = [*(loaded.names.get(LABEL) or sorted({row[LABEL] for row in rows}))]
    text = datasets.Value("string")
    features = {CLIP: text, LABEL: datasets.ClassLabel(names=names), ORIGIN: text}
    return loaded.to_datasets(datasets.Features(features))


def read_class_folders(folder: Path) -> Splits:
    """Return the clips of a folder by part, "all" if there are none; none without clips.

    Args:
        folder: Has a folder for each label, or folders of parts that have these.

    Raises:
        ValueError: If a clip is elsewhere; the message names it.
    """
    splits: Splits = {}
    clips = {}
    for file in sorted(folder.rglob("*")):
        within = file.relative_to(folder).parts
        if file.suffix.lower() in VIDEOS and not any(part[0] == "." for part in within):
            clips[file] = within
    if all(len(within) == 1 for within in clips.values()):
        return splits
    for file, within in clips.items():
        part = part_of_file(within[0]) if len(within) == 3 else "all"
        if (
            part is None
            or len(within) not in (2, 3)
            or (splits and (part == "all") != ("all" in splits))
        ):
            raise ValueError(
                f"{file}: expected each clip in a folder of its label, and these folders in "
                f"{folder}, or all of them in folders of parts such as train and test there."
            )
        splits.setdefault(part, []).append({CLIP: str(file), LABEL: within[-2]})
    return splits


def _has_tables(folder: Path) -> bool:
    return any(file.suffix.lower() in SUFFIXES for file in folder.iterdir())


def read_clip_tables(path: Path, columns: Mapping[str, TableColumn]) -> Loaded:
    """Read a table of clips, or a folder of tables; paths of clips are relative to the table.

    Raises:
        ValueError: If a table has a wrong form.
        FileNotFoundError: If a clip is missing; the message names the table and the row.
    """
    folder = path if path.is_dir() else path.parent

    def clip_cell(value: object, names: list[str] | None = None) -> str:
        clip = str(folder / text_cell(value))
        if not file_of(clip).is_file():
            raise FileNotFoundError(f"there is no clip '{clip}'.")
        return clip

    return read_files(path, {**columns, CLIP: replace(columns[CLIP], read=clip_cell)})


def _by_recording(loaded: Loaded) -> Loaded:
    """Return rows with their recordings as groups, if all names of clips tell it."""
    rows = [row for part in _labelled(loaded.splits).values() for row in part]
    found = [_RECORDING.search(PurePath(str(row.get(FILE) or row[CLIP])).stem) for row in rows]
    if any(_GROUP in row for row in rows) or not all(found):
        return loaded
    for row, recording in zip(rows, found, strict=True):
        assert recording is not None
        row[_GROUP] = f"{row[LABEL]} {recording[1]}"
    return replace(loaded, grouped_by="recording")


def _labelled(splits: Splits) -> Splits:
    return {part: [row for row in rows if row[LABEL] is not None] for part, rows in splits.items()}


def _warn(name: str, description: str) -> None:
    if name in CLIPS:
        if CLIPS[name].warning:
            warnings.warn(CLIPS[name].warning, stacklevel=3)
    elif "; split seed" in description:  # no groups are known
        warnings.warn(
            f"The clips of '{Path(name).name}' are drawn at random: if some are of one person or "
            "cut from one recording, the figures flatter every model. Name the person or recording "
            "by group_column.",
            stacklevel=3,
        )
