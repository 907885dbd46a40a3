"""The named data sets of sentences with their translations."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from ...data.bible import read_bible
from ...data.rows import Rows, Splits
from ...data.sources import HubSource, NamedDataset
from ...data.splits import SPLITS
from .readers import pair_columns, read_aligned, rows_of

# Verses that follow one another are in one part: they repeat each other's words.
_PASSAGE, _IN_ROW = 20, 20


@dataclass(frozen=True, kw_only=True)
class NamedPairs(NamedDataset):
    """A named data set of sentences with their translations.

    Attributes:
        may_be_quoted: Whether cards may show its sentences.
    """

    may_be_quoted: bool = True

    subfolder: ClassVar[str] = "translation"


def _multi30k(source: str, target: str, hub: HubSource | None = None) -> NamedPairs:
    """Return the captions of Multi30k in two languages."""
    choices = tuple(
        tuple(
            form.format(part=part, language=language)
            for part in ("train", "val", "test_2016_flickr")
            for language in (source, target)
        )
        for form in (
            "multi30k_{part}.{language}.gz",
            "{part}.{language}.gz",
            "{part}.{language}",
        )
    )

    def read(folder: Path) -> Splits:
        files = next(each for each in choices if all((folder / file).exists() for file in each))
        paths = [folder / file for file in files]
        pairs = zip(SPLITS, paths[::2], paths[1::2], strict=True)
        return {part: read_aligned(*sides) for part, *sides in pairs}

    return NamedPairs(
        name=f"multi30k-{source}-{target}",
        title=f"captions of photographs, {source} to {target} (Multi30k, test 2016 flickr)",
        language=f"{source}, {target}",
        license="non-commercial research",
        non_commercial=True,
        splits="published",
        files=choices[0],
        other_files=choices[1:],
        read=read,
        hub=hub,
        may_be_quoted=False,
    )


def _on_hub(source: str, target: str) -> HubSource:
    return HubSource("bentrevett/multi30k", pair_columns(source, target))


def _bible(source: str, target: str) -> NamedPairs:
    """Return the verses of the Bible in English and Spanish."""

    def read(folder: Path) -> Splits:
        verses = read_bible(folder)
        return in_passages(rows_of(verses[source], verses[target]))

    return NamedPairs(
        name=f"bible-{source}-{target}",
        title=f"verses of the Bible, {source} to {target} (King James; Reina-Valera 1909)",
        language=f"{source}, {target}",
        license="public domain",
        splits=f"none published: of each {_IN_ROW} passages of {_PASSAGE} verses the last but one "
        "is validation and the last is test",
        files=("engKJV2006eb", "spaRV1909eb"),
        read=read,
        package="bible-en",
    )


def in_passages(rows: Rows) -> Splits:
    """Return rows in parts, where rows that follow one another are mostly in the same part."""
    splits: Splits = {part: [] for part in SPLITS}
    for number, row in enumerate(rows):
        place = number // _PASSAGE % _IN_ROW
        splits[{_IN_ROW - 2: "validation", _IN_ROW - 1: "test"}.get(place, "train")].append(row)
    return splits


_SPECS = (
    _multi30k("en", "de", _on_hub("en", "de")),
    _multi30k("de", "en", _on_hub("de", "en")),
    _multi30k("en", "fr"),
    _multi30k("fr", "en"),
    _bible("en", "es"),
    _bible("es", "en"),
)
PAIRS: Mapping[str, NamedPairs] = MappingProxyType({spec.name: spec for spec in _SPECS})
