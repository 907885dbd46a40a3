"""What a task tells of its data: the sets that have a name, and the options for others."""

from dataclasses import dataclass
from typing import Any, Protocol

__all__ = ["SPLIT_OPTIONS", "DataInfo", "Option"]


@dataclass(frozen=True)
class Option:
    """An option of a task's data, such as the name of a column.

    Attributes:
        name: Keyword of ``Task.load``; the command writes it ``--name`` with hyphens.
        help: What the command says of it.
        metavar: What stands for its value in the help; empty of one that is given without a value.
    """

    name: str
    help: str
    metavar: str = ""

    @property
    def flag(self) -> str:
        """What a user types."""
        return f"--{self.name.replace('_', '-')}"


# How parts that are not published are drawn, for tasks whose readers take these columns.
SPLIT_OPTIONS = (
    Option(
        "group_column",
        "of tables and Hub data sets: a person, document or session, which then stands whole in "
        "one part, where parts are not published",
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
    """What is told of a data set that has a name."""

    @property
    def name(self) -> str:
        """The name."""

    @property
    def title(self) -> str:
        """What it is, in a few words."""

    @property
    def language(self) -> str:
        """ISO 639-1 code."""

    @property
    def licence(self) -> str:
        """Terms, as far as they are stated."""

    @property
    def splits(self) -> str:
        """Which splits are published, and what is made of them."""

    @property
    def hub(self) -> Any:
        """Where it lies on the Hub, with ``id`` and ``revision``; ``None`` if it does not."""
