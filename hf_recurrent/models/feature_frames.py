"""Frames of sound as numbers: windows, log-mel energies, cepstra, deltas.

Each function works frame by frame, so a stream of samples gives the frames of the whole. Shapes are
(time, channels); samples are (n,).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers.audio_utils import mel_filter_bank, window_function

Array = NDArray[np.float64]
# Energies below this are raised to it, so that their logarithm is finite.
_FLOOR = 1e-10


def cut_frames(samples: Array, length: int, hop: int) -> Array:
    """Return the windows (n, length) that begin at every multiple of ``hop`` and are complete."""
    if len(samples) < length:
        return np.zeros((0, length))
    windows: Array = np.lib.stride_tricks.sliding_window_view(samples, length)[::hop]
    return windows


class FilterBank:
    """The logarithm of the energies of mel bands of windows, or their cepstra.

    Args:
        sampling_rate: Samples a second.
        frame_length: Samples of a window.
        fft_length: Points of the Fourier transform.
        num_mel_bins: Number of bands.
        min_frequency: Lower end of the first band, in Hz.
        max_frequency: Upper end of the last band, in Hz.
        preemphasis: Share of each sample's predecessor that is taken off it, within the window.
        num_cepstra: Number of cepstra; ``None`` for the bands themselves.
    """

    def __init__(
        self,
        sampling_rate: int,
        frame_length: int,
        fft_length: int,
        num_mel_bins: int,
        min_frequency: float,
        max_frequency: float,
        preemphasis: float,
        num_cepstra: int | None,
    ) -> None:
        self.fft_length, self.preemphasis = fft_length, preemphasis
        self.window: Array = window_function(frame_length, "hann")
        self.filters: Array = mel_filter_bank(
            fft_length // 2 + 1,
            num_mel_bins,
            min_frequency,
            max_frequency,
            sampling_rate,
            norm=None,
            mel_scale="htk",
        )
        self.cosines = None if num_cepstra is None else _dct(num_mel_bins, num_cepstra)

    def __call__(self, frames: Array) -> Array:
        """Return the numbers (n, channels) of windows (n, frame_length)."""
        if self.preemphasis:
            before = np.concatenate([frames[:, :1], frames[:, :-1]], 1)
            frames = frames - self.preemphasis * before
        spectrum = np.fft.rfft(frames * self.window, self.fft_length)
        energies = (spectrum.real**2 + spectrum.imag**2) @ self.filters
        bands: Array = np.log(np.maximum(energies, _FLOOR))
        return bands if self.cosines is None else bands @ self.cosines


def _dct(bands: int, count: int) -> Array:
    """Return the matrix (bands, count) of the orthonormal cosine transform of type II."""
    place = np.arange(bands)[:, None] + 0.5
    matrix = np.cos(np.pi / bands * place * np.arange(count)) * np.sqrt(2 / bands)
    matrix[:, 0] /= np.sqrt(2)
    return matrix


def deltas(values: Array, window: int, before: Array | None = None) -> Array:
    """Return the slope of each channel at each frame, a regression over ``2 * window + 1`` frames.

    Args:
        values: (time, channels).
        window: Frames on each side. The first and the last frame stand for those beyond.
        before: (2 * window, channels) the frames before the first. If they are given, the slope at
            a frame is that of the frames up to it, which is the usual one ``window`` frames late,
            and no frame to come is read.
    """
    if before is None:
        padded = np.pad(values, ((window, window), (0, 0)), mode="edge")
    else:
        padded = np.concatenate([before, values])
    total: Any = 0
    for n in range(1, window + 1):
        later = padded[window + n : window + n + len(values)]
        earlier = padded[window - n : window - n + len(values)]
        total = total + n * (later - earlier)
    return total / (2 * sum(n * n for n in range(1, window + 1)))
