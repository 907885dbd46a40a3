"""Frames of skeletons, made independent of where a person stands and how tall it looks."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def normalized(pose: NDArray[Any]) -> NDArray[np.float32]:
    """Return the frames (time, channels) of a skeleton's joints (time, joints, dimensions).

    The joints are taken from their mean in each frame, and divided by their deviation over the
    whole sequence. The way of the mean since the first frame, so divided, and the change of each
    joint since the frame before follow: ``dimensions * (2 * joints + 1)`` numbers in each frame.

    Example:
        >>> import numpy as np
        >>> normalized(np.zeros((4, 20, 3))).shape
        (4, 123)
    """
    pose = np.asarray(pose, np.float64)
    if not len(pose):
        return np.zeros((0, pose.shape[2] * (2 * pose.shape[1] + 1)), np.float32)
    centre = pose.mean(1, keepdims=True)
    joints = pose - centre
    scale = joints.std() or 1.0
    joints = joints / scale
    way = (centre - centre[:1]) / scale
    change = np.diff(joints, axis=0, prepend=joints[:1])
    parts = [part.reshape(len(pose), -1) for part in (joints, way, change)]
    return np.concatenate(parts, axis=1).astype(np.float32)
