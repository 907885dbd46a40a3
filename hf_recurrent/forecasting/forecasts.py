"""Forecasts of series by a trained model: quantiles of its samples."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import PreTrainedModel

from ..metrics.forecasting import LEVELS
from .frequencies import same_step
from .series import Series, check_series
from .windows import SeriesWindows

_MEDIAN = LEVELS.index(0.5)
# Samples that are drawn at once.
_AT_ONCE = 4096


@dataclass(frozen=True)
class Forecast:
    """What is predicted of the steps that follow a series.

    Attributes:
        quantiles: (levels, steps) at ``LEVELS``.
    """

    quantiles: NDArray[np.float64]

    @property
    def median(self) -> NDArray[np.float64]:
        """The middle of the forecast (steps,)."""
        middle: NDArray[np.float64] = self.quantiles[_MEDIAN]
        return middle

    @classmethod
    def of_samples(cls, samples: NDArray[Any]) -> "Forecast":
        """Return the quantiles of samples (samples, steps)."""
        return cls(np.quantile(samples.astype(np.float64), LEVELS, axis=0))


@torch.inference_mode()
def forecast(
    model: PreTrainedModel,
    series: Sequence[Series],
    horizon: int | None = None,
    samples: int | None = None,
    seed: int = 0,
) -> list[Forecast]:
    """Return the forecasts of what follows each series.

    A series may be shorter than what the model reads, and have missing values. The model stays in
    its mode, and torch's generator in its state.

    Args:
        model: A ``RecurrentForTimeSeriesPrediction``, or a model of transformers with its
            interface.
        series: The series so far, with the frequency that the model was trained with. Covariates
            go on over the horizon, except for those of the past alone, which only models of this
            library read.
        horizon: How many steps; the model's own ``prediction_length`` by default.
        samples: How many samples; the model's own number by default.
        seed: The seed of the samples.

    Raises:
        ValueError: If the horizon is below 1 or one that the model cannot forecast, there is no
            sample, a series has no value, its frequency is not that of the model, or covariates
            are missing.
    """
    config: Any = model.config
    steps = config.prediction_length if horizon is None else horizon
    if steps < 1 or not float(steps).is_integer():
        raise ValueError(f"the horizon is {steps}, expected a whole number of at least 1 step.")
    steps = int(steps)
    if not series:
        return []
    if steps != config.prediction_length and not _is_own(model):
        raise ValueError(
            f"the horizon is {steps}, and a {type(model).__name__} always forecasts "
            f"{config.prediction_length} steps: leave the horizon out."
        )
    names = list(getattr(config, "time_features", None) or ())
    width = getattr(config, "num_dynamic_real_features", 0)
    past_width = getattr(config, "num_past_dynamic_real_features", None)  # None: not read
    check_series(series, counts=config.distribution_output == "negative_binomial")
    for each in series:
        if names and config.freq and each.freq and not same_step(config.freq, each.freq):
            raise ValueError(
                f"the series {each.item!r} has the frequency {each.freq}, and the model was "
                f"trained on {config.freq}."
            )
        found = each.past_covariates.shape
        wrong = found[1] != past_width or (past_width and found[0] != len(each))
        if wrong and past_width is not None:
            raise ValueError(
                f"the series {each.item!r} has {found[1]} covariates of the past for {found[0]} "
                f"steps, expected {past_width} for {len(each)}."
            )
        found = each.covariates.shape
        if found[1] != width or (width and found[0] < len(each) + steps):
            raise ValueError(
                f"the series {each.item!r} has {found[1]} covariates for {found[0]} steps, "
                f"expected {width} for {len(each) + steps}: those of the future too."
            )
    number = config.num_parallel_samples if samples is None else samples
    if number < 1:
        raise ValueError(f"the number of samples is {number}, expected at least 1.")
    past = getattr(config, "past_length", None) or model.model._past_length
    generate: Any = model.generate
    windows = SeriesWindows(
        series,
        past,
        steps,
        names,
        ends=[len(each) for each in series],
        past_covariates=past_width is not None,
    )
    told: list[Forecast] = []
    rows = max(1, _AT_ONCE // number)
    was_training = model.training
    model.eval()
    try:
        for first in range(0, len(series), rows):
            batch = windows.batch(range(first, min(first + rows, len(series))))
            batch = {name: tensor.to(model.device) for name, tensor in batch.items()}
            with _seeded(seed, model.device):
                drawn = generate(**inputs_of(model, batch, number)).sequences
            told += [Forecast.of_samples(row) for row in drawn.cpu().numpy()]
    finally:
        model.train(was_training)
    return told


@contextmanager
def _seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Give torch's generators a seed, and their states of before in the end."""
    devices = range(torch.cuda.device_count()) if device.type == "cuda" else ()
    with torch.random.fork_rng(devices):
        torch.manual_seed(seed)
        yield


def _is_own(model: PreTrainedModel) -> bool:
    """Check whether it is a model of this library, and none of transformers."""
    return hasattr(model, "params_of")


def inputs_of(model: PreTrainedModel, batch: dict[str, Any], samples: int) -> dict[str, Any]:
    """Return what ``generate`` reads of a batch of windows."""
    given = {k: v for k, v in batch.items() if k not in ("future_values", "future_observed_mask")}
    if _is_own(model):
        return {**given, "num_parallel_samples": samples, "prediction_length": _steps(batch)}
    return given


def _steps(batch: dict[str, Any]) -> int:
    return int(batch["future_values"].shape[1])
