"""Small video files, written by ``av``."""

from pathlib import Path
from typing import Any

import av
import numpy as np


def write_clip(
    path: Path, frames: Any = 12, rate: int = 10, size: int = 32, **options: str
) -> Path:
    """Write a clip in H.264, in which a bright bar moves to the right; return its path.

    Args:
        path: The file, whose name ends in ``.mp4`` or ``.mkv``.
        frames: The number of frames, or the frames (time, height, width, 3) themselves.
        rate: Frames a second.
        size: Height and width.
        **options: Options of the container.
    """
    if isinstance(frames, int):
        pictures = np.zeros((frames, size, size, 3), np.uint8)
        for number, picture in enumerate(pictures):
            picture[:, 2 * number : 2 * number + 4] = 255
    else:
        pictures = frames
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.height, stream.width = pictures.shape[1:3]
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def write_sound(path: Path) -> Path:
    """Write a file with sound and no pictures; return its path."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    return path
