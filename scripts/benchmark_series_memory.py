"""Measure the memory of training a forecaster by the number and length of the series.

    python scripts/benchmark_series_memory.py

Each size has a process of its own, which makes series and their windows, takes some steps, and then
trains on by plain `Trainer`. "With the data" is resident before training goes on, beyond what is
resident without any series; "training" is how much higher it rises then. The peak is that of
Linux (/proc), forgotten when training begins. The network and its windows are those of
`hf-recurrent benchmark`: hours, 24 to forecast, lags up to a month, windows drawn at random.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from transformers import PrinterCallback, Trainer, TrainingArguments

from hf_recurrent import RecurrentForTimeSeriesPrediction
from hf_recurrent.forecasting import Series, SeriesWindows
from hf_recurrent.tasks.time_series_forecasting.fitting import Shape, recurrent_config

HORIZON, WARM_UP = 24, 20


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--sizes", nargs="+", default=["100x10000", "1000x10000"], help="series x steps")
    add("--training-steps", type=int, default=300, help="of 32 windows (default: 300)")
    add("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        measure(*sizes(options.one), options.training_steps)
        return
    print("| series | steps | values, MiB | with the data, MiB | training, MiB more |")
    print("|---|---|---|---|---|", flush=True)
    for size in options.sizes:
        sizes(size)
        command = [sys.executable, __file__, "--one", size]
        subprocess.run([*command, "--training-steps", str(options.training_steps)], check=True)


def sizes(text: str) -> tuple[int, int]:
    """Return the numbers of "1000x10000"."""
    many, _, steps = text.partition("x")
    if not (many.isdigit() and steps.isdigit()):
        raise SystemExit(f"error: the size is {text!r}, expected one such as 1000x10000.")
    return int(many), int(steps)


def resident(name: str = "VmRSS") -> float:
    """Return the resident memory of this process in MiB, or its peak as ``VmHWM``."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    raise SystemExit("error: /proc/self/status does not tell the memory: this needs Linux.")


def measure(many: int, steps: int, training_steps: int) -> None:
    """Print the row of one size."""
    torch.set_num_threads(1)
    train(make(4, steps), training_steps=WARM_UP)  # libraries are loaded by the first steps
    empty = resident()
    series = make(many, steps)
    windows = train(series, training_steps=WARM_UP)
    before = resident()
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak of the past
    train(series, training_steps, windows)
    more = resident("VmHWM") - before
    values = sum(each.values.nbytes for each in series) / 2**20
    print(
        f"| {many:,} | {steps:,} | {values:.1f} | {before - empty:.1f} | {more:.1f} |", flush=True
    )


def make(many: int, steps: int) -> list[Series]:
    """Return series of a day's wave and noise."""
    random, start = np.random.default_rng(0), pd.Timestamp("2020-01-01")
    wave = np.sin(np.arange(steps, dtype=np.float32) * np.float32(np.pi / 12))
    return [
        Series(f"s{number}", wave + random.standard_normal(steps, np.float32), "h", start)
        for number in range(many)
    ]


def train(
    series: list[Series], training_steps: int, windows: SeriesWindows | None = None
) -> SeriesWindows:
    """Train a network, on windows that are there or made here, and return them."""
    shape = Shape.of(series, HORIZON, season=24)
    config = recurrent_config(shape, cell_type="gru", scaling="std", anchor="last")
    model = RecurrentForTimeSeriesPrediction(config)
    windows = windows or SeriesWindows(
        series, config.past_length, HORIZON, shape.features, drawn=training_steps * 32
    )
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            folder,
            max_steps=training_steps,
            per_device_train_batch_size=32,
            logging_strategy="no",
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            use_cpu=True,
        )
        trainer = Trainer(model, arguments, SeriesWindows.collate, train_dataset=windows)
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    return windows


if __name__ == "__main__":
    main()
