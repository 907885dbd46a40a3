"""Load a collection for search by its name, from files, or from the Hub."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import datasets

from ...data.loading import data_errors
from ...data.rows import Row, Rows, Splits
from ...data.sources import HubSource, check_source, is_hub_id, load_named, unknown_name
from ...data.splits import SPLIT_SEED, SPLITS
from ...data.tables import Loaded
from .beir import load_beir, read_beir
from .collection import DOCUMENTS, QUERIES, content, split_queries
from .named import COLLECTIONS

# The fourth part: the documents, to whose places the rows of the others refer.
CORPUS = "corpus"
_TEXT = datasets.Value("string")
_ROWS = datasets.Features(
    {
        "query": _TEXT,
        "passage": _TEXT,
        "relevant": datasets.List(datasets.Value("int64")),
        "grades": datasets.List(datasets.Value("float64")),
    }
)
_DOCUMENTS = datasets.Features({"document_id": _TEXT, "heading": _TEXT, "body": _TEXT})


def load_collection(
    name_or_path: str | os.PathLike[str],
    *,
    data_dir: str | os.PathLike[str] | None = None,
    fold: Any = 0,
    train_on: str = "both",
    seed: int = SPLIT_SEED,
) -> datasets.DatasetDict:
    """Load a collection with the parts train, validation, test and corpus.

    Rows of validation and test are queries with their relevant documents (places in the corpus) and
    grades. Rows of train are pairs of a query and a passage: judged queries with each of their
    documents, and titles with the text of their document.

    Args:
        name_or_path: A name of ``COLLECTIONS``, a folder in the form of BEIR, or a data set of the
            Hub in that form, ``owner/name``.
        data_dir: Folder of the files of named collections; the environment variable
            HF_RECURRENT_DATA by default. Its sub-folder ``retrieval`` is searched as well.
        fold: 0, or 1 to exchange the queries that are tested and those that are not.
        train_on: The pairs to train on: "queries", "titles", or "both".
        seed: Seed of the draw of queries.

    Raises:
        ValueError: If an option or the collection is wrong; the message names the file.
        OSError: If the collection cannot be read or downloaded.
    """
    if str(fold) not in ("0", "1"):
        raise ValueError(f"fold is '{fold}', expected 0 or 1.")
    if train_on not in ("queries", "titles", "both"):
        raise ValueError(f"train_on is '{train_on}', expected queries, titles or both.")
    name = os.fspath(name_or_path)
    check_source("auto", data_dir)
    spec = COLLECTIONS.get(name)
    if spec is not None:
        loaded, origin = load_named(spec, _from_hub, data_dir=data_dir)
        found = loaded.splits
    elif Path(name).exists():
        if not Path(name).is_dir():
            raise ValueError(f"{name} is a file, expected a folder with corpus.jsonl.")
        found, origin = read_beir(Path(name)), f"the files of {Path(name).name}"
    elif is_hub_id(name):
        found, origin = load_beir(HubSource(name)), f"{name} of the Hub"
    else:
        raise unknown_name(name, COLLECTIONS)
    with data_errors(name):
        parts = split_queries(found[QUERIES], seed, int(fold))
        corpus = found[DOCUMENTS]
        rows: Splits = {part: [_query(row) for row in parts[part]] for part in SPLITS}
        rows["train"] = _pairs(parts["train"], corpus, train_on)
        _check(rows, corpus)
    info = datasets.DatasetInfo(
        description=f"{name}, from {origin}; fold {fold}, seed {seed}",
        license=spec.license if spec else "",
    )
    made = {part: _table(rows[part], _ROWS, info) for part in SPLITS}
    return datasets.DatasetDict({**made, CORPUS: _table(corpus, _DOCUMENTS, info)})


def contents(corpus: datasets.Dataset) -> list[str]:
    """Return title and text of each document."""
    rows = zip(corpus["heading"][:], corpus["body"][:], strict=True)
    return [content({"heading": heading, "body": body}) for heading, body in rows]


def judgements(rows: datasets.Dataset) -> list[dict[int, float]]:
    """Return the grade of each relevant document of each query."""
    both = zip(rows["relevant"][:], rows["grades"][:], strict=True)
    return [dict(zip(*each, strict=True)) for each in both]


def right_documents(rows: datasets.Dataset, documents: Sequence[str]) -> dict[str, set[str]]:
    """Return the texts of the relevant documents of each query or title."""
    found: dict[str, set[str]] = {}
    for query, places in zip(rows["query"][:], rows["relevant"][:], strict=True):
        found.setdefault(query, set()).update(documents[place] for place in places)
    return found


def _from_hub(hub: HubSource, *names: Any) -> Loaded:
    return Loaded(load_beir(hub))


def _query(row: Row) -> Row:
    grades: Mapping[int, float] = row["grades"]
    own = {"relevant": list(grades), "grades": list(grades.values())}
    return {"query": row["query"], "passage": "", **own}


def _pairs(queries: Rows, corpus: Rows, train_on: str) -> Rows:
    """Return the pairs to train on; a document without text is in none."""
    rows: Rows = []
    if train_on != "titles":
        rows += [
            _pair(row["query"], content(corpus[place]), place, grade)
            for row in queries
            for place, grade in row["grades"].items()
        ]
    if train_on != "queries":
        rows += [
            _pair(document["heading"], document["body"], place, 1.0)
            for place, document in enumerate(corpus)
        ]
    return [row for row in rows if row["query"].strip() and row["passage"].strip()]


def _pair(query: str, passage: str, place: int, grade: float) -> Row:
    return {"query": query, "passage": passage, "relevant": [place], "grades": [grade]}


def _check(rows: Splits, corpus: Rows) -> None:
    if not any(content(document) for document in corpus):
        raise ValueError("none of its documents has a text.")
    for part in SPLITS:
        if not rows[part]:
            what = "pairs to train on" if part == "train" else "queries"
            raise ValueError(f"its part '{part}' has no {what}.")


def _table(
    rows: Sequence[Row], features: datasets.Features, info: datasets.DatasetInfo
) -> datasets.Dataset:
    held = info.copy()
    held.features = features
    return datasets.Dataset.from_dict(
        {column: [row[column] for row in rows] for column in features}, features=features, info=held
    )
