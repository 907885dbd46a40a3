"""Save gensim's ``KeyedVectors`` in any format."""

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors
from gensim.models.fasttext import FastTextKeyedVectors

from ..._whole import whole_file, whole_folder
from .._preparation import known_preparation
from ._collector import check_dtype
from ._dense import BLOCK_BYTES, bar
from ._detect import FILES, FOLDERS, TEXTS, check_format
from ._fasttext_writer import write_fasttext
from ._folder_writers import NumpyWriter, TensorWriter
from ._folders import TENSORS
from ._gensim import write_gensim
from ._kept_tokenizer import KeptTokenizer
from ._numpy import MATRIX
from ._writers import BinaryWriter, RowWriter, TextWriter

__all__ = ["save_vectors"]

_WITH_SUBWORDS = ("fasttext", "gensim")
_WITH_FLOAT16 = (*FOLDERS, "gensim")


def save_vectors(
    vectors: KeyedVectors,
    path: str | os.PathLike[str],
    format: str,
    *,
    dtype: str | None = None,
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
            large for the type, or the format cannot hold a word.
        OSError: If the files cannot be written, for example because the disk is full.
    """
    path = Path(path)
    check_format(format)
    number_type = check_target_dtype(format, dtype, vectors.vectors.dtype)
    remarks = warn_of_subwords(vectors, path, format)
    if format == "fasttext":
        write_fasttext(vectors, path)
    elif format == "gensim":
        write_gensim(vectors, path, number_type)
    else:
        with open_writer(path, format, number_type) as writer, bar(path, len(vectors)) as progress:
            writer.preparation = known_preparation(vectors)
            write_all(vectors, writer, progress.update)
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
    if dtype is not None and check_dtype(dtype) == np.float16 and format not in _WITH_FLOAT16:
        raise ValueError(
            f"The format {format} holds float32 only; float16 is for {', '.join(_WITH_FLOAT16)}."
        )
    half = (dtype or str(own)) == "float16" and format in _WITH_FLOAT16
    return np.dtype("float16" if half else "float32")


def warn_of_subwords(vectors: KeyedVectors, path: Path, format: str) -> list[str]:
    """Return a remark if the format would lose the vectors of n-grams."""
    has = isinstance(vectors, FastTextKeyedVectors) and vectors.bucket
    if not has or format in _WITH_SUBWORDS:
        return []
    return [
        f"{path}: the vectors of n-grams, which unseen words get theirs from, are left out; "
        f"{' and '.join(_WITH_SUBWORDS)} keep them."
    ]


@contextmanager
def open_writer(
    path: Path,
    format: str,
    dtype: np.dtype,
    strict: bool = True,
    kept: KeptTokenizer | None = None,
) -> Iterator[RowWriter]:
    """Open a writer of a format of rows, and end it after a block without errors.

    Args:
        path: The file or folder.
        format: The format.
        dtype: Type of the numbers.
        strict: Whether a word that the format cannot hold is an error.
        kept: For formats with a tokenizer: the tokenizer to keep.
    """
    if format in FILES:
        with whole_file(path) as file:
            writer: RowWriter
            if format in TEXTS:
                writer = TextWriter(path, file, dtype, strict, header=format == "word2vec")
            else:
                writer = BinaryWriter(path, file, dtype, strict)
            yield writer
            writer.end()
        return
    with whole_folder(path) as folder:
        if format == "numpy":
            with (folder / MATRIX).open("w+b") as file:
                writer = NumpyWriter(path, folder, file, dtype, strict)
                yield writer
                writer.end()
        else:
            with (folder / TENSORS).open("w+b") as file:
                writer = TensorWriter(path, folder, file, format, dtype, strict, kept)
                yield writer
                writer.end()


def write_all(vectors: KeyedVectors, writer: RowWriter, update: Callable[[int], object]) -> None:
    """Give all rows to a writer, and call ``update`` with the number of rows of each block."""
    writer.begin(len(vectors), vectors.vector_size)
    words = list(map(str, vectors.index_to_key))
    step = max(1, BLOCK_BYTES // (4 * max(1, vectors.vector_size)))
    for start in range(0, len(words), step):
        part = words[start : start + step]
        writer.write(part, vectors.vectors[start : start + step])
        update(len(part))
