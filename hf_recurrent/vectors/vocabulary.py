"""The words of a model that reads texts: its tokenizer and, from word vectors, its matrix."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from gensim.models import KeyedVectors
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from ..models.texts import list_of_texts
from ._coverage import Coverage, coverage
from ._pre_tokenizers import fitting
from ._preparation import known_preparation
from ._sets import VectorSets, sets_of
from .matrix import embedding_matrix
from .tokenizer import tokenizer_from_texts

__all__ = ["Vocabulary", "make_vocabulary", "word_form"]

_SAMPLE_TEXTS = 2000


@dataclass(frozen=True)
class Vocabulary:
    """A word-level tokenizer, and the matrix of its words.

    Attributes:
        tokenizer: Its ids are 0, 1, 2 and so on.
        matrix: Row i is the vector of id i; None without vectors.
        coverage: The share of the training texts that has a vector; None without vectors.
    """

    tokenizer: PreTrainedTokenizerBase
    matrix: np.ndarray | None
    coverage: Coverage | None


def make_vocabulary(
    texts: Iterable[str],
    vectors: VectorSets | None = None,
    *,
    extra_words: int = 30_000,
    min_frequency: int = 1,
    scale: float | None = None,
    seed: int = 0,
) -> Vocabulary:
    """Make a tokenizer of the training words and of the most frequent words of vectors.

    So a frequent word that the training texts lack still has its vector. Texts are lower-cased; a
    word finds its vector in every case.

    Args:
        texts: The training texts.
        vectors: One set of word vectors or several, which are joined.
        extra_words: Words to take from each set.
        min_frequency: How often a word must occur in the texts.
        scale: Standard deviation that the entries of each set get; None leaves them as they are.
        seed: Seed of the rows of words without a vector.

    Raises:
        ValueError: If there are no words.
    """
    texts = list_of_texts(texts)
    sets: list[KeyedVectors] = [] if vectors is None else sets_of(vectors)
    tokenizer = tokenizer_of_both(texts, sets, extra_words, min_frequency)
    if not sets:
        return Vocabulary(tokenizer, None, None)
    matrix, _ = embedding_matrix(tokenizer, sets, scale=scale, seed=seed)
    return Vocabulary(tokenizer, matrix, coverage(tokenizer, sets, texts))


def tokenizer_of_both(
    texts: Sequence[str],
    sets: Sequence[KeyedVectors],
    extra_words: int,
    min_frequency: int,
    lowercase: bool = True,
) -> PreTrainedTokenizerFast:
    """Make a tokenizer of the words of texts and of the most frequent words of vectors."""
    frequent = [s.index_to_key[:extra_words] for s in sets]
    pre_tokenizer = word_form(texts)
    if pre_tokenizer != "chinese" and frequent:
        known = known_preparation(sets[0])
        pre_tokenizer = known.pre_tokenizer if known else fitting(frequent[0])
    return tokenizer_from_texts(
        texts,
        min_frequency=min_frequency,
        extra_words=itertools.chain.from_iterable(frequent),
        pre_tokenizer=pre_tokenizer,
        lowercase=lowercase,
    )


def word_form(texts: Sequence[str]) -> str:
    """Guess how to cut texts into words: "chinese", or "ptb" for all others."""
    return "chinese" if fitting(texts[:_SAMPLE_TEXTS]) == "chinese" else "ptb"
