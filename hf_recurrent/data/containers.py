"""Files within files: members of zip archives, and arrays of archives of numpy.

Archives stay open, as rows of data name one member after the other.
"""

import functools
import zipfile
import zlib
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from .._wording import counted

T = TypeVar("T")


def read_member(file: str, name: str, noun: str) -> bytes:
    """Return the bytes of a member of a zip archive.

    Args:
        file: The archive.
        name: The member.
        noun: What members are, for messages.

    Raises:
        FileNotFoundError: If there is no such file or member.
        ValueError: If the archive is damaged.
    """
    try:
        return _archive(file).read(name)
    except KeyError:
        raise FileNotFoundError(f"{file} has no {noun} '{name}'") from None
    except (zipfile.BadZipFile, zlib.error):
        raise ValueError(f"{file} is damaged at the {noun} '{name}'") from None


@functools.lru_cache(maxsize=4)
def _archive(file: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except FileNotFoundError:
        raise FileNotFoundError(f"There is no file {file}.") from None
    except zipfile.BadZipFile:
        raise ValueError(f"{file} is damaged, or no zip archive") from None


def read_arrays(file: Path, *names: str) -> dict[str, NDArray[Any]]:
    """Return arrays of an archive of numpy, read without pickle.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged or lacks one of them.
    """
    try:
        with np.load(file, allow_pickle=False) as arrays:
            there = arrays.files
            found = {name: arrays[name] for name in names if name in there}
    except FileNotFoundError:
        raise FileNotFoundError(f"There is no file {file}.") from None
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, AttributeError):
        raise ValueError(f"{file} is damaged, or no archive of numpy without objects") from None
    missing = next((name for name in names if name not in found), None)
    if missing is not None:
        raise ValueError(f"{file} has no array '{missing}', but {', '.join(there)}")
    return found


def read_sequences(file: Path, array: str, axes: tuple[str, ...]) -> list[NDArray[Any]]:
    """Return the sequences of an array that holds all of them end to end, as ``length`` cuts it.

    Args:
        file: The archive.
        array: The name of the array.
        axes: What its axes are, the first of them frames.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged or lacks one of both, or if they do not fit each other.
    """
    arrays = read_arrays(file, array, "length")
    frames, length = arrays[array], arrays["length"]
    if frames.ndim != len(axes) or frames.dtype.kind not in "fiu":
        raise ValueError(
            f"{file}: the array '{array}' has shape {frames.shape} and type {frames.dtype}, "
            f"expected numbers ({', '.join(axes)})"
        )
    whole = length.ndim == 1 and length.dtype.kind in "iu" and not (length < 0).any()
    if not whole or length.sum() != len(frames):
        raise ValueError(
            f"{file}: expected the array 'length' to have the number of frames of each sequence, "
            f"{len(frames):,} in all, as '{array}' has them"
        )
    return np.split(frames, np.cumsum(length)[:-1])


def chosen_sequence(sequences: list[T], place: str, file: str) -> T:
    """Return the sequence with a number.

    Raises:
        ValueError: If there is none; the message names the file.
    """
    if not place.isdecimal() or int(place) >= len(sequences):
        held = counted(len(sequences), "sequence")
        raise ValueError(f"{file} has {held}, and none with number '{place}'")
    return sequences[int(place)]
