import random
from typing import Any

import numpy as np
import pytest
from datasets import Dataset
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.training import LengthGroupedDataset, length_grouped_order

LENGTHS = random.Random(0).choices(range(1, 61), k=1000)


def padded(order: np.ndarray, lengths: list[int], batch_size: int) -> int:
    """Return the tokens of all batches, padding counted."""
    batches = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    return sum(len(batch) * max(lengths[row] for row in batch) for batch in batches)


@given(
    st.lists(st.integers(0, 30), max_size=60),
    st.integers(1, 9),
    st.integers(0, 5),
    st.integers(1, 4),
)
def test_order_is_a_permutation(
    lengths: list[int], batch_size: int, epoch: int, batches_per_pool: int
) -> None:
    order = length_grouped_order(lengths, batch_size, 7, epoch, batches_per_pool)
    assert sorted(order.tolist()) == list(range(len(lengths)))
    again = length_grouped_order(lengths, batch_size, 7, epoch, batches_per_pool)
    assert np.array_equal(order, again)


def test_little_padding() -> None:
    order = length_grouped_order(LENGTHS, 16, seed=0, epoch=0)
    shuffled = np.random.default_rng(0).permutation(len(LENGTHS))
    tokens = sum(LENGTHS)
    assert padded(order, LENGTHS, 16) < 1.1 * tokens
    assert padded(shuffled, LENGTHS, 16) > 1.6 * tokens


def test_still_shuffled() -> None:
    orders = [length_grouped_order(LENGTHS, 16, seed, epoch) for seed, epoch in [(0, 0), (0, 1)]]
    full = len(LENGTHS) // 16 * 16
    together = []
    for order in orders:
        batches = order[:full].reshape(-1, 16)
        together.append({frozenset(batch) for batch in batches.tolist()})
        # Neither short batches first nor long ones: their order is chance.
        means = np.asarray(LENGTHS)[batches].mean(1)
        assert abs(np.corrcoef(means, np.arange(len(means)))[0, 1]) < 0.4
    assert not together[0] & together[1]
    other = length_grouped_order(LENGTHS, 16, 1, 0)
    assert not np.array_equal(other, orders[0])


def test_rows_of_one_length_are_only_shuffled() -> None:
    order = length_grouped_order([3] * 100, 8, seed=0, epoch=0)
    assert order.tolist() != list(range(100))


@pytest.mark.parametrize("table", [False, True], ids=["list", "table"])
def test_dataset_is_in_that_order(table: bool) -> None:
    rows: Any = [{"input_ids": [1] * n, "labels": i} for i, n in enumerate(LENGTHS[:50])]
    grouped = LengthGroupedDataset(Dataset.from_list(rows) if table else rows, 8, seed=3)
    assert len(grouped) == 50
    for epoch in (0, 1, 0):
        grouped.set_epoch(epoch)
        order = length_grouped_order(LENGTHS[:50], 8, 3, epoch)
        assert [grouped[i]["labels"] for i in range(50)] == order.tolist()
        assert [row["labels"] for row in grouped] == order.tolist()


def test_given_lengths_are_taken() -> None:
    rows = [{"labels": i} for i in range(6)]
    grouped = LengthGroupedDataset(rows, 2, lengths=[5, 1, 5, 1, 9, 9])
    pairs = [{grouped[i]["labels"], grouped[i + 1]["labels"]} for i in (0, 2, 4)]
    assert sorted(map(sorted, pairs)) == [[0, 2], [1, 3], [4, 5]]


def test_bad_arguments() -> None:
    rows = [{"input_ids": [1]}]
    with pytest.raises(ValueError, match="batch_size is 0, expected at least 1"):
        LengthGroupedDataset(rows, 0)
    with pytest.raises(ValueError, match="found 2 lengths for 1 row"):
        LengthGroupedDataset(rows, 1, lengths=[1, 2])
