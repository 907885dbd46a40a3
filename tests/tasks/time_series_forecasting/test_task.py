"""The comparison on series, from a table to the page, the card and the command."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from hf_recurrent.__main__ import main
from hf_recurrent._drawing import COLOURS, SOFT
from hf_recurrent.benchmark import BenchmarkSettings, benchmark
from hf_recurrent.forecasting.forecasts import Forecast
from hf_recurrent.hub import Record, plan
from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.model_rows import Search, Work
from hf_recurrent.tasks.time_series_forecasting.judging import examples
from hf_recurrent.tasks.time_series_forecasting.page import chart_sections, fan_chart

TASK = get_task("time-series-forecasting")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Two series with a season of six steps and little noise."""
    random = np.random.default_rng(0)
    steps = np.arange(150)
    wave = np.sin(steps * np.pi / 3)
    frame = pd.DataFrame(
        {
            "ds": pd.date_range("2023-01-01", periods=150, freq="D").strftime("%Y-%m-%d"),
            "small": 10 + wave + 0.05 * random.normal(size=150),
            "large": 500 + 200 * wave + 10 * random.normal(size=150),
        }
    )
    path = tmp_path / "waves.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = {"hidden_size": 8, "num_hidden_layers": 1, "learning_rate": 0.02, "dropout": 0.0}
    changes |= {"samples": 40, "d_model": 8}
    values = Search.values
    monkeypatch.setattr(
        Search, "values", lambda self, *given: [e | changes for e in values(self, *given)]
    )


@pytest.mark.parametrize(
    ("names", "epochs"),
    [
        (("naive", "seasonal-naive", "gru"), 1),
        pytest.param(
            ("naive", "lstm", "mingru", "lstm-quantiles", "transformer"), 2, marks=pytest.mark.slow
        ),
    ],
)
def test_a_comparison_on_series(
    names,
    epochs,
    small,
    no_children,
    table: Path,
    tmp_path: Path,
    capsys,
) -> None:
    settings = BenchmarkSettings(
        task="time-series-forecasting",
        dataset=str(table),
        models=names,
        epochs=epochs,
        seeds=1,
        threads=1,
        options={"horizon": "6", "windows": "2", "season": "6"},
    )
    output = tmp_path / "out"
    assert benchmark(settings, output) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "wQL" in printed
    rows = [json.loads(line) for line in (output / "results.jsonl").read_text().splitlines()]
    found = {row["job"]["model"]: row["result"] for row in rows}
    assert [*found] == [*names]
    keys = {metric.key for metric in TASK.metrics[:4]}
    naive = found["naive"]["test"]["mean_weighted_quantile_loss"]
    for name in names:
        assert set(found[name]["test"]) >= keys
        if name not in ("naive", "transformer"):
            assert found[name]["test"]["mean_weighted_quantile_loss"] < naive, name
    page = (output / "report.html").read_text(encoding="utf-8")
    assert "fitted anew on all that is before the test part" in page
    assert 'aria-label="Forecast of 6 steps of small' in page

    best = output / "best"
    assert Record.load(best).task == "time-series-forecasting"
    card = plan(best, "ada/waves").card
    assert "pipeline_tag: time-series-forecasting" in card
    assert "Mean weighted quantile loss" in card
    if "gru" not in names:
        return

    assert main(["predict", str(best), str(table), "--horizon", "9"]) == 0
    told = [*csv.DictReader(io.StringIO(capsys.readouterr().out))]
    assert [row["item"] for row in told] == ["small"] * 9 + ["large"] * 9
    assert told[0]["time"] == "2023-05-31"  # the day after the last
    levels = [name for name in told[0] if name.startswith("q")]
    assert levels == [f"q0.{n}" for n in range(1, 10)]
    values = np.array([[float(row[level]) for level in levels] for row in told])
    assert (np.diff(values, axis=1) >= 0).all()
    expected = 10 + np.sin(np.arange(150, 159) * np.pi / 3)
    assert np.abs(values[:9, 4] - expected).mean() < 0.6

    forecasts = tmp_path / "of.may.csv"
    assert main(["predict", str(best), str(table), "--output", str(forecasts)]) == 0
    named = capsys.readouterr().out.splitlines()
    assert [Path(name).name for name in named] == [
        *("of.may.csv", "of.may.svg", "of.may-2.svg", "of.may.html")
    ]
    assert len(forecasts.read_text().splitlines()) == 1 + 2 * 6
    ElementTree.parse(tmp_path / "of.may-2.svg")
    page = (tmp_path / "of.may.html").read_text(encoding="utf-8")
    assert "width=device-width" in page
    assert page.count('<svg viewBox="0 0 400 ') == 2
    for arguments, sentence in (
        (["--horizon", "0"], "the horizon is 0"),
        (["--output", "x.txt"], "ends in .csv"),
        (["--output", str(table)], "holds the series themselves"),
        (["--attention"], "no weights of words"),
        (["--target-column", "tiny"], "no column 'tiny'"),
    ):
        assert main(["predict", str(best), str(table), *arguments]) == 1
        assert sentence in capsys.readouterr().err


