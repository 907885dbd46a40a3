"""Forecasts of the series of a file, for the command line."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from transformers import AutoModelForTimeSeriesPrediction

from ..._whole import write_whole
from ...forecasting.forecasts import Forecast, forecast
from ...forecasting.reading import read_series
from ...forecasting.series import Series
from ...metrics.forecasting import LEVELS
from ..loading import load_model
from .page import fan_chart

_PAST = 3  # horizons before the forecast in a chart
_MOST = 8  # charts
_PAGE = Markup(
    '<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Forecasts</title>\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    "<style>svg {{ display: block; width: 100%; max-width: 40rem; height: auto; }}</style>\n"
    "<body>\n{charts}\n</body></html>\n"
)


def forecast_lines(
    source: str,
    files: Sequence[str],
    trust_remote_code: bool = False,
    *,
    horizon: int | None = None,
    output: str | None = None,
    **columns: Any,
) -> Iterator[str]:
    """Yield the forecasts of the series of files as lines of CSV.

    Args:
        source: A folder, or an id of the Hub.
        files: Tables or .tsf files.
        trust_remote_code: Whether code in the model's folder may run.
        horizon: How many steps; the model's own number by default.
        output: A file that ends in ".csv" to write the lines to, with fan charts beside it as
            ".svg", one for each of the first series, and all of these on a page, ".html"; the
            lines then are the names of the files.
        **columns: See ``read_series``.

    Raises:
        OSError: If the model or a file cannot be read, or the output not be written.
        ValueError: If the model is for another task, or a file has a wrong form.
    """
    if horizon is not None and horizon < 1:
        raise ValueError(f"the horizon is {horizon}, expected at least 1 step.")
    if output is not None and not output.lower().endswith(".csv"):
        raise ValueError(f"{output}: expected a name that ends in .csv.")
    if output is not None and any(Path(output).resolve() == Path(file).resolve() for file in files):
        raise ValueError(
            f"{output} holds the series themselves, expected another file for the forecasts."
        )
    model = load_model(
        source,
        AutoModelForTimeSeriesPrediction,
        title="forecasting",
        part="output layer",
        noun="a model that forecasts series",
        trust_remote_code=trust_remote_code,
    )
    lines = [",".join(["item", "time", *(f"q{level:g}" for level in LEVELS)])]
    shown: list[tuple[Series, Forecast]] = []
    read = _own_names({file: read_series(file, **columns) for file in files})
    for file, series in read.items():
        try:
            found = forecast(model, series, horizon)
        except ValueError as error:
            raise ValueError(f"{file}: {error}") from None
        for each, told in zip(series, found, strict=True):
            shown.append((each, told))
            lines += _lines(each, told)
    if output is None:
        yield from lines
        return
    write_whole(Path(output), "\n".join(lines) + "\n")
    yield output
    stem = Path(output).with_suffix("")
    for number, (each, told) in enumerate(shown[:_MOST]):
        path = Path(f"{stem}-{number + 1}.svg" if number else f"{stem}.svg")
        write_whole(path, _chart(each, told))
        yield str(path)
    # Charts of a page are small enough for a phone.
    charts = [Markup(_chart(each, told, in_page=True)) for each, told in shown[:_MOST]]
    page = _PAGE.format(charts=Markup("\n").join(charts))
    write_whole(Path(f"{stem}.html"), str(page))
    yield f"{stem}.html"


def _own_names(read: dict[str, list[Series]]) -> dict[str, list[Series]]:
    """Return the series of files, with the name of the file before that of one in several."""
    files = Counter(item for series in read.values() for item in {each.item for each in series})
    return {
        file: [
            replace(each, item=f"{file}, {each.item}") if files[each.item] > 1 else each
            for each in series
        ]
        for file, series in read.items()
    }


def _lines(series: Series, told: Forecast) -> Iterator[str]:
    steps = told.quantiles.shape[1]
    name = series.item
    if any(sign in name for sign in ',"\n\r'):
        name = '"' + name.replace('"', '""') + '"'
    for step, time in enumerate(series.times(steps)[len(series) :]):
        yield ",".join([name, time, *(f"{q:.6g}" for q in told.quantiles[:, step])])


def _chart(series: Series, told: Forecast, in_page: bool = False) -> str:
    steps = told.quantiles.shape[1]
    kept = series.values[-_PAST * steps :]
    labels = series.times(steps)[len(series) - len(kept) :]
    past = [float(value) if np.isfinite(value) else None for value in kept]
    levels = told.quantiles.tolist()
    return fan_chart(series.item, past, levels, labels=labels, in_page=in_page)
