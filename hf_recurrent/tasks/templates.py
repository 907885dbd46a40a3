"""The floor of tasks over frames: the nearest row of the training part, by time warping."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.float32]


class Templates:
    """Rows of frames with an answer each, such as recordings or clips.

    Args:
        frames: Their frames (time, channels).
        answers: Their answers.
    """

    def __init__(self, frames: Sequence[Frames], answers: Sequence[Any]) -> None:
        self.answers = [*answers]
        self.lengths = np.array([max(len(each), 1) for each in frames])
        longest, channels = int(self.lengths.max()), frames[0].shape[1]
        self.padded = np.zeros((len(frames), longest, channels), np.float32)
        for row, each in zip(self.padded, frames, strict=True):
            row[: len(each)] = each

    def nearest(self, frames: Frames) -> Any:
        """Return the answer of the nearest row, the first of several."""
        return self.answers[int(np.argmin(self.distances(frames)))]

    def distances(self, frames: Frames) -> NDArray[np.float64]:
        """Return the distance of frames to each row (Sakoe and Chiba 1978).

        It is the least sum of distances along a path that goes on in either, or in both, divided by
        the two lengths. All rows are computed at once, one diagonal after the other.
        """
        longest, time = self.padded.shape[1], max(len(frames), 1)
        given = frames if len(frames) else np.zeros((1, self.padded.shape[2]), np.float32)
        squares = (given**2).sum(1)[None, :, None] + (self.padded**2).sum(2)[:, None, :]
        products = np.einsum("tc,nlc->ntl", given, self.padded, optimize=True)
        costs = np.sqrt(np.maximum(squares - 2 * products, 0))
        rows = np.arange(len(self.padded))
        never = np.full((len(rows), time + 1), np.inf)
        before, last = never.copy(), never.copy()  # the diagonals i + j - 2 and i + j - 1, by i
        last[:, 0] = np.inf
        total = np.full(len(rows), np.inf)
        for diagonal in range(time + longest - 1):
            first = max(0, diagonal - longest + 1)
            i = np.arange(first, min(time, diagonal + 1))
            cost = costs[:, i, diagonal - i]
            least = np.minimum(np.minimum(last[:, i], last[:, i + 1]), before[:, i])
            if diagonal == 0:
                least = np.zeros_like(cost)
            now = never.copy()
            now[:, i + 1] = cost + least
            ends = diagonal - (time - 1) == self.lengths - 1
            total[ends] = now[ends, time]
            before, last = last, now
        return total / (time + self.lengths)
