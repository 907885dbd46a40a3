"""What can be set for each kind of word vectors; nothing heavy is imported here."""

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
# What no training ends with, or no file of vectors holds.
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
    """What every kind has: the choice of its words.

    Attributes:
        min_count: How often a word must come in the corpus.
        max_vocabulary: Number of words to keep at most, from the most frequent on; None for all.

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
    """Of a vocabulary alone."""


@dataclass(frozen=True)
class CooccurrenceSettings(Settings):
    """Of raw counts (`count_cooccurrences`).

    Attributes:
        window: The largest distance of two words.
        weighting: "harmonic" (a pair at distance d weighs 1 / d) or "flat" (1).
        symmetric: Whether a pair counts for both of its words, or for the later one only.
        memory: What counting may take, as "64MB"; the rest goes to the temporary folder.
    """

    window: int = 5
    weighting: str = "harmonic"
    symmetric: bool = True
    memory: int | str | None = None


@dataclass(frozen=True)
class PpmiSettings(CooccurrenceSettings):
    """Of positive pointwise mutual information (`ppmi`).

    Attributes:
        shift: Number k whose logarithm is taken off each value, as k negatives do in skip-gram.
        smoothing: Exponent of the contexts' counts.
    """

    shift: float = 1.0
    smoothing: float = 0.75


@dataclass(frozen=True)
class PpmiSvdSettings(PpmiSettings):
    """Of dense vectors from PPMI by a truncated SVD (`svd_vectors`).

    Attributes:
        dimension: Numbers of a vector.
        eigenvalue_weighting: Exponent of the singular values.
    """

    dimension: int = 100
    eigenvalue_weighting: float = 0.5


@dataclass(frozen=True)
class GloveSettings(CooccurrenceSettings):
    """Of GloVe (`train_glove`).

    Attributes:
        dimension: Numbers of a vector.
        epochs: How often each count is trained on.
        x_max: The count from which on a pair has full weight: 10 suits millions of words, as in
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
    """Of CBOW and skip-gram (Mikolov et al., 2013), with the defaults of gensim.

    Attributes:
        dimension: Numbers of a vector.
        window: The largest distance of two words; the distance in use is drawn anew for each word.
        epochs: How often the corpus is trained on.
        negatives: Words to tell each word from; None for 5, or none with hierarchical softmax.
        negative_exponent: Exponent of the counts by which negatives are drawn.
        hierarchical_softmax: Whether words are told apart along a Huffman tree.
        subsample: Share of the corpus from which on a word is passed over at random now and then;
            0 passes over none.
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
    """Of skip-gram whose negatives are shared within a window (`train_skip_gram`).

    Attributes:
        dimension: Numbers of a vector.
        window: The largest distance of two words.
        epochs: How often the corpus is trained on.
        negatives: Words to tell each window from.
        negative_exponent: Exponent of the counts by which negatives are drawn.
        subsample: Share of the corpus from which on a word is passed over now and then.
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
    """Of word vectors with n-grams (Bojanowski et al., 2017), with the defaults of gensim.

    Attributes:
        architecture: "skip-gram" or "cbow".
        min_ngram: Characters of the shortest n-grams.
        max_ngram: Characters of the longest n-grams.
        buckets: Number of vectors that all n-grams share, each `dimension` numbers: 2,000,000 of
            100 numbers take 0.8 GB, in memory and on disk, however small the corpus is.
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
    """Makes the settings of a kind from the options that were given.

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
