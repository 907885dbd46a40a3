"""Files of texts and labels are read; rows are compared as pairs."""

from pathlib import Path
from typing import Any

from hf_recurrent.data.cells import class_cell, text_cell
from hf_recurrent.data.tables import TableColumn, read_files


def read_pairs(path: Path, text: str, label: str, label_lines: bool = False) -> tuple[Any, Any]:
    """Return the pairs of each part, and the names of the labels where they are stated."""
    columns = {
        "note": TableColumn(text, "text_column", text_cell),
        "kind": TableColumn(label, "label_column", class_cell),
    }
    loaded = read_files(path, columns, label_lines)
    for rows in loaded.splits.values():
        assert all(list(row) == ["note", "kind"] for row in rows)
    pairs = {part: [tuple(row.values()) for row in rows] for part, rows in loaded.splits.items()}
    return pairs, loaded.names.get("kind")
