"""Convert between any two formats, block by block if both are made of rows."""

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...models.publishable import is_marked_folder
from ._recorded import recorded_preparation
from ._row_writer import RowWriter, open_writer
from ._rows import RowCollector
from ._token_folders import CONFIG, folder_of_parts, layer_kind
from ._tokens import TOKENIZER, read_json
from ._wanted import Words, wanted_words
from .detection import find_source
from .loading import check_limit, load_vectors
from .saving import check_keeps_mark, check_target_dtype, save_vectors
from .table import FORMATS, check_format

if TYPE_CHECKING:
    from ._tokenizer_files import KeptTokenizer


class RowPipe(RowCollector):
    """Pass rows to a writer; only the words stay in memory."""

    def __init__(self, writer: RowWriter, *arguments: Any) -> None:
        super().__init__(*arguments)
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
        source: The file or folder, or a name, as in ``load_vectors``.
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
    target = Path(target)
    check_format(target_format)
    check_limit(limit)
    number_type = check_target_dtype(target_format, dtype, "float32")
    target_kind = FORMATS[target_format]
    path, kind = find_source(source, source_format)
    if target.exists() and path.exists() and path.samefile(target):
        raise ValueError(f"{target}: source and target are the same; name another target.")
    wanted = wanted_words(vocabulary)
    remarks: list[str] = []
    if not (kind.in_rows and target_kind.in_rows):
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
        keeps = kind.has_tokenizer and target_kind.has_tokenizer
        whole = limit is None and wanted is None
        marked = is_marked_folder(path)
        check_keeps_mark(target, target_format, marked)
        kept = _kept_tokenizer(path, kind.name) if keeps and whole else None
        with open_writer(target, target_format, number_type, strict, kept) as writer:
            rows = RowPipe(writer, path, limit, strict, wanted)
            options = {"all_tokens": True} if kept else {}
            kind.code.read(path, kind.name, rows, **options)
            rows.end()
            writer.preparation = rows.preparation or recorded_preparation(path)
            writer.marked = marked
        remarks += rows.remarks + writer.remarks
        count = len(writer.words)
    for remark in remarks:
        warnings.warn(remark, stacklevel=2)
    return count


def _kept_tokenizer(folder: Path, format: str) -> "KeptTokenizer | None":
    """Return the tokenizer of a folder if its tokens are rows, None for a compressed model."""
    from ._tokenizer_files import KeptTokenizer

    if format == "static-embedding" and layer_kind(read_json(folder / CONFIG)):
        return None
    return KeptTokenizer(folder_of_parts(folder, format) / TOKENIZER)
