"""Reads files of word vectors into gensim's KeyedVectors."""

import os
import warnings
from pathlib import Path

from gensim.models import KeyedVectors

from .._preparation import keep_preparation
from ._binary import read_binary
from ._builder import VectorBuilder
from ._collector import ChosenRows, RowCollector, check_dtype
from ._detect import TOKENIZED, find_format
from ._fasttext import read_fasttext
from ._folders import read_folder
from ._gensim import read_gensim, refuse_pickle
from ._layout import find_layout
from ._numpy import read_numpy
from ._recorded import recorded_preparation
from ._text import read_text
from ._wanted import Words, wanted_words

__all__ = ["load_vectors"]


def load_vectors(
    path: str | os.PathLike[str],
    format: str = "auto",
    limit: int | None = None,
    strict: bool = True,
    *,
    vocabulary: Words | None = None,
    dtype: str = "float32",
    allow_pickle: bool = False,
) -> KeyedVectors:
    r"""Reads word vectors from a file or folder, with every row checked.

    Words are UTF-8. Bytes of a word that are not UTF-8 are kept as escapes (`\xe9`), so that the
    word stays readable and unlike any other; they are saved as these escapes. Of rows with the same
    word the first is kept, and one warning counts the others. A word of a text file may hold
    spaces, and, where a header tells how many numbers follow, end in a number. Columns padded with
    spaces or tabs are read as columns; other separators are refused. The numbers are rounded to
    float32 as gensim rounds them. Empty lines are passed over. A text that has no header and ends
    in the middle of its last number cannot be told from a whole one.

    Formats:
        - "glove": text without a header.
        - "word2vec": text with one; also fastText's `.vec`.
        - "word2vec-binary": the binary form of the C program. It has no place for words with
          spaces; files that hold them all the same are refused by the row that shows it, or read
          with a warning.
        - "fasttext": fastText's `.bin`, with the vectors of n-grams, for unseen words. Models of
          the supervised kind and quantised ones are refused.
        - "gensim": gensim's own, with its side files. It is a pickle.
        - "numpy": a folder of `vectors.npy`, `(words, dimension)`, and `vocabulary.txt`, UTF-8, a
          word a line.
        - "static-embedding": the folder of a saved `StaticEmbeddingModel`.
        - "sentence-transformers": the folder of a model whose first module is `StaticEmbedding`.
        - "model2vec": the folder of a `StaticModel`.

    Of the last three the words are the tokens of `tokenizer.json`; special tokens whose numbers are
    all 0 are no words, nor are tokens that `StaticEmbeddingModel.from_vectors` added. No model is
    built. A compressed model is decoded; `load_compressed` keeps it compressed.

    Args:
        path: The file or folder.
        format: One of these, or "auto" to tell by the content.
        limit: Number of words to read at most, from the top of the file; the rest is not read.
        strict: Whether a bad row, or a header that promises another number of rows than the file
            holds, is an error. Otherwise bad rows are dropped, and one warning counts them. What
            every vector depends on, such as a header or the vectors of n-grams, is always an error.
        vocabulary: Words to keep, or a text file of one word a line.
        dtype: "float32", or "float16" in half the memory, never taking more on the way. gensim
            computes with it too, less exactly.
        allow_pickle: Whether a pickle may be read, which runs whatever code its author put into it.

    Returns:
        The vectors in the order of the file, of fastText's form as `FastTextKeyedVectors`; counts
        of words are kept where the format has them.

    Raises:
        ValueError: If an argument is wrong, if the file is empty, compressed or not in the format,
            if its header cannot be true, if a number is too large for float16, or, where `strict`,
            if a row has the wrong width, NaN or infinity, or the file is cut off. The sentence
            names the file, and the line (in a binary file the number of the vector, or the section)
            and its word.
        OSError: If the file cannot be read.
    """
    path = Path(path)
    check_limit(limit)
    number_type = check_dtype(dtype)
    wanted = wanted_words(vocabulary)
    format = find_format(path, format)
    rows: RowCollector
    if format == "fasttext":
        rows = ChosenRows(path, limit, strict, wanted)
        vectors = read_fasttext(path, rows, number_type)
    elif format == "gensim":
        if not allow_pickle:
            refuse_pickle(path)
        rows = ChosenRows(path, limit, strict, wanted)
        vectors = read_gensim(path, rows, number_type)
    else:
        rows = VectorBuilder(path, limit, strict, wanted, number_type)
        read_rows(path, format, rows)
        vectors = rows.finish()
    keep_preparation(vectors, rows.preparation or recorded_preparation(path))
    for remark in rows.remarks:
        warnings.warn(remark, stacklevel=2)
    return vectors


def check_limit(limit: int | None) -> None:
    """Checks a number of words.

    Raises:
        ValueError: If it is below 1.
    """
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be at least 1 or None, not {limit}.")


def read_rows(path: Path, format: str, rows: RowCollector, all_tokens: bool = False) -> None:
    """Reads a format that is a matrix of rows; all are but "fasttext" and "gensim".

    Args:
        path: The file or folder.
        format: Its format.
        rows: What takes the rows.
        all_tokens: Whether special tokens that are no words count too.

    Raises:
        ValueError: As `load_vectors` says.
        OSError: If a file cannot be read.
    """
    if format == "numpy":
        read_numpy(path, rows)
    elif format in TOKENIZED:
        read_folder(path, format, rows, all_tokens)
    else:
        layout = find_layout(path, format)
        read = read_binary if format == "word2vec-binary" else read_text
        read(path, layout, rows)
    rows.preparation = rows.preparation or recorded_preparation(path)
