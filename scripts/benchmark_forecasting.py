"""Measure windows a second of a forecaster in training and sampling, beside GluonTS's DeepAR.

    python scripts/benchmark_forecasting.py --seconds 10

The same series, cell (LSTM), layers, width, context, horizon, lags, time features, batch, samples
and threads, one after the other in one process. Training is plain `Trainer` here and lightning
there, both without checkpoints. With one thread seconds are those of the processor, so that other
programs do not count. GluonTS is not a dependency: `pip install gluonts[torch]`, which
asks for pandas below 3; without it the script says so and measures one side alone.
"""

import argparse
import tempfile
import time
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from transformers import Trainer, TrainerCallback, TrainingArguments

from hf_recurrent import RecurrentForTimeSeriesPrediction, RecurrentTimeSeriesConfig
from hf_recurrent.forecasting import Series, SeriesWindows, forecast, lags_for, time_feature_names

FREQ, START = "h", "2020-01-01"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--seconds", type=float, default=10.0, help="of training for each (default: 10)")
    add("--series", type=int, default=100, help="default: 100")
    add("--steps", type=int, default=2000, help="of each series (default: 2000)")
    add("--horizon", type=int, default=24, help="also the context (default: 24)")
    add("--batch", type=int, default=32, help="default: 32")
    add("--hidden", type=int, default=40, help="default: 40")
    add("--samples", type=int, default=100, help="default: 100")
    add("--threads", type=int, default=1, help="default: 1")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    random = np.random.default_rng(0)
    wave = 10 + 3 * np.sin(np.arange(options.steps) * np.pi / 12)
    values = (wave + random.normal(size=(options.series, options.steps))).astype(np.float32)
    print(f"{options.series} series of {options.steps} hours, {vars(options)}")
    print("| | training, windows/s | sampling, windows/s |\n|---|---|---|")
    own = measure_own(values, options)
    print(f"| hf-recurrent | {own[0]:.0f} | {own[1]:.1f} |", flush=True)
    try:
        import gluonts.torch  # noqa: F401
    except ImportError as error:
        print(f"GluonTS is not here ({error}): pip install 'gluonts[torch]'")
        return
    other = measure_gluonts(values, options)
    print(f"| GluonTS's DeepAR | {other[0]:.0f} | {other[1]:.1f} |")
    print(f"| times | {own[0] / other[0]:.2f} | {own[1] / other[1]:.2f} |")


def sampled(predict: Callable[[], int]) -> float:
    """Return the windows a second of a function that forecasts and says how many, run twice."""
    predict()
    start = now()
    return predict() / (now() - start)


def now() -> float:
    """Return seconds, those of the processor with one thread."""
    return time.process_time() if torch.get_num_threads() == 1 else time.perf_counter()


def measure_own(values: np.ndarray, options: argparse.Namespace) -> tuple[float, float]:
    """Return windows a second in training and in sampling."""
    names = time_feature_names(FREQ)
    config = RecurrentTimeSeriesConfig(
        prediction_length=options.horizon,
        context_length=options.horizon,
        lags_sequence=lags_for(FREQ),
        num_time_features=len(names),
        freq=FREQ,
        time_features=names,
        hidden_size=options.hidden,
        hidden_dropout=0.1,
        num_parallel_samples=options.samples,
    )
    model = RecurrentForTimeSeriesPrediction(config)
    series = [Series(str(n), row, FREQ, pd.Timestamp(START)) for n, row in enumerate(values)]
    windows = SeriesWindows(series, config.past_length, options.horizon, names, drawn=10**6)
    clock = Clock(options.seconds)
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            folder,
            per_device_train_batch_size=options.batch,
            train_sampling_strategy="sequential",
            learning_rate=1e-3,
            logging_strategy="no",
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            use_cpu=True,
        )
        collate = SeriesWindows.collate
        trainer = Trainer(
            model, arguments, collate, train_dataset=windows, callbacks=[TimedSteps(clock)]
        )
        trainer.train()
    return clock.rate * options.batch, sampled(lambda: len(forecast(model, series)))


class Clock:
    """Counts steps for some seconds, after ten that warm up."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.steps, self.rate = seconds, -10, 0.0

    def step(self) -> bool:
        """Count a step; return whether the time is over."""
        self.steps += 1
        if self.steps == 0:
            self.start = now()
        passed = now() - self.start if self.steps > 0 else 0.0
        if passed:
            self.rate = self.steps / passed
        return passed >= self.seconds


class TimedSteps(TrainerCallback):
    """Ends a ``Trainer`` when the time is over."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def on_step_end(self, args, state, control, **kwargs) -> None:
        """Count the step."""
        control.should_training_stop = self.clock.step()


def measure_gluonts(values: np.ndarray, options: argparse.Namespace) -> tuple[float, float]:
    """Return the same of GluonTS's DeepAR."""
    import logging

    import lightning.pytorch as lightning
    from gluonts.dataset.common import ListDataset
    from gluonts.torch import DeepAREstimator

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore")
    clock = Clock(options.seconds)

    class Timed(lightning.Callback):
        """Ends training when the time is over."""

        def on_train_batch_end(self, trainer, *given) -> None:
            trainer.should_stop = clock.step()

    data = ListDataset([{"start": START, "target": row} for row in values], freq=FREQ)
    estimator = DeepAREstimator(
        freq=FREQ,
        prediction_length=options.horizon,
        context_length=options.horizon,
        num_layers=2,
        hidden_size=options.hidden,
        lags_seq=lags_for(FREQ),
        batch_size=options.batch,
        num_batches_per_epoch=10**6,
        num_parallel_samples=options.samples,
    )
    transformation = estimator.create_transformation()
    module = estimator.create_lightning_module()
    loader = estimator.create_training_data_loader(
        transformation.apply(data, is_train=True), module
    )
    trainer = lightning.Trainer(
        accelerator="cpu",
        enable_progress_bar=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        logger=False,
        max_epochs=1,
        callbacks=[Timed()],
    )
    trainer.fit(module, loader)
    predictor = estimator.create_predictor(transformation, module)
    return clock.rate * options.batch, sampled(lambda: len([*predictor.predict(data)]))


if __name__ == "__main__":
    main()
