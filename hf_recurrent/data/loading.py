"""Loading of data that a user names, for all tasks: find the rows, split them, make data sets."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets

from .groups import group_cell
from .rows import Column, Rows, Splits
from .sources import (
    HubSource,
    NamedDataset,
    Source,
    check_source,
    is_hub_id,
    load_hub_rows,
    load_named,
    unknown_name,
)
from .splits import SPLIT_SEED, SPLITS, By, check_columns, complete, how_drawn
from .tables import PARTS, Loaded, TableColumn, part_of_file
from .times import time_cell


@dataclass(frozen=True)
class SplitRows:
    """The rows of train, validation and test.

    Attributes:
        splits: The rows of each part.
        names: The names of the classes by the column of the rows, if the source has them.
        info: Which data they are, their source, and their terms.
    """

    splits: Splits
    names: Mapping[str, tuple[str, ...]]
    info: datasets.DatasetInfo

    def to_datasets(self, features: datasets.Features) -> datasets.DatasetDict:
        """Return the parts as data sets with these columns; rows have the names of classes."""
        self.info.features = features
        return datasets.DatasetDict(
            {
                part: datasets.Dataset.from_dict(
                    {column: [row[column] for row in self.splits[part]] for column in features},
                    features=features,
                    info=self.info,
                )
                for part in SPLITS
            }
        )


@contextmanager
def data_errors(name: str) -> Iterator[None]:
    """Name the data set in errors about its rows."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"The data set '{name}' cannot be used: {error}") from None


def load_splits(
    name: str,
    known: Mapping[str, NamedDataset],
    given: Mapping[str, Any],
    *,
    read: Callable[[Path], Loaded],
    columns: Mapping[str, TableColumn],
    from_hub: Callable[..., Loaded] = load_hub_rows,
    prepare: Callable[[Splits], Splits] = dict,
    key: Column,
    units: str,
    stratum: Column | None = None,
    keep_repeats: bool = False,
    seed: int = SPLIT_SEED,
    data_dir: str | os.PathLike[str] | None = None,
    source: Source = "auto",
    progress: bool = True,
    by: By | None = None,
    group_option: str = "group_column",
) -> SplitRows:
    """Load train, validation and test of what a user named; draw the parts that are missing.

    Args:
        name: The name that the user typed: of a known data set, a file or folder, or a data set of
            the Hub.
        known: The data sets that have a name.
        given: Options for files and the Hub, by their names; among them ``group_option`` and
            "time_column" draw parts, and "config" is the configuration of a data set of the Hub.
        read: Reads a file or a folder.
        columns: The wanted columns of a data set of the Hub.
        from_hub: Loads a data set of the Hub, like ``load_hub_rows``.
        prepare: Returns the parts to be split, such as those with labels.
        key: See ``splits.complete``, also for the next five.
        units: The word for rows in messages.
        stratum: The class of a row, if rows have one.
        keep_repeats: Whether to keep duplicates.
        seed: Seed of the draws.
        data_dir: See ``sources.load_named``, also for the next two.
        source: The source of a known data set.
        progress: Whether downloads may show their progress.
        by: How to draw rows that have groups or times, by these if it is not given.
        group_option: The option that names the column of groups.

    Raises:
        ValueError: If an option was given for a known data set, both columns that draw parts are
            given, the data have a wrong form, or a part cannot be drawn.
        OSError: If there is no such data set, or it cannot be read or downloaded.
    """
    group_column, time_column = given.get(group_option), given.get("time_column")
    check_source(source, data_dir)
    check_columns(group_column, time_column)
    spec = known.get(name)
    if spec is not None:
        if any(given.values()):
            *most, last = given
            raise ValueError(
                f"The columns of '{name}' are known: {', '.join(most)} and {last} are for files "
                f"and data sets of the Hub."
            )
        loaded, origin = load_named(
            spec, from_hub, data_dir=data_dir, source=source, progress=progress
        )
    elif Path(name).exists():
        loaded, origin = read(Path(name)), f"the files of {Path(name).name}"
    elif is_hub_id(name):
        hub = HubSource(name, columns, config=given.get("config"))
        loaded, origin = from_hub(hub), f"{name} of the Hub"
    else:
        raise unknown_name(name, known)
    if group_column is None and time_column is None:
        group_column = loaded.grouped_by
    with data_errors(name):
        parts = prepare(loaded.splits)
        whole = complete(
            parts,
            key=key,
            stratum=stratum,
            group="group" if group_column else None,
            time="time" if time_column else None,
            by=by,
            seed=seed,
            validation_size=spec.validation_size if spec else None,
            units=units,
            keep_repeats=keep_repeats,
        )
    drawn = how_drawn(parts, group_column, time_column, seed, by)
    info = datasets.DatasetInfo(
        description=f"{name}, from {origin}{drawn}", license=spec.license if spec else ""
    )
    return SplitRows(whole, loaded.names, info)


def read_part_files(path: Path, read: Callable[[Path], Rows]) -> Loaded:
    """Read a file, or the files of a folder: one for each part, recognised by its name.

    Args:
        path: The file or folder.
        read: Reads a file.

    Raises:
        ValueError: If a part has no file or two, or a file has a wrong form.
        OSError: If a file cannot be read.
    """
    if path.is_file():
        return Loaded({"all": read(path)})
    splits: Splits = {}
    for file in sorted(each for each in path.iterdir() if each.is_file()):
        part = part_of_file(file.name)
        if part is None or file.name.startswith("."):
            continue
        if part in splits:
            raise ValueError(f"{file}: the folder has two files of the part '{part}'.")
        splits[part] = read(file)
    missing = next((part for part in SPLITS if part not in splits), None)
    if missing is not None:
        names = " or ".join(name for name, part in PARTS.items() if part == missing)
        raise ValueError(
            f"The folder {path} has no file of the part '{missing}': expected one with {names} in "
            f"its name."
        )
    return Loaded(splits)


def split_columns(group: str | None, time: str | None) -> dict[str, TableColumn]:
    """Return the columns "group" and "time" of rows, if a user names a column of a table."""
    columns = {}
    if group is not None:
        columns["group"] = TableColumn(group, "group_column", group_cell)
    if time is not None:
        columns["time"] = TableColumn(time, "time_column", time_cell)
    return columns
