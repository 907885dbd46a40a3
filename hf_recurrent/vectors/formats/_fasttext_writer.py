"""Write fastText's own binary form, which gensim and fastText itself read."""

import struct
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors
from gensim.models.fasttext import FastTextKeyedVectors

from ..._whole import whole_file
from ._dense import bar
from ._fasttext import ARGUMENTS, MAGIC, VERSIONS
from ._subwords import END
from ._writers import is_utf8

_ROWS_AT_ONCE = 1 << 12
_SAMPLE = 1e-4
# fastText's own defaults for settings of training, which vectors do not have. The loss is
# negative sampling and the model skip-gram.
_SETTINGS = {
    "ws": 5,
    "epoch": 5,
    "minCount": 1,
    "neg": 5,
    "wordNgrams": 1,
    "loss": 2,
    "model": 2,
    "lrUpdateRate": 100,
}


def write_fasttext(vectors: KeyedVectors, path: Path) -> None:
    """Write vectors with their n-grams, or plain vectors as a model without n-grams.

    Vectors do not have the weights that predict words, which only training needs. These are
    written as zeros, as before the first step of training. Words without a count get 1. The row of
    ``</s>`` is its vector, since fastText gives it no n-grams.

    Raises:
        ValueError: If there are no vectors, a number is not finite in float32, or the format cannot
            hold a word.
        OSError: If the file cannot be written.
    """
    words = list(map(str, vectors.index_to_key))
    if not words:
        raise ValueError(f"{path}: there are no vectors to save.")
    for word in words:
        if "\0" in word or not is_utf8(word):
            raise ValueError(f"{path}, word {word!r}: fastText's form cannot hold it.")
    own, ngrams, lengths = _parts(vectors)
    dimension = own.shape[1]
    settings = _SETTINGS | {"dim": dimension, "bucket": len(ngrams)}
    settings |= {"minn": lengths[0], "maxn": lengths[1]}
    counts = vectors.expandos.get("count")
    known = np.ones(len(words), dtype=np.int64) if counts is None else counts[: len(words)]
    with whole_file(path) as file, bar(path, 2 * len(words) + len(ngrams)) as progress:
        file.write(struct.pack("<2i", MAGIC, VERSIONS[-1]))
        file.write(struct.pack("<12id", *[settings[name] for name in ARGUMENTS], _SAMPLE))
        # Entries, words, labels, tokens of the corpus, and no pruning.
        total = int(known.sum())
        file.write(struct.pack("<3i2q", len(words), len(words), 0, total, -1))
        for word, count in zip(words, known.tolist(), strict=True):
            file.write(word.encode() + b"\0" + struct.pack("<qb", max(1, int(count)), 0))
        file.write(struct.pack("<?2q", False, len(words) + len(ngrams), dimension))
        for matrix in (own, ngrams):
            for start in range(0, matrix.shape[0], _ROWS_AT_ONCE):
                with np.errstate(over="ignore"):
                    rows = matrix[start : start + _ROWS_AT_ONCE].astype("<f4")
                if not np.isfinite(rows).all():
                    raise ValueError(f"{path}: a vector has NaN or infinity; not saved.")
                file.write(rows.data)
                progress.update(len(rows))
        file.write(struct.pack("<?2q", False, len(words), dimension))
        zeros = np.zeros((_ROWS_AT_ONCE, dimension), dtype="<f4")
        for start in range(0, len(words), _ROWS_AT_ONCE):
            file.write(zeros[: len(words) - start].data)
            progress.update(min(_ROWS_AT_ONCE, len(words) - start))


def _parts(vectors: KeyedVectors) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
    """Return the words' own rows, the n-grams' rows and the lengths of n-grams."""
    if isinstance(vectors, FastTextKeyedVectors):
        own, row = vectors.vectors_vocab, vectors.key_to_index.get(END)
        if row is not None and not np.array_equal(own[row], vectors.vectors[row]):
            # gensim gives it n-grams, and fastText reads its row alone.
            own = own.copy()
            own[row] = vectors.vectors[row]
        return own, vectors.vectors_ngrams, (vectors.min_n, vectors.max_n)
    return vectors.vectors, np.empty((0, vectors.vector_size), dtype=np.float32), (0, 0)
