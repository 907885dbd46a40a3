"""Files of sound, alone, in a zip archive, or as frames in an array of numpy.

Rows of data name a sound by a *reference*: the path of a file; ``archive.zip::member``; or
``array.npz::number`` for frames that were computed before, whose ``cepstra`` (time, channels) of
all recordings stand end to end and whose ``length`` cuts them.
"""

import io
import warnings
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._extras import require

_BETWEEN = "::"


class Sound(NamedTuple):
    """A recording.

    Attributes:
        values: (samples,), or frames (time, channels).
        rate: Samples a second; ``None`` for frames.
    """

    values: NDArray[np.float32]
    rate: int | None


def reference(container: str | Path, member: Any) -> str:
    """Return the reference of a sound within a file."""
    return f"{container}{_BETWEEN}{member}"


def read_sound(ref: str) -> Sound:
    """Read a recording; several channels become their mean, with a warning.

    Raises:
        OSError: If the file is missing.
        ValueError: If it is no sound that can be read, or holds no samples; the message names it.
    """
    container, _, member = ref.partition(_BETWEEN)
    if not Path(container).is_file():
        raise FileNotFoundError(f"There is no file of sound '{container}'.")
    if member and container.endswith(".npz"):
        return Sound(_frames(container, int(member)), None)
    try:
        content = _archive(container).read(member) if member else Path(container).read_bytes()
    except KeyError:
        raise FileNotFoundError(f"'{container}' has no member '{member}'.") from None
    return decode_sound(content, ref)


def decode_sound(content: bytes, name: str) -> Sound:
    """Return the recording that the bytes of a file of sound hold; see ``read_sound``."""
    soundfile = require("soundfile", "speech", "a file of sound")
    try:
        values, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise ValueError(
            f"'{name}' is no file of sound that can be read: {error.error_string}"
        ) from None
    if not len(values):
        raise ValueError(f"'{name}' holds 0 samples of sound, expected at least 1.")
    if values.shape[1] > 1:
        warnings.warn(
            f"'{name}' has {values.shape[1]} channels: their mean is taken.", stacklevel=3
        )
    return Sound(values.mean(1), int(rate))


@lru_cache(maxsize=4)
def _archive(path: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise ValueError(f"'{path}' is no zip archive, or a damaged one.") from None


@lru_cache(maxsize=2)
def _cepstra(path: str) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    with np.load(path, allow_pickle=False) as arrays:
        ends = np.concatenate([[0], np.cumsum(arrays["length"])])
        return arrays["cepstra"].astype(np.float32), ends


def _frames(path: str, number: int) -> NDArray[np.float32]:
    cepstra, ends = _cepstra(path)
    return cepstra[ends[number] : ends[number + 1]]
