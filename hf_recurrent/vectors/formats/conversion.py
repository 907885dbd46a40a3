"""Convert between any two formats, block by block if both are made of rows."""

import os
import warnings
from pathlib import Path

import numpy as np

from ._collector import RowCollector
from ._detect import TOKENIZED, check_format, find_format
from ._folders import CONFIG, TOKENIZER, folder_of_parts, layer_kind
from ._kept_tokenizer import KeptTokenizer
from ._tokens import read_json
from ._wanted import Words, wanted_words
from ._writers import RowWriter
from .readers import check_limit, load_vectors, read_rows
from .writers import check_target_dtype, open_writer, save_vectors

__all__ = ["convert_vectors"]

_WHOLE = ("fasttext", "gensim")


class RowPipe(RowCollector):
    """Pass rows to a writer; only the words stay in memory."""

    def __init__(
        self,
        path: Path,
        writer: RowWriter,
        limit: int | None,
        strict: bool,
        vocabulary: frozenset[str] | None,
    ) -> None:
        super().__init__(path, limit, strict, vocabulary)
        self.writer = writer

    def begin(self, capacity: int, dimension: int, promised: int | None = None) -> None:
        """Begin the target with the most probable number of rows."""
        count = capacity if promised is None else min(capacity, promised)
        self.writer.begin(min(count, self.limit), dimension)

    def store(self, words: list[str], values: np.ndarray) -> None:
        """Write rows."""
        self.writer.write(words, values)


def convert_vectors(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    target_format: str,
    *,
    source_format: str = "auto",
    limit: int | None = None,
    strict: bool = True,
    vocabulary: Words | None = None,
    dtype: str | None = None,
    allow_pickle: bool = False,
) -> int:
    """Convert a file or folder of word vectors, whole or not at all.

    Only the words and a block of rows are in memory. "fasttext" and "gensim", on either side, are
    held in memory as a whole; between these two the vectors of n-grams are kept. Between formats
    with a tokenizer, the tokenizer is kept with all its tokens, unless words are left out.

    Args:
        source: The file or folder.
        target: The file or folder to make.
        target_format: Its format, as in ``save_vectors``.
        source_format: As in ``load_vectors``.
        limit: Most words to keep, from the top.
        strict: Whether a bad row of the source, or a word that the target cannot hold, is an error.
            If not, they are left out, and a warning counts them.
        vocabulary: Words to keep, or a text file with one word per line.
        dtype: "float32" or "float16"; None means float32.
        allow_pickle: As in ``load_vectors``.

    Returns:
        The number of rows written, with the special tokens of a tokenizer that is kept.

    Raises:
        ValueError: As for ``load_vectors`` and ``save_vectors``, or if source and target are the
            same.
        OSError: If the source cannot be read or the target cannot be written.
    """
    source, target = Path(source), Path(target)
    check_format(target_format)
    check_limit(limit)
    number_type = check_target_dtype(target_format, dtype, "float32")
    source_format = find_format(source, source_format)
    if target.exists() and source.samefile(target):
        raise ValueError(f"{target}: source and target are the same; name another target.")
    wanted = wanted_words(vocabulary)
    remarks: list[str] = []
    if source_format in _WHOLE or target_format in _WHOLE:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            vectors = load_vectors(
                source,
                source_format,
                limit,
                strict,
                vocabulary=wanted,
                dtype=number_type.name,
                allow_pickle=allow_pickle,
            )
            save_vectors(vectors, target, target_format)
        remarks += [str(warning.message) for warning in caught]
        count = len(vectors)
    else:
        whole = limit is None and wanted is None
        kept = kept_tokenizer(source, source_format, target_format) if whole else None
        with open_writer(target, target_format, number_type, strict, kept) as writer:
            rows = RowPipe(source, writer, limit, strict, wanted)
            read_rows(source, source_format, rows, all_tokens=kept is not None)
            rows.end()
            writer.preparation = rows.preparation
        remarks += rows.remarks + writer.remarks
        count = len(writer.words)
    for remark in remarks:
        warnings.warn(remark, stacklevel=2)
    return count


def kept_tokenizer(source: Path, source_format: str, target_format: str) -> KeptTokenizer | None:
    """Return the source's tokenizer if both formats have one and its tokens are rows."""
    if source_format not in TOKENIZED or target_format not in TOKENIZED:
        return None
    compressed = source_format == "static-embedding" and layer_kind(read_json(source / CONFIG))
    place = folder_of_parts(source, source_format)
    return None if compressed else KeptTokenizer(place / TOKENIZER)
