"""Saves gensim's KeyedVectors in any of the formats."""

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
    """Saves word vectors, whole or not at all: a fault leaves what stood there before.

    Text has as few digits as give back the very numbers. The formats with a tokenizer get that of
    `tokenizer_from_vectors`; the rows of the tokens that it adds are zeros. One warning counts the
    words that no text can reach through it. A folder that is there already keeps its other files.

    Args:
        vectors: The vectors. Those of unseen words (`FastTextKeyedVectors`) are kept by "fasttext"
            and "gensim", and left out by the others with a warning.
        path: The file, or the folder.
        format: As in `load_vectors`, but for "auto". "gensim" is a pickle, which `load_vectors`
            reads only where it is allowed.
        dtype: "float32" or "float16", None for that of the vectors. Text, word2vec's binary form
            and fastText's are float32 always.

    Raises:
        ValueError: If an argument is wrong, there are no vectors, a number is NaN, infinity or too
            large for the type, or a word cannot be held by the format.
        OSError: If it cannot be written, as when the disk is full.
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
    """Gives the type that numbers are saved in.

    Args:
        format: The format.
        dtype: What the user asks for, None for the vectors' own type.
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
    """Gives a remark where the vectors of unseen words would be lost."""
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
    """Opens a writer of a format of rows; it is ended where the block ends well.

    Args:
        path: The file or folder.
        format: The format.
        dtype: Type of the numbers.
        strict: Whether a word that the format cannot hold ends the writing.
        kept: For formats with a tokenizer, one that is kept.
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
    """Hands all rows to a writer and says after each block how many they were."""
    writer.begin(len(vectors), vectors.vector_size)
    words = list(map(str, vectors.index_to_key))
    step = max(1, BLOCK_BYTES // (4 * max(1, vectors.vector_size)))
    for start in range(0, len(words), step):
        part = words[start : start + step]
        writer.write(part, vectors.vectors[start : start + step])
        update(len(part))
