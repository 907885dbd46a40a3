"""Audio classification: one label for a recording."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..._tasks import register_task
from ..base import Units
from ..data_info import DataInfo, Option
from ..metric import Metric
from ..sound_task import SoundTask, recording_options
from .models import MODELS

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict


class AudioClassification(SoundTask):
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
    options = recording_options(
        Option("label_column", "of files and Hub data sets (default: label)", "COLUMN")
    )
    columns = ("audio", "label", "speaker")

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
        from ...data.sound import short_name

        names = rows.features["label"].names
        for audio, right, found in zip(rows["audio"], rows["label"], predictions, strict=True):
            yield (
                short_name(audio),
                names[int(found)],
                None if int(found) == right else names[right],
            )

    def usage(self, source: str, example: str | None, has_tokenizer: bool) -> str:
        """Return lines that classify an array of samples."""
        return f"""\
import numpy as np
from transformers import pipeline

classify = pipeline("{self.pipeline_tag}", {source})
classify(np.zeros(8_000, dtype=np.float32))  # samples at the rate of the feature extractor"""

    def heard(
        self, source: str, files: Sequence[str], trust_remote_code: bool = False
    ) -> Iterator[str]:
        """Yield the label of each file of sound."""
        from .showing import label_lines

        return label_lines(source, files, trust_remote_code)


register_task(AudioClassification())
