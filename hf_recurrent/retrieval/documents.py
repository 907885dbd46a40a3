"""Documents to search: the text files of a folder, a table, or a data set of the Hub."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .._streams import clean_text
from .._wording import counted
from ..data.cells import text_cell
from ..data.encodings import decode_text
from ..data.sources import HubSource, is_hub_id, load_hub_rows
from ..data.tables import SUFFIXES, TableColumn, read_files

# Ends of the names of files that are read as one document each.
TEXT_ENDS = (".txt", ".md", ".rst", ".text", ".html", ".tex")


@dataclass(frozen=True)
class Document:
    """A document.

    Attributes:
        id: The path of its file within the folder, or the value of the column of ids, or its row.
        text: Its text.
    """

    id: str
    text: str

    @property
    def digest(self) -> str:
        """A digest of the text, by which a changed document is known."""
        return hashlib.sha256(self.text.encode("utf-8", "replace")).hexdigest()[:16]


def read_documents(
    source: str, text_column: str | None = None, id_column: str | None = None
) -> list[Document]:
    """Return the documents of a source.

    Args:
        source: A folder of text files, of which each is a document, sub-folders included; a text
            file, a document a line; a CSV, TSV, JSON, JSON Lines or Parquet file; or a data set of
            the Hub, ``owner/name``.
        text_column: Column of the texts in tables and on the Hub, "text" by default.
        id_column: Column of the ids there; by default the number of the row.

    Raises:
        ValueError: If the source has no documents or a wrong form, or an id is there twice.
        OSError: If it cannot be read.
    """
    path = Path(source)
    if path.is_dir() and (text_column or id_column):
        raise ValueError(f"'{source}' is a folder of texts, which has no columns.")
    if path.is_dir():
        found = list(_files(path))
    elif path.exists() and not _is_table(path):
        # Lines as editors count them: ``splitlines`` also ends one at a form feed and others.
        lines = [*io.StringIO(decode_text(path.read_bytes(), path)[0], newline=None)]
        found = [
            Document(str(n), line.removesuffix("\n"))
            for n, line in enumerate(lines, 1)
            if line.strip()
        ]
    elif path.exists() or is_hub_id(source):
        columns = {"text": TableColumn(text_column or "text", "text_column", text_cell)}
        if id_column is not None:
            columns["id"] = TableColumn(id_column, "id_column", text_cell)
        if path.exists():
            loaded = read_files(path, columns)
        else:
            loaded = load_hub_rows(HubSource(source, columns))
        rows = [row for part in loaded.splits.values() for row in part]
        found = [Document(row.get("id") or str(n), row["text"]) for n, row in enumerate(rows, 1)]
    else:
        raise FileNotFoundError(
            f"'{source}' is neither a folder nor a file here, nor a data set of the Hub."
        )
    _check(found, source)
    return found


def _is_table(path: Path) -> bool:
    return path.name.lower().removesuffix(".gz").endswith(SUFFIXES)


def _files(folder: Path) -> Iterator[Document]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in name.split("/"))
        if path.is_file() and not hidden and path.name.lower().endswith(TEXT_ENDS):
            yield Document(clean_text(name), decode_text(path.read_bytes(), path)[0])


def _check(found: list[Document], source: str) -> None:
    if not any(each.text.strip() for each in found):
        what = f"{counted(len(found), 'document')}, all of them empty" if found else "no documents"
        raise ValueError(
            f"'{source}' has {what}: expected a table, or files that end in {', '.join(TEXT_ENDS)}."
        )
    seen: set[str] = set()
    for number, each in enumerate(found, 1):
        if each.id in seen:
            raise ValueError(
                f"'{source}': the id '{each.id}' of document {number} is that of an earlier one."
            )
        seen.add(each.id)
