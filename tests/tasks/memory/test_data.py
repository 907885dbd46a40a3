"""The rows of memory tasks are what their papers say, and the same for the same seed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hf_recurrent.tasks.memory.data import (
    BATCH_SIZE,
    BLANK,
    COPIED,
    MARK,
    MEMORY_DATASETS,
    adding_batch,
    copying_batch,
    load_rows,
)


@pytest.mark.parametrize("name", ["copying", "selective-copying"])
def test_rows_to_copy(name: str) -> None:
    rows = load_rows(name, 30, 4)["train"]
    assert len(rows) == 4 * BATCH_SIZE
    batch = copying_batch(rows[:])
    assert batch["input_ids"].shape == batch["labels"].shape == (128, 50)
    moved = 0
    for ids, labels, symbols in zip(*batch.values(), rows["symbols"], strict=True):
        before, after = ids[:39], ids[39:]
        assert after.tolist() == [MARK, *[BLANK] * COPIED]
        assert before[before != BLANK].tolist() == symbols
        assert labels.tolist() == [*[BLANK] * 40, *symbols]
        moved += before[:COPIED].tolist() != symbols
    assert moved == (0 if name == "copying" else 128)
    counts = np.bincount(np.ravel(rows["symbols"]), minlength=8)
    assert counts.min() > 100  # of 160 each


def test_places_are_drawn_alike() -> None:
    rows = load_rows("selective-copying", 11, 200)["train"]
    counts = np.bincount(np.ravel(rows["places"]), minlength=20)
    assert len(counts) == 20
    assert np.abs(counts / counts.mean() - 1).max() < 0.06


def test_rows_to_add() -> None:
    rows = load_rows("adding", 21, 100)["train"]
    batch = adding_batch(rows[:])
    values, marks = np.moveaxis(batch["input_features"], 2, 0)
    assert values.shape == (100 * BATCH_SIZE, 21)
    assert (marks[:, :10].sum(1) == 1).all()
    assert (marks[:, 10:].sum(1) == 1).all()
    assert set(np.unique(marks)) == {0, 1}
    assert {0, 10 + 10} <= set(np.nonzero(marks)[1])
    np.testing.assert_allclose((values * marks).sum(1), batch["labels"], rtol=1e-6)
    assert 0 <= values.min() < values.max() < 1
    assert values.mean() == pytest.approx(0.5, abs=0.01)
    assert batch["labels"].var() == pytest.approx(1 / 6, rel=0.05)
    assert len(np.unique(values)) > 0.99 * values.size


@pytest.mark.parametrize("name", MEMORY_DATASETS)
def test_seeds_fix_the_rows(name: str) -> None:
    batch: Callable[..., Any] = adding_batch if name == "adding" else copying_batch
    one, same, other = load_rows(name, "40", "3"), load_rows(name, 40, 1), load_rows(name, 41, 1)
    for part in ("validation", "test"):
        assert one[part].to_dict() == same[part].to_dict()
    assert one["train"][:BATCH_SIZE] == same["train"].to_dict()
    for rows, unlike in ((one["train"], one["test"]), (same["test"], other["test"])):
        first, second = (next(iter(batch(each[:9]).values())) for each in (rows, unlike))
        width = min(first.shape[1], second.shape[1])
        assert not np.array_equal(first[:, :width], second[:, :width])


def test_bad_input_is_one_sentence() -> None:
    for given, message in (
        ({"length": "x"}, "--length is 'x', expected a whole number from 10 to 10,000."),
        ({"length": 9}, "--length is '9'"),
        ({"steps": "0"}, "--steps is '0', expected a whole number from 1 to 100,000."),
    ):
        with pytest.raises(ValueError, match=message):
            load_rows("copying", **given)
    with pytest.raises(ValueError, match="is none of their names: expected copying or selective"):
        load_rows("rows.csv")
