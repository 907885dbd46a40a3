"""Load sessions by the name of a data set, from tables, or from the Hub."""

import os
from functools import partial
from typing import Any

import datasets

from ...data.loading import load_splits
from ...data.tables import read_files
from .named import REPEATS, SESSIONS, event_columns
from .sessions import Cut

SPLIT_BY = ("time", "leave-one-out")
_TEXT = datasets.Value("string")
_FEATURES = {
    "session": _TEXT,
    "items": datasets.List(_TEXT),
    "titles": datasets.List(_TEXT),
    "targets": datasets.Value("int64"),
    "drops_seen": datasets.Value("bool"),
}


def load_sessions(
    name_or_path: str | os.PathLike[str],
    *,
    data_dir: str | os.PathLike[str] | None = None,
    session_column: str | None = None,
    item_column: str | None = None,
    time_column: str | None = None,
    title_column: str | None = None,
    split: str = "time",
    session_gap: Any = None,
    min_item_events: Any = 5,
    drop_repeats: bool = False,
    drop_seen: bool = False,
    config: str | None = None,
) -> datasets.DatasetDict:
    """Load sessions with the splits train, validation and test; ``sessions.py`` has the columns.

    Args:
        name_or_path: A name of ``SESSIONS``; a table of events, or a folder of tables with train
            and test in their names; or a data set of the Hub, ``owner/name``.
        data_dir: Folder of the files of named data sets; the environment variable
            HF_RECURRENT_DATA by default. Its sub-folder ``recommend`` is searched as well.
        session_column: The column of sessions or users, by default "SessionId".
        item_column: The column of items, by default "ItemId".
        time_column: The column of times, by default "Time": numbers of seconds, or dates.
        title_column: The column of the titles of items; there are none by default.
        split: "time" or "leave-one-out"; see ``Cut``.
        session_gap: Hours without an event after which a session ends, a number or a text.
        min_item_events: How often an item has to occur; see ``Cut``.
        drop_repeats: Whether an item that follows itself is removed.
        drop_seen: Whether no item is recommended that the session has had. It is a column of the
            rows, which the models read.
        config: The configuration of a data set of the Hub.

    Raises:
        ValueError: If an option or the data are wrong; the message names the file.
        OSError: If the data cannot be read or downloaded.
    """
    name = os.fspath(name_or_path)
    if split not in SPLIT_BY:
        raise ValueError(f"split is {split!r}, expected {' or '.join(SPLIT_BY)}.")
    gap = None if session_gap is None else _number("session_gap", session_gap)
    if gap is None and name in SESSIONS and split == "time":
        gap = SESSIONS[name].gap
    cut = Cut(split, gap, int(_number("min_item_events", min_item_events)), bool(drop_repeats))
    named = {
        "session": session_column,
        "item": item_column,
        "time": time_column,
        "title": title_column,
    }
    columns = event_columns(**{kind: column for kind, column in named.items() if column})
    parts = load_splits(
        name,
        SESSIONS,
        {f"--{kind}-column": column for kind, column in named.items()} | {"config": config},
        read=partial(read_files, columns=columns),
        columns=columns,
        prepare=cut.parts,
        key="session",
        units="sessions",
        keep_repeats=True,
        data_dir=data_dir,
    )
    for rows in parts.splits.values():
        for row in rows:
            row["drops_seen"] = bool(drop_seen)
    parts.info.description += f"; split by {split}, {REPEATS[cut.drops_repeats]}"
    return parts.to_datasets(datasets.Features(_FEATURES))


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if not 0 < number < float("inf"):
        raise ValueError(f"{name} is {value!r}, expected a number above 0.")
    return number
