"""``evaluate`` metric for captions, CIDEr-D, without a network."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import datasets
import evaluate
import numpy as np

from .._wording import counted

_TEXT = datasets.Value("string")
_LONGEST, _SIGMA = 4, 6.0
_INPUTS = """
Args:
    predictions: The captions.
    references: The right captions of each, or one.
"""
Grams = Counter[tuple[str, ...]]


class CiderD(evaluate.Metric):
    """CIDEr-D (Vedantam et al. 2015): likeness of n-grams to those of the references, 0 to 10.

    An n-gram counts the less, the more of the judged clips have it in their references, so a figure
    depends on the whole set. With few clips, or the same references everywhere, it is near 0 or 0.
    Words are what is between spaces, in lower case. Papers often give 100 times the mean of
    scores that are a tenth of these: their 40 is 4.0 here.

    Example:
        >>> found = CiderD().compute(predictions=["a b c d", "e f"], references=["a b c d", "e f"])
        >>> round(found["cider_d"], 2)
        7.5
    """

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description="CIDEr-D of captions.",
            citation="",
            inputs_description=_INPUTS,
            features=[
                datasets.Features(predictions=_TEXT, references=_TEXT),
                datasets.Features(predictions=_TEXT, references=datasets.Sequence(_TEXT)),
            ],
        )

    def _compute(self, predictions: Sequence[str], references: Sequence[Any]) -> dict[str, float]:
        return {"cider_d": cider_d(predictions, references)}


def cider_d(predictions: Sequence[str], references: Sequence[Any]) -> float:
    """Return the mean of ``cider_d_scores``; see ``CiderD``."""
    return float(np.mean(cider_d_scores(predictions, references)))


def cider_d_scores(predictions: Sequence[str], references: Sequence[Any]) -> list[float]:
    """Return CIDEr-D of each caption.

    Args:
        predictions: The captions.
        references: The right captions of each, or one.

    Raises:
        ValueError: If there are no captions, or references of another number.
    """
    if len(predictions) != len(references) or not len(predictions):
        raise ValueError(
            f"There are {counted(len(predictions), 'caption')} and references of "
            f"{len(references):,}: expected as many, and at least one."
        )
    lists = [[each] if isinstance(each, str) else [*each] for each in references]
    if not all(lists):
        raise ValueError(f"Caption {lists.index([]) + 1} has no reference.")
    known = [[_grams(text) for text in own] for own in lists]
    frequency: Grams = Counter()
    for own in known:
        frequency.update({gram for grams in own for gram in grams})
    most = math.log(len(known))
    weights = {gram: most - math.log(count) for gram, count in frequency.items()}
    scores = []
    for text, own in zip(predictions, known, strict=True):
        grams = _grams(text)
        scores.append(float(np.mean([_likeness(grams, each, weights, most) for each in own])))
    return scores


def _grams(text: str) -> Grams:
    """Return how often a text has each n-gram of up to four words."""
    words = text.lower().split()
    return Counter(
        tuple(words[start : start + size])
        for size in range(1, _LONGEST + 1)
        for start in range(len(words) - size + 1)
    )


def _likeness(
    found: Grams, right: Grams, weights: dict[tuple[str, ...], float], most: float
) -> float:
    """Return ten times the mean over n of clipped cosines, less for another length."""
    total = 0.0
    for size in range(1, _LONGEST + 1):
        one, other = (
            {g: n * weights.get(g, most) for g, n in grams.items() if len(g) == size}
            for grams in (found, right)
        )
        product = sum(min(value, other[g]) * other[g] for g, value in one.items() if g in other)
        norms = [math.sqrt(sum(value**2 for value in vector.values())) for vector in (one, other)]
        if all(norms):
            total += product / (norms[0] * norms[1])
    words = [sum(n for gram, n in grams.items() if len(gram) == 1) for grams in (found, right)]
    shorter = math.exp(-((words[0] - words[1]) ** 2) / (2 * _SIGMA**2))
    return 10 * shorter * total / _LONGEST
