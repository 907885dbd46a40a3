"""The outcome of a comparison: the runs of each table line and the saved models."""

from dataclasses import dataclass, field
from pathlib import Path

from ..tasks.model_rows import BEST_MODEL
from .jobs import Contender
from .prepare import Prepared
from .results import Row
from .settings import BenchmarkSettings


@dataclass
class Line:
    """One line of the table: the trials of a contender and its runs with several seeds."""

    contender: Contender
    runs: list[Row] = field(default_factory=list)
    trials: list[Row] = field(default_factory=list)


@dataclass
class Kept:
    """The best model of a folder.

    Attributes:
        name: Name of the folder.
        family: Plural name of the models that it was chosen from.
        row: Its row.
        folder: Its folder; ``None`` if it is no longer there.
        is_earlier: Whether it comes from an earlier comparison on the same data.
    """

    name: str
    family: str
    row: Row
    folder: Path | None
    is_earlier: bool = False


@dataclass
class Outcome:
    """All data of the report.

    Attributes:
        settings: Settings of the comparison.
        prepared: The data.
        lines: The lines of the table that have at least one run.
        failures: A sentence for each job that failed.
        kept: The best model on validation for each folder in which the task saves one.
    """

    settings: BenchmarkSettings
    prepared: Prepared
    lines: list[Line]
    failures: list[str]
    kept: list[Kept] = field(default_factory=list)

    @property
    def best(self) -> Kept | None:
        """The best recurrent model, or ``None`` if the comparison has none."""
        return next((kept for kept in self.kept if kept.name == BEST_MODEL), None)

    def has(self, row: Row) -> bool:
        """Check whether a row is one of the table."""
        return any(row["key"] == run["key"] for line in self.lines for run in line.runs)
