import numpy as np
import pytest

from hf_recurrent.vectors.evaluation.lookup import WordLookup, unit_blocks

from ..files import make_vectors

WORDS = ["us", "US", "may", "May", "x"]


def test_folded_words_have_the_row_of_their_first_form() -> None:
    lookup = WordLookup(make_vectors(WORDS))
    assert lookup.rows(["US", "Us", "MAY", "y"]).tolist() == [0, 0, 2, -1]
    assert lookup.forms([0, 4]) == {0: [0, 1], 4: [4]}


def test_exact_words() -> None:
    lookup = WordLookup(make_vectors(WORDS), case="exact")
    assert lookup.rows(["US", "Us", "MAY", "x"]).tolist() == [1, -1, -1, 4]
    assert lookup.forms([0, 1]) == {0: [0], 1: [1]}


def test_the_fall_back_tries_lower_case_then_capitalised_then_upper_case() -> None:
    lookup = WordLookup(make_vectors(["Paris", "US", "us", "PARIS", "NATO"]), case="fall-back")
    assert lookup.rows(["US", "Us", "paris", "pARIS", "Nato", "z"]).tolist() == [1, 2, 0, 0, 4, -1]


def test_a_limit_hides_the_other_words() -> None:
    for case in ("fold", "exact", "fall-back"):
        lookup = WordLookup(make_vectors(WORDS), 3, case)
        assert lookup.rows(["x", "may"]).tolist() == [-1, 2]


def test_blocks_are_the_whole_matrix_at_length_1() -> None:
    vectors = make_vectors(list("abcdefg"))
    blocks = list(unit_blocks(vectors, 5, 2))
    assert [start for start, _ in blocks] == [0, 2, 4]
    expected = vectors.vectors[:5] / np.linalg.norm(vectors.vectors[:5], axis=1)[:, None]
    assert np.allclose(np.concatenate([block for _, block in blocks]), expected, atol=1e-6)


def test_bad_arguments() -> None:
    vectors = make_vectors(WORDS)
    with pytest.raises(ValueError, match="limit must be at least 1 or None, not 0"):
        WordLookup(vectors, 0)
    with pytest.raises(ValueError, match="case must be one of fold, fall-back, exact, not 'any'"):
        WordLookup(vectors, case="any")
    with pytest.raises(ValueError, match="set of vectors is empty"):
        WordLookup(make_vectors([]))
