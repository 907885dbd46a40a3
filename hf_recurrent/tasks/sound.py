"""What models of the tasks over sound read, the frames of recordings, and their floor."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..data.sound import read_sound
from ..models.feature_extraction_log_mel import LogMelFeatureExtractor
from .fitted import Fitted
from .floors import floor
from .model_rows import Work
from .templates import Templates

AUDIO, SPEAKER = "audio", "speaker"
# The channels of frames that were computed before.
_CEPSTRA = 13
# Samples a second that are heard at most.
_RATE = 16_000


@dataclass
class RecordingArguments:
    """Options of the data of recordings, for the recipes in ``scripts/``."""

    data_dir: str | None = field(
        default=None, metadata={"help": "Folder of the files of named data sets."}
    )
    audio_column: str | None = field(
        default=None, metadata={"help": "Column of the sound (default: audio)."}
    )
    speaker_column: str | None = field(
        default=None, metadata={"help": "Column of speakers, each of whom is then in one part."}
    )
    config: str | None = field(
        default=None, metadata={"help": "Configuration of a data set of the Hub."}
    )


def extractor_for(references: Iterable[str], **fields: Any) -> LogMelFeatureExtractor:
    """Return a feature extractor for recordings like these.

    Args:
        references: The recordings of the training part, by which fixed statistics are computed.
        **fields: Arguments of the extractor; those of frames that were computed before are added.
    """
    kept = list(references)
    sound = read_sound(kept[0])
    if sound.rate is None:
        fields |= {"feature_type": "mfcc", "num_cepstra": _CEPSTRA}
    else:
        # Windows of 25 ms at every 10 ms. Speech has next to nothing above 8 kHz, and models of the
        # Hub hear at 16 kHz: Opus files, which are always read at 48 kHz, are resampled to it.
        rate = min(sound.rate, _RATE)
        fields |= {"sampling_rate": rate, "frame_length": rate // 40, "hop_length": rate // 100}
    fixed = fields.get("normalize") == "fixed"
    extractor = LogMelFeatureExtractor(**fields | ({"normalize": "none"} if fixed else {}))
    if fixed:
        extractor.set_statistics(frames_of(kept, extractor))
    return extractor


def make_extractor(
    references: Sequence[str], bidirectional: bool, num_mel_bins: int = 40, delta_order: int = 0
) -> LogMelFeatureExtractor:
    """Return a feature extractor, one that can stream for a network in one direction."""
    streams = {} if bidirectional else {"normalize": "fixed", "causal_deltas": True}
    fields = {"num_mel_bins": num_mel_bins, "delta_order": delta_order}
    return extractor_for(references, **fields, **streams)


def frames_of(
    references: Sequence[str], extractor: LogMelFeatureExtractor
) -> list[np.ndarray[Any, Any]]:
    """Return the frames (time, channels) of recordings.

    Raises:
        OSError: If a file is missing.
        ValueError: If one is no sound; the message names it.
    """
    found = []
    for ref in references:
        sound = read_sound(ref)
        try:
            if sound.rate is None:
                frames = extractor.from_base(sound.values)
            else:
                frames = extractor.frames(sound.values, sound.rate)
        except ValueError as error:
            raise ValueError(f"'{ref}': {error}") from None
        found.append(frames.astype(np.float32))
    return found


def seconds_of(ref: str) -> float:
    """Return the length of a recording in seconds."""
    sound = read_sound(ref)
    return len(sound.values) / (sound.rate or 100)


def nearest_recording(
    work: Work, column: str, every: int, written: Callable[[Any], Any] = lambda value: value
) -> Fitted:
    """Answer as the nearest training recording does, by dynamic time warping.

    Args:
        work: The job.
        column: The column of the answers.
        every: One frame in so many is compared.
        written: Returns the prediction for the answer of the nearest recording.
    """
    train = work.data["train"]
    extractor = make_extractor(train[AUDIO][:1], bidirectional=True)

    def read(references: Sequence[str]) -> list[Any]:
        return [frames[::every] for frames in frames_of(references, extractor)]

    templates = Templates(read(train[AUDIO][:]), train[column][:])

    def predict(references: Sequence[str]) -> list[Any]:
        return [written(templates.nearest(frames)) for frames in read(references)]

    return floor(work, "nearest template", predict)
