"""Training of networks that forecast: recurrent ones, and transformers' TimeSeriesTransformer."""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import median
from typing import Any

from transformers import (
    PreTrainedModel,
    PrinterCallback,
    TimeSeriesTransformerConfig,
    TimeSeriesTransformerForPrediction,
    Trainer,
    TrainingArguments,
    set_seed,
)

from ..._wording import counted
from ...forecasting.forecasts import forecast
from ...forecasting.frequencies import lags_for, time_feature_names
from ...forecasting.series import STEPS, Series, of_row
from ...forecasting.windows import SeriesWindows
from ...models.configuration_recurrent_time_series import RecurrentTimeSeriesConfig
from ...models.modeling_recurrent_time_series import RecurrentForTimeSeriesPrediction
from ...models.publishable import mark
from ...training import FiniteLoss, ThreadSearch, TimeBudget, thread_changes
from ..equal_cost import BudgetProgress, equal_arguments
from ..fitted import Fitted, save_whole
from ..model_rows import Work
from .named import SERIES

# Windows of an epoch, where epochs are counted.
EPOCH = 3200
_LONGEST_CONTEXT = 200


@dataclass(frozen=True)
class Shape:
    """What the data say of a network.

    Attributes:
        horizon: Steps to forecast.
        context: Steps to read before them.
        season: Steps of a season.
        lags: The lags.
        freq: The frequency, if it is known.
        features: The names of the time features.
        covariates: How many covariates there are that are known of the future too.
        past_covariates: How many there are of the past alone.
    """

    horizon: int
    context: int
    season: int
    lags: list[int]
    freq: str | None
    features: list[str]
    covariates: int
    past_covariates: int

    @classmethod
    def of(cls, series: Sequence[Series], horizon: int, season: int) -> "Shape":
        """Return the shape for training series."""
        middle = int(median(map(len, series)))
        first = series[0]
        longest = max(1, min(middle // 2, middle - horizon - 1))
        lags = lags_for(first.freq, longest) if first.freq else [1, 2, 3, 4, 5, 6, 7]
        if season > 1 and season <= longest:
            lags = sorted({*lags, season})
        dated = first.freq is not None and first.start is not None
        return cls(
            horizon,
            max(horizon, min(_LONGEST_CONTEXT, 2 * max(season, horizon), longest)),
            season,
            [lag for lag in lags if lag <= longest],
            first.freq,
            time_feature_names(first.freq) if dated and first.freq else [],
            first.covariates.shape[1],
            first.past_covariates.shape[1],
        )


def recurrent_config(shape: Shape, **values: Any) -> RecurrentTimeSeriesConfig:
    """Return the configuration of a network for data of a shape.

    Args:
        shape: What the data say.
        **values: ``anchor`` is "last", "season" or ``None``; ``dropout`` is that between layers;
            ``samples`` the number of paths; all others are fields of the configuration.
    """
    anchors = {"last": 1, "season": shape.season, None: None}
    fields = dict(values)
    anchor, dropout = fields.pop("anchor", None), fields.pop("dropout", 0.0)
    if anchor not in anchors:
        raise ValueError(f"anchor is {anchor!r}, expected last, season or none.")
    if fields.get("distribution_output") == "negative_binomial":  # counts have neither
        fields["scaling"], anchor = "mean", None
    return RecurrentTimeSeriesConfig(
        prediction_length=shape.horizon,
        context_length=shape.context,
        lags_sequence=shape.lags,
        anchor_lag=anchors[anchor],
        num_time_features=len(shape.features),
        num_dynamic_real_features=shape.covariates,
        num_past_dynamic_real_features=shape.past_covariates,
        freq=shape.freq,
        time_features=shape.features,
        season_length=shape.season,
        num_parallel_samples=fields.pop("samples", 100),
        hidden_dropout=dropout,
        **fields,
    )


_FIELDS = ("cell_type", "hidden_size", "num_hidden_layers", "distribution_output", "scaling")


def fit_recurrent(work: Work) -> Fitted:
    """Train a recurrent network, for the figure on validation and then anew."""

    def make(shape: Shape) -> PreTrainedModel:
        told = work.values
        values = {n: told[n] for n in (*_FIELDS, "anchor", "dropout", "samples") if n in told}
        return RecurrentForTimeSeriesPrediction(recurrent_config(shape, **values))

    return _refitted(work, make)


def fit_transformer(work: Work) -> Fitted:
    """Train transformers' TimeSeriesTransformer for as long."""

    def make(shape: Shape) -> PreTrainedModel:
        values = work.values
        width = values["d_model"]
        config = TimeSeriesTransformerConfig(
            prediction_length=shape.horizon,
            context_length=shape.context,
            lags_sequence=shape.lags,
            scaling=values["scaling"],
            num_time_features=len(shape.features),
            num_dynamic_real_features=shape.covariates,
            num_parallel_samples=values["samples"],
            d_model=width,
            encoder_layers=values["num_hidden_layers"],
            decoder_layers=values["num_hidden_layers"],
            encoder_ffn_dim=2 * width,
            decoder_ffn_dim=2 * width,
            dropout=values["dropout"],
        )
        config.time_features, config.freq = shape.features, shape.freq
        return TimeSeriesTransformerForPrediction(config)

    return _refitted(work, make)


def _refitted(work: Work, make: Callable[[Shape], PreTrainedModel]) -> Fitted:
    """Fit on the training part for the figure on validation, and anew on all before the test."""
    train = [of_row(row) for row in work.data["train"]]
    horizon, season = (work.data["train"][0][name] for name in STEPS)
    first = _fit(work, make, train, horizon, season)
    validation = work.score(first.predict)
    final = _fit(work, make, before_test(work.data), horizon, season)
    return replace(final, validation=validation)


def before_test(data: Any) -> list[Series]:
    """Return all series up to the first window of the test part."""
    longest = {row["series_name"]: of_row(row) for row in data["train"]}
    for row in data["validation"]:
        series = of_row(row)
        if len(series) > len(longest[series.item]):
            longest[series.item] = series
    return [*longest.values()]


def is_publishable(description: str) -> bool:
    """Check whether a model of some data may be published, by the name in their description."""
    spec = SERIES.get(description.partition(", from ")[0])
    return spec is None or spec.publishable


def _fit(
    work: Work,
    make: Callable[[Shape], PreTrainedModel],
    series: Sequence[Series],
    horizon: int,
    season: int,
) -> Fitted:
    """Train a model with the plain Trainer."""
    values, shape = work.values, Shape.of(series, horizon, season)
    set_seed(work.seed)
    model = make(shape)
    if not is_publishable(work.data["train"].info.description):
        mark(model)
    search = ThreadSearch(work.threads)
    timing: list[TimeBudget] = []
    if values["epochs"] is None:
        clock = time.process_time if work.threads == 1 else time.perf_counter
        timing.append(
            TimeBudget(values["seconds"], paused=lambda: search.trial_seconds, clock=clock)
        )
    config: Any = model.config
    windows = SeriesWindows(
        series,
        getattr(config, "past_length", None) or model.model._past_length,
        horizon,
        shape.features,
        shortest=min(horizon, shape.context),
        drawn=EPOCH,
        seed=work.seed,
        past_covariates=hasattr(config, "num_past_dynamic_real_features"),
    )
    with tempfile.TemporaryDirectory() as checkpoints:
        trainer = Trainer(
            model=model,
            args=TrainingArguments(
                **equal_arguments(values, work.seed, checkpoints), save_strategy="no"
            ),
            train_dataset=windows,
            data_collator=SeriesWindows.collate,
            callbacks=[FiniteLoss(), search, *timing, BudgetProgress(work.name, timing)],
        )
        trainer.remove_callback(PrinterCallback)
        start = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - start - search.trial_seconds
    model.eval()
    spent = values["seconds"] if timing else seconds
    seen = trainer.state.global_step * values["batch_size"]
    return Fitted(
        predict=partial(forecast, model),
        save=partial(save_whole, model, None),
        validation=float("nan"),
        parameters=model.num_parameters(),
        trainable_parameters=model.num_parameters(),
        training_seconds=seconds,
        training_rate=seen / spent,
        truncation="not cut",
        epochs=seen / EPOCH,
        note=f"{counted(trainer.state.global_step, 'step')} of {values['batch_size']} windows, "
        f"context {shape.context}, {counted(len(shape.lags), 'lag')} up to {max(shape.lags)}",
        threads=search.threads or 1,
        thread_changes=thread_changes(trainer.state.log_history),
        measure=lambda: {"training_windows_per_second": seen / spent},
    )
