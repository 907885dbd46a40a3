"""Load speech with its text by name or from a manifest."""

import os

import datasets

from ...data.cells import text_cell
from ...data.rows import Splits
from ..sound import AUDIO, SPEAKER
from ..sound_data import load_recordings
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
            (``*.trans.txt``), whose parts are those of its first folders, as "train-clean-100" and
            "dev-clean", if all are called so; or a data set of the Hub, ``owner/name``.
        data_dir: Folder of the files of named data sets; its sub-folder ``speech`` is searched too.
        audio_column: Column of the sound, "audio" by default; paths are relative to the table.
        text_column: Column of the texts, "text" by default.
        speaker_column: Column of the speakers; each is then whole in one part, where parts are
            not published.
        config: On the Hub, the configuration of the data set.

    Raises:
        ValueError: If the data have a wrong form; the message names the file.
        OSError: If the data, or a recording that a table names, cannot be found.
    """
    parts = load_recordings(
        name_or_path,
        SPEECH,
        TEXT,
        text_cell,
        _with_texts,
        answer_column=text_column,
        data_dir=data_dir,
        audio_column=audio_column,
        speaker_column=speaker_column,
        config=config,
        other_names=("sentence", "transcription"),
    )
    text = datasets.Value("string")
    return parts.to_datasets(datasets.Features({AUDIO: text, TEXT: text, SPEAKER: text}))


def _with_texts(splits: Splits) -> Splits:
    for part, rows in splits.items():
        for number, row in enumerate(rows, 1):
            if not row[TEXT].strip():
                raise ValueError(
                    f"the text of row {number} of its part '{part}' is empty ({row[AUDIO]})."
                )
    return splits
