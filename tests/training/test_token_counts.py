"""Tokens are counted in arrays, rows and data sets."""

from typing import Any

import numpy as np
import pytest
import torch

from hf_recurrent.training import count_tokens
from hf_recurrent.training import token_counts as module
from tests.common.bad_input import assert_one_sentence

IDS = [3, 1, 1, 0, 4, 1]


@pytest.mark.parametrize(
    "rows",
    [
        np.array(IDS, dtype=np.uint16),
        [IDS[:2], [], IDS[2:]],
        torch.tensor(IDS).view(2, 3),
        [{"input_ids": IDS[:2]}, {"labels": [*IDS[2:], -100], "input_ids": [2, 2, 2, 2, 2]}],
        [{"labels": [2, 2], "shift_labels": np.array([*IDS, -100])}],
    ],
    ids=["array", "lists", "tensor", "rows", "windows"],
)
def test_counts(rows: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_IDS", 4)
    assert count_tokens(rows, 6).tolist() == [1, 3, 0, 1, 1, 0]


def test_bad_rows() -> None:
    for rows, named in (
        ([[1], [7]], ["row 1", "7", "0 to 5"]),
        ([[-1]], ["row 0", "-1"]),
        ([{"text": "a"}], ["row 0", "text", "input_ids"]),
        ([[0.5]], ["row 0", "float64"]),
        (["ab"], ["row 0"]),
    ):
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is checked below
            count_tokens(rows, 6)
        assert_one_sentence(caught.value, *named)
