"""The settings of each kind of word vectors; nothing heavy is imported here."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

__all__ = [
    "KINDS",
    "CooccurrenceSettings",
    "FastTextSettings",
    "GloveSettings",
    "OneHotSettings",
    "PpmiSettings",
    "PpmiSvdSettings",
    "Settings",
    "SharedSkipGramSettings",
    "Word2VecSettings",
    "make_settings",
]

# The smallest value of a setting, and whether it may be reached.
_LEAST: Mapping[str, tuple[float, bool]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("min_count", "max_vocabulary", "window", "dimension", "epochs"), (1, True)
        ),
        **dict.fromkeys(("min_ngram", "max_ngram", "buckets"), (1, True)),
        **dict.fromkeys(("negatives", "subsample", "min_learning_rate"), (0, True)),
        **dict.fromkeys(("learning_rate", "x_max", "alpha", "shift", "smoothing"), (0, False)),
    }
)
# Larger values would never finish training, or do not fit into files of vectors.
_MOST: Mapping[str, int] = MappingProxyType(
    {"dimension": 100_000, "negatives": 10_000, "buckets": 2**31 - 1}
)
_WHOLE = frozenset(
    ("min_count", "max_vocabulary", "window", "epochs", "min_ngram", "max_ngram", *_MOST)
)
_CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"weighting": ("harmonic", "flat"), "architecture": ("skip-gram", "cbow")}
)


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
        dimension: Length of a vector.
        eigenvalue_weighting: Exponent of the singular values.
    """

    dimension: int = 100
    eigenvalue_weighting: float = 0.5


@dataclass(frozen=True)
class GloveSettings(CooccurrenceSettings):
    """The settings of GloVe (``train_glove``).

    Attributes:
        dimension: Length of a vector.
        epochs: Number of times that each count is trained on.
        x_max: The smallest count with full weight: 10 suits millions of words, as in
            the authors' demonstration, and 100 billions, as in their paper.
        alpha: Exponent of the weight of smaller counts.
        learning_rate: The size of the first steps.
    """

    window: int = 10
    dimension: int = 100
    epochs: int = 25
    x_max: float = 10.0
    alpha: float = 0.75
    learning_rate: float = 0.05


@dataclass(frozen=True)
class Word2VecSettings(Settings):
    """The settings of CBOW and skip-gram (Mikolov et al., 2013), with the defaults of gensim.

    Attributes:
        dimension: Length of a vector.
        window: The largest distance of two words; each word draws its own, from 1 to this.
        epochs: Number of times that the corpus is trained on.
        negatives: Number of negative samples; None for 5, or 0 with hierarchical softmax.
        negative_exponent: Exponent of the counts by which negatives are drawn.
        hierarchical_softmax: Whether the output is a Huffman tree (hierarchical softmax).
        subsample: A word with a larger share of the corpus is skipped at random now and then; 0
            keeps all words.
        learning_rate: The learning rate at the beginning.
        min_learning_rate: The learning rate at the end.
    """

    dimension: int = 100
    window: int = 5
    epochs: int = 5
    negatives: int | None = None
    negative_exponent: float = 0.75
    hierarchical_softmax: bool = False
    subsample: float = 1e-3
    learning_rate: float = 0.025
    min_learning_rate: float = 1e-4

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.negatives is None:
            object.__setattr__(self, "negatives", 0 if self.hierarchical_softmax else 5)
        if not self.negatives and not self.hierarchical_softmax:
            raise ValueError(
                "negatives is 0, and without hierarchical_softmax nothing would be trained."
            )
        if self.min_learning_rate > self.learning_rate:
            raise ValueError(
                f"min_learning_rate is {self.min_learning_rate}, expected at most learning_rate, "
                f"{self.learning_rate}."
            )


@dataclass(frozen=True)
class SharedSkipGramSettings(Settings):
    """The settings of skip-gram with negatives shared within a window (``train_skip_gram``).

    Attributes:
        dimension: Length of a vector.
        window: The largest distance of two words; each word draws its own, from 1 to this.
        epochs: Number of times that the corpus is trained on.
        negatives: Number of negative samples of a window.
        negative_exponent: Exponent of the counts by which negatives are drawn.
        subsample: A word with a larger share of the corpus is skipped at random now and then; 0
            keeps all words.
        learning_rate: The learning rate at the beginning.
        min_learning_rate: The learning rate at the end.
    """

    dimension: int = 100
    window: int = 5
    epochs: int = 5
    negatives: int = 5
    negative_exponent: float = 0.75
    subsample: float = 1e-3
    learning_rate: float = 0.025
    min_learning_rate: float = 1e-4


@dataclass(frozen=True)
class FastTextSettings(Word2VecSettings):
    """The settings of fastText (Bojanowski et al., 2017), with the defaults of gensim.

    Attributes:
        architecture: "skip-gram" or "cbow".
        min_ngram: Length of the shortest n-grams, in characters.
        max_ngram: Length of the longest n-grams, in characters.
        buckets: Number of vectors that all n-grams share, each of the length ``dimension``:
            2,000,000 of the length 100 take 0.8 GB, in memory and on disk, however small the
            corpus is.
    """

    architecture: str = "skip-gram"
    min_ngram: int = 3
    max_ngram: int = 6
    buckets: int = 2_000_000

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.max_ngram < self.min_ngram:
            raise ValueError(
                f"max_ngram is {self.max_ngram}, expected at least min_ngram, {self.min_ngram}."
            )


KINDS: Mapping[str, type[Settings]] = MappingProxyType(
    {
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
)


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
