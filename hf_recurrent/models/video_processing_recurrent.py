"""The video processor, which makes batches of clips, with a mask, of files or arrays of frames."""

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from numbers import Integral, Real
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers.feature_extraction_utils import BatchFeature
from transformers.video_processing_utils import BaseVideoProcessor

from .video_files import Choice, chosen_frames, read_clip

# What a call may set in place of the processor.
_SETTINGS = ("size", "num_channels", "rescale_factor", "image_mean", "image_std")
# Steps of processors that can be turned on or off elsewhere.
_STEPS = {"do_resize": True, "do_rescale": True, "do_normalize": True, "do_center_crop": False}
# Brightness of red, green and blue (ITU-R BT.601).
_GREY = (0.299, 0.587, 0.114)


class RecurrentVideoProcessor(BaseVideoProcessor):
    """Makes ``pixel_values_videos`` and ``attention_mask`` of video files, or of arrays of frames.

    Frames are taken at equal distances over the whole clip, resized, and normalised. A clip of
    fewer frames gives all that it has, and the mask is 0 on the rest. Files are read by ``av``;
    torchvision is not needed.

    Args:
        size: ``{"height": 64, "width": 64}``, or one number for both.
        num_frames: Number of frames of a clip; ``None`` for all.
        fps: Frames a second in place of a number of frames.
        num_channels: 3 for colour, 1 for grey.
        rescale_factor: Factor of the bytes of a picture.
        image_mean: Subtracted from each channel after that; one number for each.
        image_std: What it is then divided by.
        **kwargs: What the base class knows.

    Example:
        >>> import numpy as np
        >>> from hf_recurrent import RecurrentVideoProcessor
        >>> processor = RecurrentVideoProcessor(size=32, num_frames=8)
        >>> clips = [np.zeros((n, 48, 64, 3), np.uint8) for n in (5, 9)]
        >>> batch = processor(clips)
        >>> batch["pixel_values_videos"].shape, batch["attention_mask"].sum(1).tolist()
        (torch.Size([2, 8, 3, 32, 32]), [5, 8])
    """

    model_input_names = ["pixel_values_videos", "attention_mask"]  # noqa: RUF012

    def __init__(
        self,
        size: Any = 64,
        num_frames: int | None = 16,
        fps: float | None = None,
        num_channels: int = 3,
        rescale_factor: float = 1 / 255,
        image_mean: Sequence[float] | None = None,
        image_std: Sequence[float] | None = None,
        **kwargs: Any,
    ) -> None:
        _check_steps(kwargs)
        super().__init__(**kwargs)
        if num_channels not in (1, 3):
            raise ValueError(f"num_channels is {num_channels}, expected 3 for colour or 1 for grey")
        _check_frames(num_frames, fps)
        self.size = _height_and_width(size)
        self.num_frames = None if num_frames is None else int(num_frames)
        self.fps, self.num_channels = None if fps is None else float(fps), num_channels
        self.rescale_factor = rescale_factor
        self.image_mean = [0.5] * num_channels if image_mean is None else [*image_mean]
        self.image_std = [0.5] * num_channels if image_std is None else [*image_std]
        for name in ("image_mean", "image_std"):
            if len(getattr(self, name)) != num_channels:
                raise ValueError(
                    f"{name} has {len(getattr(self, name))} numbers, expected num_channels "
                    f"{num_channels}"
                )

    def __call__(  # type: ignore[override]
        self,
        videos: Any,
        num_frames: int | None = None,
        fps: float | None = None,
        do_sample_frames: bool = True,
        return_tensors: str | None = "pt",
        **kwargs: Any,
    ) -> BatchFeature:
        """Return a batch.

        Args:
            videos: A file, the bytes of one, or the frames of a clip (time, height, width, 3) as
                bytes, or a list of these.
            num_frames: In place of the processor's own.
            fps: In place of the processor's own.
            do_sample_frames: Whether frames are chosen; otherwise all are taken.
            return_tensors: ``"pt"`` or ``"np"``.
            **kwargs: Settings of the processor in place of its own, such as ``size``; others are
                ignored, as pipelines give more than this processor needs.

        Raises:
            ValueError: If a file cannot be read, or frames have another shape.
        """
        _check_steps(kwargs)
        other = {name: kwargs[name] for name in _SETTINGS if kwargs.get(name) is not None}
        if other:
            own = {name: getattr(self, name) for name in (*_SETTINGS, "num_frames", "fps")}
            if other.get("num_channels", self.num_channels) != self.num_channels:
                own |= {"image_mean": None, "image_std": None}
            changed = RecurrentVideoProcessor(**own | other)
            return changed(videos, num_frames, fps, do_sample_frames, return_tensors)
        _check_frames(num_frames, fps)
        if not do_sample_frames:
            num_frames = fps = None
        elif num_frames is None and fps is None:
            num_frames, fps = self.num_frames, self.fps
        choose = partial(chosen_frames, num_frames=num_frames, fps=fps)
        clips = [self._pictures(video, choose) for video in _as_list(videos)]
        longest = max([len(clip) for clip in clips], default=0)
        if num_frames is not None and fps is None:
            longest = num_frames
        batch = torch.zeros(len(clips), longest, self.num_channels, *self._shape)
        mask = torch.zeros(len(clips), longest, dtype=torch.long)
        for row, clip in enumerate(clips):
            batch[row, : len(clip)] = clip
            mask[row, : len(clip)] = 1
        data = {"pixel_values_videos": batch, "attention_mask": mask}
        return BatchFeature(data, tensor_type=return_tensors)

    @property
    def _shape(self) -> tuple[int, int]:
        return self.size["height"], self.size["width"]

    def _pictures(self, video: Any, choose: Choice) -> Tensor:
        """Return the chosen frames (time, channels, height, width) of a clip."""
        if isinstance(video, str | os.PathLike):
            frames = read_clip(video, choose).frames
        elif isinstance(video, bytes):
            frames = read_clip("the clip of bytes", choose, video).frames
        else:
            frames = np.asarray(video)
            if frames.ndim != 4 or frames.shape[3] != 3 or not frames.size:
                raise ValueError(
                    f"the frames of a clip have shape {frames.shape}, expected (time, height, "
                    "width, 3)"
                )
            if frames.dtype != np.uint8:
                raise ValueError(
                    f"the frames of a clip are {frames.dtype}, expected bytes (uint8) from 0 to 255"
                )
            frames = frames[[*choose(len(frames), 0.0)]]
        pictures = torch.from_numpy(np.ascontiguousarray(frames)).permute(0, 3, 1, 2).float()
        if self.num_channels == 1:
            pictures = (pictures * torch.tensor(_GREY).view(3, 1, 1)).sum(1, keepdim=True)
        if pictures.shape[2:] != self._shape:
            pictures = torch.nn.functional.interpolate(
                pictures, self._shape, mode="bilinear", antialias=True
            )
        mean, std = (torch.tensor(v).view(-1, 1, 1) for v in (self.image_mean, self.image_std))
        return (pictures * self.rescale_factor - mean) / std


