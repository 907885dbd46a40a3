"""Files of sound, alone, in a zip archive, or as frames in an array of numpy.

Rows of data name a sound by a *reference*: the path of a file; ``archive.zip::member``; or
``array.npz::number`` for frames that were computed before, whose ``cepstra`` (time, channels) of
all recordings are end to end and whose ``length`` cuts them.
"""

import io
import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._extras import require
from .containers import chosen_sequence, read_member, read_sequences

_BETWEEN = "::"
# The numbers of channels that this process has warned of.
_warned_of: set[int] = set()


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


def short_name(ref: str) -> str:
    """Return the name of a recording without its folder or archive."""
    return ref.replace(_BETWEEN, "/").rpartition("/")[2]


def read_sound(ref: str) -> Sound:
    """Read a recording; several channels become their mean, with one warning.

    Raises:
        OSError: If the file is missing.
        ValueError: If it is no sound that can be read, or holds no samples; the message names it.
    """
    container, _, member = ref.partition(_BETWEEN)
    if not Path(container).is_file():
        raise FileNotFoundError(f"There is no file of sound '{container}'.")
    if member and container.endswith(".npz"):
        return Sound(chosen_sequence(_cepstra(container), member, container), None)
    if member:
        return decoded_sound(read_member(container, member, "recording"), ref)
    return decoded_sound(Path(container).read_bytes(), ref)


def decoded_sound(content: bytes, name: str) -> Sound:
    """Decode the content of a file of sound; several channels become their mean, with one warning.

    Args:
        content: The bytes of the file.
        name: Its name, for messages.

    Raises:
        ImportError: If soundfile is missing.
        ValueError: If it is no sound that can be read, or holds no samples.
    """
    soundfile = require("soundfile", "speech", "a file of sound")
    try:
        values, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise ValueError(
            f"'{name}' is no file of sound that can be read: {error.error_string}"
        ) from None
    if not len(values):
        raise ValueError(f"'{name}' holds 0 samples of sound, expected at least 1.")
    channels = values.shape[1]
    if channels > 1 and channels not in _warned_of:
        _warned_of.add(channels)
        warnings.warn(
            f"'{name}' has {channels} channels: their mean is taken, here and of all others like "
            "it, as is said once.",
            stacklevel=3,
        )
    return Sound(values.mean(1), int(rate))


@lru_cache(maxsize=2)
def _cepstra(path: str) -> list[NDArray[np.float32]]:
    return [
        each.astype(np.float32)
        for each in read_sequences(Path(path), "cepstra", ("frames", "channels"))
    ]
