"""The record of a model: how it was made and its results, in a file beside its weights.

A field that is not known is ``None`` or empty, and the card leaves it out.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .._whole import write_whole
from .fields import fit

RECORD_FILE = "training_record.json"
_PLOT_FILE = re.compile(r"[a-z0-9_]+\.svg")


@dataclass(frozen=True)
class DataRecord:
    """The data that a model was trained and judged on.

    Attributes:
        name: Its name in this package or on the Hub.
        title: What it is, in a few words.
        hub_id: Repository on the Hub, if it has one.
        revision: Revision of that repository, or the digest of the rows.
        language: ISO 639-1 code; of several languages all, as in "en, de".
        license: Its terms, if they are known.
        splits: Number of rows of each part.
        note: What readers must know, such as texts that are in two parts.
        same_as: Repository on the Hub with the same data, if it was loaded from elsewhere.
        publishable: Whether models and examples of it may be published, beside figures.
    """

    name: str
    title: str | None = None
    hub_id: str | None = None
    revision: str | None = None
    language: str | None = None
    license: str | None = None
    splits: Mapping[str, int] = field(default_factory=dict)
    note: str | None = None
    same_as: str | None = None
    publishable: bool = True


@dataclass(frozen=True)
class RecordedAnswer:
    """An answer of the model to a row of public data, as an example on the card.

    Attributes:
        text: The row.
        answer: The answer of the model.
        expected: The right answer, if the model is wrong.
    """

    text: str
    answer: str
    expected: str | None = None


@dataclass(frozen=True)
class RecordedResult:
    """A figure that was measured.

    Attributes:
        metric: Key of the metric in its task, such as "accuracy".
        value: The figure; the mean if there were several runs.
        spread: Sample standard deviation over the runs.
        runs: Number of runs.
        split: Part of the data.
        dataset: The data that it was measured on, if not the data of the record.
        note: What readers must know, such as how many pairs were known.
    """

    metric: str
    value: float
    spread: float | None = None
    runs: int = 1
    split: str = "test"
    dataset: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class PlotPoint:
    """A point of a plot.

    Attributes:
        name: The label beside it.
        x: Its value on the logarithmic axis, greater than 0.
        y: Its value on the other axis.
        spread: Half the length of its vertical bar, such as a standard error of ``y``.
        tip: Text that is shown under a resting mouse; the name if ``None``.
    """

    name: str
    x: float
    y: float
    spread: float | None = None
    tip: str | None = None


@dataclass(frozen=True)
class Plot:
    """The data of a plot on the card: points, or the values at steps 1, 2, ...

    Attributes:
        file: Name of its file, which ends in ".svg".
        title: What it shows.
        horizontal: Name and unit of the horizontal axis; it is logarithmic for points.
        vertical: Name and unit of the vertical axis.
        points: The points.
        values: The values of a curve.
        best: "highest" or "lowest", the value of the curve that is best; ``None`` if neither is.
        note: What readers of the figures must know.
    """

    file: str
    title: str
    horizontal: str
    vertical: str
    points: tuple[PlotPoint, ...] = ()
    values: tuple[float, ...] = ()
    best: str | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        if not _PLOT_FILE.fullmatch(self.file):
            raise ValueError(f"the file of a plot is {self.file!r}, expected a name like curve.svg")
        if bool(self.points) == bool(self.values):
            raise ValueError(f"{self.file} has {'both' if self.points else 'no'} points and values")

    @classmethod
    def curve(
        cls, file: str, title: str, axes: tuple[str, str], values: Sequence[float], **more: Any
    ) -> tuple["Plot", ...]:
        """Return a plot of values, as the only one of a tuple; none for fewer than two values.

        Args:
            file: Name of its file.
            title: What it shows.
            axes: Name and unit of the horizontal and of the vertical axis.
            values: The values.
            **more: Further fields.
        """
        return (cls(file, title, *axes, values=tuple(values), **more),) if len(values) > 1 else ()


@dataclass(frozen=True)
class Record:
    """Everything on a card that is not in the configuration.

    Attributes:
        title: What the model is, in a few words.
        task: Id of its task, or the pipeline of the Hub that runs it.
        data: The data that it was trained on.
        vectors: Word vectors that it started from, and whether they were tuned.
        coverage: Share of the training texts' words that have a vector, as a text.
        test_coverage: Share of the test texts' words that the vocabulary knows, as a text.
        settings: Settings of training.
        seed: Seed of training.
        seconds: Time of training, in seconds.
        machine: The machine that it was trained and measured on.
        results: Figures of the model.
        comparison: Rows of a comparison: title and measured figures by name.
        comparison_command: The command that made the comparison.
        latency: Milliseconds at batch 1 from text to answer, by name ("median", "p95").
        latency_threads: Number of threads that latency was measured with.
        size_mib: Size of the saved folder, in MiB.
        parameters: Number of parameters.
        plots: Data of the plots on the card.
        warnings: Sentences at the top of the card.
        limits: Sentences on what was seen to fail or was not tried.
        base_model: The model on the Hub that training started from.
        license: License of the model, by its identifier on the Hub (``identifiers.LICENSES``).
        license_name: Name of the license if the identifier is "other".
        license_link: URL of the license's text, or a file in the folder.
        citations: BibTeX entries.
        tags: Tags besides those of the family and the cell.
        example: A text to try.
        answers: A few answers to public data, one of them wrong.
        version: Version of this package that trained the model.
        weights: The ``weights_digest`` of the folder at the time the record was saved; weights
            that are saved again have another.
    """

    title: str | None = None
    task: str | None = None
    data: DataRecord | None = None
    vectors: str | None = None
    coverage: str | None = None
    test_coverage: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    seconds: float | None = None
    machine: Mapping[str, Any] = field(default_factory=dict)
    results: tuple[RecordedResult, ...] = ()
    comparison: tuple[Mapping[str, Any], ...] = ()
    comparison_command: str | None = None
    latency: Mapping[str, float] = field(default_factory=dict)
    latency_threads: int | None = None
    size_mib: float | None = None
    parameters: int | None = None
    plots: tuple[Plot, ...] = ()
    warnings: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    base_model: str | None = None
    license: str | None = None
    license_name: str | None = None
    license_link: str | None = None
    citations: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    example: str | None = None
    answers: tuple[RecordedAnswer, ...] = ()
    version: str | None = None
    weights: str | None = None

    def save(self, folder: Path) -> None:
        """Write the record into the folder of its model, whole or not at all.

        The record holds the digest of the weights, so save the weights first.
        """
        told = asdict(self) | {"weights": weights_digest(folder)}
        write_whole(folder / RECORD_FILE, json.dumps(told, indent=2, ensure_ascii=False))

    @classmethod
    def load(cls, folder: Path) -> "Record":
        """Return the record of a folder; an empty one if the folder has none.

        Raises:
            ValueError: If the file is not a record, or a field has a wrong type.
        """
        path = folder / RECORD_FILE
        if not path.exists():
            return cls()
        try:
            record: Record = fit(cls, json.loads(path.read_text(encoding="utf-8")), "it")
            return record
        except ValueError as error:
            raise ValueError(f"{path}: this is no record of a model ({error}).") from error


def weights_digest(folder: Path) -> str | None:
    """Return the SHA-256 of a model's weights, shards in a row; ``None`` without weights."""
    whole = folder / "model.safetensors"
    files = [whole] if whole.is_file() else sorted(folder.glob("model-*-of-*.safetensors"))
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as opened:
            hashlib.file_digest(opened, lambda: digest)
    return digest.hexdigest() if files else None
