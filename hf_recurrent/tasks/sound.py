"""What the tasks over sound share: rows that name recordings, and their frames."""

import csv
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import datasets
import numpy as np

from .._whole import write_whole
from .._wording import counted
from ..data.cells import text_cell
from ..data.rows import Row, Rows
from ..data.sound import read_sound
from ..data.sources import HubSource, load_hub_rows
from ..data.tables import Loaded, TableColumn, read_files
from ..models.feature_extraction_log_mel import LogMelFeatureExtractor

AUDIO, SPEAKER = "audio", "speaker"
# The channels of frames that were computed before.
_CEPSTRA = 13
# Samples a second that are heard at most.
_RATE = 16_000
_NO_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType({})


def extractor_for(references: Iterable[str], **fields: Any) -> LogMelFeatureExtractor:
    """Return a feature extractor for recordings like these.

    Args:
        references: The recordings of the training part, by which fixed statistics are computed.
        **fields: Arguments of the extractor; those of frames that were computed before are added.
    """
    kept = list(references)
    sound = read_sound(kept[0])
    if sound.rate is None:
        fields |= {"feature_type": "mfcc", "num_cepstra": _CEPSTRA}
    else:
        # Windows of 25 ms at every 10 ms. Speech has next to nothing above 8 kHz, and models of the
        # Hub hear at 16 kHz: Opus files, which are always read at 48 kHz, are resampled to it.
        rate = min(sound.rate, _RATE)
        fields |= {"sampling_rate": rate, "frame_length": rate // 40, "hop_length": rate // 100}
    fixed = fields.get("normalize") == "fixed"
    extractor = LogMelFeatureExtractor(**fields | ({"normalize": "none"} if fixed else {}))
    if fixed:
        extractor.set_statistics(frames_of(kept, extractor))
    return extractor


def make_extractor(
    references: Sequence[str], bidirectional: bool, num_mel_bins: int = 40, delta_order: int = 0
) -> LogMelFeatureExtractor:
    """Return a feature extractor, one that can stream for a network in one direction."""
    streams = {} if bidirectional else {"normalize": "fixed", "causal_deltas": True}
    fields = {"num_mel_bins": num_mel_bins, "delta_order": delta_order}
    return extractor_for(references, **fields, **streams)


def frames_of(
    references: Sequence[str], extractor: LogMelFeatureExtractor
) -> list[np.ndarray[Any, Any]]:
    """Return the frames (time, channels) of recordings.

    Raises:
        OSError: If a file is missing.
        ValueError: If one is no sound; the message names it.
    """
    found = []
    for ref in references:
        sound = read_sound(ref)
        try:
            if sound.rate is None:
                frames = extractor.from_base(sound.values)
            else:
                frames = extractor.frames(sound.values, sound.rate)
        except ValueError as error:
            raise ValueError(f"'{ref}': {error}") from None
        found.append(frames.astype(np.float32))
    return found


def seconds_of(ref: str) -> float:
    """Return the length of a recording in seconds."""
    sound = read_sound(ref)
    return len(sound.values) / (sound.rate or 100)


def read_manifest(path: Path, columns: Mapping[str, TableColumn]) -> Loaded:
    """Read a table of recordings, or a folder as LibriSpeech is laid out.

    Args:
        path: A table, a folder of tables, or a folder with files ``*.trans.txt``.
        columns: The wanted columns of a table; paths of recordings are relative to the table.

    Raises:
        ValueError: If a table has a wrong form.
        OSError: If a recording is missing; the message names the table and the recording.
    """
    if path.is_dir():
        lists = sorted(path.rglob("*.trans.txt"))
        if lists:
            return Loaded({"all": [row for file in lists for row in _read_transcripts(file)]})
    loaded = read_files(path, columns)
    folder = path if path.is_dir() else path.parent
    for rows in loaded.splits.values():
        for row in rows:
            row[AUDIO] = str(folder / row[AUDIO])
    check_files(path, (row for rows in loaded.splits.values() for row in rows))
    return loaded


def check_files(where: Path, rows: Iterable[Row]) -> None:
    """Raise ``FileNotFoundError`` if a recording is missing."""
    missing = [row[AUDIO] for row in rows if not Path(row[AUDIO].partition("::")[0]).is_file()]
    if missing:
        raise FileNotFoundError(
            f"{where} names {counted(len(missing), 'recording')} that cannot be found, the first "
            f"of them '{missing[0]}'."
        )


def _read_transcripts(file: Path) -> Rows:
    """Read the lines ``ID TEXT`` of a file; the sound of an id stands beside it."""
    rows: Rows = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        name, _, text = line.strip().partition(" ")
        if not name:
            continue
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
        rows.append({AUDIO: str(sound), "text": text, SPEAKER: name.partition("-")[0]})
    return rows


def audio_column(name: str | None) -> TableColumn:
    """Return the column of recordings in tables: paths."""
    return TableColumn(name or AUDIO, "audio_column", text_cell, other_names=("path", "file"))


def from_hub(hub: HubSource, names: Mapping[str, tuple[str, ...]] = _NO_NAMES) -> Loaded:
    """Load the rows of a data set of the Hub; its recordings are kept as files in a cache.

    Raises:
        ValueError: If a column is missing or of a wrong type.
        OSError: If it cannot be loaded.
    """
    cache = Path(datasets.config.HF_DATASETS_CACHE) / "hf-recurrent-sound"
    cache.mkdir(parents=True, exist_ok=True)

    def kept(value: Any) -> str:
        if not isinstance(value, dict) or not (value.get("bytes") or value.get("path")):
            raise ValueError(f"'{hub.id}' has a recording that is no sound, {type(value).__name__}")
        content = value.get("bytes")
        if content is None:
            return str(value["path"])
        file = cache / hashlib.sha256(content).hexdigest()
        if not file.exists():
            write_whole(file, content)
        return str(file)

    return load_hub_rows(replace(hub, convert={AUDIO: kept}), names, undecoded=True)


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
