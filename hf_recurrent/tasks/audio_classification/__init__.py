"""Audio classification: one label for a recording."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..._tasks import register_task
from ..base import Task, Units
from ..data_info import DataInfo, Option
from ..metric import Metric
from .models import MODELS

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict


class AudioClassification(Task):
    """Recordings with one label each."""

    id = "audio-classification"
    title = "audio classification"
    head = "ForAudioClassification"
    units = Units("recording", "recordings", "from sound to label", "frames")
    metrics = (
        Metric("accuracy", "accuracy", "Accuracy", is_share=True),
        Metric("f1_macro", "macro F1", "F1 (macro)", hub_name="f1"),
        Metric("matthews_correlation", "Matthews", "Matthews correlation"),
    )
    chosen_by = "accuracy"
    models = MODELS
    default_dataset = "spoken-digits"
    options = (
        Option("audio_column", "of paths of sound in tables (default: audio)", "COLUMN"),
        Option("label_column", "of files and Hub data sets (default: label)", "COLUMN"),
        Option("speaker_column", "of speakers, each of whom is then in one part", "COLUMN"),
        Option("config", "configuration of a Hub data set", "NAME"),
    )
    reads = ("input_features",)
    columns = ("audio", "label", "speaker")
    default_seeds = 1
    cuts_rows = False
    typed = "recording.wav"

    @property
    def datasets(self) -> Mapping[str, DataInfo]:
        """The data sets that have a name."""
        from .named import SOUNDS

        return SOUNDS

    def load(self, dataset: str, data_dir: str | None = None, **options: Any) -> "DatasetDict":
        """Load the columns audio, label and speaker."""
        from .data import load_sounds

        return load_sounds(dataset, data_dir=data_dir, **options)

    def strata(self, rows: "Dataset") -> Sequence[Any]:
        """Return the labels."""
        labels: list[int] = rows["label"][:]
        return labels

    def judge(
        self, predictions: Sequence[Any], rows: "Dataset", train: "Dataset"
    ) -> dict[str, float]:
        """Return accuracy, macro F1 and Matthews' correlation of predicted label ids."""
        import numpy as np

        from ...metrics.trainer import class_metrics

        return class_metrics(np.asarray(rows["label"][:]), np.asarray(predictions, dtype=int))

    def answers(
        self, rows: "Dataset", predictions: Sequence[Any]
    ) -> Iterator[tuple[str, str, str | None]]:
        """Yield each recording with its predicted label and, if that is wrong, the right one."""
        names = rows.features["label"].names
        for audio, right, found in zip(rows["audio"], rows["label"], predictions, strict=True):
            name = audio.replace("::", "/").rpartition("/")[2]
            yield name, names[int(found)], None if int(found) == right else names[right]

    def usage(self, source: str, example: str | None, has_tokenizer: bool) -> str:
        """Return lines that classify an array of samples."""
        return f"""\
import numpy as np
from transformers import pipeline

classify = pipeline("{self.pipeline_tag}", {source})
classify(np.zeros(8_000, dtype=np.float32))  # samples at the rate of the feature extractor"""

    def predict(
        self,
        source: str,
        texts: Sequence[str],
        *,
        trust_remote_code: bool = False,
        explain: bool = False,
    ) -> Iterator[str]:
        """Yield the label of each file of sound."""
        from .showing import label_lines

        if explain:
            raise ValueError(f"'{source}' has no weights of words to show: leave out --attention.")
        return label_lines(source, texts, trust_remote_code)


register_task(AudioClassification())
