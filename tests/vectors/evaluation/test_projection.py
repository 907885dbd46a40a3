import numpy as np
import pytest

from hf_recurrent.vectors.evaluation.projection import principal_plane, project


def rows(count: int = 30, dimension: int = 6, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.normal(size=(count, dimension)).astype(np.float32) * np.arange(
        1, dimension + 1
    )


def test_the_plane_is_that_of_the_covariance() -> None:
    points, shares = principal_plane(rows())
    variances, directions = np.linalg.eigh(np.cov(rows().astype(np.float64), rowvar=False))
    plane = directions[:, :-3:-1]
    # Signs: the largest entry of each direction is positive, whatever the solver.
    plane *= np.sign(plane[np.abs(plane).argmax(axis=0), [0, 1]])
    assert np.allclose(points, (rows() - rows().mean(axis=0)) @ plane, atol=1e-5)
    assert np.allclose(shares, variances[:-3:-1] / variances.sum())


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_few_rows_few_dimensions_and_equal_rows(method) -> None:
    for case in (rows(3), rows(5, 1), np.ones((4, 3), dtype=np.float32), np.zeros((3, 2))):
        points = project(case, method)
        assert points.shape == (len(case), 2)
        assert np.isfinite(points).all()


def test_tsne_keeps_groups_together_and_repeats() -> None:
    generator = np.random.default_rng(0)
    groups = np.repeat(np.eye(3, 8) * 10, 12, axis=0) + generator.normal(size=(36, 8))
    points = project(groups, "tsne", seed=1)
    assert np.array_equal(points, project(groups, "tsne", seed=1))
    distances = np.linalg.norm(points[:, None] - points[None], axis=-1)
    np.fill_diagonal(distances, np.inf)
    assert (distances.argmin(axis=1) // 12 == np.arange(36) // 12).all()
    # Turned so that it spreads most across.
    assert points[:, 0].std() > points[:, 1].std()


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(ValueError, match="method must be one of pca, tsne, not 'umap'"):
        project(rows(), "umap")
