"""Time series forecasting: the next values of a series, with their uncertainty."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..._tasks import register_task
from ..base import Task, Units, refuse_to_explain
from ..data_info import SPLIT_OPTIONS, DataInfo, Option
from ..metric import Metric
from .models import DEFAULT_MODELS, MODELS

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

    from ..fitted import Fitted

_LIMITS = (
    "Values are forecast from all that is before each window; windows of the test part are rolled "
    "on by the horizon, and each model is fitted once, on all that is before the first of them.",
    "MASE divides by the error of the seasonal naive forecast on the past, with the season that "
    "GluonTS takes for the frequency; the row of the seasonal naive forecast names its own.",
)


class TimeSeriesForecasting(Task):
    """Quantiles of the values that follow a series."""

    id = "time-series-forecasting"
    title = "time series forecasting"
    head = "ForTimeSeriesPrediction"
    units = Units("window", "windows", "from a series to the quantiles of its future", "steps")
    metrics = (
        Metric(
            "mean_weighted_quantile_loss",
            "wQL",
            "Mean weighted quantile loss",
            higher_is_better=False,
            unit="",
            digits=5,
        ),
        Metric("mase", "MASE", higher_is_better=False, unit="", digits=3),
        Metric("smape", "sMAPE", higher_is_better=False, unit="", digits=4),
        Metric("band_coverage", "coverage of 80 %", "Coverage of the 80 % band"),
        Metric(
            "training_windows_per_second",
            "training",
            "Speed of training",
            unit="windows/s",
            digits=0,
        ),
    )
    chosen_by = "mean_weighted_quantile_loss"
    models = MODELS
    default_models = DEFAULT_MODELS
    default_dataset = "co2"
    key = staticmethod(lambda text: "")  # windows of equal text are no duplicates
    options = (
        SPLIT_OPTIONS[1],
        Option(
            "target_column",
            "of tables of series: the values, several with commas (default: all numbers)",
            "C,C",
        ),
        Option("item_column", "of tables of series: the name of each series", "C"),
        Option("covariate_columns", "of tables: columns known for future steps too", "C,C"),
        Option("past_covariate_columns", "of tables: columns known of the past alone", "C,C"),
        Option("freq", "of tables of series: their frequency, as pandas writes it", "FREQ"),
        Option("season", "steps of a season for the seasonal naive forecast", "N"),
        Option("horizon", "steps to forecast (default: a season, or 24)", "N"),
        Option("windows", "windows of the test part, each of a horizon (default: 5)", "N"),
        Option("config", "configuration of a data set of the Hub", "NAME"),
    )
    file_ends = (".tsf",)
    reads = ("past_values",)
    columns = ("series_name", "series_values", "series_start", "series_freq")
    cuts_rows = False
    typed = "data.csv"
    forecasts = True
    default_seeds = 3

    @property
    def datasets(self) -> Mapping[str, DataInfo]:
        """The data sets that have a name."""
        from .named import SERIES

        return SERIES

    def load(self, dataset: str, data_dir: str | None = None, **options: Any) -> "DatasetDict":
        """Load series; see ``data.py`` for the parts and their columns."""
        from .data import load_series

        return load_series(dataset, data_dir=data_dir, **options)

    def texts(self, rows: "Dataset") -> list[str]:
        """Return the name and the length of each series."""
        return [
            f"{item} {len(v)}"
            for item, v in zip(rows["series_name"], rows["series_values"], strict=True)
        ]

    def lengths(self, rows: "Dataset") -> Sequence[int]:
        """Return the numbers of steps."""
        return [len(values) for values in rows["series_values"]]

    def inputs(self, rows: "Dataset") -> list[Any]:
        """Return the series before each window."""
        from .data import histories

        return histories(rows)

    def judge(
        self, predictions: Sequence[Any], rows: "Dataset", train: "Dataset"
    ) -> dict[str, float]:
        """Return wQL, MASE, sMAPE and coverage."""
        from .judging import judge

        return judge(predictions, rows)

    def examples(
        self, fitted: "Fitted", data: "DatasetDict", predictions: Sequence[Any]
    ) -> list[dict[str, Any]]:
        """Return the forecast of a few windows."""
        from .judging import examples

        return examples(data["test"], predictions)

    def sections(self, results: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
        """Return the fan charts of the best model."""
        from .page import chart_sections

        return chart_sections(results)

    def limits(self) -> list[str]:
        """Return how windows are made and judged."""
        return [*_LIMITS]

    def card_limits(self, max_length: int) -> list[str]:
        """Return the same sentences."""
        return self.limits()

    def usage(self, source: str, example: str | None, has_tokenizer: bool) -> str:
        """Return lines that draw paths of the future of a series."""
        return f"""\
import hf_recurrent.forecasting as forecasting
from transformers import {self.auto_class}

model = {self.auto_class}.from_pretrained({source})
series = forecasting.read_series("data.csv")
forecasting.forecast(model, series)[0].median  # and .quantiles, from .1 to .9"""

    def predict(
        self,
        source: str,
        texts: Sequence[str],
        *,
        trust_remote_code: bool = False,
        explain: bool = False,
        **options: Any,
    ) -> Iterator[str]:
        """Yield the forecasts of the series of files as CSV; see ``forecasts``."""
        from .showing import forecast_lines

        refuse_to_explain(source, explain)
        return forecast_lines(source, texts, trust_remote_code, **options)


register_task(TimeSeriesForecasting())
