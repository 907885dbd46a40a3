"""Dense word vectors as gensim's ``KeyedVectors``: from a matrix, one set or several, look-ups."""

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
from gensim.models import KeyedVectors

from ..models.publishable import passing_on
from ._preparation import keep_preparation, known_preparation

VectorSets: TypeAlias = KeyedVectors | Sequence[KeyedVectors]

_TREEBANK_BRACKETS = {
    "-lrb-": "(",
    "-rrb-": ")",
    "-lsb-": "[",
    "-rsb-": "]",
    "-lcb-": "{",
    "-rcb-": "}",
}


def keyed_vectors(words: list[str], index: dict[str, int], matrix: np.ndarray) -> KeyedVectors:
    """Wrap a vocabulary and its matrix as ``KeyedVectors``, without a copy.

    Args:
        words: The words in the order of the rows.
        index: The row of each word.
        matrix: float32, (words, dimension).
    """
    vectors = KeyedVectors(matrix.shape[1])
    vectors.index_to_key = words
    vectors.key_to_index = index
    vectors.vectors = matrix
    vectors.next_index = len(words)
    return vectors


def with_matrix(vectors: KeyedVectors, matrix: np.ndarray) -> KeyedVectors:
    """Return a copy of vectors with another matrix, and with what is known of their words."""
    changed = keyed_vectors(vectors.index_to_key, vectors.key_to_index, matrix)
    changed.expandos = dict(vectors.expandos)
    keep_preparation(changed, known_preparation(vectors))
    return passing_on(changed, vectors)


def sets_of(keyed_vectors: VectorSets) -> list[KeyedVectors]:
    """Return a list of sets, for one set or several.

    Raises:
        ValueError: If there is no set, or a set has no words.
    """
    sets = [keyed_vectors] if hasattr(keyed_vectors, "index_to_key") else list(keyed_vectors)
    if not sets or any(len(vectors.index_to_key) == 0 for vectors in sets):
        raise ValueError("keyed_vectors must hold at least one set, and each set at least a word.")
    return sets


def union_of_words(sets: Sequence[KeyedVectors]) -> list[str]:
    """Return the words of the first set, and then the new words of each following set."""
    return list(dict.fromkeys(itertools.chain.from_iterable(s.index_to_key for s in sets)))


def look_up(words: Sequence[str], vectors: KeyedVectors) -> np.ndarray:
    r"""Return the row of each word in a set, -1 for a word that the set lacks in every form.

    The forms of a word are tried in this order: as it is, in lower case, Capitalised, in UPPER
    case; without a treebank's escapes (``-lrb-``, ``1\/2``); with digits folded to "#", as in
    GoogleNews; in Unicode's composed form NFC, and then in its decomposed form NFD.
    """
    index = vectors.key_to_index
    rows = [index.get(word, -1) for word in words]
    for position, row in enumerate(rows):
        if row < 0:
            forms = _other_forms(words[position])
            rows[position] = next((index[form] for form in forms if form in index), -1)
    return np.array(rows, dtype=np.int64)


def _other_forms(word: str) -> Iterator[str]:
    lower = word.lower()
    yield from (lower, lower.capitalize(), word.upper())
    yield _TREEBANK_BRACKETS.get(lower, lower.replace("\\", ""))
    yield re.sub(r"(?<=\d)\d|\d(?=\d)", "#", word)
    if not word.isascii():
        yield from (unicodedata.normalize("NFC", word), unicodedata.normalize("NFD", word))
