"""The named data sets of recordings with a label."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...data.rows import Row, Splits
from ..automatic_speech_recognition.named import NamedSpeech, by_take, digit_rows, read_grid
from ..sound import SPEAKER
from ..sound_data import by_part

LABEL = "label"
SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, kw_only=True)
class NamedSounds(NamedSpeech):
    """A named data set of recordings with a label.

    Attributes:
        labels: The names of the labels, in the order of their ids.
    """

    labels: tuple[str, ...]

    @property
    def class_names(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the labels."""
        return {LABEL: self.labels}


def _labelled(splits: Splits, label_of: Callable[[Row], str]) -> Splits:
    return {part: [{**row, LABEL: label_of(row)} for row in rows] for part, rows in splits.items()}


def _grid(name: str, title: str, place: int, labels: tuple[str, ...]) -> NamedSounds:
    """Return the sentences of GRID by the word that is at a place."""
    return NamedSounds(
        name=name,
        title=f"{title} within sentences of six words, one speaker (GRID, s1)",
        license="cc-by-4.0",
        splits="those of the manifest; one speaker says all parts",
        files=("grid_s1/manifest.tsv", "grid_s1/audio.zip"),
        read=lambda folder: _labelled(
            read_grid(folder / "grid_s1"), lambda row: str(row["text"]).split()[place]
        ),
        labels=labels,
    )


def _digits(name: str, splits: str, split: Callable[[list[dict[str, str]]], Any]) -> NamedSounds:
    def read(folder: Path) -> Splits:
        rows = split(digit_rows(folder / "spoken_digits.zip"))
        return _labelled(rows, lambda row: str(row["text"]))

    return NamedSounds(
        name=name,
        title="spoken digits of six speakers",
        license="cc-by-sa-4.0",
        splits=splits,
        files=("spoken_digits.zip",),
        read=read,
        labels=_DIGITS,
    )


def _without(speaker: str) -> NamedSounds:
    """Return the digits with one speaker as the test part, and the one before as validation."""
    other = SPEAKERS[SPEAKERS.index(speaker) - 1]
    parts = {speaker: "test", other: "validation"}
    return _digits(
        f"spoken-digits-{speaker}",
        f"the speaker {speaker} is test, and {other} validation",
        lambda rows: by_part(rows, lambda row: parts.get(str(row[SPEAKER]), "train")),
    )


_SPECS = (
    _digits("spoken-digits", "takes 0 to 4 are test, as usual, and 5 to 9 validation", by_take),
    *map(_without, SPEAKERS),
    _grid("grid-commands", "four commands", 0, ("bin", "lay", "place", "set")),
    _grid("grid-colors", "four colours", 1, ("blue", "green", "red", "white")),
)
SOUNDS: Mapping[str, NamedSounds] = MappingProxyType({spec.name: spec for spec in _SPECS})
