"""Files with a label at the start of each line, as for fastText, TREC and SentEval."""

import warnings
from pathlib import Path

from .encodings import decode_text
from .rows import Rows

PREFIX = "__label__"


def has_fasttext_labels(path: Path) -> bool:
    """Check whether the first non-blank line of a file begins with a label of fastText."""
    try:
        text, _ = decode_text(path.read_bytes(), path.name)
    except ValueError:
        return False
    return text.lstrip().startswith(PREFIX)


def read_label_lines(path: Path, text_column: str, label_column: str) -> Rows:
    """Read the lines ``label text`` of a file; blank lines are skipped.

    The label ends at the first space or tab. If the first line begins with ``__label__``, every
    line must, and the prefix is not part of the label's name.

    Args:
        path: The file, in any encoding and compression that ``decode_text`` can read.
        text_column: Column of the rows for the texts.
        label_column: Column of the rows for the labels.

    Raises:
        ValueError: If the file is not text, or a line in fastText's form has no label or several.
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
