"""Projection of word vectors onto a plane."""

from typing import Literal, TypeAlias, get_args

import numpy as np

from ..._wording import check_choice

ProjectionMethod: TypeAlias = Literal["pca", "tsne"]
_MOST_PERPLEXITY = 30


def project(rows: np.ndarray, method: ProjectionMethod, seed: int = 0) -> np.ndarray:
    """Return a point ``(2,)`` for each row.

    Args:
        rows: ``(rows, dimension)``, at least three rows.
        method: "pca" or "tsne".
        seed: Seed of t-SNE.

    Raises:
        ValueError: If the method is unknown.
    """
    check_choice("method", method, get_args(ProjectionMethod))
    return principal_plane(rows)[0] if method == "pca" else tsne_plane(rows, seed)


def principal_plane(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the first two principal components, and their shares of the variance.

    In the direction of each component the largest entry by absolute value is positive, as
    scikit-learn has it, so that the plane does not depend on the solver.

    Returns:
        The points ``(rows, 2)`` and the shares ``(2,)``, float64.
    """
    # Imported here because the import takes a second.
    from sklearn.decomposition import PCA

    solver = PCA(min(2, *rows.shape), svd_solver="full")
    with np.errstate(invalid="ignore"):  # rows that are all equal have no variance to share
        points = solver.fit_transform(rows.astype(np.float64))
    missing = (0, 2 - points.shape[1])
    shares = np.nan_to_num(solver.explained_variance_ratio_)
    return np.pad(points, ((0, 0), missing)), np.pad(shares, missing)


def tsne_plane(rows: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return the points ``(rows, 2)`` of t-SNE (van der Maaten and Hinton 2008).

    The perplexity is 30, or a third of the number of other rows where these are fewer than 90. The
    points are rotated so that their first axis has the greatest variance.
    """
    # Imported here because the import takes a second.
    from sklearn.manifold import TSNE

    perplexity = min(_MOST_PERPLEXITY, (len(rows) - 1) / 3)
    start, _ = principal_plane(rows)
    # Scaled as scikit-learn scales its own start. Points that are all equal would never move.
    spread = start[:, 0].std()
    chosen = start / spread * 1e-4 if spread > 0 else "random"
    solver = TSNE(2, perplexity=perplexity, init=chosen, random_state=seed)
    points = solver.fit_transform(np.asarray(rows, dtype=np.float32))
    return principal_plane(points)[0]
