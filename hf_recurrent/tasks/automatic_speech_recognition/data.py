"""Load speech with its text by name or from a manifest."""

import os
from pathlib import Path

import datasets

from ...data.cells import text_cell
from ...data.groups import group_cell
from ...data.loading import load_splits
from ...data.rows import Splits
from ...data.tables import Loaded, TableColumn
from ..sound import AUDIO, SPEAKER, audio_column, from_hub, read_manifest
from .named import SPEECH

TEXT = "text"


def load_speech(
    name_or_path: str | os.PathLike[str],
    *,
    data_dir: str | os.PathLike[str] | None = None,
    audio_column: str | None = None,
    text_column: str | None = None,
    speaker_column: str | None = None,
    config: str | None = None,
) -> datasets.DatasetDict:
    """Load the splits train, validation and test with the columns audio, text and speaker.

    Args:
        name_or_path: A name of ``SPEECH``; a table (CSV, TSV, JSON, Parquet) of paths of sound and
            their texts, or a folder of such tables; a folder laid out as LibriSpeech
            (``*.trans.txt``); or a data set of the Hub, ``owner/name``.
        data_dir: Folder of the files of named data sets; its sub-folder ``speech`` is searched too.
        audio_column: Column of the sound, "audio" by default; paths are relative to the table.
        text_column: Column of the texts, "text" by default.
        speaker_column: Column of the speakers; each then stands whole in one part, where parts are
            not published.
        config: On the Hub, the configuration of the data set.

    Raises:
        ValueError: If the data have a wrong form; the message names the file.
        OSError: If the data, or a recording that a table names, cannot be found.
    """
    given = {
        "audio_column": audio_column,
        "text_column": text_column,
        "group_column": speaker_column,
        "config": config,
    }
    columns = _columns(audio_column, text_column, speaker_column)

    def read(path: Path) -> Loaded:
        return read_manifest(path, columns)

    parts = load_splits(
        os.fspath(name_or_path),
        SPEECH,
        given,
        read=read,
        columns=columns,
        from_hub=from_hub,
        prepare=_with_texts,
        key=AUDIO,
        units="recordings",
        keep_repeats=True,
        data_dir=data_dir,
    )
    for rows in parts.splits.values():
        for row in rows:
            row.setdefault(SPEAKER, row.get("group", ""))
    text = datasets.Value("string")
    return parts.to_datasets(datasets.Features({AUDIO: text, TEXT: text, SPEAKER: text}))


def _columns(audio: str | None, text: str | None, speaker: str | None) -> dict[str, TableColumn]:
    columns = {
        AUDIO: audio_column(audio),
        TEXT: TableColumn(
            text or TEXT, "text_column", text_cell, other_names=("sentence", "transcription")
        ),
    }
    if speaker is not None:
        columns["group"] = TableColumn(speaker, "speaker_column", group_cell)
    return columns


def _with_texts(splits: Splits) -> Splits:
    for part, rows in splits.items():
        for number, row in enumerate(rows, 1):
            if not row[TEXT].strip():
                raise ValueError(
                    f"the text of row {number} of its part '{part}' is empty ({row[AUDIO]})."
                )
    return splits
