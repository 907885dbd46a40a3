"""Speech recognition: what was said, as a text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..._tasks import register_task
from ..base import Units
from ..data_info import DataInfo, Option
from ..metric import Metric
from ..sound_task import SoundTask, recording_options
from .models import MODELS

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

_LIMITS = (
    "Error rates are those of texts as the data have them. Beside that of one run stand, in "
    "brackets, the ends of the 95 % of a bootstrap over recordings.",
    "New texts are those that no training row has, word for word.",
)


def _rate(key: str, title: str, full_title: str = "", hub_name: str = "") -> Metric:
    return Metric(key, title, full_title, higher_is_better=False, digits=2, hub_name=hub_name)


def _bound(key: str, title: str) -> Metric:
    return replace(_rate(key, title), is_bound=True)


class SpeechRecognition(SoundTask):
    """Recordings with their texts."""

    id = "automatic-speech-recognition"
    title = "speech recognition"
    head = "ForCTC"
    units = Units("recording", "recordings", "from sound to text", "frames")
    metrics = (
        _rate("wer", "WER", "Word error rate"),
        _bound("wer_low", "WER, lower bound"),
        _bound("wer_high", "WER, upper bound"),
        _rate("cer", "CER", "Character error rate"),
        _rate("wer_unseen", "WER, new texts", hub_name="wer"),
        _rate("wer_beam", "WER, beam and LM", "Word error rate with a language model", "wer"),
        _bound("wer_beam_low", "WER, beam, lower bound"),
        _bound("wer_beam_high", "WER, beam, upper bound"),
    )
    chosen_by = "wer"
    models = MODELS
    default_dataset = "grid-s1"
    options = recording_options(
        Option("text_column", "of files and Hub data sets (default: text)", "COLUMN")
    )
    columns = ("audio", "text", "speaker")

    @property
    def datasets(self) -> Mapping[str, DataInfo]:
        """The data sets that have a name."""
        from .named import SPEECH

        return SPEECH

    def load(self, dataset: str, data_dir: str | None = None, **options: Any) -> "DatasetDict":
        """Load the columns audio, text and speaker."""
        from .data import load_speech

        return load_speech(dataset, data_dir=data_dir, **options)

    def texts(self, rows: "Dataset") -> list[str]:
        """Return the references of the recordings, of which none occurs twice."""
        references: list[str] = rows["audio"][:]
        return references

    def lengths(self, rows: "Dataset") -> Sequence[int]:
        """Return the numbers of words that were said."""
        return [len(text.split()) for text in rows["text"]]

    def judge(
        self, predictions: Sequence[Any], rows: "Dataset", train: "Dataset"
    ) -> dict[str, float]:
        """Return the error rates with their bounds."""
        from .judging import judge

        return judge(predictions, rows, train)

    def limits(self) -> list[str]:
        """Return the meaning of the figures."""
        return [*_LIMITS]

    def answers(
        self, rows: "Dataset", predictions: Sequence[Any]
    ) -> Iterator[tuple[str, str, str | None]]:
        """Yield each recording with its transcript and, if that is wrong, what was said."""
        from .judging import answers

        return answers(rows, predictions)

    def usage(self, source: str, example: str | None, has_tokenizer: bool) -> str:
        """Return lines that transcribe an array of samples."""
        if not has_tokenizer:
            return super().usage(source, example, has_tokenizer)
        return f"""\
import numpy as np
from transformers import pipeline

recognise = pipeline("{self.pipeline_tag}", {source})
recognise(np.zeros(16_000, dtype=np.float32))  # samples at the rate of the feature extractor"""

    def heard(
        self, source: str, files: Sequence[str], trust_remote_code: bool = False
    ) -> Iterator[str]:
        """Yield the transcript of each file of sound."""
        from .showing import transcript_lines

        return transcript_lines(source, files, trust_remote_code)


register_task(SpeechRecognition())
