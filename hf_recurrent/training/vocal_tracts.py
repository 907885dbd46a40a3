"""Recordings as of speakers with longer and shorter vocal tracts, so that few speakers go far."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..models.feature_extraction_log_mel import LogMelFeatureExtractor
from .perturbation import Perturbation, check_factor

# Frequencies from here on bend back, so that the upper end of the bands stays where it is.
_BEND = 0.8


def warping(extractor: LogMelFeatureExtractor, factor: float) -> NDArray[np.float32]:
    """Return the matrix (bands, bands) by which mel bands are those of another vocal tract.

    A row of log-mel energies times this matrix has in each band what the row has at the frequency
    of the band times the factor, interpolated linearly between neighbouring bands. The upper end
    of the bands is kept, by a second line from four fifths of it on.

    Args:
        extractor: Says where the bands lie.
        factor: Above 1 for formants that lie lower, as those of a longer vocal tract do.

    Raises:
        ValueError: If the extractor gives cepstra, or the factor is not a number above 0.
    """
    check_factor(factor, "warp")
    if extractor.feature_type != "log_mel":
        raise ValueError(
            f"feature_type is {extractor.feature_type!r}, and warps move mel bands: take "
            "'log_mel', or leave the warps out"
        )
    bands = extractor.num_mel_bins
    low, high = (
        _mel(hertz)
        for hertz in (
            extractor.min_frequency,
            extractor.max_frequency or extractor.sampling_rate / 2,
        )
    )
    step = (high - low) / (bands + 1)
    centres = _hertz(low + step * np.arange(1, bands + 1))
    top = float(_hertz(high))
    bend = _BEND * top * min(1 / factor, 1.0)
    above = top - (top - factor * bend) * (top - centres) / (top - bend)
    read = np.where(centres <= bend, factor * centres, above)
    places = np.clip((_mel(read) - low) / step - 1, 0, bands - 1)
    before = np.floor(places).astype(int)
    after = np.minimum(before + 1, bands - 1)
    share = places - before
    matrix = np.zeros((bands, bands))
    np.add.at(matrix, (before, np.arange(bands)), 1 - share)
    np.add.at(matrix, (after, np.arange(bands)), share)
    return matrix.astype(np.float32)


class VocalTractPerturbation(Perturbation):
    """A training set whose recordings have other vocal tracts in each epoch (Jaitly, Hinton 2013).

    The bands of log-mel energies and of their deltas move along the axis of frequencies. Frames
    that were normalised by utterance are only nearly those of the warped sound.

    Source: N. Jaitly, G. Hinton, "Vocal tract length perturbation (VTLP) improves speech
    recognition", ICML workshop on deep learning for audio, speech and language, 2013; there
    filters move, here what they gave is interpolated.

    Args:
        dataset: Rows with ``input_features`` (time, channels), in the order of training: a
            ``LengthGroupedDataset``, or another one with ``set_epoch``.
        extractor: What made the frames.
        warps: The factors of frequencies to draw from, all equally often.
        seed: Seed of the run.

    Raises:
        ValueError: If there is no factor, or one that is not a number above 0, or the extractor
            gives cepstra.
    """

    noun, nouns = "warp", "warps"
    stream = (1,)

    def __init__(
        self,
        dataset: Any,
        extractor: LogMelFeatureExtractor,
        warps: Sequence[float] = (0.9, 1.0, 1.1),
        seed: int = 42,
    ):
        super().__init__(dataset, warps, seed)
        self.bands = extractor.num_mel_bins
        self.matrices = {warp: warping(extractor, warp) for warp in self.factors}

    def changed(self, frames: Any, factor: float) -> NDArray[np.float32]:
        """Return frames (time, channels) with each of their blocks of bands warped."""
        given = np.asarray(frames, dtype=np.float32)
        if factor == 1:
            return given
        blocks = given.reshape(len(given), -1, self.bands)
        warped: NDArray[np.float32] = blocks @ self.matrices[factor]
        return warped.reshape(given.shape)


def _mel(hertz: Any) -> Any:
    return 2595 * np.log10(1 + np.asarray(hertz) / 700)


def _hertz(mel: Any) -> Any:
    return 700 * (10 ** (np.asarray(mel) / 2595) - 1)
