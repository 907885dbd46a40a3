"""Information on the data of a task: the named data sets, and the options for other data."""

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Option:
    """An option for a task's data, such as the name of a column.

    Attributes:
        name: Keyword of ``Task.load``; on the command line ``--name`` with hyphens.
        help: Its help on the command line.
        metavar: The placeholder for its value in the help; empty for an option without a value.
        is_file: Whether its value is the path of a file. Cards and pages show the name only.
    """

    name: str
    help: str
    metavar: str = ""
    is_file: bool = False

    @property
    def flag(self) -> str:
        """The option as a user types it."""
        return f"--{self.name.replace('_', '-')}"


# How to draw parts that are not published, for tasks whose readers take these columns.
SPLIT_OPTIONS = (
    Option(
        "group_column",
        "of tables and Hub data sets: a person, document or session, which then stands whole in "
        "one part, where parts are not published; of files of columns 'document'",
        "COLUMN",
    ),
    Option(
        "time_column",
        "of tables and Hub data sets: a number or date; the latest rows are then the test part, "
        "where parts are not published",
        "COLUMN",
    ),
)


class DataInfo(Protocol):
    """Information on a named data set."""

    @property
    def name(self) -> str:
        """The name."""

    @property
    def title(self) -> str:
        """A description in a few words."""

    @property
    def language(self) -> str:
        """ISO 639-1 code; empty for data in no language."""

    @property
    def license(self) -> str:
        """Terms, if they are stated."""

    @property
    def publishable(self) -> bool:
        """Whether models, tokenizers and examples of it may be published, beside figures."""

    @property
    def non_commercial(self) -> bool:
        """Whether its terms forbid commercial use."""

    @property
    def splits(self) -> str:
        """Which splits are published, and how they are used."""

    @property
    def hub(self) -> Any:
        """Its place on the Hub, with ``id`` and ``revision``; ``None`` if it is not there."""
