"""Samples of sound as numbers from -1 to 1: checked, and at another rate."""

import warnings
from math import gcd
from typing import Any

import numpy as np
import torch

from .feature_frames import Array

# Whole numbers whose range is that of sound, as files and microphones give them.
_WHOLE = (np.int8, np.uint8, np.int16, np.uint16, np.int32)


def checked_samples(samples: Any) -> Array:
    """Return samples as numbers; those of a type of whole numbers are divided by its range.

    Raises:
        ValueError: If they are no numbers, there are none, or several channels, or one is not
            finite.
    """
    given = as_array(samples)
    if given.dtype.kind not in "fiu":
        raise ValueError(
            f"the sound is {type(samples).__name__} of {given.dtype}, expected an array of samples"
        )
    if given.ndim != 1:
        raise ValueError(
            f"the sound has shape {given.shape}, expected one channel (samples,): take the mean of "
            "its channels first"
        )
    if not len(given):
        raise ValueError("the sound has 0 samples, expected at least 1")
    sound: Array = given.astype(np.float64)
    if given.dtype.kind != "f":
        return _scaled(sound, given.dtype)
    if not np.isfinite(sound).all():
        place = int(np.flatnonzero(~np.isfinite(sound))[0])
        raise ValueError(f"sample {place} of the sound is {sound[place]}, expected finite numbers")
    return sound


def as_array(samples: Any) -> np.ndarray[Any, Any]:
    """Return what may be samples as an array, also a tensor of any device and precision."""
    if isinstance(samples, torch.Tensor):
        samples = samples.detach().cpu()
        samples = samples.double() if samples.is_floating_point() else samples
    return np.asarray(samples)


def _scaled(sound: Array, kind: np.dtype[Any]) -> Array:
    """Return samples of a type of whole numbers from -1 to 1.

    Raises:
        ValueError: If the type says nothing of the range, as that of a list does.
    """
    if kind.type in _WHOLE:
        half: float = 2.0 ** (8 * kind.itemsize - 1)
        return (sound - half if kind.kind == "u" else sound) / half
    if np.abs(sound).max() > 1:
        raise ValueError(
            f"the sound is of {kind}, whose range is not that of samples: expected int16, or "
            "numbers from -1 to 1"
        )
    return sound


def at_rate(samples: Array, rate: Any, wanted: int, stacklevel: int = 2) -> Array:
    """Return sound of another rate, and warn of it.

    Raises:
        ValueError: If the rate is none.
        ImportError: If scipy is missing.
    """
    if not isinstance(rate, int | np.integer) or rate < 1:
        raise ValueError(
            f"sampling_rate is {rate!r}, expected a whole number of samples a second, at least 1"
        )
    warnings.warn(
        f"the sound has {rate} samples a second and is resampled to {wanted}",
        stacklevel=stacklevel,
    )
    return resampled(samples, int(rate), wanted)


def resampled(samples: Array, rate: int, wanted: int) -> Array:
    """Return sound of another rate, by a polyphase filter.

    Raises:
        ImportError: If scipy is missing.
    """
    try:
        from scipy.signal import resample_poly
    except ImportError:
        raise ImportError(
            f"sound of {rate} samples a second is resampled to {wanted} by scipy, which is not "
            "installed: pip install scipy"
        ) from None
    common = gcd(rate, wanted)
    sound: Array = resample_poly(samples, wanted // common, rate // common)
    return sound
