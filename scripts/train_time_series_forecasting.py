r"""Train a recurrent network that forecasts series.

    python scripts/train_time_series_forecasting.py --dataset co2 --output_dir my-forecaster
    python scripts/train_time_series_forecasting.py --dataset sales.csv --item_column shop \
        --target_column sold --distribution_output negative_binomial --output_dir my-sales

Copy it and change it. The best epoch by the loss on the validation windows is kept, the test part
is judged once, and the same command goes on where it was stopped. (The comparison, `hf-recurrent
benchmark`, fits each model anew on all that is before the test part.) Every option of transformers'
TrainingArguments is taken.
"""

import json
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import torch
from transformers import HfArgumentParser, Trainer, TrainingArguments, set_seed

from hf_recurrent import RecurrentForTimeSeriesPrediction
from hf_recurrent.benchmark.measure import latency
from hf_recurrent.benchmark.recipe import run_recipe
from hf_recurrent.forecasting import Series, SeriesWindows, forecast
from hf_recurrent.forecasting.series import STEPS, check_series, of_row
from hf_recurrent.models.publishable import mark
from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.records import recipe_record
from hf_recurrent.tasks.time_series_forecasting.fitting import (
    EPOCH,
    Shape,
    is_publishable,
    recurrent_config,
)
from hf_recurrent.tasks.time_series_forecasting.models import MODELS
from hf_recurrent.training import RECIPE, checkpoint_to_resume, train_or_resume

VALUES = MODELS["gru"].search.base
TASK = get_task("time-series-forecasting")


@dataclass
class DataArguments:
    """What to train on."""

    dataset: str = field(
        default=TASK.default_dataset,
        metadata={"help": "Name, table or .tsf file, or id of the Hub."},
    )
    files_dir: str | None = field(
        default=None, metadata={"help": "Folder of the files of named data sets."}
    )
    time_column: str | None = field(default=None, metadata={"help": "Time stamps."})
    target_column: str | None = field(
        default=None, metadata={"help": "Values, several with commas between them."}
    )
    item_column: str | None = field(default=None, metadata={"help": "Name of the series."})
    covariate_columns: str | None = field(
        default=None, metadata={"help": "Known for future steps too, with commas between them."}
    )
    past_covariate_columns: str | None = field(
        default=None, metadata={"help": "Known of the past alone, likewise."}
    )
    freq: str | None = field(default=None, metadata={"help": "Frequency, as pandas writes it."})
    season: int | None = field(default=None, metadata={"help": "Steps of a season."})
    horizon: int | None = field(default=None, metadata={"help": "Steps to forecast."})
    windows: int | None = field(default=None, metadata={"help": "Windows of the test part."})


@dataclass
class ModelArguments:
    """What to train."""

    cell_type: str = field(
        default="gru", metadata={"help": "rnn_tanh, rnn_relu, lstm, gru, mingru or minlstm."}
    )
    hidden_size: int = field(default=VALUES["hidden_size"], metadata={"help": "Width of states."})
    num_hidden_layers: int = field(
        default=VALUES["num_hidden_layers"], metadata={"help": "Number of layers."}
    )
    dropout: float = field(default=VALUES["dropout"], metadata={"help": "Between layers."})
    distribution_output: str = field(
        default="student_t", metadata={"help": "student_t, normal, negative_binomial, quantiles."}
    )
    scaling: str = field(default=VALUES["scaling"], metadata={"help": "mean, std or change."})
    anchor: str = field(
        default=VALUES["anchor"],
        metadata={"help": "Learn the change since the last value, or season; or none."},
    )
    epoch_windows: int = field(default=EPOCH, metadata={"help": "Random windows of an epoch."})
    threads: int = field(default=1, metadata={"help": "Threads on the CPU."})


def main() -> None:
    parser = HfArgumentParser((DataArguments, ModelArguments, TrainingArguments))
    parser.set_defaults(
        **RECIPE
        | {
            "learning_rate": VALUES["learning_rate"],
            "per_device_train_batch_size": VALUES["batch_size"],
            "metric_for_best_model": "loss",
            "greater_is_better": False,
        }
    )
    data_arguments, model_arguments, arguments = parser.parse_args_into_dataclasses()
    torch.set_num_threads(model_arguments.threads)
    settings = asdict(data_arguments) | asdict(model_arguments) | arguments.to_dict()
    checkpoint = checkpoint_to_resume(arguments.output_dir, settings)
    folder = Path(arguments.output_dir)
    results = folder / "test_results.json"
    if results.exists():
        print(results.read_text())
        return
    # Before anything random: the fresh weights depend on the seed.
    set_seed(arguments.seed)

    options = asdict(data_arguments)
    name, data_dir = options.pop("dataset"), options.pop("files_dir")
    data = TASK.load(name, data_dir, **options)
    series = [of_row(row) for row in data["train"]]
    horizon, season = (data["train"][0][key] for key in STEPS)
    shape = Shape.of(series, horizon, season)
    fields = asdict(model_arguments)
    del fields["threads"], fields["epoch_windows"]
    fields["anchor"] = None if fields["anchor"] == "none" else fields["anchor"]
    check_series(series, counts=fields["distribution_output"] == "negative_binomial")
    model = RecurrentForTimeSeriesPrediction(recurrent_config(shape, **fields))
    if not is_publishable(data["train"].info.description):
        mark(model)  # `hf-recurrent publish` reads it
    windows = partial(
        SeriesWindows, past=model.config.past_length, future=horizon, features=shape.features
    )
    judged_windows = [of_row(row) for row in data["validation"]]
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=windows(
            series,
            shortest=min(horizon, shape.context),
            drawn=model_arguments.epoch_windows,
            seed=arguments.seed,
        ),
        eval_dataset=windows(judged_windows, ends=[len(each) - horizon for each in judged_windows]),
        data_collator=SeriesWindows.collate,
    )
    train_or_resume(trainer, checkpoint)
    trainer.save_model()

    def predict(histories: list[Series]) -> list:
        return forecast(model, histories)

    inputs = TASK.inputs(data["test"])
    found = predict(inputs)
    judged = TASK.judge(found, data["test"], data["train"])
    # What its card tells: `hf-recurrent publish` reads it.
    recipe_record(trainer, TASK, name, data, judged, found, latency(predict, inputs)).save(folder)
    metrics = {f"test_{key}": value for key, value in judged.items()}
    trainer.save_metrics("test", metrics)
    print(json.dumps(metrics, indent=2))


if __name__ == "__main__":
    run_recipe(main, "the last epoch")
