"""The layout of a text as streams: each token is predicted once, in the order of the text."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.training import TextStreams


def read_in_place(rows: TextStreams) -> list[list[tuple[int, int]]]:
    """Return (token, token that it predicts) of each stream, following ``continues``."""
    found: dict[int, list[tuple[int, int]]] = {}
    for index, row in enumerate(rows):
        assert row["row"] == index
        before = int(row["continues"])
        pairs = list(zip(row["input_ids"].tolist(), row["shift_labels"].tolist(), strict=True))
        if before < 0:
            found[index] = pairs
        else:
            found[index] = found.pop(before) + pairs
    return [found[last] for last in sorted(found)]


@given(st.integers(2, 90), st.integers(1, 7), st.integers(1, 12), st.booleans(), st.integers(0, 3))
def test_each_token_is_predicted_once_in_order(
    tokens: int, streams: int, window: int, varied: bool, epoch: int
) -> None:
    if tokens <= streams:
        return
    rows = TextStreams(range(100, 100 + tokens), streams, window, random_windows=varied)
    rows.set_epoch(epoch)
    assert len(rows) % streams == 0
    read = read_in_place(rows)
    assert len(read) == streams
    predicted = [pair for stream in read for pair in stream if pair[1] != -100]
    assert predicted == [(token, token + 1) for token in range(100, 99 + tokens)]
    for start in range(0, len(rows), streams):
        step = [rows[start + place] for place in range(streams)]
        assert len({len(row["input_ids"]) for row in step}) == 1
        assert len(step[0]["input_ids"]) <= window or varied
        assert all((row["labels"] == row["input_ids"]).all() for row in step)
        assert all((row["shift_labels"][:-1] != -100).all() for row in step)
        assert step[0]["mean_items"] == pytest.approx((tokens - 1) * streams / len(rows))


def test_windows_are_as_equal_as_possible() -> None:
    rows = TextStreams(range(37), streams=1, window=35)
    assert [len(row["input_ids"]) for row in rows] == [18, 18]


def test_random_windows_differ_by_epoch_and_seed_and_not_in_number() -> None:
    def lengths(seed: int, epoch: int) -> list[int]:
        rows = TextStreams(range(30_000), 2, 70, random_windows=True, seed=seed)
        rows.set_epoch(epoch)
        return [len(rows[i]["input_ids"]) for i in range(0, len(rows), 2)]

    first = lengths(1, 0)
    assert first == lengths(1, 0)
    assert first != lengths(1, 1)
    assert first != lengths(2, 0)
    assert len(first) == len(lengths(1, 1)) == len(lengths(2, 0))
    many = np.array([n for seed in range(20) for n in lengths(seed, 0)])
    halved = many < 52
    assert 0.03 < halved.mean() < 0.07
    assert many[~halved].mean() == pytest.approx(70, abs=1)
    assert many[~halved].std() == pytest.approx(5, abs=0.7)
    assert many[halved].mean() == pytest.approx(35, abs=2)


@pytest.mark.parametrize("kind", ["list", "tensor", "uint16", "memory map"])
def test_ids_of_any_kind(kind: str, tmp_path: Path) -> None:
    ids = np.arange(50, dtype=np.uint16)
    np.save(tmp_path / "ids.npy", ids)
    given = {
        "list": ids.tolist(),
        "tensor": torch.arange(50),
        "uint16": ids,
        "memory map": np.load(tmp_path / "ids.npy", mmap_mode="r"),
    }[kind]
    row = TextStreams(given, 2, 10)[3]
    assert row["input_ids"].dtype == np.int64
    assert row["input_ids"].tolist() == list(range(32, 40))


def test_what_does_not_fit_is_one_sentence() -> None:
    with pytest.raises(ValueError, match="has 4 tokens, which is too short for 4 streams"):
        TextStreams(range(4), 4, 2)
    with pytest.raises(ValueError, match="has 0 tokens, which is too short for 1 stream:"):
        TextStreams([], 1, 2)
    with pytest.raises(ValueError, match="window is 0, expected at least 1"):
        TextStreams(range(9), 1, 0)
    with pytest.raises(ValueError, match=r"the ids have shape \(2, 3\), expected one dimension"):
        TextStreams(torch.zeros(2, 3), 1, 1)
    with pytest.raises(ValueError, match="the ids are of type float64, expected integers"):
        TextStreams([0.5, 1.5, 2.5], 1, 1)
    with pytest.raises(ValueError, match="the ids are of type <U3, expected integers"):
        TextStreams(["the", "old"], 1, 1)
    with pytest.raises(IndexError, match="row 2 does not exist, there are 2"):
        TextStreams(range(3), 2, 5)[2]
