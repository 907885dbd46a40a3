"""gensim's own files, which are pickles: they are read only if the user allows it."""

import glob
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors
from gensim.models.fasttext import FastTextKeyedVectors

from ..._whole import whole_files
from ...models.publishable import passing_on
from .._keyed_vectors import keyed_vectors
from .._preparation import keep_preparation, known_preparation
from ._numpy import read_array_header
from ._rows import ChosenRows, cast
from ._subwords import fasttext_vectors

_NUMBERS_AT_ONCE = 1 << 20


def read(path: Path, chosen: ChosenRows, dtype: np.dtype) -> KeyedVectors:
    """Read ``KeyedVectors``, or those of a Word2Vec or FastText model, with their side files.

    Raises:
        ValueError: If the file is damaged or holds something else, or if the header of a side file
            does not fit its size.
        OSError: If it cannot be read.
    """
    path.stat()  # an error of the system names the file
    for side in sorted(path.parent.glob(f"{glob.escape(path.name)}.*vectors*.npy")):
        with side.open("rb") as file:  # numpy would take the memory that a header asks for
            read_array_header(side, file)
    try:
        loaded = KeyedVectors.load(str(path))
    except OSError:
        raise
    except Exception as error:  # a pickle may raise anything
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"{path}: gensim cannot load the file ({reason}).") from error
    vectors = getattr(loaded, "wv", loaded)
    if not isinstance(vectors, KeyedVectors):
        raise ValueError(f"{path}: found {type(loaded).__name__}, expected word vectors of gensim.")
    words = [str(word) for word in vectors.index_to_key]
    chosen.choose(words, _finite(vectors))
    return _part(path, vectors, chosen, dtype)


def refuse_pickle(path: Path) -> None:
    """Raise the error that says why a pickle is not read.

    Raises:
        ValueError: Always.
    """
    raise ValueError(
        f"{path}: gensim's own format is a pickle, and a pickle runs whatever code its author put "
        f"into it; if you trust where the file comes from, turn it into another by "
        f"`hf-recurrent vectors convert --allow-pickle`, or allow it by allow_pickle=True."
    )


def write(vectors: KeyedVectors, path: Path, dtype: np.dtype) -> None:
    """Write vectors with gensim; large arrays become side files beside ``path``.

    Raises:
        ValueError: If there are no vectors, or a number is not finite in the type.
        OSError: If a file cannot be written.
    """
    chosen = ChosenRows(path)
    words = list(map(str, vectors.index_to_key))
    finite = _finite(vectors)
    if not finite.all():
        word = words[int(finite.argmin())]
        raise ValueError(f"{path}: the vector of {word!r} has NaN or infinity; not saved.")
    chosen.choose(words)
    part = _part(path, vectors, chosen, dtype)
    with whole_files(path) as staged:
        # An array that is not in a side file is copied in memory.
        part.save(str(staged), sep_limit=_NUMBERS_AT_ONCE)


def _finite(vectors: KeyedVectors) -> np.ndarray:
    """Return for each vector whether all its numbers are finite."""
    step = max(1, _NUMBERS_AT_ONCE // max(1, vectors.vector_size))
    parts = [
        np.isfinite(vectors.vectors[start : start + step]).all(axis=1)
        for start in range(0, len(vectors.index_to_key), step)
    ]
    return np.concatenate([np.ones(0, dtype=bool), *parts])


def _part(path: Path, vectors: KeyedVectors, chosen: ChosenRows, dtype: np.dtype) -> KeyedVectors:
    """Return the chosen rows in a type, or the vectors themselves if nothing changes."""
    rows = chosen.rows
    plain = isinstance(vectors.vectors, np.ndarray) and vectors.vectors.dtype == dtype
    if plain and len(rows) == len(vectors.vectors):
        return vectors
    matrix = cast(path, chosen.words, vectors.vectors[rows], dtype)
    counts = {name: values[rows] for name, values in vectors.expandos.items()}
    words, index = chosen.words, chosen.index
    if isinstance(vectors, FastTextKeyedVectors):
        ngrams = vectors.vectors_ngrams
        part: KeyedVectors = fasttext_vectors(
            words,
            index,
            cast(path, words, vectors.vectors_vocab[rows], dtype),
            cast(path, ["?"] * len(ngrams), ngrams, dtype),
            (vectors.min_n, vectors.max_n),
            [vectors.buckets_word[row] for row in rows],
            matrix,
        )
    else:
        part = keyed_vectors(words, index, matrix)
    part.expandos.update(counts)
    keep_preparation(part, known_preparation(vectors))
    return passing_on(part, vectors)
