"""Load sentences with their translations by name, from files, or from the Hub."""

import os
from pathlib import Path
from typing import Any

import datasets

from ...data.leakage import text_key
from ...data.loading import load_splits
from ...data.rows import Row
from ...data.tables import Loaded
from .named import PAIRS
from .readers import SOURCE, TARGET, pair_columns, read_pairs, whole_pairs


def load_pairs(
    name_or_path: str | os.PathLike[str],
    *,
    data_dir: str | os.PathLike[str] | None = None,
    source_column: str | None = None,
    target_column: str | None = None,
    target_file: str | os.PathLike[str] | None = None,
    config: str | None = None,
) -> datasets.DatasetDict:
    """Load the splits train, validation and test with the columns source_text and target_text.

    Args:
        name_or_path: A name of ``PAIRS``; a text file with a sentence a line, whose translations
            are in ``target_file``; a folder of such files, as ``train.en``, ``train.de``,
            ``valid.en`` and so on; a table with two columns, or a folder of tables; or a data set
            of the Hub, ``owner/name``.
        data_dir: Folder of the files of named data sets; the environment variable
            HF_RECURRENT_DATA by default. Its sub-folder ``translation`` is searched as well.
        source_column: Column of the sentences in tables and on the Hub, "source" by default, or
            their language where a data set has a column "translation"; in a folder of text files
            the ending of their names.
        target_column: The same of the translations, "target" by default.
        target_file: The translations of a text file.
        config: On the Hub, the configuration of the data set.

    Raises:
        ValueError: If the files do not belong together, a column or a language is missing, or an
            option does not fit the data; the message names the file.
        OSError: If the data cannot be read or downloaded.

    Example:
        >>> load_pairs("corpus.en", target_file="corpus.de")  # doctest: +SKIP
    """
    name = os.fspath(name_or_path)
    aligned = None if target_file is None else os.fspath(target_file)
    given: dict[str, Any] = {
        "source_column": source_column,
        "target_column": target_column,
        "target_file": aligned,
        "config": config,
    }
    if aligned is not None and name not in PAIRS and not Path(name).exists():
        raise FileNotFoundError(f"There is no file '{name}', to which target_file is given.")

    def read(path: Path) -> Loaded:
        if config is not None:
            raise ValueError(f"config is for data sets of the Hub, and '{name}' is a file here.")
        return read_pairs(path, source_column, target_column, aligned)

    parts = load_splits(
        name,
        PAIRS,
        given,
        read=read,
        columns=pair_columns(source_column, target_column),
        prepare=whole_pairs,
        key=_key,
        units="pairs",
        data_dir=data_dir,
    )
    empty = next((part for part, rows in parts.splits.items() if not rows), None)
    if empty is not None:
        raise ValueError(f"The data set '{name}' cannot be used: its part '{empty}' has no pair.")
    text = datasets.Value("string")
    return parts.to_datasets(datasets.Features({SOURCE: text, TARGET: text}))


def may_be_quoted(rows: datasets.Dataset) -> bool:
    """Check whether the terms of a named data set allow to show its sentences; of others, yes."""
    name = rows.info.description.partition(", from ")[0]
    return name not in PAIRS or PAIRS[name].may_be_quoted


def _key(row: Row) -> str:
    return f"{text_key(row[SOURCE])}\n{text_key(row[TARGET])}"
