"""Load a data set for tagging by its name, from files, or from the Hub."""

import os
import warnings
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import datasets

from ..._wording import counted
from ...data.columns import CONLLU_COLUMNS, conll, conllu, read_columns
from ...data.groups import group_cell
from ...data.leakage import text_key
from ...data.rows import Row, Rows, Splits
from ...data.sources import (
    HubSource,
    check_source,
    hub_part,
    is_hub_id,
    load_from_hub,
    load_named,
    unknown_name,
)
from ...data.splits import SPLITS, complete, how_drawn
from ...data.tables import Loaded, Table, TableColumn, table_rows
from ...data.times import time_cell
from ...metrics.schemes import scheme_of
from .named import TAGGING_DATASETS, TaggingDatasetSpec

__all__ = ["has_spans", "load_tagging_dataset", "tag_names"]

_PART_NAMES = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev", "testa"),
    "test": ("test", "testb"),
}
_TOKENS, _TAGS = "tokens", "tags"


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

    Published splits are kept. Missing ones are drawn at random, repeated sentences together, or by
    group or by time (``splits.complete`` says how). A folder of files must have all three.

    Args:
        name_or_path: A name of ``TAGGING_DATASETS``; a CoNLL, CoNLL-U (``.conllu``) or other file
            of columns; a folder of such files with train, dev and test in their names; or a data
            set of the Hub, ``owner/name``.
        data_dir: Folder of the files of named data sets; the environment variable
            HF_RECURRENT_DATA by default. Its sub-folder ``tagging`` is looked into as well.
        tokens_column: Of files the number of the column of the tokens, from 1, or of CoNLL-U its
            name, such as "form"; of the Hub its name ("tokens" by default).
        tags_column: Likewise of the tags: the last column of a file, the universal tags of
            CoNLL-U, "tags" or "ner_tags" of the Hub by default.
        group_column: Of the Hub, the column of a document, a person or a session. Parts are then
            drawn by whole groups.
        time_column: Of the Hub, the column of a number or a date. Then the latest sentences are the
            test part, and those before them the validation part.

    Returns:
        The splits. ``tags`` is a list of ``ClassLabel``, "O" first where tags name spans.

    Raises:
        ValueError: If the name, a column or a line is wrong; the sentence names file and line.
        OSError: If the data cannot be read or downloaded.
    """
    check_source("auto", data_dir)
    drawn = how_drawn(group_column, time_column)
    name = os.fspath(name_or_path)
    notes: list[str] = []
    spec = TAGGING_DATASETS.get(name)
    if spec is not None:
        if any((tokens_column, tags_column, group_column, time_column)):
            raise ValueError(
                f"The columns of '{name}' are known: tokens_column, tags_column, group_column and "
                f"time_column are for files and data sets of the Hub."
            )
        loaded, origin = load_named(spec, _named_hub, data_dir=data_dir)
        parts = loaded.splits
    elif Path(name).exists():
        if group_column or time_column:
            option = "group_column" if group_column else "time_column"
            raise ValueError(f"{option} is for data sets of the Hub, and '{name}' is a file here.")
        parts, notes = _files(Path(name), tokens_column, tags_column)
        origin = f"the files of {Path(name).name}"
    elif is_hub_id(name):
        more = {}
        if group_column:
            more["group"] = TableColumn(group_column, "group_column", group_cell)
        if time_column:
            more["time"] = TableColumn(time_column, "time_column", time_cell)
        parts = _hub(HubSource(name), tokens_column or _TOKENS, tags_column, more)
        origin = f"{name} of the Hub"
    else:
        raise unknown_name(name, TAGGING_DATASETS)
    try:
        parts = complete(
            parts,
            key=_key,
            group="group" if group_column else None,
            time="time" if time_column else None,
            validation_size=spec.validation_size if spec else None,
            units="sentences",
            keep_repeats=True,
        )
    except ValueError as error:
        raise ValueError(f"The data set '{name}' cannot be used: {error}") from None
    for note in [*notes, *_doubts(parts)]:
        warnings.warn(note, stacklevel=2)
    return _build(parts, f"{name}, from {origin}; {drawn}", spec)


def tag_names(rows: datasets.Dataset) -> list[str]:
    """Return the names of the tags in the order of their ids."""
    feature: Any = rows.features[_TAGS]
    names: list[str] = feature.feature.names
    return names


def has_spans(names: list[str]) -> bool:
    """Check whether tags name spans: one is "O", the others have a type and a scheme's prefix."""
    return scheme_of(names) is not None


def _files(path: Path, tokens: str | None, tags: str | None) -> tuple[Splits, list[str]]:
    if path.is_file():
        sentences, notes = _read(path, tokens, tags)
        return {"all": sentences}, notes
    parts: Splits = {}
    notes = []
    for file in sorted(each for each in path.iterdir() if each.is_file()):
        words = set(file.name.lower().replace("-", ".").replace("_", ".").split("."))
        part = next((p for p, names in _PART_NAMES.items() if words & set(names)), None)
        if part is None or file.name.startswith("."):
            continue
        if part in parts:
            raise ValueError(f"{file}: the folder has two files of the part '{part}'.")
        parts[part], found = _read(file, tokens, tags)
        notes += found
    missing = [part for part in SPLITS if part not in parts]
    if missing:
        raise ValueError(
            f"The folder {path} has no file of the part '{missing[0]}': expected one with "
            f"{' or '.join(_PART_NAMES[missing[0]])} in its name."
        )
    return parts, notes


