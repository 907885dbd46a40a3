"""The named data sets of clips with a label: lips, skeletons, sensors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from ..._wording import counted
from ...data.clips import read_ts
from ...data.containers import read_arrays
from ...data.rows import Row, Rows, Splits
from ...data.sources import NamedDataset
from ...data.splits import SPLITS

CLIP, LABEL, ORIGIN = "clip", "label", "origin"
# Frames before and after a spoken word: lips begin before the sound and end after it.
MARGIN = 3
_PERSONS = tuple(f"s{number:02}" for number in range(1, 11))
_ACTIONS = (
    *("walk", "sitDown", "standUp", "pickUp", "carry"),
    *("throw", "push", "pull", "waveHands", "clapHands"),
)


@dataclass(frozen=True, kw_only=True)
class NamedClips(NamedDataset):
    """A named data set of clips.

    Attributes:
        labels: The names of the labels, in the order of their ids; of the rows if empty.
        warning: What users are warned of when they load it.
    """

    labels: tuple[str, ...] = ()
    warning: str = ""

    subfolder: ClassVar[str] = "video"

    @property
    def class_names(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the labels."""
        return {LABEL: self.labels} if self.labels else {}


@dataclass(frozen=True, kw_only=True)
class NamedMotion(NamedClips):
    """A named data set of skeletons or sensors."""

    subfolder: ClassVar[str] = "motion"


def by_part(rows: Rows, part_of: Callable[[Row], str]) -> Splits:
    """Return rows by the part that a function gives them."""
    splits: Splits = {part: [] for part in SPLITS}
    for row in rows:
        splits[part_of(row)].append(row)
    return splits


def read_grid_words(folder: Path, place: int) -> Splits:
    """Return the clips of a word of each GRID sentence, cut by the alignment with the sound.

    Args:
        folder: Has ``manifest.tsv`` (name, sentence, speaker, part, frames, seconds, alignment) and
            ``clips.zip``.
        place: The place of the word in the sentence.

    Raises:
        ValueError: If a line of the manifest has another form.
    """
    splits: Splits = {part: [] for part in SPLITS}
    manifest = folder / "manifest.tsv"
    for number, line in enumerate(manifest.read_text(encoding="utf-8").splitlines(), 1):
        try:
            name, sentence, speaker, part, frames, _, alignment = line.split("\t")
            word, _, span = alignment.split(" ")[place].rpartition(":")
            first, last = map(int, span.split("-"))
            rows = splits["validation" if part == "dev" else part]
            right = sentence.split(" ")[place] == word
        except (ValueError, IndexError, KeyError):
            right = False
        if not right:
            raise ValueError(
                f"{manifest}, line {number}: expected name, sentence, speaker, part, frames, "
                "seconds and alignment, parted by tabs"
            )
        ends = max(first - MARGIN, 0), min(last + MARGIN, int(frames) - 1)
        clip = f"{folder / 'clips.zip'}::{name}.mp4::{ends[0]}-{ends[1]}"
        rows.append({CLIP: clip, LABEL: word, ORIGIN: speaker})
    return splits


def _grid(name: str, title: str, place: int, labels: tuple[str, ...]) -> NamedClips:
    return NamedClips(
        name=name,
        title=f"{title} read from the lips, one speaker (GRID, s1)",
        license="cc-by-4.0",
        splits="those of the manifest; one speaker says all parts",
        files=("grid_s1/manifest.tsv", "grid_s1/clips.zip"),
        read=lambda folder: read_grid_words(folder / "grid_s1", place),
        labels=labels,
    )


def _skeletons(file: Path, label: str, group: str | None = None) -> Rows:
    """Return the rows of an archive of skeletons, with the names of its columns."""
    arrays = read_arrays(file, "length", label, *([group] if group else []))
    other = next(
        (name for name, own in arrays.items() if own.shape != arrays["length"].shape), None
    )
    if other is not None:
        held, wanted = arrays[other].size, arrays["length"].size
        raise ValueError(
            f"{file}: the array '{other}' has {counted(held, 'value')}, expected one for each of "
            f"the {counted(wanted, 'sequence')} of 'length'"
        )
    groups = arrays[group] if group else np.full(len(arrays[label]), "")
    return [
        {CLIP: f"{file}::{number}", LABEL: str(own), ORIGIN: str(of)}
        for number, (own, of) in enumerate(zip(arrays[label], groups, strict=True))
    ]


def _utkinect(name: str, splits: str, part_of: Callable[[str], str]) -> NamedMotion:
    file = "utkinect_skeleton.npz"
    return NamedMotion(
        name=name,
        title="ten actions by skeletons of 20 joints, ten persons (UTKinect)",
        language="",
        splits=splits,
        files=(file,),
        read=lambda folder: by_part(
            _skeletons(folder / file, "action", "person"), lambda row: part_of(str(row[ORIGIN]))
        ),
        labels=_ACTIONS,
    )


def _without(person: str) -> NamedMotion:
    """Return UTKinect with one person as the test part, and the one before as validation."""
    other = _PERSONS[_PERSONS.index(person) - 1]
    parts = {person: "test", other: "validation"}
    return _utkinect(
        f"utkinect-{person}",
        f"person {person} is test, and {other} validation",
        lambda own: parts.get(own, "train"),
    )


def _by_halves(person: str) -> str:
    number = _PERSONS.index(person)
    return "train" if number < 4 else "validation" if number == 4 else "test"


def _read_motions(folder: Path) -> Splits:
    splits: dict[str, Any] = {}
    for part, end in (("train", "TRAIN"), ("test", "TEST")):
        file = folder / f"BasicMotions_{end}.ts"
        splits[part] = [
            {CLIP: f"{file}::{number}", LABEL: label, ORIGIN: ""}
            for number, (_, label) in enumerate(read_ts(file))
        ]
    return splits


_SPECS: tuple[NamedClips, ...] = (
    _grid("grid-lips-commands", "four commands", 0, ("bin", "lay", "place", "set")),
    _grid("grid-lips-colors", "four colours", 1, ("blue", "green", "red", "white")),
    _grid(
        "grid-lips-digits",
        "ten digits",
        4,
        ("zero", *["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]),
    ),
    _utkinect(
        "utkinect", "persons s01 to s04 are train, s05 validation, s06 to s10 test", _by_halves
    ),
    *map(_without, _PERSONS),
    NamedMotion(
        name="jhmdb",
        title="14 actions by skeletons of 15 joints found in videos (JHMDB)",
        language="",
        splits="drawn at random, as the file does not say which clips are of one film",
        files=("jhmdb_skeleton_train.npz",),
        read=lambda folder: {"all": _skeletons(folder / "jhmdb_skeleton_train.npz", "label")},
        warning="Clips of 'jhmdb' are drawn at random, as its file does not say which are of one "
        "film or person: figures flatter every model, and cannot be held beside published ones.",
    ),
    NamedMotion(
        name="basic-motions",
        title="four activities by a watch with six sensors (BasicMotions)",
        language="",
        splits="published; its four persons are not told, so they may be in both parts",
        files=("BasicMotions_TRAIN.ts", "BasicMotions_TEST.ts"),
        read=_read_motions,
        package="basic-motions",
    ),
)
CLIPS: Mapping[str, NamedClips] = MappingProxyType({spec.name: spec for spec in _SPECS})
