"""Files of lines that begin with their label: fastText's form, and that of TREC and SentEval."""

import warnings
from pathlib import Path

from .encodings import decode_text
from .rows import Rows

__all__ = ["has_fasttext_labels", "read_label_lines"]

PREFIX = "__label__"


def has_fasttext_labels(path: Path) -> bool:
    """Check whether the first line of a file that is not blank begins as fastText's labels do."""
    try:
        text, _ = decode_text(path.read_bytes(), path.name)
    except ValueError:
        return False
    return text.lstrip().startswith(PREFIX)


def read_label_lines(path: Path, text_column: str, label_column: str) -> Rows:
    """Read the lines ``label text`` of a file; blank lines are left out.

    The label ends at the first space or tab. In a file whose first line begins with ``__label__``
    every line must, and the prefix is left out of the label's name.

    Args:
        path: The file, in any encoding and packing that ``decode_text`` reads.
        text_column: Column of the rows for the texts.
        label_column: Column of the rows for the labels.

    Raises:
        ValueError: If the file is no text, or a line of fastText's form has no label or several.
        OSError: If the file cannot be read.
    """
    text, note = decode_text(path.read_bytes(), path.name)
    if note is not None:
        warnings.warn(note, stacklevel=3)
    is_fasttext = text.lstrip().startswith(PREFIX)
    rows: Rows = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        label, *rest = line.strip().split(maxsplit=1)
        content = rest[0] if rest else ""
        if is_fasttext:
            name = label.removeprefix(PREFIX)
            several = content.startswith(PREFIX)
            if name in (label, "") or several:
                found = "several labels" if several else repr(label[:40])
                raise ValueError(
                    f"{path}, line {number}: expected one label '{PREFIX}name' and a text, and "
                    f"found {found}."
                )
            label = name
        rows.append({text_column: content, label_column: label})
    return rows