def _read(path: Path, tokens: str | None, tags: str | None) -> tuple[Rows, list[str]]:
    is_conllu = ".conllu" in path.suffixes
    places = {
        _TOKENS: _place(tokens, "tokens_column", 1 if is_conllu else 0, is_conllu),
        _TAGS: _place(tags, "tags_column", 3 if is_conllu else -1, is_conllu),
    }
    return read_columns(path, (conllu if is_conllu else conll)(**places))


def _place(given: str | None, option: str, default: int, is_conllu: bool) -> int:
    """Return the place of a column, counted from 0."""
    if given is None:
        return default
    if is_conllu and given.lower() in CONLLU_COLUMNS:
        return CONLLU_COLUMNS.index(given.lower())
    if not given.isdecimal() or int(given) < 1:
        named = f" or one of {', '.join(CONLLU_COLUMNS)}" if is_conllu else ""
        raise ValueError(
            f"{option} is {given!r}: columns of a file have numbers, expected 1 or more{named}."
        )
    return int(given) - 1


def _named_hub(hub: HubSource) -> Loaded:
    return Loaded(_hub(hub, _TOKENS, None, {}))


def _hub(hub: HubSource, tokens: str, tags: str | None, more: Mapping[str, TableColumn]) -> Splits:
    """Read a data set of the Hub, with more columns; tags that are numbers get their names."""
    parts: Splits = {}
    for part, rows in load_from_hub(hub).items():
        known, where = rows.column_names, hub_part(hub, str(part))
        column = tags or next((c for c in (_TAGS, "ner_tags", "upos") if c in known), _TAGS)
        for wanted, option in ((tokens, "tokens_column"), (column, "tags_column")):
            if wanted not in known:
                raise ValueError(
                    f"{where} has no column {wanted!r}, but {', '.join(known)}: name it by "
                    f"{option}."
                )
        feature: Any = rows.features[column]
        names = getattr(getattr(feature, "feature", None), "names", None)
        sentences: Rows = []
        others = _others(rows, where, more)
        cells = zip(rows[tokens], rows[column], others, strict=True)
        for number, (words, own, other) in enumerate(cells, 1):
            try:
                told = _tags_of(words, own, names)
            except ValueError as error:
                raise ValueError(f"{where}, row {number}: {error}") from None
            if words:
                sentences.append({_TOKENS: list(words), _TAGS: told, **other})
        key = next((p for p, alike in _PART_NAMES.items() if part in alike), part)
        parts[str(key)] = sentences
    return parts


def _others(rows: datasets.Dataset, where: str, more: Mapping[str, TableColumn]) -> Rows:
    """Return what each row has in further columns."""
    if not more:
        return [{} for _ in range(len(rows))]
    wanted = {column.name for column in more.values()}
    # The columns that are not wanted are named in an error, and never read.
    values = {name: rows[name][:] if name in wanted else () for name in rows.column_names}
    return table_rows(Table(where, values, {}), more)


def _tags_of(words: Any, tags: Any, names: list[str] | None) -> list[str]:
    """Return the names of the tags of a row."""
    if not (isinstance(words, list) and isinstance(tags, list)):
        raise ValueError("expected a list of tokens and a list of tags.")
    if len(words) != len(tags):
        raise ValueError(f"expected as many tags as tokens, found {len(tags)} and {len(words)}.")
    if any(not isinstance(word, str) for word in words):
        raise ValueError("a token is no string.")
    # A negative id, which stands for "no label", would count from the end.
    wrong = next((t for t in tags if t is None or (names and t not in range(len(names)))), "")
    if wrong != "":
        raise ValueError(f"the tag {wrong!r} is no class.")
    return [names[tag] if names else str(tag) for tag in tags]


def _key(sentence: Row) -> str:
    """Return the form in which sentences are compared: the task's, of their words."""
    return text_key(" ".join(sentence[_TOKENS]))


def _doubts(parts: Splits) -> list[str]:
    """Return sentences on tags that are doubtful, each counted."""
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
    # In IOB1 a span begins with I-, so nothing is broken there.
    if scheme_of(names, (s[_TAGS] for s in parts["train"])) not in (None, "IOB1"):
        broken = sum(map(_broken, (s[_TAGS] for rows in parts.values() for s in rows)))
        if broken:
            found.append(
                f"{counted(broken, 'tag')} that no scheme allows (I- where no span of the type "
                f"stands before) {'is' if broken == 1 else 'are'} read as the beginning of a span."
            )
    return found


def _broken(tags: list[str]) -> int:
    pairs = zip(["O", *tags], tags, strict=False)
    return sum(tag.startswith("I-") and (last == "O" or last[2:] != tag[2:]) for last, tag in pairs)


def _build(
    parts: Splits, description: str, spec: TaggingDatasetSpec | None
) -> datasets.DatasetDict:
    names = sorted({tag for rows in parts.values() for s in rows for tag in s[_TAGS]})
    if len(names) < 2:
        raise ValueError(
            f"The data ({description}) have the one tag {names[0]!r}: nothing to tell."
        )
    if has_spans(names):  # "O" first, as the configurations of taggers have it
        names.remove("O")
        names.insert(0, "O")
    ids = {tag: i for i, tag in enumerate(names)}
    features = datasets.Features(
        tokens=datasets.List(datasets.Value("string")),
        tags=datasets.List(datasets.ClassLabel(names=names)),
    )
    info = datasets.DatasetInfo(
        description=description, license=spec.licence if spec else "", features=features
    )
    return datasets.DatasetDict(
        {
            part: datasets.Dataset.from_dict(
                {
                    _TOKENS: [s[_TOKENS] for s in parts[part]],
                    _TAGS: [[ids[tag] for tag in s[_TAGS]] for s in parts[part]],
                },
                features=features,
                info=info,
            )
            for part in SPLITS
        }
    )
