"""Overlap of training and test texts."""

from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.data import overlap
from hf_recurrent.data.leakage import text_key


def test_overlap():
    found = overlap(["A  good\tfilm", "bad", ""], ["a good film", "good film", "BAD\n", "", "bad"])
    assert (found.count, found.total) == (3, 5)
    assert found.share == 3 / 5
    assert found.examples == ("a good film", "BAD\n", "bad")
    assert str(found) == (
        "3 of 5 test rows (60.0%) stand in the training data, compared without case and white space"
    )


def test_overlap_by_the_key_of_a_task():
    found = overlap(["a.wav 1", "b.wav 2"], ["B.wav 2", "b.wav 3"], key=lambda row: row[:5])
    assert (found.count, found.examples) == (1, ("b.wav 3",))
    named = overlap(["a"], ["a", "A"], key=str, units="sentences")
    assert str(named) == "1 of 2 test sentences (50.0%) stand in the training data"


def test_nothing_in_common():
    assert overlap(["a"], ["b"]).count == 0
    assert overlap([], []).share == 0.0


@given(st.text())
def test_case_and_space_do_not_tell_texts_apart(text):
    assert text_key(text) == text_key(f"  {text}\n")
    assert text_key(text_key(text)) == text_key(text)


def test_letters_that_fold_to_several_are_folded():
    assert text_key("STRASSE") == text_key("Straße") == "strasse"
