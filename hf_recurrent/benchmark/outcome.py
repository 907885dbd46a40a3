"""What a comparison gave: the runs of each line of its table, and the models that are kept."""

from dataclasses import dataclass, field
from pathlib import Path

from ..tasks.model_rows import BEST_MODEL
from .jobs import Contender
from .prepare import Prepared
from .results import Row
from .settings import BenchmarkSettings

__all__ = ["Kept", "Line", "Outcome"]


@dataclass
class Line:
    """One line of the table: the runs of a contender over the seeds, and the trials before them."""

    contender: Contender
    runs: list[Row] = field(default_factory=list)
    trials: list[Row] = field(default_factory=list)


@dataclass
class Kept:
    """The best model of a folder.

    Attributes:
        name: Name of the folder.
        family: Plural of what it was chosen among.
        row: Its row.
        folder: Its folder; None if it lies there no more.
        is_earlier: Whether it is of an earlier comparison on the same data.
    """

    name: str
    family: str
    row: Row
    folder: Path | None
    is_earlier: bool = False


@dataclass
class Outcome:
    """All that the report tells.

    Attributes:
        settings: What was asked for.
        prepared: The data.
        lines: The lines of the table that have at least one run.
        failures: A sentence for each job that failed.
        kept: The best model by validation of each folder that the task's models keep one in.
    """

    settings: BenchmarkSettings
    prepared: Prepared
    lines: list[Line]
    failures: list[str]
    kept: list[Kept] = field(default_factory=list)

    @property
    def best(self) -> Kept | None:
        """The best of the models that the task is about, if one was asked for."""
        return next((kept for kept in self.kept if kept.name == BEST_MODEL), None)

    def has(self, row: Row) -> bool:
        """Check whether a row is one of the table."""
        return any(row["key"] == run["key"] for line in self.lines for run in line.runs)
