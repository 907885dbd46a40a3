"""PPMI equals plain loops, and its vectors the dense SVD."""

import math

import numpy as np
import pytest
from scipy.sparse import csr_array

from hf_recurrent.vectors.training.cooccurrence import Cooccurrences, count_cooccurrences
from hf_recurrent.vectors.training.mutual_information import ppmi, svd_vectors

from ...common.bad_input import assert_one_sentence
from .counts import lee_sentences, small_counts


def ppmi_by_loops(counts: np.ndarray, shift: float, smoothing: float) -> np.ndarray:
    total = counts.sum()
    contexts = counts.sum(axis=0) ** smoothing
    result = np.zeros_like(counts)
    for i, row in enumerate(counts):
        for j, count in enumerate(row):
            if count:
                by_chance = row.sum() / total * contexts[j] / contexts.sum()
                result[i, j] = max(0, math.log(count / total / by_chance) - math.log(shift))
    return result


@pytest.mark.parametrize("shift", [1.0, 2.0])
@pytest.mark.parametrize("smoothing", [0.75, 1.0])
@pytest.mark.parametrize("symmetric", [True, False])
def test_ppmi_equals_plain_loops(shift, smoothing, symmetric):
    counts = count_cooccurrences(
        lee_sentences()[:30], words=["the", "of", "never", "to", "a", "in", "said"],
        symmetric=symmetric, progress=False,
    )  # fmt: skip
    before = counts.matrix.toarray()
    found = ppmi(counts, shift=shift, smoothing=smoothing)
    expected = ppmi_by_loops(before.astype(np.float64), shift, smoothing)
    np.testing.assert_allclose(found.toarray(), expected, rtol=1e-5, atol=1e-6)
    assert found.dtype == np.float32
    assert 0 < found.nnz == np.count_nonzero(found.data)
    assert np.array_equal(counts.matrix.toarray(), before)


@pytest.mark.parametrize("weighting", [0.0, 0.5, 1.0])
def test_vectors_are_the_dense_svd(weighting):
    counts = small_counts()
    vectors = svd_vectors(counts, 5, eigenvalue_weighting=weighting)
    left, values, _ = np.linalg.svd(ppmi(counts).toarray().astype(np.float64))
    expected = left[:, :5] * values[:5] ** weighting
    expected *= np.sign(expected[np.abs(expected).argmax(axis=0), range(5)])
    np.testing.assert_allclose(vectors.vectors, expected, atol=1e-5)
    assert vectors.vectors.dtype == np.float32
    assert vectors.index_to_key == counts.words
    assert [vectors.get_vecattr(word, "count") for word in counts.words] == counts.counts.tolist()
    again = svd_vectors(counts, 5, eigenvalue_weighting=weighting)
    assert np.array_equal(vectors.vectors, again.vectors)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"vector_size": 20}, "vector_size"),
        ({"vector_size": 0}, "vector_size"),
        ({"shift": 0}, "shift"),
        ({"shift": math.nan}, "shift"),
        ({"smoothing": -1}, "smoothing"),
        ({"shift": 1e9}, "empty"),
    ],
)
def test_bad_arguments_are_named(arguments, named):
    with pytest.raises(ValueError, match=named) as caught:
        svd_vectors(small_counts(), **{"vector_size": 5} | arguments)
    assert_one_sentence(caught.value, named)


def test_counts_without_a_pair_give_an_empty_matrix():
    counts = Cooccurrences(["a", "b"], np.array([1, 1]), csr_array((2, 2), dtype=np.float32))
    assert ppmi(counts).nnz == 0
