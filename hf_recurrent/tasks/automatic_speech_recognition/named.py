"""The named data sets of speech with its text."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from ...data.prompts import read_prompts
from ...data.rows import Splits
from ...data.sound import reference
from ...data.sources import NamedDataset
from ..sound import AUDIO, SPEAKER
from ..sound_data import by_part, held_out, read_tsv

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# Every ninth speaker of AN4's training part is validation: 8 of 74.
_EVERY = 9


@dataclass(frozen=True, kw_only=True)
class NamedSpeech(NamedDataset):
    """A named data set of speech."""

    subfolder: ClassVar[str] = "speech"


def _read_an4(folder: Path) -> Splits:
    rows = [
        {
            AUDIO: reference(folder / "an4_mfcc.npz", number),
            "text": text,
            SPEAKER: speaker,
            "part": part,
        }
        for number, (_, text, speaker, part, _) in enumerate(read_tsv(folder / "manifest.tsv"))
    ]
    validation = held_out((row[SPEAKER] for row in rows if row["part"] == "train"), _EVERY)
    return by_part(
        rows,
        lambda row: (
            "validation"
            if row["part"] == "train" and row[SPEAKER] in validation
            else str(row["part"])
        ),
    )


def read_grid(folder: Path) -> Splits:
    """Read the sentences of GRID's first speaker."""
    parts = {"train": "train", "dev": "validation", "test": "test"}
    rows = [
        {
            AUDIO: reference(folder / "audio.zip", f"{name}.opus"),
            "text": text,
            SPEAKER: speaker,
            "part": parts[part],
        }
        for name, text, speaker, part, *_ in read_tsv(folder / "manifest.tsv")
    ]
    return by_part(rows, lambda row: str(row["part"]))


def _read_prompts(folder: Path) -> Splits:
    rows = [
        {AUDIO: str(recording), "text": text, SPEAKER: "Allison"}
        for recording, text in read_prompts(folder)
    ]
    return {"all": rows}


def digit_rows(archive: Path) -> list[dict[str, str]]:
    """Return the recordings of spoken digits: audio, text, speaker and take."""
    import zipfile

    rows = []
    with zipfile.ZipFile(archive) as members:
        for member in sorted(members.namelist()):
            stem = Path(member).stem.split("_")
            if member.endswith(".wav") and len(stem) == 3:
                rows.append(
                    {
                        AUDIO: reference(archive, member),
                        "text": _DIGITS[int(stem[0])],
                        SPEAKER: stem[1],
                        "take": stem[2],
                    }
                )
    return rows


def by_take(rows: list[dict[str, str]]) -> Splits:
    """Return takes 0 to 4 as test, the usual part, and 5 to 9 as validation."""
    return by_part(
        rows,
        lambda row: {0: "test", 1: "validation"}.get(int(row["take"]) // 5, "train"),
    )


_SPECS = (
    NamedSpeech(
        name="grid-s1",
        title="sentences of six words, one speaker (GRID, s1)",
        license="cc-by-4.0",
        splits="those of the manifest; one speaker says all parts",
        files=("grid_s1/manifest.tsv", "grid_s1/audio.zip"),
        read=lambda folder: read_grid(folder / "grid_s1"),
    ),
    NamedSpeech(
        name="an4",
        title="spelled words, dates and numbers (AN4; cepstra, no waveforms)",
        license="BSD-like",
        splits="published; 8 of the 74 speakers of the training part are validation",
        files=("an4/manifest.tsv", "an4/an4_mfcc.npz"),
        read=lambda folder: _read_an4(folder / "an4"),
    ),
    NamedSpeech(
        name="asterisk-prompts",
        title="prompts of a telephone exchange, one speaker, 8 kHz (Asterisk)",
        license="cc-by-sa-3.0",
        splits="none published; one speaker says all parts",
        files=("activated.wav",),
        read=_read_prompts,
        package="asterisk-sounds",
    ),
    NamedSpeech(
        name="spoken-digits",
        title="digits of six speakers, by take",
        license="cc-by-sa-4.0",
        splits="takes 0 to 4 are test, as usual, and 5 to 9 validation",
        files=("spoken_digits.zip",),
        read=lambda folder: by_take(digit_rows(folder / "spoken_digits.zip")),
    ),
)
SPEECH: Mapping[str, NamedSpeech] = MappingProxyType({spec.name: spec for spec in _SPECS})
