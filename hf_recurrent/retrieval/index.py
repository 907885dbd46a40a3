"""An index of documents on disk: their vectors, ready to search, and what they are."""

import json
import mmap
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from .._extras import require
from .._whole import whole_folder
from .._wording import check_least, counted
from .documents import Document
from .text_encoder import TextEncoder

SETTINGS, VECTORS, DOCUMENTS = "index.json", "vectors.usearch", "documents.jsonl"
OFFSETS = "offsets.npy"
_FORM = 1
# What an index says about itself, and the type of each value.
_KINDS = {"form": int, "encoder": str, "digest": str, "width": int, "documents": int}
_AT_ONCE = 256
_SHOWN = 300
# Below this number of documents an exact search takes a few milliseconds.
_EXACT_BELOW = 20_000
_GONE = -1


@dataclass(frozen=True)
class Hit:
    """A document that was found.

    Attributes:
        id: Its id.
        score: The cosine of its vector and the query's.
        text: The beginning of its text.
    """

    id: str
    score: float
    text: str


@dataclass(frozen=True)
class Change:
    """What an update changed, as numbers of documents; empty ones are never found."""

    added: int
    changed: int
    removed: int
    kept: int
    empty: int

    def __str__(self) -> str:
        told = f"{self.added:,} added, {self.changed:,} changed, {self.removed:,} removed, "
        told += f"{self.kept:,} as before"
        return told + (f", {counted(self.empty, 'document')} without words" if self.empty else "")


