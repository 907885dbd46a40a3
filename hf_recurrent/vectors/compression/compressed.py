"""Word vectors that stay compressed in memory and are used like gensim's."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from gensim import matutils
from gensim.models import KeyedVectors
from transformers import PreTrainedTokenizerBase

from ..._whole import whole_folder
from ..._wording import check_least, counted
from ...models.modeling_static_embedding import StaticEmbeddingModel
from ...models.publishable import is_marked_folder, mark, passing_on
from ...models.word_model import WordModel
from .._preparation import Preparation, from_built_tokenizer, keep_preparation, known_preparation
from ..matrix import words_by_id
from ..tokenizer import tokenizer_from_vectors
from .files import read_folder
from .models import model_of_rows, rows_of_model
from .rows import CODINGS, ROWS_AT_ONCE, CodedRows, check_method


class CompressedKeyedVectors(KeyedVectors):
    """``KeyedVectors`` with a matrix that is kept as codes.

    A look-up decodes its rows; neighbours and analogies decode a block of rows at a time.
    ``vectors`` is indexed like an array, and ``np.asarray(vectors.vectors)`` decodes all of it.
    The vectors are read-only.

    Example:
        >>> from gensim.models import Word2Vec
        >>> from gensim.test.utils import common_texts
        >>> from hf_recurrent.vectors import CompressedKeyedVectors
        >>> vectors = Word2Vec(common_texts, vector_size=8, min_count=1).wv
        >>> compressed = CompressedKeyedVectors.compress(vectors, method="int8")
        >>> compressed["human"].shape
        (8,)
        >>> model, tokenizer = compressed.to_model()

    Args:
        words: The words in the order of the rows.
        rows: Their vectors.
        preparation: How text becomes words, if that is known.
    """

    norms: np.ndarray | None

    def __init__(
        self, words: list[str], rows: CodedRows, preparation: Preparation | None = None
    ) -> None:
        super().__init__(rows.shape[1])
        self.index_to_key = words
        self.key_to_index = {word: row for row, word in enumerate(words)}
        self.next_index = len(words)
        self.vectors = rows
        keep_preparation(self, preparation)

    @classmethod
    def compress(
        cls,
        keyed_vectors: KeyedVectors,
        method: str = "int8",
        *,
        vocabulary_size: int | None = None,
        vocabulary: Iterable[str] | None = None,
        pca: int | None = None,
        subspace_size: int = 2,
        seed: int = 0,
    ) -> "CompressedKeyedVectors":
        """Compress word vectors.

        First words are removed, then dimensions, and then each row is coded.

        Args:
            keyed_vectors: The vectors.
            method: "fp16" (half the size), "int8" (whole numbers and a scale a row, a quarter) or
                "pq" (product quantisation, Jegou et al. 2011: a byte for ``subspace_size``
                numbers, by default an eighth).
            vocabulary_size: Number of words to keep, from the first on, which are the most
                frequent.
            vocabulary: The words to keep; words without a vector are ignored.
            pca: Number of dimensions to keep, by principal component analysis.
            subspace_size: Dimensions that share a byte in "pq".
            seed: Seed of "pq".

        Raises:
            ValueError: If an argument is out of range, no word is left, or a number is not finite.
        """
        check_method(method, subspace_size)
        check_least(1, vocabulary_size=vocabulary_size)
        size = keyed_vectors.vector_size
        if pca is not None and not 1 <= pca <= size:
            raise ValueError(
                f"pca is {pca}, expected at least 1 and at most {size}, the vectors' dimension."
            )
        rows = _kept_rows(keyed_vectors, vocabulary_size, vocabulary)
        words, matrix = list(keyed_vectors.index_to_key), keyed_vectors.vectors
        if rows is not None:
            words, matrix = [words[row] for row in rows], matrix[rows]
        _check_finite(words, matrix)
        if pca is not None:
            matrix = _principal_components(np.asarray(matrix), pca)
        coded = CODINGS[method].encode(matrix, subspace_size=subspace_size, seed=seed)
        compressed = cls(words, coded, known_preparation(keyed_vectors))
        for name, values in keyed_vectors.expandos.items():
            compressed.expandos[name] = values if rows is None else values[rows]
        return passing_on(compressed, keyed_vectors)

    def save(self, path: str | Path) -> None:
        """Save as the folder of a model with its tokenizer, for the Hub.

        ``load`` reads it; ``AutoModel`` and ``AutoTokenizer`` load the folder, too. It is written
        whole or not at all.

        Raises:
            OSError: If it cannot be written.
        """
        model, tokenizer = self.to_model()
        with whole_folder(Path(path)) as folder:
            model.save_pretrained(folder)
            tokenizer.save_pretrained(folder)

    @classmethod
    def load(cls, path: str | Path, limit: int | None = None) -> "CompressedKeyedVectors":
        """Load the folder of a model with a compressed input layer; no model is built.

        Args:
            path: The folder.
            limit: Number of words to keep, from the first on.

        Raises:
            ValueError: If a file is damaged or the input layer is not compressed; the sentence
                names the file.
            OSError: If a file cannot be read.
        """
        if limit is not None and limit < 1:
            raise ValueError(f"limit must be at least 1 or None, not {limit}.")
        words, left_out, rows, preparation = read_folder(Path(path))
        words, rows = _without(words, rows, left_out)
        loaded = cls(words[:limit], rows.select(slice(limit)), preparation)
        if is_marked_folder(Path(path)):
            mark(loaded)
        return loaded

    def to_model(
        self, tokenizer: PreTrainedTokenizerBase | None = None
    ) -> tuple[StaticEmbeddingModel, PreTrainedTokenizerBase]:
        """Make a model of the vectors, with the same codes, and its tokenizer.

        Args:
            tokenizer: A tokenizer whose first ids are the rows of the vectors; the one of
                ``tokenizer_from_vectors`` if not given. The ids after them get zeros.

        Raises:
            ValueError: If the tokenizer has other words.
        """
        tokenizer = tokenizer or tokenizer_from_vectors(self)
        ids = tokenizer.get_vocab()
        if any(ids.get(word) != row for word, row in self.key_to_index.items()):
            raise ValueError(
                "The ids of the tokenizer are not the rows of the vectors: make it by "
                "tokenizer_from_vectors."
            )
        model = model_of_rows(self.vectors, len(ids), tokenizer.pad_token_id)
        return passing_on(model, self, tokenizer), passing_on(tokenizer, self)

    @classmethod
    def from_model(
        cls, model: WordModel, tokenizer: PreTrainedTokenizerBase
    ) -> "CompressedKeyedVectors":
        """Return the vectors of a model with a compressed input layer, with the same codes.

        Args:
            model: The model.
            tokenizer: Its tokenizer; special tokens are left out, unless they came with the
                vectors.

        Raises:
            ValueError: If the input layer is not compressed, or the tokenizer has other ids.
        """
        rows, words = rows_of_model(model), words_by_id(tokenizer)
        if len(words) > len(rows):
            raise ValueError(
                f"The tokenizer has {counted(len(words), 'id')}, and the model vectors for "
                f"{len(rows)}: they do not belong together."
            )
        known = getattr(model.config, "num_words", None) or 0  # rows that came with the vectors
        left_out = {row for row in tokenizer.all_special_ids if row >= known}
        words, rows = _without(words, rows.select(slice(len(words))), left_out)
        return passing_on(cls(words, rows, from_built_tokenizer(tokenizer)), model, tokenizer)

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


def _without(words: list[str], rows: CodedRows, left_out: set[int]) -> tuple[list[str], CodedRows]:
    """Return words and their rows without some rows."""
    count = len(words) - len(left_out)
    if min(left_out, default=count) >= count:  # most often they come last: the codes are shared
        return words[:count], rows.select(slice(count))
    kept = np.delete(np.arange(len(words)), list(left_out))
    return [words[row] for row in kept], rows.select(kept)


def _kept_rows(
    keyed_vectors: KeyedVectors, vocabulary_size: int | None, vocabulary: Iterable[str] | None
) -> np.ndarray | None:
    """Return the rows to keep in their order, None for all."""
    if vocabulary is None and vocabulary_size is None:
        return None
    index = keyed_vectors.key_to_index
    if vocabulary is None:
        return np.arange(min(vocabulary_size or 0, len(index)))
    rows = np.array(sorted({index[word] for word in vocabulary if word in index}), dtype=np.int64)
    if not len(rows):
        raise ValueError("None of the words of vocabulary has a vector.")
    return rows[:vocabulary_size]


def _check_finite(words: list[str], matrix: np.ndarray) -> None:
    if not len(words):
        raise ValueError("There are no vectors to compress.")
    for start in range(0, len(words), ROWS_AT_ONCE):
        finite = np.isfinite(matrix[start : start + ROWS_AT_ONCE]).all(axis=1)
        if not finite.all():
            word = words[start + int(finite.argmin())]
            raise ValueError(f"The vector of {word!r} holds a number that is not finite.")


def _principal_components(matrix: np.ndarray, count: int) -> np.ndarray:
    """Project rows, without their mean, on their first principal components.

    Args:
        matrix: (rows, dimension).
        count: Number of components.

    Returns:
        float32, (rows, count). The first component has the largest variance, and the largest
        entry of each component's direction is positive, so that the result is unique.
    """
    # Imported here because the import takes a second.
    from sklearn.decomposition import PCA

    # In float32 a large mean would cost digits of the covariance.
    centred = matrix - matrix.mean(axis=0, dtype=np.float64).astype(np.float32)
    # It wants as many rows as components; rows of zeros change no direction.
    missing = matrix.shape[1] + 1 - len(matrix)
    if missing > 0:
        centred = np.pad(centred, ((0, missing), (0, 0)))
    return PCA(count, svd_solver="covariance_eigh").fit_transform(centred)[: len(matrix)]
