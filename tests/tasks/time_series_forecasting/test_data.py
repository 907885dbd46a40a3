"""Series of a data set: windows by time, named sets, and sentences for what cannot be used."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hf_recurrent import RecurrentForTimeSeriesPrediction, RecurrentTimeSeriesConfig
from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.time_series_forecasting.data import futures, histories, load_series
from hf_recurrent.tasks.time_series_forecasting.fitting import Shape, before_test
from hf_recurrent.tasks.time_series_forecasting.floors import seasonal_naive, statistical
from hf_recurrent.tasks.time_series_forecasting.showing import forecast_lines
from tests.common.bad_input import assert_one_sentence

TASK = get_task("time-series-forecasting")


def write(path: Path, steps: int = 40) -> Path:
    stamps = pd.date_range("2024-01-01", periods=steps, freq="h")
    pd.DataFrame({"ds": stamps, "a": range(steps), "b": -1.0}).to_csv(path, index=False)
    return path


def test_windows_roll_on_by_the_horizon(tmp_path: Path) -> None:
    data = load_series(write(tmp_path / "t.csv"), horizon=4, windows="2")
    assert [len(values) for values in data["train"]["series_values"]] == [24, 24]
    assert [len(v) for v in data["validation"]["series_values"][:2]] == [28, 32]
    assert [len(v) for v in data["test"]["series_values"][:2]] == [36, 40]
    assert data["test"]["series_name"][:] == ["a", "a", "b", "b"]
    past, right = histories(data["test"])[1], futures(data["test"])[1]
    assert past.values[-1] == 35
    assert right.tolist() == [36, 37, 38, 39]
    assert str(past.index()[-1]) == "2024-01-02 11:00:00"
    assert [len(each) for each in before_test(data)] == [32, 32]
    assert data["test"]["season_steps"][0] == 24
    shape = Shape.of(before_test(data), 4, 24)
    assert (shape.lags, shape.context) == ([1, 2, 3, 4, 5, 6, 7], 16)
    assert shape.features[0] == "hour_of_day"


def test_histories_end_before_their_windows_with_what_is_known_of_the_past(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv")
    frame = pd.read_csv(path)
    frame.loc[3, "b"] = np.nan
    frame["c"] = -frame["a"]
    frame.to_csv(path, index=False)
    columns = {"target_column": "a", "covariate_columns": "c", "past_covariate_columns": "b"}
    data = load_series(path, horizon=4, windows=2, **columns)
    for rows in data.values():
        for each in histories(rows):
            assert (len(each.past_covariates), len(each.covariates)) == (len(each), 40)
            expected = np.where(np.arange(len(each)) == 3, np.nan, -1)[:, None]
            np.testing.assert_array_equal(each.past_covariates, expected)
    assert [len(each.past_covariates) for each in before_test(data)] == [32]
    assert Shape.of(before_test(data), 4, 24).past_covariates == 1


def test_a_window_without_a_value_is_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv")
    frame = pd.read_csv(path)
    frame.loc[36:, "b"] = np.nan
    frame.loc[10, "a"] = np.nan
    frame.to_csv(path, index=False)
    data = load_series(path, horizon=4, windows=2)
    assert data["test"]["series_name"][:] == ["a", "a", "b"]
    assert np.isnan(histories(data["test"])[0].values[10])


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"horizon": 0}, ["horizon is 0", "at least 1"]),
        ({"windows": "many"}, ["windows is 'many'"]),
        ({"horizon": 20}, ["too short", "40 steps", "202"]),
    ],
)
def test_bad_options(options, named, tmp_path: Path) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        load_series(write(tmp_path / "t.csv"), **options)
    assert_one_sentence(Exception(str(caught.value).replace(str(tmp_path), "")), *named)


def test_a_series_without_a_value(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv")
    frame = pd.read_csv(path)
    frame["b"] = np.nan
    frame.to_csv(path, index=False)
    with pytest.raises(ValueError, match="'b' has no value"):
        load_series(path, target_column="a,b")


def test_all_series_have_one_frequency(tmp_path: Path) -> None:
    path, stamps = tmp_path / "t.csv", [pd.date_range("2024-01-01", periods=20, freq="W-SUN")]
    for freq in ("W-MON", "h"):
        stamps = [stamps[0], pd.date_range("2024-01-01", periods=20, freq=freq)]
        rows = [f"{n},{day},{day.day}" for n, days in enumerate(stamps) for day in days]
        path.write_text("\n".join(["item,ds,y", *rows]))
        if freq == "W-MON":  # of the same step
            assert len(load_series(path, horizon=2, windows=1)["test"]) == 2
            continue
        with pytest.raises(ValueError, match=r"W-SUN \('0'\) and h \('1'\)") as caught:
            load_series(path, horizon=2, windows=1)
        assert_one_sentence(caught.value)


def test_series_of_several_files_are_told_apart(tmp_path: Path) -> None:
    config = RecurrentTimeSeriesConfig(prediction_length=1, hidden_size=4, num_parallel_samples=2)
    RecurrentForTimeSeriesPrediction(config).save_pretrained(tmp_path / "model")
    files = [tmp_path / name for name in ("a.csv", "b.csv")]
    for file, columns in zip(files, ("ds,y,x", "ds,y,z"), strict=True):
        file.write_text("\n".join([columns, *(f"2024-01-0{n},{n},1" for n in range(1, 8))]))
    names = [str(file) for file in files]
    lines = csv.reader(forecast_lines(str(tmp_path / "model"), names))
    assert [row[0] for row in lines][1:] == [f"{names[0]}, y", "x", f"{names[1]}, y", "z"]


def test_names_of_series_are_their_own(tmp_path: Path) -> None:
    head = ["@attribute state string", "@attribute shop string", "@frequency daily", "@data"]
    values = ",".join(map(str, range(30)))
    rows = [f"{name}:{values}" for name in ("Bern:a", "Bern:b")]
    path = tmp_path / "t.tsf"
    path.write_text("\n".join(head + rows) + "\n")
    data = load_series(path, horizon=3, windows=2)
    assert [each.item for each in before_test(data)] == ["Bern, a", "Bern, b"]
    path.write_text("\n".join(head + rows[:1] * 2) + "\n")
    with pytest.raises(ValueError, match="several series of the name 'Bern, a'"):
        load_series(path, horizon=3, windows=2)


def test_short_series_are_left_out_with_a_warning(tmp_path: Path) -> None:
    stamps = pd.date_range("2024-01-01", periods=30, freq="D").strftime("%Y-%m-%d")
    rows = ["ds,item,y"] + [f"{s},long,1" for s in stamps] + [f"{s},short,1" for s in stamps[:9]]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(rows) + "\n")
    with pytest.warns(UserWarning, match="1 short series is left out, the first 'short' of 9"):
        data = load_series(path, horizon=3, windows=2)
    assert data["train"]["series_name"][:] == ["long"]


def test_a_series_that_begins_late_is_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv")
    frame = pd.read_csv(path)
    frame.loc[:30, "b"] = np.nan
    frame.to_csv(path, index=False)
    with pytest.warns(UserWarning, match="left out, the first 'b'"):
        data = load_series(path, horizon=4, windows=2)
    assert set(data["test"]["series_name"]) == {"a"}


def test_columns_of_a_named_set(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="columns of 'co2' are known: time_column"):
        load_series("co2", time_column="x")
    with pytest.raises(OSError, match=r"air-passengers.*AirPassengers\.csv"):
        load_series("air-passengers", data_dir=tmp_path)


def test_naive_by_hand() -> None:
    past = np.array([1.0, 2, 4, 3], np.float32)
    found = seasonal_naive(past, 3)
    np.testing.assert_allclose(found.median, [3, 3, 3])
    deviation = np.sqrt((1 + 4 + 1) / 3)
    np.testing.assert_allclose(
        found.quantiles[-1], 3 + 1.2815515655446004 * deviation * np.sqrt([1, 2, 3])
    )
    seasonal = seasonal_naive(past, 3, season=2)
    np.testing.assert_allclose(seasonal.median, [4, 3, 4])
    width = np.sqrt((9 + 1) / 2)
    np.testing.assert_allclose(
        seasonal.quantiles[0], [4, 3, 4] - 1.2815515655446004 * width * np.sqrt([1, 1, 2])
    )
    assert seasonal_naive(past[:1], 2, season=7).median.tolist() == [1, 1]


@pytest.mark.parametrize("kind", ["AutoETS", "AutoTheta"])
def test_methods_of_statsforecast(kind: str) -> None:
    methods = pytest.importorskip(
        "statsforecast.models", reason="statsforecast (extra forecasting) is not installed"
    )
    values = 100 + np.random.default_rng(0).normal(size=60).cumsum().astype(np.float32)
    found = statistical(values, 4, kind, 1)
    own = getattr(methods, kind)(season_length=1).forecast(y=values.astype(float), h=4, level=[80])
    for level, name in ((0, "lo-80"), (4, "mean"), (8, "hi-80")):
        np.testing.assert_allclose(found.quantiles[level], own[name], rtol=1e-6)
    assert (np.diff(found.quantiles, axis=0) > 0).all()
    short = statistical(values[:1], 4, kind, 1)
    np.testing.assert_array_equal(short.quantiles, seasonal_naive(values[:1], 4).quantiles)


def test_floors_on_exchange_rates(real_data: Path) -> None:
    """The figures of GluonTS's protocol, which an independent script gave."""
    data = TASK.load("exchange-rate", str(real_data))
    assert (data["train"].num_rows, data["test"].num_rows) == (8, 40)
    inputs = TASK.inputs(data["test"])
    naive = [seasonal_naive(each.carried_forward(), 30) for each in inputs]
    found = TASK.judge(naive, data["test"], data["train"])
    assert found["mean_weighted_quantile_loss"] == pytest.approx(0.00773, abs=5e-6)
    assert found["mase"] == pytest.approx(1.492, abs=5e-4)
    assert found["band_coverage"] == pytest.approx(0.93, abs=5e-3)
