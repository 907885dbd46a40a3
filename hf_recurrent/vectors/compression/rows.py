"""Matrices with rows that are kept as codes, and decoded when they are looked up."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from ..._wording import check_least

ROWS_AT_ONCE = 1 << 14
# As in faiss, at most 256 points a centroid: more rows hardly move the centroids.
_TRAINING_ROWS = 1 << 16
_CENTROIDS = 256
_MOST_STEPS = 25
# The arrays that have an entry for each row.
_BY_ROW = ("codes", "scales")
_FLOATS = ("F32", "F16", "BF16")


class CodedRows(ABC):
    """A matrix (rows, dimension) of float32 that is kept as codes.

    It is indexed like an array, by a row, a slice or an array of rows, and only those rows are
    decoded. ``np.asarray`` decodes all of it.

    Attributes:
        method: Name of the coding.
        kept: Names of the arrays.
        arrays: The arrays by name; ``models/quantized.py`` has buffers of these names and shapes.
        shape: Of the matrix.
    """

    method: ClassVar[str]
    kept: ClassVar[tuple[str, ...]] = ("codes",)
    ndim = 2
    dtype = np.dtype(np.float32)

    def __init__(self, arrays: dict[str, np.ndarray], shape: tuple[int, int]) -> None:
        self.arrays, self.shape = arrays, shape

    @classmethod
    @abstractmethod
    def encode(cls, matrix: Any, **settings: Any) -> "CodedRows":
        """Make the codes of a matrix (rows, dimension)."""

    @classmethod
    @abstractmethod
    def fits(cls, shapes: dict[str, Any], rows: int, dimension: int) -> bool:
        """Check whether the arrays of a file can be such a matrix.

        Args:
            shapes: Shape and type, as safetensors names it, of each of ``kept``; None if missing.
            rows: Rows of the matrix.
            dimension: Its columns.
        """

    @abstractmethod
    def decode(self, rows: Any) -> np.ndarray:
        """Return vectors, float32; ``rows`` is any index of an array's first dimension."""

    def select(self, rows: slice | np.ndarray) -> "CodedRows":
        """Return some of the rows with their codes, which are shared for a slice."""
        arrays = {k: v[rows] if k in _BY_ROW else v for k, v in self.arrays.items()}
        return type(self)(arrays, (len(arrays["codes"]), self.shape[1]))

    def with_zeros(self, count: int) -> "CodedRows":
        """Return these rows followed by rows of zeros, which all codings write as zeros."""
        arrays = {
            k: np.pad(v, [(0, count)] + [(0, 0)] * (v.ndim - 1)) if k in _BY_ROW else v
            for k, v in self.arrays.items()
        }
        return type(self)(arrays, (len(self) + count, self.shape[1]))

    @property
    def nbytes(self) -> int:
        """Size of all arrays in bytes."""
        return sum(array.nbytes for array in self.arrays.values())

    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[np.ndarray]:
        """Decode the rows of a range, block by block."""
        stop = len(self) if stop is None else min(stop, len(self))
        for first in range(start, stop, ROWS_AT_ONCE):
            yield self.decode(slice(first, min(first + ROWS_AT_ONCE, stop)))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> np.ndarray:
        if isinstance(index, tuple):
            rows, *columns = index
            return self.decode(rows)[..., *columns]
        return self.decode(index)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self.decode(slice(None)).astype(dtype or self.dtype, copy=False)


class HalfRows(CodedRows):
    """Numbers of half precision, kept as whole numbers with the same bits: half the size."""

    method = "fp16"

    @classmethod
    def encode(cls, matrix: Any, **settings: Any) -> "HalfRows":
        """Round each number.

        Raises:
            ValueError: If a number is too large for half precision.
        """
        codes = np.empty(matrix.shape, dtype=np.float16)
        for rows, block in _blocks(matrix):
            if np.abs(block).max(initial=0) > np.finfo(np.float16).max:
                raise ValueError(
                    "The vectors hold a number above 65,504, which fp16 cannot: take int8 or pq."
                )
            codes[rows] = block
        return cls({"codes": codes.view(np.int16)}, codes.shape)

    @classmethod
    def fits(cls, shapes: dict[str, Any], rows: int, dimension: int) -> bool:
        """See the base class."""
        return shapes == {"codes": ((rows, dimension), "I16")}

    def decode(self, rows: Any) -> np.ndarray:
        """See the base class."""
        return self.arrays["codes"][rows].view(np.float16).astype(np.float32)


class Int8Rows(CodedRows):
    """Whole numbers of 8 bits and a scale a row: a quarter of the size and 4 bytes a row."""

    method = "int8"
    kept = ("codes", "scales")

    @classmethod
    def encode(cls, matrix: Any, **settings: Any) -> "Int8Rows":
        """Divide each row by a 127th of its largest number, and round."""
        codes = np.empty(matrix.shape, dtype=np.int8)
        scales = np.empty(len(codes), dtype=np.float32)
        for rows, block in _blocks(matrix):
            scales[rows] = np.abs(block).max(axis=1, initial=0) / np.float32(127)
            steps = np.where(scales[rows] == 0, np.float32(1), scales[rows])
            # Scales of the smallest numbers of all are not exact, hence the bounds.
            codes[rows] = np.rint(block / steps[:, None]).clip(-127, 127)
        return cls({"codes": codes, "scales": scales}, codes.shape)

    @classmethod
    def fits(cls, shapes: dict[str, Any], rows: int, dimension: int) -> bool:
        """See the base class."""
        scales, kind = shapes["scales"] or (None, None)
        return (
            shapes["codes"] == ((rows, dimension), "I8") and scales == (rows,) and kind in _FLOATS
        )

    def decode(self, rows: Any) -> np.ndarray:
        """See the base class."""
        return self.arrays["codes"][rows] * self.arrays["scales"][rows][..., None]


