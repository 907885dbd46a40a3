"""A collection to search: documents, queries, and judgements of which document answers which."""

from collections.abc import Mapping
from typing import Any

from ..._wording import counted
from ...data.rows import Rows, Splits, seeded_digest
from ...data.splits import SPLITS

# Grades of documents by query.
Judgements = dict[str, dict[str, float]]
DOCUMENTS, QUERIES = "documents", "queries"
# Shares of the queries that are not tested: those to train on, and the others to choose by.
_TRAINED = 0.6


def add_judgement(found: Judgements, query: str, document: str, grade: float, where: str) -> None:
    """Add the grade of a document for a query; the same grade again changes nothing.

    Raises:
        ValueError: If the document has another grade for that query already.
    """
    own = found.setdefault(query, {})
    if own.setdefault(document, grade) != grade:
        raise ValueError(
            f"{where}: the document '{document}' has the grade {grade:g} for the query '{query}', "
            f"and {own[document]:g} before."
        )


def to_splits(
    documents: Mapping[str, tuple[str, str]],
    queries: Mapping[str, str],
    judgements: Mapping[str, Mapping[str, float]],
    where: str,
    parts: Mapping[str, str] | None = None,
) -> Splits:
    """Return the rows of a collection: its documents, and the queries that have an answer.

    Args:
        documents: Title and text by id.
        queries: Texts by id.
        judgements: Grades by query and document.
        where: The file of the judgements, for messages.
        parts: The part of each query, where parts are published.

    Raises:
        ValueError: If a judged document or query is unknown, or no query has a relevant document.
    """
    for query, own in judgements.items():
        if query not in queries:
            raise ValueError(
                f"{where}: the query '{query}' is judged, and is none of the "
                f"{counted(len(queries), 'query')}."
            )
        unknown = next((key for key in own if key not in documents), None)
        if unknown is not None:
            raise ValueError(
                f"{where}: the document '{unknown}' is judged for the query '{query}', and is none "
                f"of the {counted(len(documents), 'document')}."
            )
    places = {key: place for place, key in enumerate(documents)}
    rows: Rows = []
    for key, text in queries.items():
        relevant = {places[d]: g for d, g in judgements.get(key, {}).items() if g > 0}
        if not relevant or not text.strip():
            continue
        part = parts.get(key) if parts else None
        rows.append({"query_id": key, "query": text, "grades": relevant, "part": part})
    if not rows:
        raise ValueError(f"{where}: no query has a relevant document.")
    return {
        DOCUMENTS: [
            {"document_id": key, "heading": heading, "body": body}
            for key, (heading, body) in documents.items()
        ],
        QUERIES: rows,
    }


def content(document: Mapping[str, Any]) -> str:
    """Return title and text of a document."""
    return f"{document['heading']} {document['body']}".strip()


def split_queries(queries: Rows, seed: int, fold: int) -> Splits:
    """Return the queries of train, validation and test.

    Published parts are kept. Otherwise one half of the queries is to test, of the other half three
    fifths are to train and two fifths for validation, drawn by seed. The other fold exchanges the
    halves, so both folds together test every query.

    Args:
        queries: The rows, with their part where it is published.
        seed: Seed of the draw.
        fold: 0 or 1.

    Raises:
        ValueError: If there are too few queries.
    """
    if all(row["part"] for row in queries):
        found: Splits = {part: [r for r in queries if r["part"] == part] for part in SPLITS}
        if not found["test"]:
            found["test"], found["validation"] = found["validation"], []
        if not found["validation"] and found["train"]:
            drawn = sorted(found["train"], key=lambda row: seeded_digest(seed, row["query"]))
            size = max(1, len(drawn) // 5)
            found["validation"], found["train"] = drawn[:size], drawn[size:]
        if not found["validation"]:
            return _halved(found["test"], seed, fold)
        return found
    return _halved(queries, seed, fold)


def _halved(queries: Rows, seed: int, fold: int) -> Splits:
    if len(queries) < 6:
        raise ValueError(
            f"{counted(len(queries), 'query', 'has', 'have')} a relevant document, and at least 6 "
            f"are needed to cut "
            f"them into train, validation and test."
        )
    drawn = sorted(queries, key=lambda row: seeded_digest(seed, row["query"]))
    half = (len(drawn) + 1) // 2
    halves = [drawn[:half], drawn[half:]]
    test, rest = halves[fold], halves[1 - fold]
    trained = round(_TRAINED * len(rest))
    return {"train": rest[:trained], "validation": rest[trained:], "test": test}
