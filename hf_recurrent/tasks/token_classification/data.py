"""Loads a data set for tagging by its name, from files, or from the Hub."""

import hashlib
import os
import warnings
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import datasets

from ..._wording import counted
from ...data.columns import CONLLU_COLUMNS, conll, conllu, read_columns
from ...data.rows import Rows, Splits
from ...data.sources import (
    HubSource,
    check_source,
    is_hub_id,
    load_from_hub,
    load_named,
    unknown_name,
)
from ...data.splits import SPLITS
from ...data.tables import Loaded
from ...metrics.schemes import scheme_of
from .named import TAGGING_DATASETS, TaggingDatasetSpec

__all__ = ["has_spans", "load_tagging_dataset", "tag_names"]

_PART_NAMES = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev", "testa"),
    "test": ("test", "testb"),
}
_SEED = "42"
_TOKENS, _TAGS = "tokens", "tags"


def load_tagging_dataset(
    name_or_path: str | os.PathLike[str],
    *,
    data_dir: str | os.PathLike[str] | None = None,
    tokens_column: str | None = None,
    tags_column: str | None = None,
) -> datasets.DatasetDict:
    """Load a data set with the splits train, validation, test and the columns tokens, tags.

    Published splits are kept. A single part is cut 80/10/10, whole sentences by a digest of their
    words, repeated ones together. Of a data set of the Hub a missing validation part is drawn from
    training likewise; where it has no test part, the validation part becomes that.

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

    Returns:
        The splits. ``tags`` is a list of ``ClassLabel``, "O" first where tags name spans.

    Raises:
        ValueError: If the name, a column or a line is wrong; the sentence names file and line.
        OSError: If the data cannot be read or downloaded.
    """
    check_source("auto", data_dir)
    name = os.fspath(name_or_path)
    notes: list[str] = []
    spec = TAGGING_DATASETS.get(name)
    if spec is not None:
        if tokens_column or tags_column:
            raise ValueError(
                f"The columns of '{name}' are known: tokens_column and tags_column are for files "
                f"and data sets of the Hub."
            )
        loaded, origin = load_named(spec, _named_hub, data_dir=data_dir)
        parts = loaded.splits
    elif Path(name).exists():
        parts, notes = _files(Path(name), tokens_column, tags_column)
        origin = f"the files of {Path(name).name}"
    elif is_hub_id(name):
        parts = _hub(HubSource(name), tokens_column or _TOKENS, tags_column)
        origin = f"{name} of the Hub"
    else:
        raise unknown_name(name, TAGGING_DATASETS)
    for note in [*notes, *_doubts(parts)]:
        warnings.warn(note, stacklevel=2)
    return _build(parts, f"{name}, from {origin}; split seed {_SEED}", spec)


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
        return _complete({"all": sentences}, str(path)), notes
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
    return Loaded(_hub(hub, _TOKENS, None))


def _hub(hub: HubSource, tokens: str, tags: str | None) -> Splits:
    """Read a data set of the Hub; tags that are numbers get their names."""
    name = hub.id
    parts: Splits = {}
    for part, rows in load_from_hub(hub).items():
        known = rows.column_names
        column = tags or next((c for c in (_TAGS, "ner_tags", "upos") if c in known), _TAGS)
        for wanted, option in ((tokens, "--tokens-column"), (column, "--tags-column")):
            if wanted not in known:
                raise ValueError(
                    f"'{name}' of the Hub has no column {wanted!r}, but {', '.join(known)}: name "
                    f"it by {option}."
                )
        feature: Any = rows.features[column]
        names = getattr(getattr(feature, "feature", None), "names", None)
        sentences: Rows = []
        for number, (words, own) in enumerate(zip(rows[tokens], rows[column], strict=True), 1):
            try:
                told = _tags_of(words, own, names)
            except ValueError as error:
                raise ValueError(
                    f"'{name}' of the Hub, part '{part}', row {number}: {error}"
                ) from None
            if words:
                sentences.append({_TOKENS: list(words), _TAGS: told})
        key = next((p for p, alike in _PART_NAMES.items() if part in alike), part)
        parts[str(key)] = sentences
    return _complete(parts, f"'{name}' of the Hub")


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


def _complete(parts: Splits, source: str) -> Splits:
    """Draw the parts that are not published."""
    parts = dict(parts)
    if len(parts) == 1:
        ((_, rows),) = parts.items()
        parts["test"], rows = _draw(rows, source, 10)
        parts["validation"], parts["train"] = _draw(rows, source, 9)
        return {part: parts[part] for part in SPLITS}
    missing = next((p for p in ("train", "test") if p not in parts), None)
    if missing == "test" and "validation" in parts:
        parts["test"], missing = parts.pop("validation"), None
    if missing:
        raise ValueError(f"{source} has no part '{missing}', but {', '.join(parts) or 'none'}.")
    if "validation" not in parts:
        parts["validation"], parts["train"] = _draw(parts["train"], source, 10)
    return {part: parts[part] for part in SPLITS}


def _draw(sentences: Rows, source: str, share: int) -> tuple[Rows, Rows]:
    """Draw one of `share` sentences by a digest of their words; equal ones stay together."""
    keys = [hashlib.sha256(_SEED.encode() + _key(s)).digest() for s in sentences]
    order = sorted(set(keys))
    if len(order) < share:
        raise ValueError(
            f"{source} has {counted(len(order), 'different sentence')} to draw a part from, and "
            f"needs at least {share}."
        )
    chosen = set(order[: max(1, round(len(order) / share))])
    parts: tuple[Rows, Rows] = ([], [])
    for key, sentence in zip(keys, sentences, strict=True):
        parts[key not in chosen].append(sentence)
    return parts


def _key(sentence: Mapping[str, list[str]]) -> bytes:
    return "\n".join(sentence[_TOKENS]).encode("utf-8", "surrogatepass")


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
