"""Loading of data that a user names, and making data sets from rows, for all tasks."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import datasets

from .groups import group_cell
from .rows import Rows, Splits
from .sources import NamedDataset, is_hub_id, unknown_name
from .splits import SPLITS
from .tables import PARTS, Loaded, TableColumn, part_of_file
from .times import time_cell

__all__ = ["load_rows", "read_part_files", "split_columns", "to_datasets"]

Spec = TypeVar("Spec", bound=NamedDataset)


def load_rows(
    name: str,
    known: Mapping[str, Spec],
    given: Mapping[str, object],
    *,
    named: Callable[[Spec], tuple[Loaded, str]],
    path: Callable[[Path], Loaded],
    hub: Callable[[str], Loaded],
) -> tuple[Loaded, str, Spec | None]:
    """Load what a user named: a known data set, a file or folder, or a data set of the Hub.

    Args:
        name: The name that the user typed.
        known: The data sets that have a name.
        given: Options for files and the Hub, by their names.
        named: Loads a known data set, and returns it with its source.
        path: Reads a file or a folder.
        hub: Loads a data set of the Hub.

    Returns:
        The data, their source, and the known data set if it is one.

    Raises:
        ValueError: If an option was given for a known data set, or the data have a wrong form.
        OSError: If there is no such data set, or it cannot be read or downloaded.
    """
    spec = known.get(name)
    if spec is not None:
        if any(given.values()):
            *most, last = given
            raise ValueError(
                f"The columns of '{name}' are known: {', '.join(most)} and {last} are for files "
                f"and data sets of the Hub."
            )
        return *named(spec), spec
    if Path(name).exists():
        return path(Path(name)), f"the files of {Path(name).name}", None
    if is_hub_id(name):
        return hub(name), f"{name} of the Hub", None
    raise unknown_name(name, known)


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


def to_datasets(
    splits: Splits, features: datasets.Features, description: str, spec: NamedDataset | None
) -> datasets.DatasetDict:
    """Return the rows of the parts as data sets.

    Args:
        splits: The rows, with values of the types of ``features``, such as the ids of classes.
        features: The columns that are kept.
        description: Which data they are, and their source.
        spec: The data set, if it is known.
    """
    info = datasets.DatasetInfo(
        description=description, license=spec.license if spec else "", features=features
    )
    return datasets.DatasetDict(
        {
            part: datasets.Dataset.from_dict(
                {column: [row[column] for row in splits[part]] for column in features},
                features=features,
                info=info,
            )
            for part in SPLITS
        }
    )
