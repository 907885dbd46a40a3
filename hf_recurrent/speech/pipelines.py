"""The pipelines of transformers over files of sound, without ffmpeg and torchaudio.

``_registration.py`` enters both classes for the tasks whose names they have, so that the plain
``pipeline("automatic-speech-recognition")`` reads files. A model of another feature extractor gets
the pipeline of transformers, as without this package.
"""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from transformers.pipelines.audio_classification import AudioClassificationPipeline
from transformers.pipelines.automatic_speech_recognition import AutomaticSpeechRecognitionPipeline

from ..data.sound import decoded_sound, read_sound
from ..models.feature_extraction_log_mel import LogMelFeatureExtractor, resampled

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
        inputs: What a pipeline is given.
        rate: Samples a second that are wanted.

    Raises:
        ImportError: If soundfile is missing, or scipy for sound of another rate.
        OSError: If there is no such file.
        ValueError: If it is no file of sound that can be read.
    """
    if isinstance(inputs, bytes):
        sound = decoded_sound(inputs, "what was given as bytes")
    elif isinstance(inputs, Path) or (isinstance(inputs, str) and not inputs.startswith(_URLS)):
        sound = read_sound(str(inputs))
    elif isinstance(inputs, Mapping) and "stride" not in inputs and "sampling_rate" in inputs:
        name = "raw" if inputs.get("raw") is not None else "array"
        samples, given = inputs.get(name), inputs["sampling_rate"]
        if not isinstance(samples, np.ndarray) or samples.ndim != 1:
            return inputs
        # The rest goes on, as transformers gives it back beside the text. A copy: it takes out.
        return {**inputs, name: _at(samples, given, rate), "sampling_rate": rate}
    else:
        return inputs
    if sound.rate is None:
        raise ValueError(f"{inputs!r:.80} has frames and no samples: a pipeline hears samples.")
    return _at(sound.values, sound.rate, rate)


def _at(samples: Any, rate: Any, wanted: int) -> Any:
    if rate == wanted:
        return samples
    if not isinstance(rate, int | np.integer) or rate < 1:
        raise ValueError(
            f"sampling_rate is {rate!r}, expected a whole number of samples a second, at least 1"
        )
    warnings.warn(
        f"the sound has {rate} samples a second and is resampled to {wanted}", stacklevel=4
    )
    return resampled(samples, int(rate), wanted)


class SpeechRecognitionPipeline(_ReadsFiles, AutomaticSpeechRecognitionPipeline):  # type: ignore[misc]
    """Transcribe sound, as the pipeline of transformers does, also from a path.

    Example:
        >>> from transformers import pipeline
        >>> recognise = pipeline("automatic-speech-recognition", "your/model")  # doctest: +SKIP
        >>> recognise("recording.flac", return_timestamps="word")  # doctest: +SKIP
    """


class SoundClassificationPipeline(_ReadsFiles, AudioClassificationPipeline):  # type: ignore[misc]
    """Label sound, as the pipeline of transformers does, also from a path."""
