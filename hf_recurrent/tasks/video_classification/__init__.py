"""Video classification: one label for a clip, of pictures, of a skeleton or of sensors."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..._tasks import register_task
from ..base import Task, Units, refuse_to_explain
from ..data_info import SPLIT_OPTIONS, DataInfo, Option
from ..metric import Metric
from .models import MODELS

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

_LIMITS = (
    "Frames a second are those of clips that are decoded already, in batches of up to 64 clips.",
)


class VideoClassification(Task):
    """Clips with one label each."""

    id = "video-classification"
    title = "video classification"
    head = "ForVideoClassification"
    units = Units("clip", "clips", "from clip to label", "frames")
    metrics = (
        Metric("accuracy", "accuracy", "Accuracy", is_share=True),
        Metric("f1_macro", "macro F1", "F1 (macro)", hub_name="f1"),
        Metric("matthews_correlation", "Matthews", "Matthews correlation"),
        Metric("frames_per_second", "frames", "Frames a second", unit="frames/s", digits=0),
    )
    chosen_by = "accuracy"
    models = MODELS
    default_dataset = "basic-motions"
    options = (
        Option("clip_column", "of clips in tables and Hub data sets (default: clip)", "COLUMN"),
        Option("label_column", "of files and Hub data sets (default: label)", "COLUMN"),
        SPLIT_OPTIONS[0],
        Option("config", "configuration of a data set of the Hub", "NAME"),
        Option("random_split", "draw clips at random though their persons or recordings are known"),
    )
    reads = ("pixel_values_videos", "input_features")
    columns = ("clip", "label", "origin")
    default_seeds = 1
    cuts_rows = False
    typed = "clip.mp4"

    @property
    def datasets(self) -> Mapping[str, DataInfo]:
        """The data sets that have a name."""
        from .named import CLIPS

        return CLIPS

    def load(self, dataset: str, data_dir: str | None = None, **options: Any) -> "DatasetDict":
        """Load the columns clip, label and origin."""
        from .data import load_clips

        return load_clips(dataset, data_dir=data_dir, **options)

    def lengths(self, rows: "Dataset") -> Sequence[int]:
        """Return a guess at the numbers of frames, as clips are not read for it."""
        return [20] * len(rows)

    def strata(self, rows: "Dataset") -> Sequence[Any]:
        """Return the labels."""
        labels: list[int] = rows["label"][:]
        return labels

    def labelled_batch(
        self, rows: "Dataset", source: str, max_length: int
    ) -> tuple[dict[str, Any], Sequence[str]]:
        """Return rows as one batch of a model, and the names of their labels."""
        from ..networks import labelled_batch
        from .fitting import clip_recipe
        from .showing import load_reader

        return labelled_batch(clip_recipe(load_reader(source)), rows, None, max_length)

    def judge(
        self, predictions: Sequence[Any], rows: "Dataset", train: "Dataset"
    ) -> dict[str, float]:
        """Return accuracy, macro F1 and Matthews' correlation of predicted label ids."""
        import numpy as np

        from ...metrics.trainer import class_metrics

        return class_metrics(np.asarray(rows["label"][:]), np.asarray(predictions, dtype=int))

    def limits(self) -> list[str]:
        """Return the meaning of the figures."""
        return [*_LIMITS]

    def answers(
        self, rows: "Dataset", predictions: Sequence[Any]
    ) -> Iterator[tuple[str, str, str | None]]:
        """Yield each clip with its predicted label and, if that is wrong, the right one."""
        names = rows.features["label"].names
        for clip, right, found in zip(rows["clip"], rows["label"], predictions, strict=True):
            name = clip.rpartition("/")[2]
            yield name, names[int(found)], None if int(found) == right else names[right]

    def usage(self, source: str, example: str | None, has_tokenizer: bool) -> str:
        """Return lines that load a model, with a clip of what it reads."""
        return f"""\
from transformers import {self.auto_class}

model = {self.auto_class}.from_pretrained({source})
model(**model.dummy_inputs).logits  # what it reads, by name
# Over pictures: pipeline("video-classification", {source})("clip.mp4")"""

    def predict(
        self,
        source: str,
        texts: Sequence[str],
        *,
        trust_remote_code: bool = False,
        explain: bool = False,
    ) -> Iterator[str]:
        """Yield the label of each clip."""
        from .showing import label_lines

        refuse_to_explain(source, explain)
        return label_lines(source, texts, trust_remote_code)


register_task(VideoClassification())
