"""Recordings at other speeds: the same way through the frames, drawn alike in every run."""

import numpy as np
import pytest

from hf_recurrent.training import LengthGroupedDataset, SpeedPerturbation, at_speed


def test_a_line_stays_a_line_from_its_first_frame_to_its_last() -> None:
    line = np.stack([np.arange(11.0), 5 - 2 * np.arange(11.0)], axis=1)
    for speed, frames in ((0.5, 22), (0.9, 12), (1.1, 10), (2.0, 6), (100.0, 1)):
        found = at_speed(line, speed)
        places = np.linspace(0, 10, frames)
        expected = np.stack([places, 5 - 2 * places], axis=1)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, atol=1e-5)
    assert np.array_equal(at_speed(line, 1.0), line.astype(np.float32))
    assert at_speed(np.zeros((0, 2)), 0.9).shape == (0, 2)


def make_rows(speeds=(0.5, 1.0, 2.0), seed: int = 3) -> SpeedPerturbation:
    rows = [{"input_features": np.full((4, 1), n), "labels": [n]} for n in range(40)]
    return SpeedPerturbation(LengthGroupedDataset(rows, 4, seed), speeds, seed)


def lengths(rows: SpeedPerturbation) -> dict[int, int]:
    return {row["labels"][0]: len(row["input_features"]) for row in (rows[n] for n in range(40))}


def test_speeds_change_with_the_epoch_and_never_with_the_run() -> None:
    rows = make_rows()
    first = lengths(rows)
    assert len(rows) == 40
    assert sorted(first) == list(range(40))
    assert set(first.values()) == {2, 4, 8}
    rows.set_epoch(1)
    second = lengths(rows)
    assert second != first
    again = make_rows()
    again.set_epoch(1)
    assert lengths(again) == second
    rows.set_epoch(0)
    assert lengths(rows) == first
    assert lengths(make_rows(seed=4)) != first


@pytest.mark.parametrize("speeds", [[], [0.0], [1.0, -1.0], [float("nan")], [float("inf")]])
def test_what_is_no_speed_is_refused(speeds: list[float]) -> None:
    with pytest.raises(ValueError, match="above 0"):
        make_rows(speeds)
