"""Load a text for language models by its name, from files, or from the Hub."""

import os
from pathlib import Path
from typing import Any

import datasets

from ..._wording import counted
from ...data.leakage import text_key
from ...data.loading import load_splits, read_part_files
from ...data.rows import Rows, Splits
from ...data.sources import HubSource, load_hub_rows
from ...data.tables import PARTS, Loaded, part_of_file
from ...vectors.language_tokenizer import TOKENIZER_KINDS
from .documents import articles, in_order, passages, rows_of, tenths
from .named import TEXTS, hub_columns, read_text

_UNKNOWN = "<unk>"
# Rows of WikiText on the Hub are lines, whose articles begin with a title.
_LINES = "wikitext"
_KIND = "tokenizer_kind"


def load_texts(
    name_or_path: str | os.PathLike[str],
    *,
    data_dir: str | os.PathLike[str] | None = None,
    tokenizer: str | None = None,
    text_column: str | None = None,
    config: str | None = None,
) -> datasets.DatasetDict:
    """Load documents with the splits train, validation, test and the columns text, tokenizer_kind.

    Args:
        name_or_path: A name of ``TEXTS``; a text file, whose first 90 % are to train, and then 5 %
            each for validation and test; a folder of text files with train, valid and test in
            their names, or with a document each; or a data set of the Hub, ``owner/name``.
        data_dir: Folder of the files of named texts; the environment variable HF_RECURRENT_DATA by
            default. Its sub-folder ``lm`` is searched as well.
        tokenizer: A kind of ``TOKENIZER_KINDS``; by default the one that fits a named text,
            "whitespace" for a text that holds ``<unk>``, and "bpe" for all others.
        text_column: On the Hub, the column of the texts, "text" by default.
        config: On the Hub, the configuration of the data set.

    Raises:
        ValueError: If the kind, an option or the text is wrong; the message names the file.
        OSError: If the text cannot be read or downloaded.
    """
    if tokenizer is not None and tokenizer not in TOKENIZER_KINDS:
        raise ValueError(
            f"tokenizer is {tokenizer!r}, expected one of {', '.join(TOKENIZER_KINDS)}."
        )
    name = os.fspath(name_or_path)
    given: dict[str, Any] = {"text_column": text_column, "config": config}

    def from_files(path: Path) -> Loaded:
        if any(given.values()):
            raise ValueError(
                f"text_column and config are for data sets of the Hub, and '{name}' is a file here."
            )
        return _read(path)

    parts = load_splits(
        name,
        TEXTS,
        given,
        read=from_files,
        columns=hub_columns(text_column),
        from_hub=_from_hub,
        key=lambda row: text_key(row["text"]),
        units="documents",
        keep_repeats=True,
        data_dir=data_dir,
    )
    empty = next((part for part, rows in parts.splits.items() if not rows), None)
    if empty is not None:
        raise ValueError(f"The data set '{name}' cannot be used: its part '{empty}' has no text.")
    kind = tokenizer or _fitting(name, parts.splits["train"])
    for rows in parts.splits.values():
        for row in rows:
            row[_KIND] = kind
    value = datasets.Value("string")
    return parts.to_datasets(datasets.Features({"text": value, _KIND: value}))


def holds_unknown_words(rows: datasets.Dataset | Rows) -> bool:
    """Check whether a text has words replaced by ``<unk>``, as WikiText has."""
    return any(_UNKNOWN in row["text"] for row in rows)


def _fitting(name: str, train: Rows) -> str:
    if name in TEXTS:
        return TEXTS[name].tokenizer
    return "whitespace" if holds_unknown_words(train) else "bpe"


def _read(path: Path) -> Loaded:
    """Read a file, or a folder of the three parts or of documents."""
    if path.is_file():
        text = read_text(path)
        if not text.strip():
            raise ValueError(f"{path}: the file has no text.")
        return Loaded(in_order(text))
    files = [file for file in sorted(path.iterdir()) if file.is_file() and file.name[0] != "."]
    if any(part_of_file(file.name) for file in files):
        loaded = read_part_files(path, lambda file: rows_of([read_text(file)]))
        return Loaded(
            {
                part: rows
                if part == "train"
                else rows_of(passage for row in rows for passage in passages(row["text"]))
                for part, rows in loaded.splits.items()
            }
        )
    if len(files) < 10:
        raise ValueError(
            f"The folder {path} has {counted(len(files), 'file')} and none of a part: expected "
            f"files with train, valid and test in their names, or at least ten documents."
        )
    return Loaded(tenths(map(read_text, files)))


def _from_hub(hub: HubSource, *names: Any) -> Loaded:
    """Load a data set of the Hub; its rows are documents, or lines of WikiText."""
    loaded = load_hub_rows(hub, *names)
    splits: Splits = {}
    for part, rows in loaded.splits.items():
        texts = [row["text"] for row in rows]
        if hub.id.endswith(_LINES):
            # Empty lines have no line end in some versions.
            lines = (text if text.endswith("\n") else f"{text}\n" for text in texts)
            texts = articles("".join(lines))
        splits[PARTS.get(part, part)] = rows_of(texts)
    return Loaded(splits)
