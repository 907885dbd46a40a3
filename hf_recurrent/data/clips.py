"""Clips by a reference: a video file, one within an archive, or a sequence of numbers.

A reference is a path, with what is in the file after ``::``:

- ``clip.mp4`` or ``clips.zip::clip.mp4``: a video;
- ``clip.mp4::23-29``: frames 23 to 29 of it, counted from 0, both included;
- ``skeletons.npz::17``: sequence 17 of an archive of numpy with ``pose``, all frames end to end,
  and ``length``, the number of frames of each sequence;
- ``moving-digits://test/17``: a synthetic clip (``moving_digits``);
- ``motions.ts::3``: sequence 3 of a file of the time series archive (sktime's format).
"""

import functools
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..models.video_files import chosen_frames, read_clip
from . import moving_digits
from .containers import chosen_sequence, read_member, read_sequences
from .encodings import read_utf8_lines
from .skeletons import normalized

_SPAN = re.compile(r"(\d+)-(\d+)")
_NUMBERS = (".npz", ".ts")


def is_pictures(reference: str) -> bool:
    """Check whether a reference names a video, and not a sequence of numbers."""
    return not reference.partition("::")[0].endswith(_NUMBERS)


def file_of(reference: str) -> Path:
    """Return the file that a reference names."""
    return Path(reference.partition("::")[0])


def pictures_of(
    reference: str, num_frames: int | None = None, fps: float | None = None
) -> NDArray[np.uint8]:
    """Return the pictures (time, height, width, 3) of a video.

    Args:
        reference: The video.
        num_frames: See ``video_files.chosen_frames``, also for the next.
        fps: Synthetic clips have no rate, so these frames a second cannot be taken of them.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no video, breaks in the middle, or lacks the named frames.
    """
    if reference.startswith(moving_digits.SCHEME):
        frames = moving_digits.read(reference)[0]
        return frames[[*chosen_frames(len(frames), 0.0, num_frames, fps)]]
    file, *inside = reference.split("::")
    content = None
    if file.endswith(".zip"):
        if not inside:
            raise ValueError(f"{file} is an archive: name a clip of it, as {file}::clip.mp4")
        content = read_member(file, inside.pop(0), "video")
    span = None
    if inside:
        found = _SPAN.fullmatch(inside[0])
        if found is None:
            raise ValueError(f"{reference}: '{inside[0]}' is no span of frames such as 23-29")
        span = int(found[1]), int(found[2])

    def choose(total: int, rate: float) -> Sequence[int]:
        first, last = span or (0, total - 1)
        if first >= total or last < first:
            raise ValueError(f"it has {total} frames, and frames {first} to {last} are wanted")
        numbers = range(first, min(last, total - 1) + 1)
        return [numbers[n] for n in chosen_frames(len(numbers), rate, num_frames, fps)]

    return read_clip(file if content is None else reference, choose, content).frames


def numbers_of(reference: str) -> NDArray[np.float32]:
    """Return the frames (time, channels) of a sequence of numbers.

    The joints of a skeleton are normalised (``skeletons.normalized``).

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is damaged, or has no such sequence.
    """
    file, _, place = reference.partition("::")
    return chosen_sequence(_sequences(file), place, file)


@functools.lru_cache(maxsize=4)
def _sequences(file: str) -> list[NDArray[np.float32]]:
    if file.endswith(".ts"):
        return [frames for frames, _ in read_ts(Path(file))]
    poses = read_sequences(Path(file), "pose", ("frames", "joints", "dimensions"))
    for number, pose in enumerate(poses):
        if not len(pose):
            raise ValueError(f"{file}: sequence {number} has 0 frames, expected at least 1")
        if not np.isfinite(pose).all():
            raise ValueError(f"{file}: sequence {number} has a joint that is no finite number")
    return [normalized(each) for each in poses]


def read_ts(file: Path) -> list[tuple[NDArray[np.float32], str]]:
    """Return the frames (time, channels) and the class of each sequence of a ``.ts`` file.

    Raises:
        ValueError: If a line has another form; the message names file and line.
    """
    found: list[tuple[NDArray[np.float32], str]] = []
    in_data = False
    for number, line in enumerate(read_utf8_lines(file), 1):
        if not in_data or not line.strip():
            in_data = in_data or line.strip().lower() == "@data"
            continue
        *channels, label = line.split(":")
        try:
            values = [[float(value) for value in channel.split(",")] for channel in channels]
            frames = np.array(values, np.float32).T
        except ValueError:
            frames = np.zeros(0, np.float32)
        if frames.ndim != 2 or not frames.size or not np.isfinite(frames).all():
            raise ValueError(
                f"{file}, line {number}: expected channels of numbers of one length, none "
                "missing, parted by colons, and a class at the end"
            )
        found.append((np.ascontiguousarray(frames), label.strip()))
    return found
