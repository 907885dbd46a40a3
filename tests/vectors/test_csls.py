"""Neighbours by blocks against the formulas, pair by pair."""

import numpy as np
import pytest

from hf_recurrent.vectors import _csls
from hf_recurrent.vectors._csls import neighborhood_cosine, top_neighbors, unit_rows


@pytest.fixture(params=[1 << 23, 50])
def sides(request, monkeypatch) -> tuple[np.ndarray, np.ndarray]:
    # With 50 scores at once there are many blocks.
    monkeypatch.setattr(_csls, "_SCORES_AT_ONCE", request.param)
    generator = np.random.default_rng(0)
    return unit_rows(generator.normal(size=(37, 6))), unit_rows(generator.normal(size=(23, 6)))


def test_unit_rows() -> None:
    rows = np.array([[3.0, 4.0], [0.0, 0.0]])
    assert np.allclose(unit_rows(rows), [[0.6, 0.8], [0, 0]])
    assert rows[0, 0] == 3.0


def mean_of_nearest(row: np.ndarray, others: np.ndarray, count: int) -> float:
    return float(np.mean(sorted((float(row @ other) for other in others), reverse=True)[:count]))


@pytest.mark.parametrize("count", [1, 10, 99])
def test_the_mean_of_the_nearest(sides, count) -> None:
    rows, others = sides
    expected = [mean_of_nearest(row, others, count) for row in rows]
    assert np.allclose(neighborhood_cosine(rows, others, count), expected, atol=1e-6)


@pytest.mark.parametrize("count", [1, 3, 99])
@pytest.mark.parametrize("by_csls", [False, True])
def test_the_nearest(sides, count, by_csls) -> None:
    rows, others = sides
    r, s = neighborhood_cosine(rows, others, 4), neighborhood_cosine(others, rows, 4)
    means = {"row_means": r, "other_means": s} if by_csls else {}
    positions, scores = top_neighbors(rows, others, count, **means)
    assert positions.shape == scores.shape == (37, min(count, 23))
    for i, row in enumerate(rows):
        found = [float(row @ other) for other in others]
        if by_csls:
            found = [
                2 * cosine - mean_of_nearest(row, others, 4) - mean_of_nearest(others[j], rows, 4)
                for j, cosine in enumerate(found)
            ]
        order = sorted(range(23), key=lambda j: -found[j])[:count]
        assert positions[i].tolist() == order
        assert np.allclose(scores[i], [found[j] for j in order], atol=1e-6)
    if by_csls:
        without = top_neighbors(rows, others, count, other_means=s)[0]
        assert np.array_equal(without, positions)


def test_of_equal_scores_the_earlier_comes_first() -> None:
    others = unit_rows(np.array([[1, 0], [0, 1], [1, 0], [1, 0]]))
    assert top_neighbors(others[:1], others)[0].tolist() == [[0]]
    assert top_neighbors(others[:1], others, 4)[0].tolist() == [[0, 2, 3, 1]]
