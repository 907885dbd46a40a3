"""Bring two languages into one space, by an orthogonal matrix from a seed dictionary."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors

from .._wording import check_least, counted
from ..data.encodings import read_utf8_lines
from ._csls import neighborhood_cosine, top_neighbors, unit_rows
from ._keyed_vectors import with_matrix


@dataclass(frozen=True)
class Alignment:
    """Vectors of two languages in one space.

    Attributes:
        source: The mapped source vectors, of length 1.
        target: The target vectors, of length 1.
        mapping: The orthogonal matrix (dimension, dimension); source rows are multiplied by it
            from the right.
        seed_pairs: Pairs of the dictionary whose words both have vectors.
        given_pairs: Pairs of the dictionary.
        found_pairs: Mutual neighbours that each refinement found.
        mean_cosines: Their mean cosine after each refinement.
    """

    source: KeyedVectors
    target: KeyedVectors
    mapping: np.ndarray
    seed_pairs: int
    given_pairs: int
    found_pairs: tuple[int, ...]
    mean_cosines: tuple[float, ...]

    def dictionary(self) -> dict[str, str]:
        """Return the nearest word of the target, by CSLS, for each word of the source."""
        rows, others = self.source.vectors, self.target.vectors
        means = neighborhood_cosine(others, rows)
        nearest = top_neighbors(rows, others, other_means=means)[0][:, 0]
        words = self.target.index_to_key
        return {
            word: words[place]
            for word, place in zip(self.source.index_to_key, nearest, strict=True)
        }


def align(
    source: KeyedVectors,
    target: KeyedVectors,
    dictionary: Iterable[tuple[str, str]] | str | Path,
    *,
    refinements: int = 5,
    refinement_words: int = 10_000,
    center: bool = True,
) -> Alignment:
    """Map the vectors of one language into the space of another.

    Both sides are brought to length 1, centred, and brought to length 1 again (Artetxe et al.
    2018). The mapping is the orthogonal matrix that moves the words of the dictionary nearest to
    their translations (Smith et al. 2017). It does not change the similarities within the source.
    Each refinement adds to the dictionary the frequent words that are mutual nearest neighbours by
    CSLS, and solves again (Conneau et al. 2018).

    Args:
        source: Vectors of the source language, frequent words first.
        target: Vectors of the target language, of the same dimension, frequent words first.
        dictionary: Pairs of a source and a target word, or a file of them for ``read_dictionary``.
            Pairs without a vector on both sides are ignored.
        refinements: Number of refinements.
        refinement_words: Number of first words of each side among which neighbours are searched.
        center: Whether to subtract the mean of each side. Without it the similarities within the
            source are those of the given vectors.

    Raises:
        OSError: If the file of the dictionary cannot be read.
        ValueError: If the dimensions differ, an argument is out of range, or no pair of the
            dictionary has vectors on both sides.
    """
    if source.vector_size != target.vector_size:
        raise ValueError(
            f"source has {counted(source.vector_size, 'dimension')} and target "
            f"{target.vector_size}: align needs as many on both sides."
        )
    check_least(0, refinements=refinements)
    check_least(1, refinement_words=refinement_words)
    if isinstance(dictionary, str | Path):
        dictionary = read_dictionary(dictionary)
    pairs = list(dictionary)
    seed = np.array(
        [
            (source.key_to_index[word], target.key_to_index[translation])
            for word, translation in pairs
            if word in source.key_to_index and translation in target.key_to_index
        ],
        dtype=np.int64,
    ).reshape(-1, 2)
    if not len(seed):
        raise ValueError(
            f"Of the {counted(len(pairs), 'pair')} of the dictionary none has a vector on both "
            "sides: are source and target in the order of the dictionary's columns, and in its "
            "case?"
        )
    rows, others = (normalized_rows(side.vectors, center) for side in (source, target))
    mapping = procrustes(rows[seed[:, 0]], others[seed[:, 1]])
    frequent, found, cosines = others[:refinement_words], [], []
    for _ in range(refinements):
        mapped = rows[:refinement_words] @ mapping
        mutual = mutual_neighbors(mapped, frequent)
        both = np.concatenate([seed, mutual])
        mapping = procrustes(rows[both[:, 0]], others[both[:, 1]])
        mapped = rows[mutual[:, 0]] @ mapping
        found.append(len(mutual))
        cosines.append(float((mapped * others[mutual[:, 1]]).sum(axis=1).mean()))
    return Alignment(
        source=with_matrix(source, rows @ mapping),
        target=with_matrix(target, others),
        mapping=mapping,
        seed_pairs=len(seed),
        given_pairs=len(pairs),
        found_pairs=tuple(found),
        mean_cosines=tuple(cosines),
    )


def procrustes(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the orthogonal matrix W with the least squares between ``rows @ W`` and ``others``.

    With the singular value decomposition U S V^T of rows^T others it is U V^T (Schoenemann 1966).

    Args:
        rows: (pairs, dimension).
        others: (pairs, dimension).
    """
    left, _, right = np.linalg.svd(rows.T.astype(np.float64) @ others.astype(np.float64))
    return (left @ right).astype(np.float32)


def mutual_neighbors(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the pairs (pairs, 2) of positions that are each other's nearest by CSLS.

    Args:
        rows: Of length 1, (rows, dimension).
        others: Of length 1, (others, dimension).
    """
    row_means, other_means = neighborhood_cosine(rows, others), neighborhood_cosine(others, rows)
    forth = top_neighbors(rows, others, other_means=other_means)[0][:, 0]
    back = top_neighbors(others, rows, other_means=row_means)[0][:, 0]
    mutual = np.flatnonzero(back[forth] == np.arange(len(rows)))
    return np.stack([mutual, forth[mutual]], axis=1)


def normalized_rows(matrix: np.ndarray, center: bool = True) -> np.ndarray:
    """Return rows of length 1; if ``center``, also without their mean and of length 1 again."""
    rows = unit_rows(matrix)
    if center:
        rows -= rows.mean(axis=0, dtype=np.float64).astype(np.float32)
        rows = unit_rows(rows)
    return rows


def read_dictionary(path: str | Path) -> list[tuple[str, str]]:
    """Read pairs of words, one pair a line, separated by a tab or else by space.

    The file is UTF-8, or UTF-16 with its byte order mark.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If it is not UTF-8, a line does not hold two words, or there is no line; the
            sentence names the line.
    """
    pairs = []
    for number, line in enumerate(read_utf8_lines(Path(path)), 1):
        words = [word.strip() for word in line.split("\t")] if "\t" in line else line.split()
        if not any(words):
            continue
        if len(words) != 2 or not all(words):
            raise ValueError(
                f"{path}, line {number}: found {line[:80]!r}, expected a source word, a tab and "
                "its translation."
            )
        pairs.append((words[0], words[1]))
    if not pairs:
        raise ValueError(f"{path} holds no pair of words.")
    return pairs
