"""The named data sets of sessions, and the readers of their files."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

import datasets

from ...data.cells import text_cell
from ...data.groups import group_cell
from ...data.rows import Row, Rows, Splits
from ...data.sources import NamedDataset
from ...data.tables import Table, TableColumn, read_files, table_rows
from ...data.times import time_cell

_GROUPLENS = "GroupLens terms: not for commercial use without permission"
_BY_TIME = (
    "none published: by time, or leave-one-out; by time sessions end at gaps of a day. Ratings are "
    "no sessions: people rate what they saw long ago"
)


@dataclass(frozen=True, kw_only=True)
class NamedSessions(NamedDataset):
    """A named data set of events.

    Attributes:
        gap: Hours without an event after which a session ends; ``None`` if sessions have names.
    """

    gap: float | None = None

    subfolder: ClassVar[str] = "recommend"


def event_columns(
    session: str = "SessionId", item: str = "ItemId", time: str = "Time", title: str | None = None
) -> dict[str, TableColumn]:
    """Return the columns of events, by their names in a table; the defaults are GRU4Rec's."""
    columns = {
        "session": TableColumn(session, "session_column", _name_cell("session")),
        "item": TableColumn(item, "item_column", item_cell),
        "time": TableColumn(time, "time_column", seconds_cell),
    }
    if title is not None:
        columns["title"] = TableColumn(title, "title_column", text_cell)
    return columns


def _name_cell(what: str) -> Callable[[Any, list[str] | None], str]:
    def read(value: Any, names: list[str] | None = None) -> str:
        try:
            return group_cell(value, names)
        except ValueError as error:
            raise ValueError(str(error).replace("the group", f"the {what}", 1)) from None

    return read


def item_cell(value: Any, names: list[str] | None = None) -> str:
    """Return an item of a table as one word: white space becomes "_".

    Raises:
        ValueError: If it is missing, or a list or an object.
    """
    return "_".join(_name_cell("item")(value, names).split())


def seconds_cell(value: Any, names: list[str] | None = None) -> float:
    """Return a time of a table in seconds: a number as it is, or a date; see ``time_cell``.

    Raises:
        ValueError: If it is missing, or no time.
    """
    time = time_cell(value)
    if hasattr(time, "timestamp"):
        return float((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())
    if not math.isfinite(time):
        raise ValueError(f"{value!r} is no time: expected a finite number of seconds, or a date.")
    return float(time)


def _read_yoochoose(folder: Path) -> Splits:
    """Read the slice: validation is what ``train_full`` has beyond ``train_tr``."""
    files = {name: f"yoochoose100k_{name}.tsv.gz" for name in ("train_full", "train_tr", "test")}
    events = {name: _events(folder / file) for name, file in files.items()}
    train = {row["session"] for row in events["train_tr"]}
    return {
        "train": [row for row in events["train_full"] if row["session"] in train],
        "validation": [row for row in events["train_full"] if row["session"] not in train],
        "test": events["test"],
    }


def _events(path: Path, **names: str) -> Rows:
    return read_files(path, event_columns(**names)).splits["all"]


def _read_movielens(folder: Path, choices: tuple[tuple[str, ...], ...]) -> Splits:
    ratings, *others = next(c for c in choices if all((folder / file).exists() for file in c))
    rows = _events(folder / ratings, session="userId", item="movieId", time="timestamp")
    titles = {}
    for file in others:
        columns = {n: TableColumn(c, "", text_cell) for n, c in _MOVIE.items()}
        titles = {r["item"]: r["title"] for r in read_files(folder / file, columns).splits["all"]}
    return {"all": [_titled(row, titles) for row in rows] if others else rows}


def _read_atomic(folder: Path) -> Splits:
    """Read the files of RecBole, whose columns are named with their types."""
    events = event_columns("user_id:token", "item_id:token", "timestamp:float")
    movies = {
        "item": TableColumn("item_id:token", "", text_cell),
        "title": TableColumn("movie_title:token_seq", "", text_cell),
    }
    titles = {r["item"]: r["title"] for r in _tabs(folder / "ml-100k.item", movies)}
    rows = _tabs(folder / "ml-100k.inter", events)
    return {"all": [_titled(row, titles) for row in rows]}


def _titled(row: Row, titles: Mapping[str, str]) -> Row:
    """Return an event with the title of its item, which is empty if it is not known."""
    return row | {"title": titles.get(row["item"], "")}


def _tabs(path: Path, columns: Mapping[str, TableColumn]) -> Rows:
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    cells = zip(*(line.split("\t") for line in lines), strict=True)
    return table_rows(
        Table(str(path), dict(zip(head.split("\t"), cells, strict=True)), {}), columns
    )


_MOVIE = {"item": "movieId", "title": "title"}
_MOVIELENS = (("movielens_small_ratings.csv.gz",), ("ratings.csv", "movies.csv"))
_SPECS = (
    NamedSessions(
        name="yoochoose-slice",
        title="clicks in a web shop, a part of the RecSys Challenge 2015 as GRU4Rec prepares it",
        language="",
        license="CC BY-NC-ND 4.0",
        splits="published: the last day is the test part, and the day before it validation",
        files=tuple(f"yoochoose100k_{n}.tsv.gz" for n in ("train_full", "train_tr", "test")),
        read=_read_yoochoose,
        publishable=False,
        non_commercial=True,
    ),
    NamedSessions(
        name="movielens-small",
        title="ratings of films, MovieLens latest small",
        language="",
        license=_GROUPLENS,
        splits=_BY_TIME,
        files=_MOVIELENS[0],
        other_files=_MOVIELENS[1:],
        read=partial(_read_movielens, choices=_MOVIELENS),
        gap=24.0,
        non_commercial=True,
    ),
    NamedSessions(
        name="movielens-100k",
        title="ratings of films, MovieLens 100K",
        language="",
        license=_GROUPLENS,
        splits=_BY_TIME,
        files=("ml-100k.inter", "ml-100k.item"),
        read=_read_atomic,
        package="movielens-100k",
        gap=24.0,
        non_commercial=True,
    ),
)
SESSIONS: Mapping[str, NamedSessions] = MappingProxyType({spec.name: spec for spec in _SPECS})

REPEATS = {False: "repeated items kept", True: "repeated items dropped"}


def drops_repeats(rows: datasets.Dataset) -> bool:
    """Check whether items that follow themselves were removed, by the end of the description."""
    return rows.info.description.endswith(REPEATS[True])


def is_publishable(rows: datasets.Dataset) -> bool:
    """Check whether a model of these rows may be published, by the name in their description."""
    spec = SESSIONS.get(rows.info.description.partition(", from ")[0])
    return spec is None or spec.publishable
