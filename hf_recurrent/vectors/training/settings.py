"""The settings of each kind of word vectors; nothing heavy is imported here."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

# The smallest value of a setting, and whether it is allowed itself.
_LEAST: Mapping[str, tuple[float, bool]] = {
    **dict.fromkeys(("min_count", "max_vocabulary", "window", "vector_size", "epochs"), (1, True)),
    **dict.fromkeys(("min_n", "max_n", "bucket"), (1, True)),
    **dict.fromkeys(("negative", "sample", "min_alpha"), (0, True)),
    **dict.fromkeys(("alpha", "learning_rate", "x_max", "weight_exponent"), (0, False)),
    **dict.fromkeys(("shift", "smoothing"), (0, False)),
    **dict.fromkeys(("ns_exponent", "eigenvalue_weighting"), (-math.inf, False)),
}
# Larger values would never finish training, or do not fit into files of vectors.
_MOST: Mapping[str, int] = {"vector_size": 100_000, "negative": 10_000, "bucket": 2**31 - 1}
_WHOLE = frozenset(("min_count", "max_vocabulary", "window", "epochs", "min_n", "max_n", *_MOST))
_CHOICES: Mapping[str, tuple[object, ...]] = {
    "weighting": ("harmonic", "flat"),
    "hs": (0, 1),
    "sg": (0, 1),
}


@dataclass(frozen=True)
class Settings:
    """The settings of every kind: the choice of its words.

    Attributes:
        min_count: How often a word must occur in the corpus.
        max_vocabulary: Largest number of words, the most frequent first; None for all.

    Raises:
        ValueError: If a setting is out of range.
    """

    min_count: int = 5
    max_vocabulary: int | None = None

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, int | float) and name in _LEAST:
                least, reached = _LEAST[name]
                if not (least <= value if reached else least < value) or math.isinf(value):
                    expected = f"{'at least' if reached else 'more than'} {least:g}"
                    if math.isinf(least):
                        expected = "a finite number"
                    raise ValueError(f"{name} is {value}, expected {expected}.")
                if name in _WHOLE and isinstance(value, float):
                    raise ValueError(f"{name} is {value}, expected a whole number.")
                if value > _MOST.get(name, value):
                    raise ValueError(f"{name} is {value}, expected at most {_MOST[name]:,}.")
            if name in _CHOICES and value not in _CHOICES[name]:
                raise ValueError(
                    f"{name} is {value!r}, expected {' or '.join(map(repr, _CHOICES[name]))}."
                )


@dataclass(frozen=True)
class OneHotSettings(Settings):
    """The settings of a vocabulary alone."""


@dataclass(frozen=True)
class CooccurrenceSettings(Settings):
    """The settings of raw counts (``count_cooccurrences``).

    Attributes:
        window: The largest distance of two words.
        weighting: "harmonic" (a pair at distance d weighs 1 / d) or "flat" (1).
        symmetric: Whether a pair counts for both of its words, or for the later one only.
        memory: Memory for the counting, as "64MB"; the rest goes to the temporary folder.
    """

    window: int = 5
    weighting: str = "harmonic"
    symmetric: bool = True
    memory: int | str | None = None


@dataclass(frozen=True)
class PpmiSettings(CooccurrenceSettings):
    """The settings of positive pointwise mutual information (``ppmi``).

    Attributes:
        shift: A number k; its logarithm is subtracted from each value, which corresponds to k
            negatives of skip-gram.
        smoothing: Exponent of the counts of the contexts.
    """

    shift: float = 1.0
    smoothing: float = 0.75


@dataclass(frozen=True)
class PpmiSvdSettings(PpmiSettings):
    """The settings of dense vectors from PPMI by a truncated SVD (``svd_vectors``).

    Attributes:
        vector_size: Length of a vector.
        eigenvalue_weighting: Exponent of the singular values.
    """

    vector_size: int = 100
    eigenvalue_weighting: float = 0.5


@dataclass(frozen=True)
class GloveSettings(CooccurrenceSettings):
    """The settings of GloVe (``train_glove``).

    Attributes:
        vector_size: Length of a vector.
        epochs: Number of times that each count is trained on.
        x_max: The smallest count with full weight. 10 is the value of the authors' demonstration
            on 17 million words, and suits corpora of that size. Their paper (Pennington et al.,
            2014) uses 100 for billions of words.
        weight_exponent: Exponent of the weight of smaller counts, the alpha of the paper.
        learning_rate: The size of the first steps.
    """

    window: int = 10
    vector_size: int = 100
    epochs: int = 25
    x_max: float = 10.0
    weight_exponent: float = 0.75
    learning_rate: float = 0.05


@dataclass(frozen=True)
class SharedSkipGramSettings(Settings):
    """The settings of skip-gram with negatives shared within a window (``train_skip_gram``).

    Names and defaults are those of gensim.

    Attributes:
        vector_size: Length of a vector.
        window: The largest distance of two words; each word draws its own, from 1 to this.
        epochs: Number of times that the corpus is trained on.
        negative: Number of negative samples of a window; None for 5.
        ns_exponent: Exponent of the counts by which negatives are drawn.
        sample: A word with a larger share of the corpus is skipped at random now and then; 0
            keeps all words.
        alpha: The learning rate at the beginning.
        min_alpha: The learning rate at the end.
    """

    vector_size: int = 100
    window: int = 5
    epochs: int = 5
    negative: int | None = None
    ns_exponent: float = 0.75
    sample: float = 1e-3
    alpha: float = 0.025
    min_alpha: float = 1e-4

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.negative is None:
            object.__setattr__(self, "negative", 5)
        if self.negative == 0 and not getattr(self, "hs", 0):
            raise ValueError("negative is 0, expected at least 1: nothing would be trained.")
        if self.min_alpha > self.alpha:
            raise ValueError(
                f"min_alpha is {self.min_alpha}, expected at most alpha, {self.alpha}."
            )


@dataclass(frozen=True)
class Word2VecSettings(SharedSkipGramSettings):
    """The settings of CBOW and skip-gram (Mikolov et al., 2013): names and defaults of gensim.

    Attributes:
        hs: 1 for hierarchical softmax (a Huffman tree). Then ``negative`` is 0 by default, and not
            5 as in gensim; both together are possible.
    """

    hs: int = 0

    def __post_init__(self) -> None:
        if self.negative is None and self.hs:
            object.__setattr__(self, "negative", 0)
        super().__post_init__()


@dataclass(frozen=True)
class FastTextSettings(Word2VecSettings):
    """The settings of fastText (Bojanowski et al., 2017): names and defaults of gensim.

    Attributes:
        sg: 1 for skip-gram, 0 for CBOW. The default is 1, as in the authors' program, and not 0 as
            in gensim.
        min_n: Length of the shortest n-grams, in characters.
        max_n: Length of the longest n-grams, in characters.
        bucket: Number of vectors that all n-grams share, each of the length ``vector_size``:
            2,000,000 of the length 100 take 0.8 GB, in memory and on disk, however small the
            corpus is.
    """

    sg: int = 1
    min_n: int = 3
    max_n: int = 6
    bucket: int = 2_000_000

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.max_n < self.min_n:
            raise ValueError(f"max_n is {self.max_n}, expected at least min_n, {self.min_n}.")


KINDS: Mapping[str, type[Settings]] = {
    "one-hot": OneHotSettings,
    "cooccurrence": CooccurrenceSettings,
    "ppmi": PpmiSettings,
    "ppmi-svd": PpmiSvdSettings,
    "cbow": Word2VecSettings,
    "skip-gram": Word2VecSettings,
    "skip-gram-shared": SharedSkipGramSettings,
    "glove": GloveSettings,
    "fasttext": FastTextSettings,
}


def make_settings(kind: str, options: Mapping[str, Any]) -> Settings:
    """Return the settings of a kind with the given options.

    Raises:
        ValueError: If the kind is unknown, it has no such option, or a value is out of range.
    """
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}, expected one of {', '.join(KINDS)}.")
    known = [field.name for field in fields(KINDS[kind])]
    wrong = [name for name in options if name not in known]
    if wrong:
        raise ValueError(
            f"{' and '.join(wrong)}: no option of {kind} vectors, which have {', '.join(known)}."
        )
    return KINDS[kind](**options)
