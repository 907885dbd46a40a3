"""Load a data set for text classification by its name, from files, or from the Hub."""

import os
import warnings
from typing import Any

import datasets

from ..._wording import counted
from ...data.leakage import text_key
from ...data.loading import data_errors, load_splits
from ...data.rows import Splits
from ...data.sources import HubSource, Source, load_hub_rows
from ...data.splits import SPLIT_SEED, SPLITS
from ...data.tables import Loaded, read_files
from .named import TEXT_DATASETS, text_columns


def load_text_dataset(
    name_or_path: str | os.PathLike[str],
    *,
    config: str | None = None,
    data_dir: str | os.PathLike[str] | None = None,
    source: Source = "auto",
    text_column: str | None = None,
    label_column: str | None = None,
    group_column: str | None = None,
    time_column: str | None = None,
    label_lines: bool = False,
    seed: int = SPLIT_SEED,
    progress: bool = True,
) -> datasets.DatasetDict:
    """Load a data set with the splits train, validation, test and the columns text, label.

    Published splits are kept. Missing ones are drawn at random, by group or by time (see
    ``splits.complete``), equally on every machine for the same seed. Missing texts become empty
    texts.

    Args:
        name_or_path: A name of ``TEXT_DATASETS``; a CSV, TSV, JSON, JSON Lines or Parquet file,
            lines that begin with their label, or a folder of such files; or a data set of the Hub,
            ``owner/name``.
        config: Configuration of a data set of the Hub.
        data_dir: Folder of the files of named data sets; the environment variable
            HF_RECURRENT_DATA by default. Its sub-folders ``text`` and that of the name are
            searched as well.
        source: The source of a named data set: "folder", "package", "hub", or "auto" for the first
            of them that has it.
        text_column: Column of the texts in files and on the Hub, "text" by default.
        label_column: Column of the labels in files and on the Hub, "label" by default.
        group_column: Column of the group of a row in tables and on the Hub: a person, a document, a
            session. Then all rows of a group are in one part.
        time_column: Column of the time of a row in tables and on the Hub, a number or a date. Then
            the latest rows are the test part, and those before them the validation part.
        label_lines: Whether the files have lines of a label, a space or tab, and the text, as for
            TREC and SentEval. Lines of fastText, ``__label__name text``, need no option.
        seed: Seed of the splits that are not published.
        progress: Whether downloads may show their progress.

    Returns:
        The splits. ``label`` is a ``ClassLabel`` with the names of the labels, and the description
        in ``info`` has the source of the data.

    Raises:
        ValueError: If the name, a column or a label is unknown, a group or a time is missing or
            both columns are named, or the data cannot be split.
        OSError: If the data cannot be read or downloaded.
    """
    columns = text_columns(text_column, label_column, group_column, time_column)

    def from_hub(hub: HubSource, *names: Any) -> Loaded:
        if label_lines:
            raise ValueError(f"label_lines is for files, and there is no file '{hub.id}'.")
        return load_hub_rows(hub, *names)

    name = os.fspath(name_or_path)
    parts = load_splits(
        name,
        TEXT_DATASETS,
        {
            "text_column": text_column,
            "label_column": label_column,
            "group_column": group_column,
            "time_column": time_column,
            "config": config,
            "label_lines": label_lines,
        },
        read=lambda path: read_files(path, columns, label_lines),
        columns=columns,
        from_hub=from_hub,
        prepare=_with_labels,
        key=lambda row: text_key(row["text"]),
        units="texts",
        stratum="label",
        seed=seed,
        data_dir=data_dir,
        source=source,
        progress=progress,
    )
    names = parts.names.get("label") or _sorted_names(parts.splits)
    with data_errors(name):
        _check_labels(parts.splits, names)
    label = datasets.ClassLabel(names=list(names))
    return parts.to_datasets(datasets.Features(text=datasets.Value("string"), label=label))


def _with_labels(splits: Splits) -> Splits:
    """Remove parts without any label, such as the test parts of some competitions."""
    kept: Splits = {}
    for part, rows in splits.items():
        missing = [number for number, row in enumerate(rows, 1) if row["label"] is None]
        if missing and len(missing) == len(rows):
            warnings.warn(f"The part '{part}' has no labels and is left out.", stacklevel=3)
        elif missing:
            raise ValueError(
                f"{len(missing):,} of the {counted(len(rows), 'row')} of the part '{part}' "
                f"{'has' if len(missing) == 1 else 'have'} no label, the first of them row "
                f"{missing[0]}."
            )
        else:
            kept[part] = rows
    return kept


def _labels_of(splits: Splits, part: str) -> set[str]:
    return {str(row["label"]) for row in splits[part]}


def _sorted_names(splits: Splits) -> tuple[str, ...]:
    names = set().union(*(_labels_of(splits, part) for part in SPLITS))
    try:
        # "1" and "01" are equal as integers, so also sort by name, not by the order of the set.
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
            f"its training part has {counted(len(splits['train']), 'row')} of "
            f"{f'the one label {train.pop()!r}' if train else 'no label'}, and telling classes "
            f"apart needs at least two."
        )
    for part in ("validation", "test"):
        if not splits[part]:
            raise ValueError(
                f"its {part} part has no rows, and none could be drawn from the "
                f"{counted(len(splits['train']), 'row')} of its training part, which has "
                f"{counted(len(train), 'label')} "
                f"(the last row of a label and repeated texts are not drawn)."
            )
        unknown = sorted(_labels_of(splits, part) - train)
        if unknown:
            raise ValueError(
                f"its {part} part has the label {unknown[0]!r}, which its training part lacks "
                f"(it has {', '.join(map(repr, sorted(train)[:20]))})."
            )
