"""What a comparison gave: the runs of each line of its table, and the models that are kept."""

from dataclasses import dataclass, field
from pathlib import Path

from .jobs import Task
from .prepare import Prepared
from .results import Row
from .settings import BenchmarkSettings

__all__ = ["BAG_OF_VECTORS", "BEST_MODEL", "Line", "Outcome"]

BEST_MODEL = "best"
BAG_OF_VECTORS = "bag-of-vectors"


@dataclass
class Line:
    """One line of the table: the runs of a task over the seeds, and the trials before them."""

    task: Task
    runs: list[Row] = field(default_factory=list)
    trials: list[Row] = field(default_factory=list)


@dataclass
class Outcome:
    """All that the report tells.

    Attributes:
        settings: What was asked for.
        prepared: The data.
        lines: The lines of the table that have at least one run.
        failures: A sentence for each job that failed.
        best: Row of the best recurrent model by validation, if one was asked for.
        best_folder: Its folder; None if it lies there no more.
        bag: Row of the best bag of vectors by validation, if one was asked for.
        bag_folder: Its folder; None if it does not lie there.
    """

    settings: BenchmarkSettings
    prepared: Prepared
    lines: list[Line]
    failures: list[str]
    best: Row | None
    best_folder: Path | None
    bag: Row | None = None
    bag_folder: Path | None = None

    @property
    def best_is_earlier(self) -> bool:
        """Tell whether the best model is of an earlier comparison on the same data."""
        return self.best is not None and not self.has(self.best)

    def has(self, row: Row) -> bool:
        """Tell whether a row is one of the table."""
        return any(row["key"] == run["key"] for line in self.lines for run in line.runs)
