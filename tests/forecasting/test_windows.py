"""Windows hold what a slice of the series holds, and cost no memory of their own."""

import tracemalloc
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch.utils.data import DataLoader

from hf_recurrent.forecasting import Series, SeriesWindows
from hf_recurrent.forecasting.frequencies import time_features
from tests.common.bad_input import assert_one_sentence

START = pd.Timestamp("2024-01-29")


def series(*lengths: int) -> list[Series]:
    return [
        Series(f"s{n}", np.arange(length, dtype=np.float32) + 100 * n, "D", START)
        for n, length in enumerate(lengths)
    ]


def test_every_window() -> None:
    given = series(7, 2, 5)
    given[0].values[3] = np.nan
    windows = SeriesWindows(given, past=3, future=2, features=["day_of_month"])
    places = [(n, begin) for n, each in enumerate(given) for begin in range(1, len(each) - 1)]
    assert len(windows) == len(places) == 5 + 0 + 3
    for number, (owner, begin) in enumerate(places):
        row, values = windows[number], given[owner].values
        steps = np.arange(begin - 3, begin + 2)
        expected = [values[s] if s >= 0 and np.isfinite(values[s]) else 0 for s in steps]
        seen = [float(s >= 0 and np.isfinite(values[s])) for s in steps]
        assert torch.cat([row["past_values"], row["future_values"]]).tolist() == expected
        masks = [row[f"{part}_observed_mask"] for part in ("past", "future")]
        assert torch.cat(masks).tolist() == seen
        stamps = pd.DatetimeIndex([START + pd.Timedelta(int(s), "D") for s in steps])
        features = torch.cat([row["past_time_features"], row["future_time_features"]])
        np.testing.assert_array_equal(features, time_features(["day_of_month"], stamps))


def test_forecast_windows_reach_beyond_the_end() -> None:
    covariates = np.arange(10, dtype=np.float32).reshape(10, 1)
    given = [Series("a", np.ones(6, np.float32), covariates=covariates)]
    row = SeriesWindows(given, 4, 3, ends=[6])[0]
    assert row["past_values"].tolist() == [1] * 4
    assert row["future_observed_mask"].tolist() == [0] * 3
    assert row["past_time_features"].flatten().tolist() == [2, 3, 4, 5]
    assert row["future_time_features"].flatten().tolist() == [6, 7, 8]


def test_covariates_of_the_past_have_no_future() -> None:
    rain = np.array([[5], [np.nan], [7], [8]], np.float32)
    given = [
        Series("a", np.ones(4, np.float32), past_covariates=rain),
        Series("b", np.ones(3, np.float32), past_covariates=-rain[:3]),
    ]
    windows = SeriesWindows(given, 3, 2, ends=[4, 2])
    found = windows.batch([0, 1])["past_dynamic_real_features"]
    np.testing.assert_array_equal(found[0], rain[1:])
    np.testing.assert_array_equal(found[1], [[np.nan], *-rain[:2]])
    assert "past_dynamic_real_features" not in SeriesWindows(
        given, 3, 2, ends=[4, 2], past_covariates=False
    ).batch([0])


def test_drawn_windows_are_whole_batches_of_all_series() -> None:
    windows = SeriesWindows(series(300, 6), 3, 2, drawn=64, seed=1)
    loader = DataLoader(windows, batch_size=32, collate_fn=SeriesWindows.collate)
    batches = [batch["future_values"] for batch in loader]
    assert [tuple(batch.shape) for batch in batches] == [(32, 2)] * 2
    share = ((torch.cat(batches)[:, 0] >= 100) & (torch.cat(batches)[:, 0] < 106)).float().mean()
    assert 0.3 < share < 0.7  # the short series is drawn as often


def test_drawn_windows_follow_from_seed_epoch_and_place() -> None:
    def futures(given: SeriesWindows, places: range, **options: Any) -> torch.Tensor:
        loader = DataLoader(
            given, sampler=places, batch_size=4, collate_fn=SeriesWindows.collate, **options
        )
        return torch.cat([batch["future_values"] for batch in loader])

    windows = SeriesWindows(series(300), 3, 2, drawn=16, seed=1)
    first = futures(windows, range(16))
    windows.set_epoch(1)
    second = futures(windows, range(16))
    assert not torch.equal(first, second)
    # Workers and ranks have other places each, and a resumed run begins within an epoch.
    assert torch.equal(futures(windows, range(16), num_workers=2), second)
    resumed = SeriesWindows(series(300), 3, 2, drawn=16, seed=1)
    resumed.set_epoch(1)
    assert torch.equal(futures(resumed, range(8, 16)), second[8:])


def test_memory_does_not_depend_on_the_number_of_windows() -> None:
    given = series(*[2000] * 50)
    size = sum(each.values.nbytes for each in given)
    tracemalloc.start()
    windows = SeriesWindows(given, 100, 20, ["day_of_month"], drawn=10_000)
    for _ in range(20):
        windows.batch(range(32))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(given) * 1880 * 120 * 4 > 40e6  # what all windows would take
    assert peak < 2 * size + 1e6


def test_places_count_from_the_end_too() -> None:
    windows = SeriesWindows(series(7, 5), past=3, future=2)
    last = windows[len(windows) - 1]
    assert all(torch.equal(value, last[name]) for name, value in windows[-1].items())


def test_series_of_lists_and_texts() -> None:
    given = Series("a", [1, 2, None], "D", "2024-01-29", [[1], [2], [3]])
    assert given.values.dtype == given.covariates.dtype == np.float32
    assert np.isnan(given.values[2])
    assert given.times(1)[-1] == "2024-02-01"
    with pytest.raises(ValueError, match=r"'b': values has shape \(3, 1\), expected \(steps,\)"):
        Series("b", np.zeros((3, 1)))


def test_covariates_are_there_for_all_steps() -> None:
    plain, told = Series("a", np.ones(9)), Series("b", np.ones(9), covariates=np.ones((9, 1)))
    for given, ends in (([plain, told], None), ([told, plain], None), ([told], [9])):
        with pytest.raises(ValueError, match="covariates of") as caught:
            SeriesWindows(given, past=3, future=2, ends=ends)
        assert_one_sentence(caught.value)
    with pytest.raises(ValueError, match="no series"):
        SeriesWindows([], past=3, future=2)


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="longest has 4 steps, and training needs 6"):
        SeriesWindows(series(4, 3), 3, 5)
    with pytest.raises(ValueError, match="drawn for an epoch is 0, expected 1 or more"):
        SeriesWindows(series(9), 3, 2, drawn=0)
    plain = [Series("a", np.ones(9, np.float32))]
    with pytest.raises(ValueError, match="no time stamps"):
        SeriesWindows(plain, 3, 2, ["day_of_month"])