class ProductRows(CodedRows):
    """Product quantisation: one byte for a few neighbouring numbers (Jegou et al. 2011).

    The dimensions are cut into sub-spaces, and in each a row is replaced by the nearest of 256
    centroids. Centroid 0 is zero, so that a row of zeros, as of padding, stays zeros.
    """

    method = "pq"
    kept = ("codes", "codebooks")

    @classmethod
    def encode(
        cls, matrix: Any, *, subspace_size: int = 2, seed: int = 0, **settings: Any
    ) -> "ProductRows":
        """Find the centroids by k-means over at most 65,536 rows, and code all rows by them.

        Args:
            matrix: (rows, dimension).
            subspace_size: Dimensions of a sub-space; the last is filled up with zeros.
            seed: Seed of the rows and of k-means.
            **settings: Not used.
        """
        generator = np.random.default_rng(seed)
        count = min(len(matrix), _TRAINING_ROWS)
        chosen = np.sort(generator.choice(len(matrix), count, replace=False))
        sample = _cut(np.asarray(matrix[chosen], dtype=np.float32), subspace_size)
        codebooks = np.zeros((sample.shape[1], _CENTROIDS, subspace_size), dtype=np.float32)
        for number, codebook in enumerate(codebooks):
            _find_centroids(np.ascontiguousarray(sample[:, number]), codebook, seed)
        codes = np.empty((len(matrix), len(codebooks)), dtype=np.uint8)
        for rows, block in _blocks(matrix):
            codes[rows] = _nearest(block, codebooks)
        return cls({"codes": codes, "codebooks": codebooks}, matrix.shape)

    @classmethod
    def fits(cls, shapes: dict[str, Any], rows: int, dimension: int) -> bool:
        """See the base class."""
        if shapes["codebooks"] is None:
            return False
        codebooks, kind = shapes["codebooks"]
        if len(codebooks) != 3 or codebooks[1] != _CENTROIDS or kind not in _FLOATS:
            return False
        parts, _, size = codebooks
        whole = parts * size >= dimension > (parts - 1) * size
        return shapes["codes"] == ((rows, parts), "U8") and whole

    def decode(self, rows: Any) -> np.ndarray:
        """See the base class."""
        codes, codebooks = self.arrays["codes"][rows], self.arrays["codebooks"]
        parts = codebooks[np.arange(len(codebooks)), codes]
        return parts.reshape(*codes.shape[:-1], -1)[..., : self.shape[1]]


CODINGS: dict[str, type[CodedRows]] = {c.method: c for c in (HalfRows, Int8Rows, ProductRows)}
METHODS = tuple(CODINGS)


def check_method(method: str, subspace_size: int) -> None:
    """Raise ``ValueError`` for an unknown method or a sub-space below 1."""
    if method not in CODINGS:
        raise ValueError(f"method is {method!r}, expected one of {', '.join(METHODS)}.")
    check_least(1, subspace_size=subspace_size)


def _blocks(matrix: Any) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield the rows of a matrix, block by block, as float32, each with its place."""
    for start in range(0, len(matrix), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        yield rows, np.asarray(matrix[rows], dtype=np.float32)


def _cut(block: np.ndarray, size: int) -> np.ndarray:
    """Cut rows (rows, dimension) into (rows, sub-spaces, size), filled up with zeros."""
    missing = -block.shape[1] % size
    filled = np.pad(block, ((0, 0), (0, missing))) if missing else block
    return filled.reshape(len(block), -1, size)


def _find_centroids(points: np.ndarray, codebook: np.ndarray, seed: int) -> None:
    """Write the centroids of points (points, size) after the first, which stays zero."""
    from sklearn.cluster import KMeans  # importing it takes as long as reading small vectors

    wanted = len(codebook) - 1
    different = np.unique(points[np.any(points != 0, axis=1)], axis=0)
    if len(different) <= wanted:
        codebook[1 : 1 + len(different)] = different
        return
    means = KMeans(wanted, init="random", n_init=1, max_iter=_MOST_STEPS, random_state=seed)
    codebook[1:] = means.fit(points).cluster_centers_


def _nearest(block: np.ndarray, codebooks: np.ndarray) -> np.ndarray:
    """Return the nearest centroid of each part of each row, (rows, sub-spaces)."""
    parts = _cut(block, codebooks.shape[2])
    codes = np.empty(parts.shape[:2], dtype=np.uint8)
    for number, codebook in enumerate(codebooks):
        # |x - c|^2 less |x|^2, which is the same for all centroids
        distances = np.square(codebook).sum(axis=1) - 2 * (parts[:, number] @ codebook.T)
        codes[:, number] = distances.argmin(axis=1)
    return codes
