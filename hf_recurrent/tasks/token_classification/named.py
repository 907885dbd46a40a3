"""The data sets for tagging that are known by name."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

from ...data.brown import read_tagged_texts
from ...data.columns import ColumnFormat, conll, conllu, read_columns
from ...data.named import HubSource

__all__ = ["TAGGING_DATASETS", "Part", "TaggingDatasetSpec"]

_BASE = re.compile(r"(?:fw-)?(--|[^-+]+)")
# The sentences of a part, each with its tokens and its tags.
Part = list[dict[str, list[str]]]
Parts = dict[str, Part]


@dataclass(frozen=True)
class TaggingDatasetSpec:
    """A named data set for tagging.

    Attributes:
        name: The name.
        title: What it is, in a few words.
        language: ISO 639-1 code.
        licence: Terms, as far as they are stated.
        splits: Which splits are published, and what is made of them.
        files: Names of its files, one choice after the other.
        read: Reads a folder that has all files of a choice; gives notes too.
        package: Name of the registry package that carries it.
        hub: Where it lies on the Hub.
    """

    name: str
    title: str
    language: str
    licence: str
    splits: str
    files: tuple[tuple[str, ...], ...]
    read: Callable[[Path, tuple[str, ...]], tuple[Parts, list[str]]]
    package: str | None = None
    hub: HubSource | None = None


def _three(folder: Path, files: tuple[str, ...], form: ColumnFormat) -> tuple[Parts, list[str]]:
    """Read the files of train, validation and test."""
    parts: Parts = {}
    notes: list[str] = []
    for part, file in zip(("train", "validation", "test"), files, strict=True):
        parts[part], found = read_columns(folder / file, form)
        notes += found
    return parts, notes


def _brown(folder: Path, files: tuple[str, ...]) -> tuple[Parts, list[str]]:
    """Read the base tags of the Brown corpus, every tenth text validation and every tenth test."""
    parts: Parts = {"train": [], "validation": [], "test": []}
    for number, sentences in enumerate(read_tagged_texts(folder)):
        part = {8: "validation", 9: "test"}.get(number % 10, "train")
        parts[part] += [
            {"tokens": [word for word, _ in s], "tags": [_base_tag(tag) for _, tag in s]}
            for s in sentences
        ]
    return parts, []


def _base_tag(tag: str) -> str:
    """Return a tag of the Brown corpus without its marks, as ``nn`` of ``fw-nn-hl``.

    Of a contraction, which has two tags, the first is taken; a negation loses its mark.
    """
    found = _BASE.match(tag)
    base = found[1] if found else tag
    return base.rstrip("*") or base


_SPECS = (
    TaggingDatasetSpec(
        name="ud-ewt",
        title="universal part-of-speech tags of the English Web Treebank",
        language="en",
        licence="CC BY-SA 4.0",
        splits="published",
        files=(
            tuple(f"ud_ewt_{part}.conllu.gz" for part in ("train", "dev", "test")),
            tuple(f"en_ewt-ud-{part}.conllu" for part in ("train", "dev", "test")),
        ),
        read=partial(_three, form=conllu(tokens=1, tags=3)),
    ),
    TaggingDatasetSpec(
        name="wnut17",
        title="rare and new names in tweets and comments (WNUT 2017), 6 types",
        language="en",
        licence="CC BY 4.0",
        splits="published",
        files=(
            (
                "wnut17_wnut17train.conll",
                "wnut17_emerging.dev.conll",
                "wnut17_emerging.test.annotated",
            ),
            ("wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated"),
        ),
        read=partial(_three, form=ColumnFormat({"tokens": 0, "tags": 1}, "\t")),
        hub=HubSource("leondz/wnut_17", "tokens", "ner_tags", revision="refs/convert/parquet"),
    ),
    TaggingDatasetSpec(
        name="conll2003",
        title="names in newswire (CoNLL 2003), 4 types",
        language="en",
        licence="research use, of the Reuters corpus",
        splits="published",
        files=(
            ("eng.train", "eng.testa", "eng.testb"),
            ("train.txt", "valid.txt", "test.txt"),
        ),
        read=partial(_three, form=conll(tokens=0, tags=-1)),
        hub=HubSource("eriktks/conll2003", "tokens", "ner_tags", revision="refs/convert/parquet"),
    ),
    TaggingDatasetSpec(
        name="brown",
        title="base part-of-speech tags of the Brown corpus",
        language="en",
        licence="redistribution permitted, says its README",
        splits="none published: of each ten texts in a row the ninth is validation and the tenth "
        "test",
        files=(("ca01", "cr09"),),
        read=_brown,
        package="brown",
    ),
)
TAGGING_DATASETS: Mapping[str, TaggingDatasetSpec] = MappingProxyType(
    {spec.name: spec for spec in _SPECS}
)
