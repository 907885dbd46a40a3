"""Silence before and after what is said, which CTC need not learn from.

At the beginning of training with CTC all steps look alike, so the tokens of a text are sought at
even distances from the first step to the last. Where a second of silence is before a sentence,
a network learns to write its first letters there, by their place rather than by their sound, and
later ones a word too late; some seeds never leave that. Without the silence the even places are
nearly the right ones.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._wording import counted

# Speech is above this share of the way from the 5th to the 95th percentile of the loudness, which
# is first the mean of so many frames, as breath and clicks are short.
_SHARE = 0.3
_QUIET, _LOUD = 5, 95
_SMOOTHED = 9


def without_silence(
    frames: ArrayLike,
    loudness: ArrayLike,
    margins: tuple[int, int] = (20, 20),
    least: int = 1,
) -> NDArray[np.float32]:
    """Return frames without the silence before the first loud ones and after the last.

    Args:
        frames: The frames (time, channels).
        loudness: How loud each is, (time,), as the logarithm of its energy in any unit.
        margins: Numbers of quiet frames that stay before and after. A network in one direction
            writes what it has heard, so some time later: it should keep more after, and none
            before, where it could only guess.
        least: Number of frames below which none is cut away.

    Raises:
        ValueError: If there is not one loudness a frame, or a margin is negative.

    Example:
        >>> loud = [0.0] * 50 + [1.0, 0.0, 1.0] * 20 + [0.0] * 40
        >>> len(without_silence([[value] for value in loud], loud))
        104
    """
    given, level = np.asarray(frames, np.float32), np.asarray(loudness, np.float32)
    if level.shape != given.shape[:1]:
        raise ValueError(
            f"loudness has the shape {level.shape}, expected one number for each of "
            f"{counted(len(given), 'frame')}"
        )
    before, after = margins
    if min(margins) < 0:
        raise ValueError(f"margins are {before} and {after}, expected numbers of at least 0")
    if not len(given):
        return given
    around = np.pad(level, _SMOOTHED // 2, mode="edge")
    level = np.lib.stride_tricks.sliding_window_view(around, _SMOOTHED).mean(1)
    quiet, loud = np.percentile(level, (_QUIET, _LOUD))
    (above,) = np.nonzero(level > quiet + _SHARE * (loud - quiet))
    if not len(above):
        return given
    kept = given[max(above[0] - before, 0) : above[-1] + 1 + after]
    return kept if len(kept) >= least else given
