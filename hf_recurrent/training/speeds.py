"""Recordings a little faster and slower in each epoch, so that a few of them go further."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..data.interpolation import brought_to
from .perturbation import Perturbation, check_factor


def at_speed(frames: ArrayLike, speed: float) -> NDArray[np.float32]:
    """Return frames (time, channels) as a faster or slower speaker would give them, roughly.

    Time alone is stretched, by linear interpolation between neighbouring frames; the pitch and
    what else changes with the speed of a waveform stay. At least one frame is left.

    Args:
        frames: The frames.
        speed: 2 for half as many frames, 0.5 for twice as many.

    Raises:
        ValueError: If the speed is not a number above 0.
    """
    check_factor(speed, "speed")
    given = np.asarray(frames, dtype=np.float32)
    if speed == 1 or not len(given):
        return given
    return brought_to(given, max(round(len(given) / speed), 1)).astype(np.float32)


class SpeedPerturbation(Perturbation):
    """A training set whose recordings have another speed in each epoch (Ko et al. 2015).

    The speed of a row depends on the seed, the epoch and its place only, so a resumed run and
    every rank see the same ones. A text that no longer fits into the frames of a faster recording
    adds nothing to the loss in that epoch.

    Source: T. Ko, V. Peddinti, D. Povey, S. Khudanpur, "Audio augmentation for speech
    recognition", Interspeech 2015; there waveforms are resampled, here frames are interpolated.

    Args:
        dataset: Rows with ``input_features`` (time, channels), in the order of training: a
            ``LengthGroupedDataset``, or another one with ``set_epoch``.
        speeds: Those to draw from, all equally often.
        seed: Seed of the run.

    Raises:
        ValueError: If there is no speed, or one that is not a number above 0.

    Example:
        >>> rows = SpeedPerturbation([{"input_features": [[0.0], [2.0]]}], speeds=[0.5])
        >>> rows[0]["input_features"].shape
        (4, 1)
    """

    noun, nouns = "speed", "speeds"

    def __init__(self, dataset: Any, speeds: Sequence[float] = (0.9, 1.0, 1.1), seed: int = 42):
        super().__init__(dataset, speeds, seed)

    def changed(self, frames: Any, factor: float) -> NDArray[np.float32]:
        """Return frames (time, channels) at a speed."""
        return at_speed(frames, factor)