def test_covariates_of_the_future_are_needed(table: Path, tmp_path: Path, small) -> None:
    frame = pd.read_csv(table)
    frame["price"] = np.arange(150) % 6
    frame.to_csv(table, index=False)
    data = TASK.load(
        str(table), target_column="small", covariate_columns="price", horizon=6, windows=1
    )
    row = TASK.models["gru"]
    values = row.search.values(1, 1)[0] | row.config | {"epochs": 0.05, "threads": 1}
    fitted = row.fit(Work("gru", TASK, row, values, 0, 0, data))
    (found,) = fitted.predict(TASK.inputs(data["test"]))
    assert found.quantiles.shape == (9, 6)
    whole = [each.until(150) for each in TASK.inputs(data["test"])]
    short = whole[0].__class__("s", frame["small"].to_numpy(np.float32), "D", whole[0].start)
    with pytest.raises(ValueError, match="'s' has 0 covariates for 0 steps, expected 1 for 156"):
        fitted.predict([short])


@pytest.mark.parametrize("name", ["gru", "transformer"])
def test_covariates_of_the_past_alone(name: str, table: Path, small) -> None:
    """Networks of this library read them, and nothing of the future; a Transformer does without."""
    columns = {"target_column": "small", "past_covariate_columns": "large"}
    data = TASK.load(str(table), horizon=6, windows=1, **columns)
    row = TASK.models[name]
    values = row.search.values(1, 1)[0] | row.config | {"epochs": 0.02, "threads": 1}
    fitted = row.fit(Work(name, TASK, row, values, 0, 0, data))
    (series,) = TASK.inputs(data["test"])
    (found,) = fitted.predict([series])
    changed = series.past_covariates.copy()
    changed[-1] += 1000
    (other,) = fitted.predict([replace(series, past_covariates=changed)])
    assert np.array_equal(found.quantiles, other.quantiles) == (name == "transformer")
    if name == "gru":
        cut = replace(series, past_covariates=changed[:9])
        with pytest.raises(
            ValueError, match="covariates of the past for 9 steps, expected 1 for 144"
        ):
            fitted.predict([cut])


def test_chart_of_gaps() -> None:
    chart = fan_chart("a & b", [1.0, None, 3.0], [[2.0, 2.0]] * 9, [None, 2.5])
    assert chart.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert "a &amp; b" in chart
    # Every prefix is declared, without which no program opens the file.
    assert ElementTree.fromstring(chart).attrib["viewBox"] == "0 0 720 260"


def test_a_single_step_and_a_value_between_gaps_are_seen() -> None:
    """A line of one point draws nothing."""
    chart = fan_chart("a", [1.0, None, 3.0, 4.0], [[float(n)] for n in range(9)], [2.0])
    drawn = re.findall(r'd="M ([^"]*)"[^>]*stroke: (#\w+); stroke-width: (?:2|1\.2)\b', chart)
    seen = []
    for path, colour in drawn:
        points = [pair.split() for pair in path.split("L")]
        if len({tuple(point) for point in points}) > 1:
            seen.append((colour, points[0][1] == points[-1][1]))
    # Dashes are level: the median, the first value of the past and what came.
    assert sorted(seen) == sorted(
        [(COLOURS[0], True), (SOFT, True), (SOFT, False), (COLOURS[1], True)]
    )


def test_charts_of_the_page_have_the_dates_of_their_steps() -> None:
    days = [f"2024-01-{day:02}" for day in range(1, 11)]
    example = {"item": "<b>", "past": [1.0] * 8, "future": [1.0, None], "labels": days}
    told = {"examples": [example | {"quantiles": [[2.0, 2.0]] * 9}] * 2}
    ((_, _, html),) = chart_sections([told])
    assert html.count("<figure><svg") == 2
    assert html.count(">2024-01-05<") == 2
    assert "<b>" not in html


def test_examples_say_when_their_steps_are(table: Path) -> None:
    data = TASK.load(str(table), horizon=4, windows=1, target_column="small")
    (shown,) = examples(data["test"], [Forecast(np.ones((9, 4)))])
    assert len(shown["labels"]) == len(shown["past"]) + len(shown["future"]) == 16
    assert shown["labels"][-1] == "2023-05-30"
