"""The word vectors that a verb takes: a name, or a file or folder in any format."""

import argparse
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...vectors.formats.table import PACKAGES


def add_vectors(parser: argparse.ArgumentParser) -> None:
    """Add the argument VECTORS and the options for reading them."""
    parser.add_argument(
        "vectors",
        metavar="VECTORS",
        help=f"{', '.join(PACKAGES)}, or a file or folder in any format",
    )
    parser.add_argument("--limit", metavar="N", type=int, help="read the first N words only")
    parser.add_argument(
        "--allow-pickle",
        action="store_true",
        help="read gensim's own format, which runs whatever code its author put into it",
    )


def read_vectors(source: str, limit: int | None = None, allow_pickle: bool = False) -> Any:
    """Read word vectors; compressed ones stay compressed. Warnings go to standard error.

    Args:
        source: A path, or one of ``PACKAGES`` if no file or folder has that name.
        limit: Most words to read, from the first on.
        allow_pickle: Whether gensim's own format may be read.

    Raises:
        ValueError: If the file is damaged.
        OSError: If it cannot be read.
    """
    if Path(source).is_dir():  # of a model; for plain files nothing of models is imported
        from ...vectors.compression import CompressedKeyedVectors, is_compressed

        if is_compressed(source):
            return CompressedKeyedVectors.load(source, limit)

    from ...vectors import load_vectors

    with warnings_as_notes():
        return load_vectors(source, limit=limit, allow_pickle=allow_pickle)


def read_sentences(path: str | Path) -> list[str]:
    """Return the lines of a text file that are not empty, each a sentence.

    Raises:
        ValueError: If the file is not text, or has no words.
        OSError: If it cannot be read.
    """
    from ...data.encodings import decode_text

    place = Path(path)
    text = decode_text(place.read_bytes(), place)[0]
    sentences = [line.strip() for line in text.splitlines() if line.strip()]
    if not sentences:
        raise ValueError(f"{path}: the file has no sentences, expected one a line.")
    return sentences


@contextmanager
def warnings_as_notes() -> Iterator[None]:
    """Print each warning of a block as one line on standard error, the same one once."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield
    notes = [str(note.message) for note in caught if issubclass(note.category, UserWarning)]
    for note in dict.fromkeys(notes):
        print(f"hf-recurrent: {note}", file=sys.stderr)
