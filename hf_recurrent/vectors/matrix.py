"""The embedding matrix of a tokenizer, row by row, from word vectors."""

from collections.abc import Sequence

import numpy as np
from gensim.models import KeyedVectors
from transformers import PreTrainedTokenizerBase

from .._wording import check_choice, counted
from ..models.publishable import passing_on
from ._coverage import Coverage, summarize
from ._keyed_vectors import VectorSets, look_up, sets_of, union_of_words
from ._keyed_vectors import keyed_vectors as make_keyed_vectors
from ._preparation import keep_preparation, known_preparation

_POLICIES = ("random", "mean", "zero")
_ROWS_AT_ONCE = 1 << 16


def embedding_matrix(
    tokenizer: PreTrainedTokenizerBase,
    keyed_vectors: VectorSets,
    *,
    unknown: str = "random",
    scale: float | None = None,
    seed: int = 0,
) -> tuple[np.ndarray, Coverage]:
    """Make the matrix whose row i is the vector of the tokenizer's token i.

    It is for models of other packages; ``word_inputs`` makes the input layer of this package's.

    A word is looked up as it is, then in lower case, Capitalised and in UPPER case, then without a
    treebank's escapes and with its digits folded. Vectors of several sets are joined side by side;
    ``unknown`` decides the part of a word that one set lacks. The row of the padding token is
    zero.

    Args:
        tokenizer: A tokenizer whose ids are 0, 1, 2 and so on.
        keyed_vectors: One set of vectors or several.
        unknown: The vector of a word that a set lacks: "random" (drawn from the normal distribution
            that has the mean and the standard deviation of the set's vectors, dimension by
            dimension), "mean" (of the set's vectors) or "zero".
        scale: Standard deviation that the entries of each set get, by one factor for all of them,
            so that sets of different scale weigh the same; None leaves them as they are.
        seed: Seed of the random rows.

    Returns:
        The matrix, float32, (len(tokenizer), dimensions of all sets), and how many words of the
        vocabulary have a vector in at least one set.

    Raises:
        ValueError: If the policy is unknown, the scale is not above 0, a set is empty, or the
            tokenizer's ids have gaps.
    """
    sets = sets_of(keyed_vectors)
    words = words_by_id(tokenizer)
    matrix, known = side_by_side(words, sets, unknown, seed, scale)
    if tokenizer.pad_token_id is not None:
        matrix[tokenizer.pad_token_id] = 0
    found = np.asarray(known.any(axis=1))
    special = set(tokenizer.all_special_tokens)
    plain = [row for row, word in enumerate(words) if word not in special]
    return matrix, summarize([words[row] for row in plain], found[plain])


def join_vectors(
    keyed_vectors: Sequence[KeyedVectors], *, unknown: str = "random", seed: int = 0
) -> KeyedVectors:
    """Join sets into one with the words of all, each word's vectors side by side.

    This is for neighbours and analogies in the joined space. ``embedding_matrix`` and the
    tokenizers take the sets as they are.

    Args:
        keyed_vectors: The sets.
        unknown: The part of a word that a set lacks, as in ``embedding_matrix``.
        seed: Seed of the random parts.

    Raises:
        ValueError: If the policy is unknown or a set is empty.
    """
    sets = sets_of(keyed_vectors)
    words = union_of_words(sets)
    matrix, _ = side_by_side(words, sets, unknown, seed)
    joined = make_keyed_vectors(words, {word: row for row, word in enumerate(words)}, matrix)
    known = [known_preparation(vectors) for vectors in sets]
    keep_preparation(joined, known[0] if len(set(known)) == 1 else None)
    return passing_on(joined, *sets)


def words_by_id(tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """Return the words of a tokenizer in the order of their ids; a gap is a ``ValueError``."""
    vocabulary = tokenizer.get_vocab()
    words = sorted(vocabulary, key=vocabulary.__getitem__)
    if [vocabulary[word] for word in words] != list(range(len(words))):
        raise ValueError(
            f"The tokenizer has {counted(len(words), 'token')}, but their ids do not go from 0 to "
            f"{len(words) - 1}, so no matrix has a row for each."
        )
    return words


def side_by_side(
    words: Sequence[str],
    sets: Sequence[KeyedVectors],
    unknown: str,
    seed: int,
    scale: float | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of words in all sets, side by side, and which set has which word.

    Shapes are (words, dimensions of all sets), float32, and (words, sets), bool.
    """
    check_choice("unknown", unknown, _POLICIES)
    generator = np.random.default_rng(seed)
    matrix = np.empty((len(words), sum(s.vector_size for s in sets)), dtype=np.float32)
    found = np.zeros((len(words), len(sets)), dtype=bool)
    column = 0
    for number, vectors in enumerate(sets):
        rows = look_up(words, vectors)
        known = found[:, number] = rows >= 0
        part = matrix[:, column : column + vectors.vector_size]
        part[known] = vectors.vectors[rows[known]]
        part[~known] = _fill(vectors.vectors, int((~known).sum()), unknown, generator)
        if scale is not None:
            part *= scaling_factor(vectors.vectors, scale)
        column += vectors.vector_size
    return matrix, found


def _fill(
    vectors: np.ndarray, count: int, unknown: str, generator: np.random.Generator
) -> np.ndarray | float:
    """Return the vectors of ``count`` words that a set lacks, broadcastable to their rows."""
    if unknown == "zero" or count == 0:
        return 0.0
    mean, deviation = _moments(vectors)
    if unknown == "mean":
        return mean
    return generator.normal(mean, deviation, (count, len(mean)))


def mean_row(vectors: np.ndarray, scale: float | None = None) -> np.ndarray:
    """Return the mean of the rows of a matrix, float32, (size,).

    Args:
        vectors: The matrix, (words, size).
        scale: As in ``embedding_matrix``.
    """
    mean, _ = _moments(vectors)
    factor = 1.0 if scale is None else scaling_factor(vectors, scale)
    return (mean * factor).astype(np.float32)


def scaling_factor(vectors: np.ndarray, scale: float) -> float:
    """Return the factor that gives the entries of a matrix the standard deviation ``scale``."""
    if not scale > 0:
        raise ValueError(f"scale must be above 0, not {scale}.")
    mean, deviation = _moments(vectors)
    spread = np.sqrt((np.square(deviation) + np.square(mean - mean.mean())).mean())
    return float(scale / spread) if spread else 1.0


def _moments(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and the standard deviation of each dimension, float64."""
    total = squares = np.zeros(vectors.shape[1])
    # In parts, because a copy of the whole matrix in float64 may not fit into memory.
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        rows = vectors[start : start + _ROWS_AT_ONCE].astype(np.float64)
        total, squares = total + rows.sum(axis=0), squares + np.square(rows).sum(axis=0)
    mean = total / len(vectors)
    return mean, np.sqrt(np.maximum(squares / len(vectors) - np.square(mean), 0))
