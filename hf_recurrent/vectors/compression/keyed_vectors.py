"""Word vectors that stay compressed in memory and are used like gensim's."""

from typing import Any

import numpy as np
from gensim import matutils
from gensim.models import KeyedVectors

from .._preparation import keep_preparation, known_preparation
from .rows import ROWS_AT_ONCE, CodedRows

__all__ = ["CompressedKeyedVectors"]


class CompressedKeyedVectors(KeyedVectors):
    """``KeyedVectors`` with a matrix that is kept as codes.

    A look-up decodes its rows; neighbours and analogies decode a block of rows at a time.
    ``vectors`` is indexed like an array, and ``np.asarray(vectors.vectors)`` decodes all of it.
    The vectors are read-only.

    Args:
        words: The words in the order of the rows.
        rows: Their vectors.
    """

    norms: np.ndarray | None

    def __init__(self, words: list[str], rows: CodedRows) -> None:
        super().__init__(rows.shape[1])
        self.index_to_key = words
        self.key_to_index = {word: row for row, word in enumerate(words)}
        self.next_index = len(words)
        self.vectors = rows

    def first(self, count: int) -> "CompressedKeyedVectors":
        """Return the first words only; their codes are shared."""
        kept = CompressedKeyedVectors(self.index_to_key[:count], self.vectors.first(count))
        kept.expandos = {name: values[:count] for name, values in self.expandos.items()}
        keep_preparation(kept, known_preparation(self))
        return kept

    def fill_norms(self, force: bool = False) -> None:
        """Compute the length of each vector, once."""
        if self.norms is None or force:
            lengths = [np.linalg.norm(block, axis=1) for block in self.vectors.blocks()]
            self.norms = np.concatenate(lengths)

    def most_similar(
        self,
        positive: Any = None,
        negative: Any = None,
        topn: int | None = 10,
        clip_start: int = 0,
        clip_end: int | None = None,
        restrict_vocab: int | None = None,
        indexer: Any = None,
    ) -> Any:
        """Find the most similar words; arguments and result are those of gensim."""
        if indexer is not None:
            return super().most_similar(positive, negative, topn, indexer=indexer)
        if topn is not None and topn < 1:
            return []
        start, stop = (0, restrict_vocab) if restrict_vocab else (clip_start, clip_end)
        stop = min(stop or len(self), len(self))
        parts = []
        for first in range(start, stop, ROWS_AT_ONCE):
            last = min(first + ROWS_AT_ONCE, stop)
            parts.append(super().most_similar(positive, negative, None, first, last))
        cosines = np.concatenate(parts)
        if topn is None:
            return cosines
        asked = {row for key in (positive, negative) for row in self._rows_of(key)}
        best = matutils.argsort(cosines, topn=topn + len(asked), reverse=True) + start
        others = [int(row) for row in best if row not in asked]
        return [(self.index_to_key[row], float(cosines[row - start])) for row in others[:topn]]

    def distances(self, word_or_vector: Any, other_words: Any = ()) -> np.ndarray:
        """Return the cosine distance to other words, or to all; see gensim."""
        if len(other_words):
            return super().distances(word_or_vector, other_words)
        vector = self.get_vector(word_or_vector) if _is_key(word_or_vector) else word_or_vector
        return 1 - np.concatenate(
            [self.cosine_similarities(vector, block) for block in self.vectors.blocks()]
        )

    def add_vectors(self, *arguments: Any, **settings: Any) -> None:
        """Raise ``ValueError``: compressed vectors are read-only."""
        raise ValueError(
            "Compressed vectors cannot be changed: change the full ones, and compress them again."
        )

    add_vector = add_vectors
    __setitem__ = add_vectors
    unit_normalize_all = add_vectors

    def _rows_of(self, keys: Any) -> list[int]:
        """Return the rows of the words among the arguments of ``most_similar``."""
        if keys is None:
            return []
        several = keys if isinstance(keys, list | tuple | set) else [keys]
        words = [key[0] if isinstance(key, tuple) else key for key in several]
        return [self.get_index(word) for word in words if _is_key(word) and word in self]


def _is_key(thing: Any) -> bool:
    return isinstance(thing, str | int | np.integer)
