"""Frames of a stream of samples, equal to the frames of the whole."""

from typing import Any

import numpy as np

from .feature_extraction_log_mel import LogMelFeatureExtractor
from .feature_frames import Array, cut_frames, deltas
from .samples import as_array, checked_samples


class FeatureStream:
    """Turns samples into frames as they come.

    It keeps the samples that the next window still needs, and the frames that the next slopes need.
    All frames together are those of the extractor for all samples together.

    Args:
        extractor: With fixed statistics or none, slopes that look back only, and no centring.

    Raises:
        ValueError: If the extractor needs samples to come.
    """

    def __init__(self, extractor: LogMelFeatureExtractor) -> None:
        for is_so, why in (
            (extractor.normalize == "utterance", "normalize='utterance' needs the whole recording"),
            (extractor.center, "center=True reads samples to come"),
            (
                bool(extractor.delta_order) and not extractor.causal_deltas,
                "the slopes read frames to come without causal_deltas=True",
            ),
        ):
            if is_so:
                raise ValueError(f"this feature extractor cannot stream: {why}")
        self.extractor = extractor
        self._tail: Array = np.zeros(0)
        # Samples to come that are between two windows, where the hop is longer than a window.
        self._skip = 0
        self._before: list[Array] | None = None
        self._has_ended = False

    def feed(self, samples: Any) -> Array:
        """Return the frames (n, channels) that these samples complete; there may be none.

        Raises:
            ValueError: If a sample is not finite, there are several channels, or the stream ended.
        """
        if self._has_ended:
            raise ValueError("the stream has ended: begin a new one")
        given = as_array(samples)
        if given.shape != (0,):
            new = checked_samples(given)
            self._tail = np.concatenate([self._tail, new[self._skip :]])
            self._skip = max(0, self._skip - len(new))
        extractor = self.extractor
        windows = cut_frames(self._tail, extractor.frame_length, extractor.hop_length)
        found = self._frames(windows)
        used = len(windows) * extractor.hop_length
        self._skip += max(0, used - len(self._tail))
        self._tail = self._tail[used:]
        return found

    def finish(self) -> Array:
        """End the stream, and return the frame of one that is shorter than a window."""
        short = self.extractor.frame_length - len(self._tail)
        is_needed = self._before is None and len(self._tail)
        found = self.feed(np.zeros(short)) if is_needed else self._frames(self._tail[None, :0])
        self._has_ended = True
        return found

    def _frames(self, windows: Array) -> Array:
        extractor = self.extractor
        if not len(windows) or not windows.shape[1]:
            return np.zeros((0, extractor.feature_size))
        parts = [extractor.bank(windows)]
        keep = 2 * extractor.delta_window
        before, self._before = self._before, []
        for order in range(extractor.delta_order):
            last = parts[-1]
            earlier = np.repeat(last[:1], keep, 0) if before is None else before[order]
            parts.append(deltas(last, extractor.delta_window, earlier))
            self._before.append(np.concatenate([earlier, last])[-keep:])
        return extractor.normalized(np.concatenate(parts, 1))
