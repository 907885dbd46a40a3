"""Reads files of word vectors into gensim's KeyedVectors."""

import os
from pathlib import Path

from gensim.models import KeyedVectors

from ._binary import read_binary
from ._layout import find_layout
from ._text import read_text

__all__ = ["load_vectors"]


def load_vectors(
    path: str | os.PathLike[str],
    format: str = "auto",
    limit: int | None = None,
    strict: bool = True,
) -> KeyedVectors:
    r"""Reads GloVe text, word2vec text or word2vec binary, with every row checked.

    Words are UTF-8. Bytes of a word that are not UTF-8 are kept as escapes (`\xe9`), so that the
    word stays readable and unlike any other. Of rows with the same word the first is kept, and one
    warning counts the others. A word of a text file may hold spaces, and the numbers are rounded to
    float32 as gensim rounds them. Empty lines are passed over. A text that has no header and ends
    in the middle of its last number cannot be told from a whole one.

    Args:
        path: The file.
        format: "glove" (text without a header), "word2vec" (text with one), "word2vec-binary", or
            "auto" to tell by the content.
        limit: Number of words to read at most, from the top of the file; the rest is not read.
        strict: Whether a bad row, or a header that promises another number of rows than the file
            holds, is an error. Otherwise bad rows are dropped, and one warning counts them.

    Returns:
        The vectors, float32, in the order of the file.

    Raises:
        ValueError: If the file is empty, compressed or not in the format, if its header cannot be
            true, or, where `strict`, if a row has the wrong width, NaN or infinity, or the file is
            cut off. The sentence names the file, and the line (in a binary file the number of the
            vector) and its word.
        OSError: If the file cannot be read.
    """
    path = Path(path)
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be at least 1 or None, not {limit}.")
    layout = find_layout(path, format)
    read = read_binary if layout.format == "word2vec-binary" else read_text
    return read(path, layout, limit, strict)
