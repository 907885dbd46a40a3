"""Time warping against the recursion of its definition."""

import numpy as np
import pytest

from hf_recurrent.tasks.templates import Templates


def by_recursion(a: np.ndarray, b: np.ndarray) -> float:
    table = np.full((len(a) + 1, len(b) + 1), np.inf)
    table[0, 0] = 0
    for i in range(len(a)):
        for j in range(len(b)):
            least = min(table[i, j], table[i, j + 1], table[i + 1, j])
            table[i + 1, j + 1] = np.linalg.norm(a[i] - b[j]) + least
    return table[-1, -1] / (len(a) + len(b))


@pytest.mark.parametrize("time", [1, 4, 9])
def test_distances_by_the_definition(time: int) -> None:
    chance = np.random.default_rng(time)
    kept = [chance.normal(size=(n, 3)).astype(np.float32) for n in (5, 1, 7, 3)]
    given = chance.normal(size=(time, 3)).astype(np.float32)
    templates = Templates(kept, "abcd")
    expected = [by_recursion(given, each) for each in kept]
    np.testing.assert_allclose(templates.distances(given), expected, rtol=1e-4)
    assert templates.nearest(given) == "abcd"[int(np.argmin(expected))]
