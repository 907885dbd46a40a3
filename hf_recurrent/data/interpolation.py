"""Sequences of frames, stretched or shortened in time."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def brought_to(frames: ArrayLike, steps: int) -> NDArray[Any]:
    """Return frames (time, channels) at ``steps`` equal distances in time (steps, channels).

    The first and the last frame stay, and those between are interpolated linearly.

    Args:
        frames: At least one frame.
        steps: Number of frames to return.

    Example:
        >>> brought_to([[0.0], [2.0]], 3).tolist()
        [[0.0], [1.0], [2.0]]
    """
    given = np.asarray(frames)
    places = np.linspace(0, len(given) - 1, steps)
    before = np.floor(places).astype(int)
    after = np.minimum(before + 1, len(given) - 1)
    share = (places - before)[:, None]
    found: NDArray[Any] = (1 - share) * given[before] + share * given[after]
    return found
