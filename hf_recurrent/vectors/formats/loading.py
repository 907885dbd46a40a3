"""Load word vectors as gensim's ``KeyedVectors``."""

import os
import warnings

from gensim.models import KeyedVectors

from ...models.publishable import is_marked_folder, mark
from .._preparation import keep_preparation
from ._gensim import refuse_pickle
from ._recorded import recorded_preparation
from ._rows import ChosenRows, RowCollector, VectorBuilder, check_dtype
from ._wanted import Words, wanted_words
from .detection import find_source


def load_vectors(
    source: str | os.PathLike[str],
    format: str = "auto",
    limit: int | None = None,
    strict: bool = True,
    *,
    vocabulary: Words | None = None,
    dtype: str = "float32",
    allow_pickle: bool = False,
) -> KeyedVectors:
    r"""Load word vectors from a file or folder, or by name, with every row checked.

    Two sets have a name and are downloaded on the first call: "glove", GloVe 6B (400,000 lower-case
    words, 50 numbers each), and "word2vec", a part of the GoogleNews vectors (26,423 common words
    without punctuation, 300 numbers, unit length).

    Words are UTF-8. Bytes of a word that are not UTF-8 are kept as escapes (``\xe9``), so that the
    word stays readable and different from all others; they are saved as these escapes. If several
    rows have the same word, the first is kept, and one warning counts the others. A word in a text
    file may contain spaces. It may end in a number if a header gives the dimension. Columns padded
    with spaces or tabs are read as columns; other separators are refused. The numbers are rounded
    to float32 as gensim rounds them. Empty lines are skipped. A text without a header that ends in
    the middle of its last number looks the same as a whole one, and is read.

    Formats:
        - "glove": text without a header.
        - "word2vec": text with a header; also fastText's ``.vec``.
        - "word2vec-binary": the binary form of the C program. It cannot hold words with spaces.
          A file that has some all the same is refused at the row that shows it, or read with a
          warning.
        - "fasttext": fastText's ``.bin``, with the vectors of n-grams, for unseen words. Supervised
          and quantised models are refused.
        - "gensim": gensim's own files. They are pickles.
        - "numpy": a folder of ``vectors.npy``, of shape ``(words, dimension)``, and
          ``vocabulary.txt``, in UTF-8 with one word per line.
        - "static-embedding": the folder of a saved ``StaticEmbeddingModel``.
        - "sentence-transformers": the folder of a model whose first module is
          ``StaticEmbedding``.
        - "model2vec": the folder of a ``StaticModel``.

    In the last three the words are the tokens of ``tokenizer.json``, without the special tokens
    whose numbers are all 0 and without those that ``StaticEmbeddingModel.from_vectors`` added. No
    model is built. A compressed model is decoded; ``CompressedKeyedVectors.load`` keeps
    it compressed.

    Args:
        source: The file or folder, or a name; a file or folder of that name comes first.
        format: One of these names, or "auto" to find the format from the content.
        limit: Most words to read, from the top of the file; the rest is not read.
        strict: Whether a bad row, or a header with a wrong number of rows, is an error. If not, bad
            rows are dropped, and one warning counts them. Damage to what all vectors depend on,
            such as a header or the vectors of n-grams, is always an error.
        vocabulary: Words to keep, or a text file with one word per line.
        dtype: "float32", or "float16" for half the memory, during reading too. gensim computes with
            it as well, less exactly.
        allow_pickle: Whether a pickle may be read. It runs any code that its author put into it.

    Returns:
        gensim's ``KeyedVectors``, whatever the source, with the words in the order of the file and
        a numpy matrix. For "fasttext" they are of its subclass ``FastTextKeyedVectors``, which also
        has vectors for unseen words. The counts of words are kept if the format has them.

    Raises:
        ValueError: If an argument is wrong, if the file is empty, compressed or not in the format,
            if its header does not fit its size, if a number is too large for float16, or, if
            ``strict``, if a row has the wrong width, NaN or infinity, or the file is cut off. The
            sentence names the file, the line (in a binary file the number of the vector, or the
            section) and the word.
        FileNotFoundError: If the source is no file, folder or name. The sentence has the nearest.
        OSError: If the file cannot be read, or the download fails.

    Example:
        >>> vectors = load_vectors("glove")  # or load_vectors("my-vectors.bin")
        >>> vectors.most_similar("film")[0][0]
        'movie'
    """
    check_limit(limit)
    number_type = check_dtype(dtype)
    wanted = wanted_words(vocabulary)
    path, kind = find_source(source, format)
    if kind.name == "gensim" and not allow_pickle:
        refuse_pickle(path)
    rows: RowCollector
    if kind.in_rows:
        rows = VectorBuilder(path, limit, strict, wanted, dtype=number_type)
        kind.code.read(path, kind.name, rows)
        vectors = rows.finish()
    else:
        rows = ChosenRows(path, limit, strict, wanted)
        vectors = kind.code.read(path, rows, number_type)
    keep_preparation(vectors, rows.preparation or recorded_preparation(path))
    if is_marked_folder(path):
        mark(vectors)
    for remark in rows.remarks:
        warnings.warn(remark, stacklevel=2)
    return vectors


def check_limit(limit: int | None) -> None:
    """Check the most words to read.

    Raises:
        ValueError: If it is below 1.
    """
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}.")
