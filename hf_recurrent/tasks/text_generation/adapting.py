"""Rows whose model learns from the text that it is judged on: dynamic evaluation and a cache.

Their figures are no properties of fixed weights, so they are beside the plain rows and are not
held against the floors.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Any

import numpy as np

from ...training import cache_evaluation, dynamic_evaluation, gradient_squares
from .scoring import TokenScorer

# Tokens between two steps of dynamic evaluation: the paper has 5, which takes six times as long.
_WINDOW = 32
# Tokens of training from which the mean squared gradients are estimated.
_SQUARES_TOKENS = 100_000
_RATES = (3e-5, 1e-4, 3e-4)
_SHARES, _FLATNESS = (0.05, 0.1, 0.2), (0.1, 0.3, 1.0)

Evaluate = Callable[..., float]


def adaptive_scorer(
    model: Any, evaluation: str, train: np.ndarray, sample: Sequence[np.ndarray]
) -> tuple[TokenScorer, str]:
    """Return a scorer of texts that begins each of them with the trained model, and its settings.

    The settings are those with the lowest loss on a sample of the validation part. All tokens of a
    text get their mean log-probability.

    Args:
        model: The trained language model.
        evaluation: "dynamic" or "cache".
        train: The token ids of the training part.
        sample: The token ids of each text of the sample.
    """
    evaluate: Evaluate
    choices: Iterable[dict[str, Any]]
    if evaluation == "dynamic":
        squares = gradient_squares(model, train[:_SQUARES_TOKENS])
        fixed: dict[str, Any] = {"window": _WINDOW, "squares": squares}
        evaluate = dynamic_evaluation
        choices = ({"learning_rate": rate, "decay": 1e-3} for rate in _RATES)
    else:
        fixed, evaluate = {}, cache_evaluation
        choices = (
            {"share": share, "flatness": flatness}
            for share, flatness in product(_SHARES, _FLATNESS)
        )

    def scores(texts: Sequence[np.ndarray], options: dict[str, Any]) -> list[np.ndarray]:
        return [
            np.full(len(ids) - 1, -evaluate(model, ids, **fixed, **options))
            if len(ids) > 1
            else np.zeros(0)
            for ids in texts
        ]

    def loss(options: dict[str, Any]) -> float:
        total = -math.fsum(found.sum() for found in scores(sample, options))
        return total if math.isfinite(total) else math.inf

    best = min(choices, key=loss)
    told = ", ".join(f"{name} {value:g}" for name, value in best.items())
    return lambda texts: scores(texts, best), told
