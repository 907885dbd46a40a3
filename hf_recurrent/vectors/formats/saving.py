"""Save gensim's ``KeyedVectors`` in any format."""

import os
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors
from gensim.models.fasttext import FastTextKeyedVectors

from ...models.publishable import is_marked
from .._preparation import known_preparation
from ._row_writer import RowWriter, open_writer
from ._rows import BLOCK_BYTES, check_dtype, progress_bar
from .table import FORMATS, check_format


def save_vectors(
    vectors: KeyedVectors, path: str | os.PathLike[str], format: str, *, dtype: str | None = None
) -> None:
    """Save word vectors, whole or not at all: after an error the old files are still there.

    Text has as few digits as are needed to read back exactly the same numbers. The formats with a
    tokenizer get that of ``tokenizer_from_vectors``; the rows of the tokens that it adds are zeros.
    One warning counts the words that it never makes of any text. A folder that exists already keeps
    its other files.

    Args:
        vectors: The vectors. "fasttext" and "gensim" keep the vectors of n-grams
            (``FastTextKeyedVectors``); the others leave them out with a warning.
        path: The file or folder.
        format: As in ``load_vectors``, except "auto". "gensim" is a pickle, which ``load_vectors``
            reads only with ``allow_pickle``.
        dtype: "float32" or "float16"; None for the type of the vectors. Text, word2vec's binary
            form and fastText's are always float32.

    Raises:
        ValueError: If an argument is wrong, there are no vectors, a number is NaN, infinity or too
            large for the type, the format cannot hold a word, or the vectors were made of data
            that may not be passed on and it cannot say so.
        OSError: If the files cannot be written, for example because the disk is full.
    """
    path = Path(path)
    check_format(format)
    number_type = check_target_dtype(format, dtype, vectors.vectors.dtype)
    marked = is_marked(vectors)
    check_keeps_mark(path, format, marked)
    remarks = []
    if not FORMATS[format].in_rows:
        FORMATS[format].code.write(vectors, path, number_type)
    else:
        if isinstance(vectors, FastTextKeyedVectors) and vectors.bucket:
            keepers = " and ".join(name for name, other in FORMATS.items() if not other.in_rows)
            remarks.append(
                f"{path}: the vectors of n-grams, which unseen words get theirs from, are left "
                f"out; {keepers} keep them."
            )
        with (
            open_writer(path, format, number_type) as writer,
            progress_bar(path, len(vectors), " rows") as bar,
        ):
            writer.preparation, writer.marked = known_preparation(vectors), marked
            _write_all(vectors, writer, bar.update)
        remarks += writer.remarks
    for remark in remarks:
        warnings.warn(remark, stacklevel=2)


def check_target_dtype(format: str, dtype: str | None, own: np.dtype | str) -> np.dtype:
    """Return the type that numbers are saved in.

    Args:
        format: The format.
        dtype: The type that the user asks for; None for the vectors' own type.
        own: The vectors' own type.

    Raises:
        ValueError: If the format does not have it.
    """
    has_half = FORMATS[format].has_float16
    if dtype is not None and check_dtype(dtype) == np.float16 and not has_half:
        names = ", ".join(name for name, other in FORMATS.items() if other.has_float16)
        raise ValueError(f"The format {format} holds float32 only; float16 is for {names}.")
    return np.dtype("float16" if has_half and (dtype or str(own)) == "float16" else "float32")


def check_keeps_mark(path: Path, format: str, marked: bool) -> None:
    """Check that vectors of data that may not be passed on do not lose their mark.

    Args:
        path: The target, for the message.
        format: Its format.
        marked: Whether they have the mark.

    Raises:
        ValueError: If the format has no place for it.
    """
    if marked and not FORMATS[format].keeps_mark:
        names = ", ".join(name for name, other in FORMATS.items() if other.keeps_mark)
        raise ValueError(
            f"{path}: the vectors were made of data that may not be passed on, and the format "
            f"{format} has no place for this mark; expected one of {names}."
        )


def _write_all(vectors: KeyedVectors, writer: RowWriter, update: Callable[[int], object]) -> None:
    """Give all rows to a writer, and call ``update`` with the number of rows of each block."""
    writer.begin(len(vectors), vectors.vector_size)
    words = list(map(str, vectors.index_to_key))
    step = max(1, BLOCK_BYTES // (4 * max(1, vectors.vector_size)))
    for start in range(0, len(words), step):
        part = words[start : start + step]
        writer.write(part, vectors.vectors[start : start + step])
        update(len(part))
