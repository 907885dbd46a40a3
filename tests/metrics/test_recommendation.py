"""Ranks, recall, reciprocal ranks and nDCG by hand, and what is recommended."""

import math

import numpy as np
import pytest

from hf_recurrent.metrics import (
    NextItemRanking,
    RecommendedItems,
    conservative_ranks,
    rank_metrics,
    recommended_items,
)


def test_ties_and_scores_that_are_no_numbers_count_against_the_right_item() -> None:
    scores = [[3.0, 1.0, 3.0, 2.0], [0.0] * 4, [1.0, math.nan, 0.0, 2.0], [math.nan, 1, 1, 1]]
    assert conservative_ranks(scores, [0, 2, 0, 0]).tolist() == [2, 4, 3, 4]
    with pytest.raises(ValueError, match=r"scores have shape \(2, 3\) and targets \(3,\)"):
        conservative_ranks(np.zeros((2, 3)), [0, 1, 2])
    for wrong in (-1, 3):
        with pytest.raises(ValueError, match=f"The item {wrong} is none of 3 items"):
            conservative_ranks(np.zeros((2, 3)), [0, wrong])


def test_figures_by_hand() -> None:
    found = rank_metrics([1, 2, 3, 20, 21], 20)
    assert found == {
        "recall_at_20": 0.8,
        "mrr_at_20": pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 20) / 5),
        "ndcg_at_20": pytest.approx(sum(1 / math.log2(1 + r) for r in (1, 2, 3, 20)) / 5),
    }
    told = NextItemRanking().compute(predictions=[[0.1, 0.7, 0.2]], references=[2], k=1)
    assert told == {"recall_at_1": 0.0, "mrr_at_1": 0.0, "ndcg_at_1": 0.0}
    with pytest.raises(ValueError, match="no right item"):
        rank_metrics([])
    with pytest.raises(ValueError, match="k is 0"):
        rank_metrics([1], 0)


def test_coverage_and_popularity() -> None:
    told = RecommendedItems().compute(predictions=[[0, 1], [0], []], counts=[4, 1, 1, 2])
    assert told == {"coverage": 0.5, "popularity": 0.75}
    assert recommended_items([], [1, 2]) == {"coverage": 0.0, "popularity": 0.0}
    with pytest.raises(ValueError, match="The item 4 is none of 4 items"):
        recommended_items([[4]], [1, 1, 1, 1])
    with pytest.raises(ValueError, match="all 0"):
        recommended_items([[0]], [0])
