"""Load recordings with a label by name or from a manifest."""

import os

import datasets

from ...data.cells import class_cell
from ...data.rows import Splits
from ..sound import AUDIO, SPEAKER
from ..sound_data import load_recordings
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
        speaker_column: Column of the speakers; each is then whole in one part, where parts are
            not published.
        config: On the Hub, the configuration of the data set.

    Raises:
        ValueError: If the data have a wrong form; the message names the file.
        OSError: If the data, or a recording that a table names, cannot be found.
    """
    parts = load_recordings(
        name_or_path,
        SOUNDS,
        LABEL,
        class_cell,
        _labelled,
        answer_column=label_column,
        stratum=LABEL,
        data_dir=data_dir,
        audio_column=audio_column,
        speaker_column=speaker_column,
        config=config,
    )
    rows = [row for each in parts.splits.values() for row in each]
    names = [*(parts.names.get(LABEL) or sorted({row[LABEL] for row in rows}))]
    text = datasets.Value("string")
    features = {AUDIO: text, LABEL: datasets.ClassLabel(names=names), SPEAKER: text}
    return parts.to_datasets(datasets.Features(features))


def _labelled(splits: Splits) -> Splits:
    return {part: [row for row in rows if row[LABEL] is not None] for part, rows in splits.items()}
