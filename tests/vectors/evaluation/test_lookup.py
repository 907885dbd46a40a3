import numpy as np
import pytest

from hf_recurrent.vectors.evaluation.lookup import WordLookup, unit_blocks

from ..files import make_vectors

WORDS = ["us", "US", "may", "May", "x"]


def test_a_word_that_is_there_has_its_own_row() -> None:
    lookup = WordLookup(make_vectors(WORDS))
    assert lookup.rows(WORDS).tolist() == [0, 1, 2, 3, 4]
    assert lookup.rows(["Us", "uS", "MAY", "X", "y"]).tolist() == [0, 0, 2, 4, -1]
    assert lookup.forms([0, 1, 4]) == {0: [0, 1], 1: [0, 1], 4: [4]}
    assert lookup.same(0, 1)
    assert not lookup.same(1, 2)


@pytest.mark.parametrize(
    "words", [["sinir", "sınır"], ["kiz", "kız"], ["masse", "maße"], ["MASSE", "maße"], ["k", "K"]]
)
@pytest.mark.parametrize("case", ["fold", "fall-back", "exact"])
def test_letters_that_share_an_upper_case_stay_apart(words, case) -> None:
    for order in (words, words[::-1]):
        lookup = WordLookup(make_vectors(order), case=case)
        assert [order[row] for row in lookup.rows(words)] == words
        other = WordLookup(make_vectors(order[:1]), case=case)
        assert other.row(order[0]) == 0
    assert WordLookup(make_vectors(["sinir"]), case=case).row("sınır") == -1
    assert WordLookup(make_vectors(["masse"]), case=case).row("maße") == -1


def test_capitals_find_what_they_may_stand_for() -> None:
    lookup = WordLookup(make_vectors(["ışık", "straße", "NATO", "ΟΔΟΣ", "İZMİR"]))
    found = lookup.rows(["IŞIK", "STRASSE", "nato", "Nato", "οδος", "Straße", "izmir"])
    assert found.tolist() == [0, 1, 2, 2, 3, 1, -1]
    assert not lookup.same(0, 1)


def test_gensims_case_has_the_row_of_the_first_form() -> None:
    lookup = WordLookup(make_vectors(WORDS), case="gensim")
    assert lookup.rows(["US", "Us", "MAY", "y"]).tolist() == [0, 0, 2, -1]
    assert lookup.forms([0, 4]) == {0: [0, 1], 4: [4]}
    assert WordLookup(make_vectors(["sinir", "sınır"]), case="gensim").row("sınır") == 0


def test_exact_words() -> None:
    lookup = WordLookup(make_vectors(WORDS), case="exact")
    assert lookup.rows(["US", "Us", "MAY", "x"]).tolist() == [1, -1, -1, 4]
    assert lookup.forms([0, 1]) == {0: [0], 1: [1]}


def test_the_fall_back_tries_lower_case_then_capitalised_then_upper_case() -> None:
    lookup = WordLookup(make_vectors(["Paris", "US", "us", "PARIS", "NATO"]), case="fall-back")
    assert lookup.rows(["US", "Us", "paris", "pARIS", "Nato", "z"]).tolist() == [1, 2, 0, 0, 4, -1]


def test_a_limit_hides_the_other_words() -> None:
    for case in ("fold", "exact", "fall-back", "gensim"):
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
    with pytest.raises(ValueError, match=r"one of fold, fall-back, exact, gensim, not 'any'"):
        WordLookup(vectors, case="any")
    with pytest.raises(ValueError, match="set of vectors is empty"):
        WordLookup(make_vectors([]))