def _height_and_width(size: Any) -> dict[str, int]:
    """Return both of a size, which is one number for both, a pair, or a dictionary."""
    given = size
    if isinstance(size, Integral):
        given = {"height": size, "width": size}
    elif isinstance(size, Sequence) and len(size) == 2:
        given = {"height": size[0], "width": size[1]}
    is_size = isinstance(given, Mapping) and {*given} == {"height", "width"}
    if not is_size or not all(
        isinstance(side, Integral) and int(side) >= 1 for side in given.values()
    ):
        raise ValueError(f"size is {size!r}, expected a height and a width of at least 1")
    return {name: int(side) for name, side in given.items()}


def _check_frames(num_frames: Any, fps: Any) -> None:
    """Raise ``ValueError`` if there can be no such number of frames, or frames a second."""
    if num_frames is not None and (not isinstance(num_frames, Integral) or int(num_frames) < 1):
        raise ValueError(
            f"num_frames is {num_frames!r}, expected a whole number of at least 1, or None for all"
        )
    if fps is not None and (not isinstance(fps, Real) or not float(fps) > 0):
        raise ValueError(f"fps is {fps!r}, expected frames a second above 0")


def _check_steps(given: Mapping[str, Any]) -> None:
    """Raise ``ValueError`` if a step of other processors is asked for, or one of ours is not."""
    for name, done in _STEPS.items():
        if given.get(name) not in (None, done):
            raise ValueError(
                f"{name} is {given[name]!r}, and this processor always resizes whole pictures, "
                "rescales and normalises them: a rescale_factor of 1, an image_mean of 0 and an "
                "image_std of 1 leave the numbers as they are"
            )


def _as_list(videos: Any) -> list[Any]:
    """Return the clips one by one."""
    if isinstance(videos, str | os.PathLike | bytes):
        return [videos]
    if isinstance(videos, np.ndarray | Tensor):
        return [*videos] if videos.ndim == 5 else [videos]
    if not isinstance(videos, Iterable):
        raise ValueError(
            f"videos is {videos!r}, expected a file, the frames of a clip, or a list of these"
        )
    given = [*videos]
    is_one_clip = given and not isinstance(given[0], str | os.PathLike | bytes | list)
    return [given] if is_one_clip and np.ndim(given[0]) == 3 else given


RecurrentVideoProcessor.register_for_auto_class()
