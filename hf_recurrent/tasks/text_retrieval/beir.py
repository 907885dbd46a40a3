"""Collections in the form of BEIR: ``corpus.jsonl``, ``queries.jsonl`` and ``qrels/*.tsv``."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...data.cells import text_cell
from ...data.encodings import decode_text
from ...data.rows import Splits
from ...data.sources import HubSource, load_hub_parts
from ...data.tables import PARTS, part_of_file
from .collection import Judgements, add_judgement, to_splits

_CORPUS, _QUERIES = "corpus", "queries"
_HEAD = ("query-id", "corpus-id", "score")


def read_beir(folder: Path) -> Splits:
    """Read a collection from a folder.

    Its judgements are ``qrels/train.tsv``, ``qrels/dev.tsv`` and ``qrels/test.tsv``, those that
    there are, or a file ``qrels.tsv`` without parts. Files may be compressed.

    Raises:
        ValueError: If a file has a wrong form, an id is there twice, or a judged document or query
            is unknown; the message names file and line.
        OSError: If a file is missing or cannot be read.
    """
    corpus, queries = _file(folder, "corpus.jsonl"), _file(folder, "queries.jsonl")
    documents = _by_id(_records(corpus))
    asked = {key: " ".join(each).strip() for key, each in _by_id(_records(queries)).items()}
    judged: Judgements = {}
    parts: dict[str, str] = {}
    files = sorted((folder / "qrels").glob("*.tsv*"))
    for path in files or [_file(folder, "qrels.tsv")]:
        part = part_of_file(path.name)
        for where, cells in _lines(path):
            _add(judged, parts, cells, part, where)
    if set(parts.values()) == {"train"}:
        parts = {}
    return to_splits(documents, asked, judged, str(folder / "qrels"), parts)


def load_beir(hub: HubSource) -> Splits:
    """Load a collection of the Hub.

    Documents and queries are the configurations "corpus" and "queries"; judgements are those of the
    default configuration, or of the data set whose name ends in "-qrels".

    Raises:
        ValueError: As for ``read_beir``.
        OSError: If it cannot be loaded.
    """
    documents = _by_id(_hub_records(replace(hub, config=_CORPUS)))
    asked = {
        key: " ".join(each).strip()
        for key, each in _by_id(_hub_records(replace(hub, config=_QUERIES))).items()
    }
    try:
        loaded = load_hub_parts(replace(hub, id=f"{hub.id}-qrels"))
    except OSError:
        loaded = load_hub_parts(replace(hub, config="default"))
    judged: Judgements = {}
    parts: dict[str, str] = {}
    for name, rows in loaded.items():
        where = f"'{hub.id}' of the Hub (part '{name}')"
        missing = next((column for column in _HEAD if column not in rows.column_names), None)
        if missing is not None:
            raise ValueError(f"{where} has no column '{missing}'.")
        columns = (rows[column][:] for column in _HEAD)
        for number, cells in enumerate(zip(*columns, strict=True), 1):
            place = f"{where}, row {number}"
            _add(judged, parts, [str(cell) for cell in cells], PARTS.get(name), place)
    return to_splits(documents, asked, judged, f"'{hub.id}' of the Hub", parts)


def _file(folder: Path, name: str) -> Path:
    """Return a file of a folder, compressed or not."""
    found = next((path for path in (folder / name, folder / f"{name}.gz") if path.exists()), None)
    if found is None:
        raise FileNotFoundError(
            f"The folder {folder} has no {name}: expected corpus.jsonl, queries.jsonl and "
            f"qrels/test.tsv, the form of BEIR."
        )
    return found


def _records(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the objects of a file of JSON lines, each with its place."""
    for number, line in enumerate(decode_text(path.read_bytes(), path)[0].split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise ValueError(f"{path}, line {number}: no JSON object ({error}).") from None
        if not isinstance(record, dict):
            raise ValueError(f"{path}, line {number}: {record!r:.40} is no JSON object.")
        yield f"{path}, line {number}", record


def _hub_records(hub: HubSource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for part, rows in load_hub_parts(hub).items():
        for number, record in enumerate(rows, 1):
            yield f"'{hub.id}' of the Hub (part '{part}'), row {number}", record


def _by_id(records: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, tuple[str, str]]:
    """Return title and text by id."""
    found: dict[str, tuple[str, str]] = {}
    for where, record in records:
        key = record.get("_id", record.get("id"))
        if key is None or "text" not in record:
            raise ValueError(f"{where}: expected '_id' and 'text', and perhaps 'title'.")
        if str(key) in found:
            raise ValueError(f"{where}: the id '{key}' is there twice.")
        try:
            texts = [text_cell(record.get(name)) for name in ("title", "text")]
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from None
        found[str(key)] = texts[0].strip(), texts[1].strip()
    return found


def _lines(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the cells of each line of judgements, without the head."""
    for number, line in enumerate(decode_text(path.read_bytes(), path)[0].split("\n"), 1):
        cells = line.rstrip("\r").split("\t")
        if line.strip() and not (number == 1 and cells[0] == _HEAD[0]):
            yield f"{path}, line {number}", cells


def _add(
    judged: Judgements, parts: dict[str, str], cells: list[str], part: str | None, where: str
) -> None:
    """Add a judgement: query, document and grade; or also TREC's second column, which is unused."""
    try:
        if len(cells) not in (3, 4):
            raise ValueError
        value = float(cells[-1])
    except ValueError:
        raise ValueError(
            f"{where}: expected a query, a document and a grade, parted by tabs."
        ) from None
    query, document = cells[0], cells[-2]
    if part is not None and parts.setdefault(query, part) != part:
        raise ValueError(f"{where}: the query '{query}' is in the parts {parts[query]} and {part}.")
    add_judgement(judged, query, document, value, where)
