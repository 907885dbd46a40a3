"""The pipelines of transformers over files of sound, without ffmpeg and torchaudio.

``_registration.py`` enters both classes for the tasks whose names they have, so that the plain
``pipeline("automatic-speech-recognition")`` reads files. A model of another feature extractor gets
the pipeline of transformers, as without this package.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers.pipelines.audio_classification import AudioClassificationPipeline
from transformers.pipelines.automatic_speech_recognition import AutomaticSpeechRecognitionPipeline

from ..data.sound import decoded_sound, read_sound
from ..models.feature_extraction_log_mel import LogMelFeatureExtractor
from ..models.feature_frames import Array
from ..models.samples import as_array, at_rate, checked_samples

_URLS = ("http://", "https://")


class _ReadsFiles:
    """A mixin before a pipeline of transformers: it reads files by soundfile, resamples by scipy.

    Addresses of the web and all that it does not know are left to transformers.
    """

    feature_extractor: Any

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        # By name: a checkpoint may bring the class in code of its own. A copy gives no arguments.
        kind = type(kwargs.get("feature_extractor")).__name__
        if not kwargs or kind == LogMelFeatureExtractor.__name__:
            return super().__new__(cls)
        return cls.__mro__[2](*args, **kwargs)

    def preprocess(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Read a recording, and go on as transformers does.

        Args:
            inputs: The path of a file, or its content, beside what transformers takes.
            *args: As in the pipeline of transformers.
            **kwargs: Likewise.

        Raises:
            ImportError: If soundfile is missing, or scipy for sound of another rate.
            OSError: If there is no such file.
            ValueError: If it is no file of sound that can be read.
        """
        following: Any = super()
        wanted = self.feature_extractor.sampling_rate
        return following.preprocess(samples_at(inputs, wanted), *args, **kwargs)


def samples_at(inputs: Any, rate: int) -> Any:
    """Return the samples of a file, or of sound with its rate; anything else as it is.

    Args:
        inputs: What a pipeline is given; a file may also be a row of ``datasets`` that is not
            decoded, with its path or its content.
        rate: Samples a second that are wanted.

    Raises:
        ImportError: If soundfile is missing, or scipy for sound of another rate.
        OSError: If there is no such file.
        ValueError: If it is no file of sound that can be read.
    """
    if isinstance(inputs, Mapping) and not {"raw", "array", "stride"} & {*inputs}:
        content = inputs.get("bytes")
        inputs = inputs.get("path") or inputs if content is None else content
    if isinstance(inputs, bytes):
        sound = decoded_sound(inputs, "what was given as bytes")
    elif isinstance(inputs, Path) or (isinstance(inputs, str) and not inputs.startswith(_URLS)):
        sound = read_sound(str(inputs))
    elif isinstance(inputs, Mapping) and "stride" not in inputs and "sampling_rate" in inputs:
        name = "raw" if inputs.get("raw") is not None else "array"
        samples, given = _one_channel(inputs.get(name)), inputs["sampling_rate"]
        if samples is None:
            return inputs
        if given != rate:
            samples = at_rate(samples, given, rate, stacklevel=4)
        # The rest goes on, as transformers gives it back beside the text. A copy: it takes out.
        return {**inputs, name: samples, "sampling_rate": rate}
    else:
        samples = _one_channel(inputs)
        return inputs if samples is None else samples
    if sound.rate is None:
        raise ValueError(f"{inputs!r:.80} has frames and no samples: a pipeline hears samples.")
    if sound.rate == rate:
        return sound.values
    return at_rate(checked_samples(sound.values), sound.rate, rate, stacklevel=4)


def _one_channel(given: Any) -> Array | None:
    """Return samples as numbers, the mean of two channels (channels, samples), or else ``None``."""
    if not isinstance(given, np.ndarray | torch.Tensor | list | tuple):
        return None
    samples = as_array(given)
    if samples.ndim == 2 and samples.shape[0] in (1, 2):
        mean: Array = np.mean([checked_samples(channel) for channel in samples], 0)
        return mean
    return checked_samples(samples) if samples.ndim == 1 else None


class SpeechRecognitionPipeline(_ReadsFiles, AutomaticSpeechRecognitionPipeline):  # type: ignore[misc]
    """Transcribe sound, as the pipeline of transformers does, also from a path.

    Example:
        >>> from transformers import pipeline
        >>> recognise = pipeline("automatic-speech-recognition", "your/model")  # doctest: +SKIP
        >>> recognise("recording.flac", return_timestamps="word")  # doctest: +SKIP
    """

    def _sanitize_parameters(self, *args: Any, **asked: Any) -> Any:
        if asked.get("chunk_length_s") or asked.get("return_timestamps"):
            told = getattr(self.model.config, "samples_per_frame", None)
            hop = getattr(self.feature_extractor, "hop_length", told)
            if told not in (None, hop):
                raise ValueError(
                    f"samples_per_frame of the model's configuration is {told}, and hop_length of "
                    f"its feature extractor {hop}: set both to the same number, as chunks and time "
                    "stamps rest on it"
                )
        return super()._sanitize_parameters(*args, **asked)


class SoundClassificationPipeline(_ReadsFiles, AudioClassificationPipeline):  # type: ignore[misc]
    """Label sound, as the pipeline of transformers does, also from a path."""
