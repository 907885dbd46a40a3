"""Load recordings with a label by name or from a manifest."""

import os
from pathlib import Path

import datasets

from ...data.cells import class_cell
from ...data.groups import group_cell
from ...data.loading import load_splits
from ...data.rows import Splits
from ...data.tables import Loaded, TableColumn
from ..sound import AUDIO, SPEAKER, audio_column, from_hub, read_manifest
from .named import LABEL, SOUNDS


def load_sounds(
    name_or_path: str | os.PathLike[str],
    *,
    data_dir: str | os.PathLike[str] | None = None,
    audio_column: str | None = None,
    label_column: str | None = None,
    speaker_column: str | None = None,
    config: str | None = None,
) -> datasets.DatasetDict:
    """Load the splits train, validation and test with the columns audio, label and speaker.

    Args:
        name_or_path: A name of ``SOUNDS``; a table (CSV, TSV, JSON, Parquet) of paths of sound and
            their labels, or a folder of such tables; or a data set of the Hub, ``owner/name``.
        data_dir: Folder of the files of named data sets; its sub-folder ``speech`` is searched too.
        audio_column: Column of the sound, "audio" by default; paths are relative to the table.
        label_column: Column of the labels, "label" by default.
        speaker_column: Column of the speakers; each then stands whole in one part, where parts are
            not published.
        config: On the Hub, the configuration of the data set.

    Raises:
        ValueError: If the data have a wrong form; the message names the file.
        OSError: If the data, or a recording that a table names, cannot be found.
    """
    given = {
        "audio_column": audio_column,
        "label_column": label_column,
        "group_column": speaker_column,
        "config": config,
    }
    columns = _columns(audio_column, label_column, speaker_column)

    def read(path: Path) -> Loaded:
        return read_manifest(path, columns)

    parts = load_splits(
        os.fspath(name_or_path),
        SOUNDS,
        given,
        read=read,
        columns=columns,
        from_hub=from_hub,
        prepare=_labelled,
        key=AUDIO,
        units="recordings",
        stratum=LABEL,
        keep_repeats=True,
        data_dir=data_dir,
    )
    rows = [row for each in parts.splits.values() for row in each]
    for row in rows:
        row.setdefault(SPEAKER, row.get("group", ""))
    names = [*(parts.names.get(LABEL) or sorted({row[LABEL] for row in rows}))]
    text = datasets.Value("string")
    features = {AUDIO: text, LABEL: datasets.ClassLabel(names=names), SPEAKER: text}
    return parts.to_datasets(datasets.Features(features))


def _columns(audio: str | None, label: str | None, speaker: str | None) -> dict[str, TableColumn]:
    columns = {
        AUDIO: audio_column(audio),
        LABEL: TableColumn(label or LABEL, "label_column", class_cell),
    }
    if speaker is not None:
        columns["group"] = TableColumn(speaker, "speaker_column", group_cell)
    return columns


def _labelled(splits: Splits) -> Splits:
    return {part: [row for row in rows if row[LABEL] is not None] for part, rows in splits.items()}
