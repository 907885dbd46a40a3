"""Load a data set for tagging by its name, from files, or from the Hub."""

import os
import re
import warnings
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import datasets

from ..._wording import counted
from ...data.columns import column_place, conll, conllu, is_conllu, read_columns
from ...data.leakage import text_key
from ...data.loading import SplitRows, load_splits, read_part_files, split_columns
from ...data.rows import Rows, Splits
from ...data.sources import HubSource, load_hub_rows
from ...data.tables import PARTS, Loaded
from ...metrics.schemes import count_broken, scheme_of
from .named import TAGGING_DATASETS, hub_columns

_TOKENS, _TAGS = "tokens", "tags"
_DOCUMENT = "document"
_LIKE_A_SPAN = re.compile("[BIESLUMWbieslumw][-_].+|.+[-_][BIESLUbieslu]")


def load_tagging_dataset(
    name_or_path: str | os.PathLike[str],
    *,
    data_dir: str | os.PathLike[str] | None = None,
    tokens_column: str | None = None,
    tags_column: str | None = None,
    group_column: str | None = None,
    time_column: str | None = None,
) -> datasets.DatasetDict:
    """Load a data set with the splits train, validation, test and the columns tokens, tags.

    Published splits are kept. Missing ones are drawn at random, with equal sentences in one part,
    or by group or by time (see ``splits.complete``). A folder of files must have all three parts.

    Args:
        name_or_path: A name of ``TAGGING_DATASETS``; a CoNLL, CoNLL-U (``.conllu``) or other file
            of columns; a folder of such files with train, dev and test in their names; or a data
            set of the Hub, ``owner/name``.
        data_dir: Folder of the files of named data sets; the environment variable
            HF_RECURRENT_DATA by default. Its sub-folder ``tagging`` is searched as well.
        tokens_column: The column of the tokens. For files its number, from 1, or for CoNLL-U its
            name, such as "form". For the Hub its name, "tokens" by default.
        tags_column: Likewise the column of the tags. The default is the last column of a file, the
            universal tags of CoNLL-U, and "tags" or "ner_tags" on the Hub.
        group_column: On the Hub, the column of a document, a person or a session. For files
            "document": the documents that begin at lines of ``-DOCSTART-`` or ``# newdoc``. Then
            all sentences of a group are in one part.
        time_column: On the Hub, the column of a number or a date. Then the latest sentences are the
            test part, and those before them the validation part.

    Returns:
        The splits. ``tags`` is a list of ``ClassLabel``, with "O" first if tags mark spans.

    Raises:
        ValueError: If the name, a column or a line is wrong; the message names file and line.
        OSError: If the data cannot be read or downloaded.
    """
    name = os.fspath(name_or_path)

    def from_files(path: Path) -> Loaded:
        if time_column:
            raise ValueError(
                f"time_column is for data sets of the Hub, and '{name}' is a file here."
            )
        if group_column not in (None, _DOCUMENT):
            raise ValueError(
                f"group_column is {group_column!r}, and files have no groups but documents: "
                f"expected '{_DOCUMENT}'."
            )
        return read_part_files(path, lambda file: _read(file, tokens_column, tags_column))

    parts = load_splits(
        name,
        TAGGING_DATASETS,
        {
            "tokens_column": tokens_column,
            "tags_column": tags_column,
            "group_column": group_column,
            "time_column": time_column,
        },
        read=from_files,
        columns=hub_columns(tokens_column, tags_column) | split_columns(group_column, time_column),
        from_hub=_from_hub,
        key=lambda sentence: text_key(" ".join(sentence[_TOKENS])),
        units="sentences",
        keep_repeats=True,
        data_dir=data_dir,
    )
    for note in _doubts(parts.splits):
        warnings.warn(note, stacklevel=2)
    return parts.to_datasets(_features(parts))


def tag_names(rows: datasets.Dataset) -> list[str]:
    """Return the names of the tags in the order of their ids."""
    feature: Any = rows.features[_TAGS]
    names: list[str] = feature.feature.names
    return names


def has_spans(names: list[str]) -> bool:
    """Check whether tags mark spans: one is "O", all others have a scheme's prefix and a type."""
    return scheme_of(names) is not None


def _read(path: Path, tokens: str | None, tags: str | None) -> Rows:
    form, places = (conllu, (1, 3)) if is_conllu(path) else (conll, (0, -1))
    if tokens is not None:
        places = (column_place(path, tokens, "tokens_column"), places[1])
    if tags is not None:
        places = (places[0], column_place(path, tags, "tags_column"))
    read = replace(form(tokens=places[0], tags=places[1]), number="group")
    return [{**row, "group": f"{path.name} {row['group']}"} for row in read_columns(path, read)]


def _from_hub(hub: HubSource, *names: Any) -> Loaded:
    """Load a data set of the Hub, without sentences that have no tokens."""
    loaded = load_hub_rows(hub, *names)
    splits: Splits = {}
    for part, rows in loaded.splits.items():
        for number, row in enumerate(rows, 1):
            words, tags = row[_TOKENS], row[_TAGS]
            if len(words) != len(tags):
                raise ValueError(
                    f"'{hub.id}' of the Hub (part '{part}'), row {number}: expected as many tags "
                    f"as tokens, found {len(tags)} and {len(words)}."
                )
        splits[PARTS.get(part, part)] = [row for row in rows if row[_TOKENS]]
    return Loaded(splits)


def _doubts(parts: Splits) -> list[str]:
    """Return sentences about doubtful tags, with their numbers."""
    found = []
    known = {tag for sentence in parts["train"] for tag in sentence[_TAGS]}
    for part in ("validation", "test"):
        new = Counter(t for s in parts[part] for t in s[_TAGS] if t not in known)
        if new:
            tag, _ = new.most_common(1)[0]
            found.append(
                f"{counted(sum(new.values()), 'token')} of the {part} part "
                f"{'has' if sum(new.values()) == 1 else 'have'} a tag that the training part "
                f"lacks, such as {tag!r}: no model can learn it."
            )
    names = {tag for rows in parts.values() for s in rows for tag in s[_TAGS]}
    scheme = scheme_of(names, (s[_TAGS] for s in parts["train"]))
    alike = next((tag for tag in sorted(names) if _LIKE_A_SPAN.fullmatch(tag)), None)
    if scheme is None and alike is not None and names & {"O", "o"}:
        found.append(
            f"Tags such as {alike!r} look like spans, but the tags are of no scheme that is known "
            f"('O', and 'B-PER' and its like, of IOB, IOE, BIOES or BILOU): no F1 is measured."
        )
    # In IOB1 a span begins with I-, so no span is broken there.
    if scheme not in (None, "IOB1"):
        broken = sum(count_broken(s[_TAGS]) for rows in parts.values() for s in rows)
        if broken:
            found.append(
                f"{counted(broken, 'tag')} that no scheme allows (I- where no span of the type "
                f"stands before) {'is' if broken == 1 else 'are'} read as the beginning of a span."
            )
    return found


def _features(parts: SplitRows) -> datasets.Features:
    names = sorted({tag for rows in parts.splits.values() for s in rows for tag in s[_TAGS]})
    if len(names) < 2:
        raise ValueError(
            f"The data ({parts.info.description}) have the one tag {names[0]!r}: nothing to tell. "
            f"Of files, tags_column is the number of the column of tags, the last by default."
        )
    if has_spans(names):  # "O" first, as in the configurations of taggers
        names.remove("O")
        names.insert(0, "O")
    return datasets.Features(
        tokens=datasets.List(datasets.Value("string")),
        tags=datasets.List(datasets.ClassLabel(names=names)),
    )
