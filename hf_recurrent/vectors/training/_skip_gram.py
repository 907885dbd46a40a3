"""The options, the vocabulary and the weights of a training of skip-gram vectors."""

import math
from dataclasses import dataclass

import numpy as np
from gensim.models import KeyedVectors

from .._keyed_vectors import keyed_vectors
from ._encoded_corpus import EncodedCorpus, known_words
from ._window_counts import usable_window

__all__ = ["MOST_DRAWN", "SkipGram", "SkipGramOptions", "alias_table", "kept_share"]

# Random numbers of 32 bits are compared with shares of this.
_WHOLE = 2.0**32
# A larger window has no room in the numbers of the inner loops, gensim's among them, and is the
# whole sentence in nearly every draw.
MOST_DRAWN = 1 << 30


@dataclass(frozen=True, kw_only=True)
class SkipGramOptions:
    """The options of ``train_skip_gram`` that decide about the result.

    Raises:
        ValueError: If an option is out of range.
    """

    dimension: int
    window: int
    negatives: int
    negative_exponent: float
    subsample: float
    min_count: int
    max_vocabulary: int | None
    epochs: int
    learning_rate: float
    min_learning_rate: float

    def __post_init__(self) -> None:
        for name in ("dimension", "window", "negatives", "min_count", "max_vocabulary", "epochs"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} is {value}, expected at least 1.")
        if not 0 < self.learning_rate < math.inf:
            raise ValueError(f"learning_rate is {self.learning_rate}, expected a number above 0.")
        if not 0 <= self.min_learning_rate <= self.learning_rate:
            raise ValueError(
                f"min_learning_rate is {self.min_learning_rate}, expected 0 up to learning_rate "
                f"({self.learning_rate})."
            )
        if not 0 <= self.subsample < math.inf:
            raise ValueError(f"subsample is {self.subsample}, expected 0 or a number above it.")
        if not math.isfinite(self.negative_exponent):
            raise ValueError(f"negative_exponent is {self.negative_exponent}, expected a number.")


class SkipGram:
    """Vectors in training.

    Args:
        corpus: The corpus.
        options: The options.
        generator: Draws the first weights, in the range of gensim, and the seeds of the blocks.

    Raises:
        ValueError: If fewer than two words are left.
        ImportError: If numba is not installed.
    """

    def __init__(
        self, corpus: EncodedCorpus, options: SkipGramOptions, generator: np.random.Generator
    ) -> None:
        from ._skip_gram_kernel import train_block

        # The word's own window is drawn from 1 to this, so that it is checked and not cut.
        usable_window(options.window, corpus.longest)
        chosen = corpus.frequent(options.min_count, options.max_vocabulary)
        if len(chosen) < 2:
            raise ValueError(
                f"Only one word is left to train, {corpus.words[chosen[0]]!r}, expected at least "
                f"two: lower min_count or add text."
            )
        self._corpus = corpus
        self._options = options
        self._generator = generator
        self._train = train_block
        self._words = [corpus.words[i] for i in chosen]
        self._counts = corpus.counts[chosen]
        self._ids = np.full(len(corpus.words), -1, dtype=np.int32)
        self._ids[chosen] = np.arange(len(chosen), dtype=np.int32)
        self._kept = kept_share(self._counts, options.subsample)
        logarithms = options.negative_exponent * np.log(self._counts)
        self._alias, self._threshold = alias_table(np.exp(logarithms - logarithms.max()))
        shape = len(chosen), options.dimension
        self._inputs = generator.random(shape, dtype=np.float32) * 2 - 1
        self._inputs /= options.dimension
        self._outputs = np.zeros(shape, dtype=np.float32)
        self._rates = np.linspace(
            options.learning_rate, options.min_learning_rate, len(corpus) * options.epochs + 1,
            dtype=np.float32,
        )  # fmt: skip

    def compile(self) -> None:
        """Compile the inner loop, or load it from disk, without training."""
        self._train_on(np.zeros(0, np.int32), np.zeros(1, np.int32), 0, 0)

    def blocks(self, epoch: int) -> list[tuple[int, int, int]]:
        """Return the arguments of ``train_block`` for each block of an epoch."""
        seeds = self._generator.integers(2**62, size=len(self._corpus)).tolist()
        first_step = epoch * len(self._corpus)
        return [(i, first_step + i, seed) for i, seed in enumerate(seeds)]

    def train_block(self, number: int, step: int, seed: int) -> tuple[int, float, int]:
        """Train on a block of the corpus.

        Args:
            number: Its number.
            step: Number of blocks before it, those of earlier epochs included.
            seed: Seed of the random numbers.

        Returns:
            Its number of running words, the sum of the losses, and the number of pairs.
        """
        block = self._corpus.block(number)
        loss, pairs = self._train_on(*known_words(block, self._ids), step, seed)
        return len(block[0]), float(loss), int(pairs)

    def vectors(self) -> KeyedVectors:
        """Return the vectors as they are now."""
        index = {word: row for row, word in enumerate(self._words)}
        vectors = keyed_vectors(list(self._words), index, self._inputs.copy())
        vectors.expandos["count"] = self._counts.copy()
        return vectors

    def _train_on(
        self, words: np.ndarray, lengths: np.ndarray, step: int, seed: int
    ) -> tuple[float, int]:
        return self._train(
            words, lengths.astype(np.int32), self._kept, self._alias, self._threshold,
            self._inputs, self._outputs, min(self._options.window, MOST_DRAWN),
            self._options.negatives, (self._rates[step], self._rates[step + 1]), seed,
        )  # fmt: skip


def kept_share(counts: np.ndarray, subsample: float) -> np.ndarray:
    """Return the probability to keep each word, in parts of 2^32, as word2vec.c computes it.

    Args:
        counts: How often each word occurs.
        subsample: A word with a larger share of the corpus is skipped at random now and then; 0
            keeps all words.

    Returns:
        uint64, ``(words,)``.
    """
    if not subsample:
        return np.full(len(counts), _WHOLE, dtype=np.uint64)
    ratio = subsample * counts.sum() / counts
    return (np.minimum(np.sqrt(ratio) + ratio, 1) * _WHOLE).astype(np.uint64)


def alias_table(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Prepare draws in proportion to weights in constant time (Walker, 1977; Vose, 1991).

    A draw chooses one of n columns at random. It returns the number of the column with the
    probability threshold / 2^32, and else the alias of the column.

    Args:
        weights: float64, ``(n,)``, at least 0, with a sum above 0.

    Returns:
        The aliases, int32, and the thresholds, uint64.
    """
    height = weights * (len(weights) / weights.sum())
    alias = np.arange(len(weights), dtype=np.int32)
    threshold = np.ones(len(weights))
    low = np.flatnonzero(height < 1).tolist()
    high = np.flatnonzero(height >= 1).tolist()
    while low and high:
        short, tall = low.pop(), high[-1]
        threshold[short], alias[short] = height[short], tall
        height[tall] -= 1 - height[short]
        if height[tall] < 1:
            low.append(high.pop())
    return alias, (threshold * _WHOLE).astype(np.uint64)
