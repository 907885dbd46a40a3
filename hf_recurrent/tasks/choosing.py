"""Chooses among a few settings on validation, for models whose training is deterministic."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tqdm import tqdm

from .metric import Metric

Model = TypeVar("Model")


@dataclass(frozen=True)
class Chosen(Generic[Model]):
    """The result of a choice.

    Attributes:
        model: The best model on validation.
        validation: Its score on validation.
        seconds: Time of fitting this model, without the others.
        trials: The values of each choice, with its score on validation.
    """

    model: Model
    validation: float
    seconds: float
    trials: list[dict[str, Any]]


def choose(
    choices: Sequence[Mapping[str, Any]],
    fit: Callable[..., Model],
    score: Callable[[Model], float],
    metric: Metric,
    title: str,
) -> Chosen[Model]:
    """Fit a model for each choice, and keep the best on validation, the first of equal ones.

    Args:
        choices: Keywords for ``fit``; at least one choice.
        fit: Returns a fitted model.
        score: Returns the metric of a model on validation.
        metric: The metric.
        title: The text of the progress bar.
    """
    trials = []
    best: tuple[Model, float, float] | None = None
    for values in tqdm(choices, desc=title, disable=None, leave=False):
        start = time.perf_counter()
        model = fit(**values)
        seconds = time.perf_counter() - start
        reached = score(model)
        trials.append({"values": dict(values), "validation": reached})
        if best is None or metric.is_better(reached, best[1]):
            best = model, reached, seconds
    assert best is not None
    return Chosen(*best, trials)
