"""Video files, read by ``av`` (FFmpeg): chosen frames of a clip, or a clear reason why not."""

import io
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

try:
    import av
except ImportError:
    av = None

Choice = Callable[[int, float], Sequence[int]]
# The share of what a file says it has that is there in a whole one: some count roughly.
_WHOLE = 0.9


class Clip(NamedTuple):
    """Frames of a video.

    Attributes:
        frames: (time, height, width, 3) bytes, red, green and blue.
        rate: Frames a second of the file, 0 if it does not say.
    """

    frames: NDArray[np.uint8]
    rate: float


def uniform_frames(total: int, wanted: int) -> list[int]:
    """Return the numbers of frames at equal distances over a whole clip, both ends too.

    Args:
        total: Number of frames of the clip.
        wanted: Number of frames that are wanted; a shorter clip gives all that it has.
    """
    if total <= wanted:
        return list(range(total))
    return np.linspace(0, total - 1, wanted).round().astype(int).tolist()


def frames_at_rate(total: int, rate: float, wanted: float) -> list[int]:
    """Return the numbers of frames of a clip so many times a second.

    Args:
        total: Number of frames of the clip.
        rate: Its frames a second.
        wanted: The frames a second that are wanted.

    Raises:
        ValueError: If a rate is not above 0.
    """
    if not wanted > 0:
        raise ValueError(f"fps is {wanted}, expected frames a second above 0")
    if not rate > 0:
        raise ValueError(
            f"the clip has a frame rate of {rate:g}, so no fps can be chosen: give num_frames"
        )
    number = max(1, round(total / rate * wanted))
    return np.minimum((np.arange(number) * rate / wanted).astype(int), total - 1).tolist()


def chosen_frames(
    total: int, rate: float, num_frames: int | None = None, fps: float | None = None
) -> Sequence[int]:
    """Return the numbers of the frames that are taken of a clip, as a video processor says.

    Args:
        total: Number of frames of the clip.
        rate: Its frames a second, 0 if not known.
        num_frames: The largest number of frames, at equal distances; ``None`` for all.
        fps: Frames a second in place of a number of frames.

    Raises:
        ValueError: If frames a second are asked for, and a rate is not above 0.
    """
    if fps is not None:
        return frames_at_rate(total, rate, fps)
    return range(total) if num_frames is None else uniform_frames(total, num_frames)


def read_clip(
    path: str | os.PathLike[str], choose: Choice | None = None, content: bytes | None = None
) -> Clip:
    """Read frames of a video file.

    The file is read twice, to count its frames and to decode them, so that only the chosen frames
    are kept in memory.

    Args:
        path: The file, or an address that FFmpeg can open.
        choose: Takes the number of frames and the frames a second, 0 if the file does not say, and
            returns the numbers of the wanted frames, in order. By default all.
        content: The content of the file, if it is known already.

    Raises:
        ImportError: If ``av`` is not installed.
        FileNotFoundError: If there is no such file.
        ValueError: If it is no video, has no frame, or breaks in the middle.
    """
    if av is None:
        raise ImportError(f"{os.fspath(path)}: reading a video needs av: run pip install av")
    name = os.fspath(path)
    total, rate = _counted(name, content)
    while True:
        try:
            wanted = range(total) if choose is None else choose(total, rate)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        frames, decoded, breaks = _decoded(name, content, Counter(wanted))
        if breaks or decoded < _WHOLE * total:
            raise ValueError(f"{name}: the video breaks after frame {decoded} of {total}")
        if decoded == total:
            return Clip(np.stack(frames), rate)
        # A file may hold frames that are never shown, so the number is known only now.
        total = decoded


def _counted(name: str, content: bytes | None) -> tuple[int, float]:
    """Return the number of frames of a file, and its frames a second, 0 if it does not say."""
    with _opened(name, content) as (container, stream):
        rate = _rate(stream)
        ends: list[float] = []
        hidden = 0
        try:
            for packet in container.demux(stream):
                if packet.size:
                    ends.append(_end(packet))
                    # Frames before the start of a clip that was cut without coding it anew.
                    hidden += packet.is_discard
        except av.FFmpegError:
            pass  # it breaks where it is decoded too
        said = _said(container, stream, rate, ends) - hidden
    total = len(ends) - hidden
    if not total:
        raise ValueError(f"{name}: the video has no frame")
    if said > total:
        raise ValueError(f"{name}: the video breaks after frame {total} of some {said}")
    return total, rate


def _decoded(
    name: str, content: bytes | None, many: Counter[int]
) -> tuple[list[NDArray[np.uint8]], int, bool]:
    """Return the wanted frames as they are shown, how many a file has, and whether it breaks."""
    frames: list[NDArray[np.uint8]] = []
    decoded, breaks = 0, False
    size: dict[str, int] = {}
    with _opened(name, content) as (container, stream):
        try:
            for number, frame in enumerate(container.decode(stream)):
                decoded += 1
                if many[number]:
                    # Streams of calls change their size; all frames have that of the first.
                    size = size or {"width": frame.width, "height": frame.height}
                    picture = frame.to_ndarray(format="rgb24", **size)
                    # Telephones store pictures as the sensor lies, with the turn beside them.
                    frames += [np.rot90(picture, round(frame.rotation / 90))] * many[number]
        except av.FFmpegError:
            breaks = True
    return frames, decoded, breaks


def _rate(stream: Any) -> float:
    """Return the frames a second of a stream, 0 if it does not say."""
    return float(stream.average_rate or 0)


def _end(packet: Any) -> float:
    """Return the second at which a frame ends."""
    start = packet.dts if packet.pts is None else packet.pts  # an AVI has no times of showing
    return float(((start or 0) + (packet.duration or 0)) * packet.time_base)


def _said(container: Any, stream: Any, rate: float, ends: Sequence[float]) -> int:
    """Return the number of frames that a file says it has, the found one if it says nothing."""
    counts_times = container.format.name == "avi"  # those at which nothing changes too
    if stream.frames and not counts_times:
        return int(stream.frames)
    if stream.duration and counts_times:
        seconds = float(stream.duration * stream.time_base)
    elif container.duration and len(container.streams) == 1:  # sound may be longer
        seconds = container.duration / av.time_base
    else:
        return len(ends)
    lost = seconds - max(ends, default=0.0)
    return len(ends) + (round(lost * rate) if lost > (1 - _WHOLE) * seconds else 0)


@contextmanager
def _opened(name: str, content: bytes | None) -> Iterator[tuple[Any, Any]]:
    """Open a file, and give it with its first video stream."""
    # A colon in the name of a file would be read as that of a protocol, unless the path is whole.
    place = os.path.abspath(name) if os.path.exists(name) else name
    try:
        container = av.open(place if content is None else io.BytesIO(content))
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no video file {name}") from None
    except (av.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is damaged, or no video"
        raise ValueError(f"{name} cannot be read as a video: {reason}") from None
    with container:
        cover = av.stream.Disposition.attached_pic
        moving = [each for each in container.streams.video if not each.disposition & cover]
        if not moving:
            raise ValueError(f"{name} has no video stream, expected moving pictures")
        yield container, moving[0]