class SearchIndex:
    """An index on disk, memory-mapped, with the encoder that made it.

    Args:
        folder: The folder of the index.
        encoder: The encoder; by default the one that the index names.
        trust_remote_code: Whether code in the encoder's folder may run.

    Raises:
        FileNotFoundError: If there is no index.
        ValueError: If the index is damaged, or was made by another encoder.
        OSError: If the encoder cannot be loaded.
        ImportError: If usearch is not installed.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        encoder: TextEncoder | None = None,
        trust_remote_code: bool = False,
    ) -> None:
        self.folder = folder = Path(folder)
        self.settings = read_settings(folder)
        self.encoder = encoder or _own_encoder(folder, self.settings["encoder"], trust_remote_code)
        check_encoder(folder, self.settings, self.encoder)
        self._index = _open_vectors(folder, self.settings, view=True)
        # Both stay those of this index when another process replaces the folder.
        self._documents, self._offsets = _open_documents(folder)

    def __len__(self) -> int:
        return len(self._index)

    def search(self, query: str, size: int = 10) -> list[Hit]:
        """Return the documents whose vectors are nearest to the query's, the nearest first.

        Args:
            query: The query.
            size: The largest number of documents.

        Raises:
            ValueError: If the query has no word that the encoder knows.
        """
        check_least(1, size=size)
        if not query.strip():
            raise ValueError("The query is empty.")
        if not self.encoder.knows(query):
            raise ValueError(
                f"The encoder '{self.encoder.source}' knows no word of the query '{query}', so "
                f"nothing can be found by it."
            )
        (vector,) = self.encoder.encode([query], queries=True)
        found = self._index.search(vector, min(size, len(self)), exact=len(self) < _EXACT_BELOW)
        return [
            self._hit(int(key), 1 - float(distance))
            for key, distance in zip(found.keys, found.distances, strict=True)
        ]

    def _hit(self, key: int, score: float) -> Hit:
        self._documents.seek(int(self._offsets[key]))
        row = json.loads(self._documents.readline())
        return Hit(row["id"], score, row["text"])


def update_index(
    folder: str | os.PathLike[str],
    documents: Sequence[Document],
    source: str,
    encoder: TextEncoder,
    show_progress: bool | None = None,
) -> Change:
    """Bring an index up to date with the documents of a source; make it if there is none.

    Documents that did not change keep their vectors, those that the source no longer has are
    removed, and documents of other sources stay. The folder is written whole or not at all.

    Args:
        folder: The folder of the index.
        documents: All documents of the source.
        source: Its name.
        encoder: The encoder.
        show_progress: Whether to show a progress bar; ``None`` for terminals only.

    Raises:
        ValueError: If an id is there twice, the index was made by another encoder or is damaged,
            or the folder holds something else.
        OSError: If the folder cannot be written.
        ImportError: If usearch is not installed.
    """
    folder = Path(folder)
    wanted = {each.id: each for each in documents}
    if len(wanted) < len(documents):
        raise ValueError(f"'{source}' has two documents of the same id.")
    wanted = {key: each for key, each in wanted.items() if each.text.strip()}
    library = require("usearch.index", "retrieval", "An index of documents")
    rows: dict[int, dict[str, Any]] = {}
    index = library.Index(ndim=encoder.width, metric="cos", dtype="f32")
    if (folder / SETTINGS).exists():
        settings = read_settings(folder)
        check_encoder(folder, settings, encoder)
        rows = {row["key"]: row for row in _rows(folder)}
        index = _open_vectors(folder, settings, view=False)
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValueError(f"{folder} holds something else than an index: name another folder.")
    old = {row["id"]: row for row in rows.values() if row["source"] == source}
    same = {key for key, row in old.items() if key in wanted and _is_same(row, wanted[key])}
    gone = [row["key"] for key, row in old.items() if key not in same]
    new = [each for key, each in wanted.items() if key not in same]
    for key in gone:
        index.remove(key)
        del rows[key]
    first = max(rows, default=_GONE) + 1
    without = 0
    bar = tqdm(total=len(new), desc="Encoding", unit=" documents", disable=_hidden(show_progress))
    with bar:
        for start in range(0, len(new), _AT_ONCE):
            batch = new[start : start + _AT_ONCE]
            vectors = encoder.encode([each.text for each in batch])
            # An unknown word has a vector too, by which a document would be found at random.
            is_known = np.array([encoder.knows(each.text) for each in batch]) & vectors.any(axis=1)
            without += int((~is_known).sum())
            keys = np.arange(first + start, first + start + len(batch), dtype=np.uint64)
            if is_known.any():
                index.add(keys[is_known], vectors[is_known])
            for key, each in zip(keys.tolist(), batch, strict=True):
                rows[key] = _row(key, each, source)
            bar.update(len(batch))
    if not len(index):
        raise ValueError(f"'{source}': the encoder knows no word of any document.")
    _write(folder, index, rows, encoder)
    changed = len(set(old) & {each.id for each in new})
    return Change(
        added=len(new) - changed,
        changed=changed,
        removed=len(gone) - changed,
        kept=len(same),
        empty=without + len(documents) - len(wanted),
    )


def read_settings(folder: Path) -> dict[str, Any]:
    """Return what an index says about itself: encoder, its digest, width, number of documents.

    Raises:
        FileNotFoundError: If there is no index.
        ValueError: If it is damaged, or of a later version.
    """
    path = folder / SETTINGS
    if not path.is_file():
        raise FileNotFoundError(f"{folder} holds no index: make one by --add.")
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        known = {name: found[name] for name in _KINDS}
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is damaged.") from error
    if wrong := [name for name, kind in _KINDS.items() if not isinstance(known[name], kind)]:
        raise ValueError(f"{path} is damaged: its {wrong[0]} is {known[wrong[0]]!r:.60}.")
    if known["form"] != _FORM:
        raise ValueError(f"{path} has the form {known['form']}, and this version knows {_FORM}.")
    return known


def _own_encoder(folder: Path, source: str, trust_remote_code: bool = False) -> TextEncoder:
    """Load the encoder that an index names; raise ``OSError`` if it is gone."""
    try:
        return TextEncoder(source, trust_remote_code)
    except OSError as error:
        raise OSError(
            f"{str(error).removesuffix('.')}: the index {folder} names it; if it was moved, name "
            f"its new place by --model."
        ) from error


def check_encoder(folder: Path, settings: dict[str, Any], encoder: TextEncoder) -> None:
    """Check that an encoder is the one that made an index.

    Raises:
        ValueError: If it is another one.
    """
    made = f"The index {folder} was made by '{settings['encoder']}'"
    if settings["width"] != encoder.width:
        raise ValueError(
            f"{made} with vectors of {settings['width']} numbers, and those of '{encoder.source}' "
            f"have {encoder.width}: search with the first, or make another index."
        )
    if settings["digest"] != encoder.digest():
        other = (
            "whose weights or settings have changed since"
            if encoder.source == settings["encoder"]
            else f"and '{encoder.source}' has other weights or settings"
        )
        raise ValueError(f"{made}, {other}: make the index again, in another folder.")


def _is_same(row: dict[str, Any], document: Document) -> bool:
    return bool(row["digest"] == document.digest)


def _row(key: int, document: Document, source: str) -> dict[str, Any]:
    shown = " ".join(document.text.split())[:_SHOWN]
    told = {"key": key, "id": document.id, "source": source, "digest": document.digest}
    return {**told, "text": shown}


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    path = folder / DOCUMENTS
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                row["key"], row["id"], row["source"], row["digest"]
                yield row
    except (ValueError, KeyError, TypeError, FileNotFoundError) as error:
        raise ValueError(f"{path} is damaged or missing.") from error


def _open_documents(folder: Path) -> tuple[mmap.mmap, NDArray[np.int64]]:
    """Open the file of documents and the offsets of its lines, both memory-mapped."""
    try:
        offsets = np.load(folder / OFFSETS, mmap_mode="r")
        with (folder / DOCUMENTS).open("rb") as file:
            documents = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        is_whole = documents[-1:] == b"\n" and int(offsets.max()) < len(documents)
    except (OSError, ValueError, EOFError) as error:
        raise ValueError(f"{folder / DOCUMENTS} or {OFFSETS} is damaged or missing.") from error
    if not is_whole:
        raise ValueError(f"{folder / DOCUMENTS} is damaged, or does not fit {OFFSETS}.")
    return documents, offsets


def _open_vectors(folder: Path, settings: dict[str, Any], view: bool) -> Any:
    """Open the vectors, memory-mapped for a view, else in memory to be changed."""
    library = require("usearch.index", "retrieval", "Searching an index")
    path = folder / VECTORS
    damaged = f"{path} is damaged or missing, or does not fit {SETTINGS}."
    try:
        index = library.Index.restore(str(path), view=view)
    except (OSError, ValueError, RuntimeError) as error:
        raise ValueError(damaged) from error
    if index is None or index.ndim != settings["width"] or len(index) > settings["documents"]:
        raise ValueError(damaged)
    return index


def _write(folder: Path, index: Any, rows: dict[int, dict[str, Any]], encoder: TextEncoder) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    place = Path(encoder.source)
    settings = {
        "form": _FORM,
        # A relative folder would be another one from elsewhere.
        "encoder": str(place.absolute()) if place.is_dir() else encoder.source,
        "digest": encoder.digest(),
        "width": encoder.width,
        "documents": len(rows),
    }
    offsets = np.full(max(rows) + 1, _GONE, np.int64)
    with whole_folder(folder, replace=True) as staged:
        index.save(str(staged / VECTORS))
        with (staged / DOCUMENTS).open("wb") as file:
            for key in sorted(rows):
                offsets[key] = file.tell()
                file.write(json.dumps(rows[key], ensure_ascii=False).encode() + b"\n")
        np.save(staged / OFFSETS, offsets)
        text = json.dumps(settings, ensure_ascii=False, indent=1)
        (staged / SETTINGS).write_text(f"{text}\n", encoding="utf-8")


def _hidden(show_progress: bool | None) -> bool | None:
    return None if show_progress is None else not show_progress
