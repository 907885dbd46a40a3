"""What is known of how a model was made and what it reached, kept in a file beside the model.

A field that is not known is `None` or empty, and no card mentions it.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .._whole import write_whole
from .fields import fit

__all__ = [
    "RECORD_FILE",
    "DataRecord",
    "Plot",
    "PlotPoint",
    "Record",
    "RecordedResult",
    "weights_digest",
]

RECORD_FILE = "training_record.json"
_PLOT_FILE = re.compile(r"[a-z0-9_]+\.svg")


@dataclass(frozen=True)
class DataRecord:
    """The data that a model was trained and judged on.

    Attributes:
        name: As this package or the Hub names it.
        title: What it is, in a few words.
        hub_id: Repository on the Hub, if it has one.
        revision: Of that repository, or the digest of the rows.
        language: ISO 639-1 code.
        licence: Terms, as far as they are stated.
        splits: Rows of each part.
        note: What its reader must know, such as texts that stand in two parts.
    """

    name: str
    title: str | None = None
    hub_id: str | None = None
    revision: str | None = None
    language: str | None = None
    licence: str | None = None
    splits: Mapping[str, int] = field(default_factory=dict)
    note: str | None = None


@dataclass(frozen=True)
class RecordedResult:
    """A figure that was measured.

    Attributes:
        metric: Key of the metric in its task, such as "accuracy".
        value: The figure, the mean where there were several runs.
        spread: Sample standard deviation over the runs.
        runs: Number of runs.
        split: Part of the data.
        dataset: What it was judged on, where that is not the data of the record.
        note: What its reader must know, such as how many pairs were known.
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
        name: What stands beside it.
        x: Its place on the logarithmic axis, greater than 0.
        y: Its place on the other.
        spread: Sample standard deviation of `y`.
        tip: What is shown where a mouse rests on it; the name if None.
    """

    name: str
    x: float
    y: float
    spread: float | None = None
    tip: str | None = None


@dataclass(frozen=True)
class Plot:
    """What a plot of the card is drawn from: points, or the values of steps 1, 2, ...

    Attributes:
        file: Name of its file, which ends in ".svg".
        title: What it shows.
        horizontal: Name and unit of the horizontal axis, logarithmic where there are points.
        vertical: Name and unit of the vertical axis.
        points: The points.
        values: The values of a curve.
        best: Whether the "highest" or the "lowest" value of the curve is the best; None if neither.
        note: What the reader of the figures must know.
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


@dataclass(frozen=True)
class Record:
    """All that a card tells beside what the configuration says.

    Attributes:
        title: What the model is, in a few words.
        task: Id of its task, or the pipeline of the Hub that takes it.
        data: What it was trained on.
        vectors: Word vectors that it started from, and whether they were tuned.
        coverage: How much of the training texts has a vector, in words.
        test_coverage: How much of the test texts the vocabulary knows, in words.
        settings: Values of training.
        seed: Of training.
        seconds: Time of training.
        machine: What it was trained and measured on.
        results: Figures of the model.
        comparison: Lines of a comparison: title and measured figures by name.
        comparison_command: What made the comparison.
        latency: Milliseconds at batch 1 from text to answer, by name ("median", "p95").
        latency_threads: Number of threads that latency was measured with.
        size_mib: The saved folder.
        parameters: Their number.
        plots: What the plots of the card are drawn from.
        warnings: Sentences that stand at the top of the card.
        limits: Sentences on what was seen to fail or was not tried.
        base_model: The model on the Hub that training started from.
        licence: Of the model; its identifier on the Hub (`identifiers.LICENCES`).
        licence_name: What the licence "other" stands for.
        licence_link: Its text; an address, or a file of the folder.
        citations: BibTeX entries.
        tags: Beside those of the family and the cell.
        example: A text to try.
        version: Of this package, when it trained the model.
        weights: What `weights_digest` gave of the folder when the record was saved; one that is
            saved anew has another.
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
    licence: str | None = None
    licence_name: str | None = None
    licence_link: str | None = None
    citations: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    example: str | None = None
    version: str | None = None
    weights: str | None = None

    def save(self, folder: Path) -> None:
        """Writes the record into the folder of its model, whole or not at all.

        It names the weights that lie there, so save them before.
        """
        told = asdict(self) | {"weights": weights_digest(folder)}
        write_whole(folder / RECORD_FILE, json.dumps(told, indent=2, ensure_ascii=False))

    @classmethod
    def load(cls, folder: Path) -> "Record":
        """Reads the record of a folder; an empty one where there is none.

        Raises:
            ValueError: If the file is no record, or a field is of a wrong type.
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
    """Gives the SHA-256 of the weights of a model, of its shards in a row; None without weights."""
    whole = folder / "model.safetensors"
    files = [whole] if whole.is_file() else sorted(folder.glob("model-*-of-*.safetensors"))
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as opened:
            hashlib.file_digest(opened, lambda: digest)
    return digest.hexdigest() if files else None
