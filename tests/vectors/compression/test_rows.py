import numpy as np
import pytest

from hf_recurrent.vectors.compression.rows import CODINGS, CodedRows, ProductRows


def numbers(rows: int, dimension: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, dimension)).astype(np.float32)


def naive(rows: CodedRows) -> np.ndarray:
    """Decodes entry by entry, as the paper of each coding writes it."""
    arrays, (count, dimension) = rows.arrays, rows.shape
    matrix = np.zeros((count, dimension), dtype=np.float32)
    for row in range(count):
        for column in range(dimension):
            if rows.method == "pq":
                part, place = divmod(column, arrays["codebooks"].shape[2])
                value = arrays["codebooks"][part, arrays["codes"][row, part], place]
            elif rows.method == "int8":
                value = np.float32(arrays["codes"][row, column]) * arrays["scales"][row]
            else:
                value = np.float32(arrays["codes"].view(np.float16)[row, column])
            matrix[row, column] = value
    return matrix


@pytest.mark.parametrize("method", CODINGS)
def test_what_is_looked_up_is_decoded_as_an_array_gives_it(method: str) -> None:
    rows = CODINGS[method].encode(numbers(40, 7))
    matrix = naive(rows)
    assert np.array_equal(np.asarray(rows), matrix)
    for index in (3, -1, slice(2, 30, 5), [4, 4, 0], np.array([[1, 2], [3, 9]]), matrix[:, 0] > 0):
        assert np.array_equal(rows[index], matrix[index])
        assert rows[index].dtype == np.float32
    assert np.array_equal(rows[:, 2], matrix[:, 2])
    assert np.array_equal(rows[3, 2:5], matrix[3, 2:5])
    assert (len(rows), rows.shape) == (40, (40, 7))
    assert np.array_equal(np.concatenate(list(rows.blocks(3, 99))), matrix[3:])
    with pytest.raises(IndexError):
        rows[40]


@pytest.mark.parametrize(("method", "most"), [("fp16", 2**-11), ("int8", 0.5 / 127)])
def test_no_number_moves_further_than_half_a_step(method: str, most: float) -> None:
    matrix = numbers(200, 9) * np.float32(10.0) ** np.arange(-2, 3, 0.025, np.float32)[:, None]
    error = np.abs(np.asarray(CODINGS[method].encode(matrix)) - matrix)
    assert (error <= most * 1.001 * np.abs(matrix).max(axis=1, keepdims=True)).all()
    assert error.max() > 0


@pytest.mark.parametrize("method", CODINGS)
def test_rows_of_zeros_and_the_smallest_numbers_stay_finite(method: str) -> None:
    matrix = numbers(600, 6)
    matrix[5] = 0
    matrix[6] = 1e-45  # the smallest number of all
    decoded = np.asarray(CODINGS[method].encode(matrix))
    assert np.isfinite(decoded).all()
    assert (decoded[5] == 0).all()
    assert np.abs(decoded[6]).max() < 0.2


def test_half_precision_refuses_what_it_cannot_hold() -> None:
    with pytest.raises(ValueError, match="65,504"):
        CODINGS["fp16"].encode(np.float32([[1e5, 0]]))


def test_few_different_parts_are_kept_exactly() -> None:
    matrix = numbers(200, 5)
    rows = ProductRows.encode(matrix, subspace_size=2)
    # In float32 two parts less than this apart are as near.
    np.testing.assert_allclose(np.asarray(rows), matrix, atol=2e-3)
    assert rows.arrays["codes"].shape == (200, 3)
    assert (rows.arrays["codebooks"][:, 0] == 0).all()


def test_each_part_gets_its_nearest_centroid_and_these_are_good_ones() -> None:
    matrix = numbers(3000, 4)
    rows = ProductRows.encode(matrix, subspace_size=2, seed=3)
    for part in range(2):
        points, codebook = matrix[:, 2 * part : 2 * part + 2], rows.arrays["codebooks"][part]
        distances = np.square(points[:, None] - codebook).sum(axis=2)
        chosen = distances[np.arange(3000), rows.arrays["codes"][:, part]]
        np.testing.assert_allclose(chosen, distances.min(axis=1), atol=1e-5)
    # A plain grid of 16 x 16 steps from -3 to 3 leaves 0.012 a number; k-means does better.
    assert np.square(np.asarray(rows) - matrix).mean() < 0.01
    again = ProductRows.encode(matrix, subspace_size=2, seed=3)
    assert all(np.array_equal(rows.arrays[k], again.arrays[k]) for k in rows.arrays)
    other = ProductRows.encode(matrix, subspace_size=2, seed=4)
    assert not np.array_equal(rows.arrays["codebooks"], other.arrays["codebooks"])


@pytest.mark.parametrize("method", CODINGS)
def test_rows_of_zeros_follow_and_the_others_stay(method: str) -> None:
    rows = CODINGS[method].encode(numbers(300, 5))
    extended = rows.with_zeros(4)
    assert np.array_equal(extended[:300], np.asarray(rows))
    assert (extended[300:] == 0).all()
    assert extended.shape == (304, 5)
    assert np.array_equal(naive(extended), np.asarray(extended))


@pytest.mark.parametrize("method", CODINGS)
def test_selected_rows_keep_their_codes(method: str) -> None:
    rows = CODINGS[method].encode(numbers(300, 5))
    for chosen in (slice(7), slice(None), np.arange(300) % 3 == 1):
        kept = rows.select(chosen)
        assert np.array_equal(np.asarray(kept), rows[chosen])
        assert kept.shape == (len(rows[chosen]), 5)
    assert np.shares_memory(rows.select(slice(7)).arrays["codes"], rows.arrays["codes"])


@pytest.mark.parametrize(
    ("method", "settings", "share"),
    [("fp16", {}, 0.5), ("int8", {}, 0.27), ("pq", {}, 0.132), ("pq", {"subspace_size": 4}, 0.072)],
)
def test_the_size_is_as_promised(method: str, settings: dict, share: float) -> None:
    matrix = np.tile(numbers(100, 50), (400, 1))
    assert CODINGS[method].encode(matrix, **settings).nbytes <= share * matrix.nbytes
