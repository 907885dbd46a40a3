"""The named data sets for tagging."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ...data.brown import read_tagged_texts
from ...data.cells import classes_cell, texts_cell
from ...data.columns import ColumnFormat, conll, conllu, files_of_parts
from ...data.rows import Splits
from ...data.sources import HubSource, NamedDataset
from ...data.splits import SPLITS
from ...data.tables import TableColumn

_BASE = re.compile(r"(?:fw-)?(--|[^-+]+)")


@dataclass(frozen=True, kw_only=True)
class TaggingDatasetSpec(NamedDataset):
    """A named data set for tagging; its rows are sentences with their tokens and tags."""

    subfolder: ClassVar[str] = "tagging"


def hub_columns(tokens: str | None = None, tags: str | None = None) -> dict[str, TableColumn]:
    """Return the columns of tokens and tags on the Hub, by default with their usual names."""
    return {
        "tokens": TableColumn(tokens or "tokens", "tokens_column", texts_cell),
        "tags": TableColumn(
            tags or "tags", "tags_column", classes_cell, () if tags else ("ner_tags", "upos")
        ),
    }


def _read_brown(folder: Path) -> Splits:
    """Read the base tags of the Brown corpus; every tenth text is validation, every tenth test."""
    splits: Splits = {part: [] for part in SPLITS}
    for number, sentences in enumerate(read_tagged_texts(folder)):
        part = {8: "validation", 9: "test"}.get(number % 10, "train")
        splits[part] += [
            {"tokens": [word for word, _ in s], "tags": [_base_tag(tag) for _, tag in s]}
            for s in sentences
        ]
    return splits


def _base_tag(tag: str) -> str:
    """Return a tag of the Brown corpus without its marks, such as ``nn`` for ``fw-nn-hl``.

    A contraction has two tags, of which the first is returned; the mark of a negation is removed.
    """
    found = _BASE.match(tag)
    base = found[1] if found else tag
    return base.rstrip("*") or base


_SPECS = (
    TaggingDatasetSpec(
        name="ud-ewt",
        title="universal part-of-speech tags of the English Web Treebank",
        license="CC BY-SA 4.0",
        splits="published",
        **files_of_parts(
            tuple(f"ud_ewt_{part}.conllu.gz" for part in ("train", "dev", "test")),
            tuple(f"en_ewt-ud-{part}.conllu" for part in ("train", "dev", "test")),
            form=conllu(tokens=1, tags=3),
        ),
    ),
    TaggingDatasetSpec(
        name="wnut17",
        title="rare and new names in tweets and comments (WNUT 2017), 6 types",
        license="CC BY 4.0",
        splits="published",
        **files_of_parts(
            (
                "wnut17_wnut17train.conll",
                "wnut17_emerging.dev.conll",
                "wnut17_emerging.test.annotated",
            ),
            ("wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated"),
            form=ColumnFormat({"tokens": 0, "tags": 1}, "\t"),
        ),
        hub=HubSource("leondz/wnut_17", hub_columns(), revision="refs/convert/parquet"),
    ),
    TaggingDatasetSpec(
        name="conll2003",
        title="names in newswire (CoNLL 2003), 4 types",
        license="research use, of the Reuters corpus",
        splits="published",
        **files_of_parts(
            ("eng.train", "eng.testa", "eng.testb"),
            ("train.txt", "valid.txt", "test.txt"),
            form=conll(tokens=0, tags=-1),
        ),
        hub=HubSource("eriktks/conll2003", hub_columns(), revision="refs/convert/parquet"),
    ),
    TaggingDatasetSpec(
        name="brown",
        title="base part-of-speech tags of the Brown corpus",
        license="redistribution permitted, says its README",
        splits="none published: of each ten texts in a row the ninth is validation and the tenth "
        "test",
        files=("ca01", "cr09"),
        read=_read_brown,
        package="brown",
    ),
)
TAGGING_DATASETS: Mapping[str, TaggingDatasetSpec] = {spec.name: spec for spec in _SPECS}
