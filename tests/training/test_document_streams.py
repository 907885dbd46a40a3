"""Documents as streams: each is read from its beginning, by a state of its own."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.training import DocumentStreams
from tests.training.test_state_carrier import WORDS, make_model, make_trainer, run


@given(st.lists(st.integers(0, 20), min_size=1), st.integers(1, 5), st.integers(1, 8))
def test_each_document_is_read_whole_in_one_place(
    sizes: list[int], streams: int, window: int
) -> None:
    if max(sizes) < 2:
        return
    ends = np.cumsum([0, *sizes])
    rows = DocumentStreams(np.arange(ends[-1]) + 500, ends[:-1].tolist(), streams, window)
    found: list[list[tuple[int, int]]] = []
    at: dict[int, int] = {}
    for index, row in enumerate(rows):
        real = row["attention_mask"].astype(bool)
        assert (row["shift_labels"][~real] == -100).all()
        assert real.tolist() == sorted(real, reverse=True)
        pairs = list(zip(row["input_ids"][real], row["shift_labels"][real], strict=True))
        before = int(row["continues"])
        if before >= 0:
            assert before == index - streams
            at[index] = at[before]
            found[at[index]] += pairs
        elif pairs:
            at[index] = len(found)
            found.append(pairs)
    expected = [
        [(500 + i, 501 + i) for i in range(a, b - 1)] for a, b in pairwise(ends) if b - a > 1
    ]
    assert sorted(found) == sorted(expected)
    assert rows.predicted == sum(map(len, expected))


def test_the_state_starts_anew_with_each_document(tmp_path: Path) -> None:
    chance = np.random.default_rng(3)
    sizes = [13, 2, 7, 1, 30, 9]
    documents = [chance.integers(0, WORDS, size) for size in sizes]
    starts = np.cumsum([0, *sizes[:-1]]).tolist()
    rows = DocumentStreams(np.concatenate(documents), starts, streams=2, window=5)
    model = make_model()
    trainer = make_trainer(model, tmp_path)
    found = trainer.evaluate(rows)["eval_loss"]
    model.eval()
    with torch.no_grad():
        total = sum(run(model, torch.tensor(ids), {})[0] for ids in documents if len(ids) > 1)
    assert found == pytest.approx(float(total) / (sum(sizes) - len(sizes)), rel=1e-5)


def test_what_does_not_fit_is_one_sentence() -> None:
    with pytest.raises(ValueError, match="expected ascending places of which the first is 0"):
        DocumentStreams(range(9), [0, 6, 4], 2, 3)
    with pytest.raises(ValueError, match="expected ascending places of which the first is 0"):
        DocumentStreams(range(9), [2, 6], 2, 3)
    with pytest.raises(ValueError, match="no document has two tokens"):
        DocumentStreams(range(3), [0, 1, 2], 2, 3)
    with pytest.raises(ValueError, match="streams is 0, expected at least 1"):
        DocumentStreams(range(3), [0], 0, 3)
    with pytest.raises(IndexError, match="row 2 does not exist, there are 2"):
        DocumentStreams(range(3), [0], 1, 1)[2]
