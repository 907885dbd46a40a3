"""The feature extractor: samples of sound to frames of numbers."""

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

import numpy as np
from transformers import BatchFeature
from transformers.feature_extraction_sequence_utils import SequenceFeatureExtractor

from .checks import check_sizes
from .feature_frames import Array, FilterBank, cut_frames, deltas
from .samples import at_rate, checked_samples

_NORMALIZATIONS = ("utterance", "fixed", "none")
_FEATURES = ("log_mel", "mfcc")


class LogMelFeatureExtractor(SequenceFeatureExtractor):
    """Log-mel energies or cepstra of sound, frame by frame, with or without deltas.

    The frames of a recording do not depend on the other recordings of a batch. A recording gives
    one frame for each window that is within it, at least one.

    Args:
        feature_size: Number of channels of a frame; it follows from the other arguments.
        sampling_rate: Samples a second. Sound of another rate is resampled, with a warning.
        padding_value: What padding is filled with.
        num_mel_bins: Number of mel bands.
        frame_length: Samples of a window.
        hop_length: Samples from the beginning of a window to that of the next.
        fft_length: Points of the Fourier transform; ``None`` for the power of two that fits.
        min_frequency: Lower end of the bands, in Hz.
        max_frequency: Upper end of the bands, in Hz; ``None`` for half of the sampling rate.
        preemphasis: Share of each sample's predecessor that is taken off it.
        feature_type: ``"log_mel"``, or ``"mfcc"`` for their cepstra.
        num_cepstra: Number of cepstra.
        delta_order: 0, 1 for slopes as further channels, 2 for slopes of slopes too.
        delta_window: Number of frames on each side from which a slope is computed.
        causal_deltas: Whether slopes look back only. A stream needs this.
        center: Whether frame t is around sample ``t * hop_length``, the sound being reflected at
            its ends. A stream cannot have this.
        normalize: ``"utterance"`` for mean 0 and variance 1 of each channel of a recording;
            ``"fixed"`` to use ``mean`` and ``std`` for all, as a stream must; or ``"none"``.
        mean: The mean of each channel, for ``"fixed"``; see ``fit``.
        std: The standard deviation of each channel, likewise.
        **kwargs: Arguments of ``SequenceFeatureExtractor``.

    Example:
        >>> import numpy as np
        >>> from hf_recurrent import LogMelFeatureExtractor
        >>> extractor = LogMelFeatureExtractor(delta_order=1)
        >>> extractor(np.zeros(16000), sampling_rate=16000)["input_features"][0].shape
        (98, 80)
    """

    model_input_names = ["input_features", "attention_mask"]  # noqa: RUF012

    def __init__(
        self,
        feature_size: int | None = None,
        sampling_rate: int = 16_000,
        padding_value: float = 0.0,
        *,
        num_mel_bins: int = 40,
        frame_length: int = 400,
        hop_length: int = 160,
        fft_length: int | None = None,
        min_frequency: float = 60.0,
        max_frequency: float | None = None,
        preemphasis: float = 0.97,
        feature_type: str = "log_mel",
        num_cepstra: int = 13,
        delta_order: int = 0,
        delta_window: int = 2,
        causal_deltas: bool = False,
        center: bool = False,
        normalize: str = "utterance",
        mean: Sequence[float] | None = None,
        std: Sequence[float] | None = None,
        **kwargs: Any,
    ) -> None:
        for name, value, choices in (
            ("feature_type", feature_type, _FEATURES),
            ("normalize", normalize, _NORMALIZATIONS),
            ("delta_order", delta_order, (0, 1, 2)),
        ):
            if value not in choices:
                raise ValueError(
                    f"{name} is {value!r}, expected one of {', '.join(map(str, choices))}"
                )
        base = num_cepstra if feature_type == "mfcc" else num_mel_bins
        size = base * (delta_order + 1)
        if feature_size not in (None, size):
            raise ValueError(
                f"feature_size is {feature_size}, and the other arguments give {size} channels"
            )
        for name, numbers in (("mean", mean), ("std", std)):
            if normalize == "fixed" and numbers is not None and len(numbers) != size:
                raise ValueError(
                    f"{name} has length {len(numbers)}, expected one number for each of the {size} "
                    "channels"
                )
        super().__init__(size, sampling_rate, padding_value, **kwargs)
        self.num_mel_bins, self.frame_length, self.hop_length = (
            num_mel_bins,
            frame_length,
            hop_length,
        )
        self.fft_length = fft_length
        self.min_frequency, self.max_frequency = min_frequency, max_frequency
        self.preemphasis, self.feature_type, self.num_cepstra = (
            preemphasis,
            feature_type,
            num_cepstra,
        )
        self.delta_order, self.delta_window, self.causal_deltas = (
            delta_order,
            delta_window,
            causal_deltas,
        )
        self.center, self.normalize = center, normalize
        self.mean = None if mean is None else [float(value) for value in mean]
        self.std = None if std is None else [float(value) for value in std]
        self._check()

    def _check(self) -> None:
        """Check the numbers among the arguments; raise a ``ValueError`` that names one."""
        sizes = ("sampling_rate", "num_mel_bins", "frame_length", "hop_length")
        check_sizes(self, *sizes, "num_cepstra", "delta_window")
        if self.fft_length is not None and self.fft_length < self.frame_length:
            raise ValueError(
                f"fft_length is {self.fft_length}, expected at least frame_length "
                f"{self.frame_length}: the end of each window would not be heard"
            )
        if self.feature_type == "mfcc" and self.num_cepstra > self.num_mel_bins:
            raise ValueError(
                f"num_cepstra is {self.num_cepstra}, expected at most num_mel_bins "
                f"{self.num_mel_bins}, from which cepstra are computed"
            )
        most = self.sampling_rate / 2
        highest = most if self.max_frequency is None else self.max_frequency
        if not 0 <= self.min_frequency < highest <= most:
            raise ValueError(
                f"min_frequency is {self.min_frequency} and max_frequency {self.max_frequency}, "
                f"expected rising numbers from 0 to {most:g}, half of the sampling_rate"
            )
        for name in ("mean", "std"):
            if not all(map(isfinite, getattr(self, name) or ())):
                raise ValueError(f"{name} holds a number that is not finite")

    @property
    def bank(self) -> FilterBank:
        """The filters, made when they are first needed."""
        if not hasattr(self, "_bank"):
            self._bank = FilterBank(
                self.sampling_rate,
                self.frame_length,
                self.fft_length or 1 << (self.frame_length - 1).bit_length(),
                self.num_mel_bins,
                self.min_frequency,
                self.sampling_rate / 2 if self.max_frequency is None else self.max_frequency,
                self.preemphasis,
                self.num_cepstra if self.feature_type == "mfcc" else None,
            )
        return self._bank

    def to_dict(self) -> dict[str, Any]:
        """Return the arguments; the filters follow from them."""
        given: dict[str, Any] = super().to_dict()
        given.pop("_bank", None)
        given.pop("mel_filters", None)
        return given

    def __call__(
        self,
        raw_speech: Any,
        sampling_rate: int | None = None,
        padding: Any = True,
        return_tensors: str | None = None,
        return_attention_mask: bool | None = True,
        **kwargs: Any,
    ) -> BatchFeature:
        """Return the frames of a recording or of a list of them, padded, with their mask.

        Args:
            raw_speech: Samples (n,), numbers from -1 to 1 or whole numbers of their type's range,
                or a list of such arrays.
            sampling_rate: Samples a second of the recordings; that of the extractor if not given.
            padding: See ``SequenceFeatureExtractor.pad``.
            return_tensors: ``"pt"`` or ``"np"``.
            return_attention_mask: Whether to return the mask too.
            **kwargs: Other arguments of ``pad``.

        Raises:
            ValueError: If there is no recording, or one has no samples, several channels, or a
                sample that is not finite.
            ImportError: If it must be resampled and scipy is missing.
        """
        recordings = _recordings(raw_speech)
        if not recordings:
            raise ValueError("raw_speech is an empty list, expected a recording or several")
        rows = [self.frames(samples, sampling_rate) for samples in recordings]
        found: BatchFeature = self.pad(
            BatchFeature({"input_features": [row.astype(np.float32) for row in rows]}),
            padding=padding,
            return_tensors=return_tensors,
            return_attention_mask=return_attention_mask,
            **kwargs,
        )
        return found

    def frames(self, samples: Any, sampling_rate: int | None = None) -> Array:
        """Return the frames (time, feature_size) of one recording, normalised."""
        return self.normalized(self._raw(samples, sampling_rate))

    def _raw(self, samples: Any, sampling_rate: int | None) -> Array:
        """Return the frames of one recording, not normalised."""
        sound = checked_samples(samples)
        if sampling_rate is not None and sampling_rate != self.sampling_rate:
            sound = at_rate(sound, sampling_rate, self.sampling_rate, stacklevel=5)
        return self._with_deltas(self._base(sound))

    def from_base(self, base: Any) -> Array:
        """Return the frames of energies or cepstra (time, n) that were computed before.

        Raises:
            ValueError: If they have another number of channels, or one is not finite.
        """
        values: Array = np.asarray(base, dtype=np.float64)
        wanted = self.feature_size // (self.delta_order + 1)
        if values.ndim != 2 or values.shape[1] != wanted:
            raise ValueError(f"the frames have shape {values.shape}, expected (time, {wanted})")
        if not np.isfinite(values).all():
            place = int(np.flatnonzero(~np.isfinite(values).all(1))[0])
            raise ValueError(f"frame {place} holds a number that is not finite")
        return self.normalized(self._with_deltas(values)) if len(values) else values

    def _base(self, sound: Array) -> Array:
        if self.center:
            side = self.frame_length // 2
            sound = np.pad(sound, side, mode="reflect" if len(sound) > side else "constant")
        if len(sound) < self.frame_length:
            sound = np.pad(sound, (0, self.frame_length - len(sound)))
        return self.bank(cut_frames(sound, self.frame_length, self.hop_length))

    def _with_deltas(self, base: Array) -> Array:
        parts = [base]
        for _ in range(self.delta_order):
            last = parts[-1]
            before = np.repeat(last[:1], 2 * self.delta_window, 0) if self.causal_deltas else None
            parts.append(deltas(last, self.delta_window, before))
        return np.concatenate(parts, 1)

    def normalized(self, frames: Array) -> Array:
        """Return frames as ``normalize`` says."""
        if self.normalize == "utterance":
            return (frames - frames.mean(0)) / np.maximum(frames.std(0), 1e-5)
        if self.normalize == "fixed":
            if self.mean is None or self.std is None:
                raise ValueError(
                    "normalize is 'fixed', and there are no mean and std yet: call fit with the "
                    "recordings of the training part"
                )
            return (frames - np.asarray(self.mean)) / np.maximum(np.asarray(self.std), 1e-5)
        return frames

    def fit(self, recordings: Iterable[Any], sampling_rate: int | None = None) -> None:
        """Set ``mean`` and ``std`` to those of all frames of recordings, and use them from now on.

        Raises:
            ValueError: If there is no recording, or one is no sound; nothing is changed then.
        """
        holds_several = getattr(getattr(recordings, "dtype", None), "kind", "") == "O"
        if getattr(recordings, "ndim", 2) == 1 and not holds_several:
            recordings = [recordings]
        self.set_statistics(self._raw(samples, sampling_rate) for samples in recordings)

    def set_statistics(self, frames: Iterable[Array]) -> None:
        """Do the same with frames that were not normalised."""
        count, total, squares = 0, np.zeros(self.feature_size), np.zeros(self.feature_size)
        for each in frames:
            count += len(each)
            total += each.sum(0)
            squares += (np.asarray(each, dtype=np.float64) ** 2).sum(0)
        if not count:
            raise ValueError("there is no recording to take mean and std from")
        mean = total / count
        self.mean = mean.tolist()
        self.std = np.sqrt(np.maximum(squares / count - mean**2, 0)).tolist()
        self.normalize = "fixed"


def _recordings(given: Any) -> list[Any]:
    """Return a list of recordings of what may be one or several."""
    if isinstance(given, list | tuple):
        return [given] if given and np.ndim(given[0]) == 0 else list(given)
    array = given if hasattr(given, "ndim") else np.asarray(given)
    return [array]


LogMelFeatureExtractor.register_for_auto_class()
