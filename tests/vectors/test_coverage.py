"""The report counts types and tokens as they stand in the texts."""

import pytest

from hf_recurrent.vectors import coverage, tokenizer_from_texts, tokenizer_from_vectors

from .files import make_vectors

VECTORS = make_vectors(["the", "film", "is"])


def test_running_words():
    report = coverage(["the", "film", "x", "the", "y", "y", "y"], VECTORS)
    assert (report.types, report.types_found) == (4, 2)
    assert (report.tokens, report.tokens_found) == (7, 3)
    assert report.most_frequent_missing == ("y", "x")
    assert str(report) == (
        "types: 2 of 4 have a vector (50.0%); tokens: 3 of 7 have a vector (42.9%); "
        "without a vector: y x"
    )


def test_vocabulary_of_a_tokenizer_leaves_special_tokens_out():
    report = coverage(tokenizer_from_texts(["x the the film y y y"]), VECTORS)
    assert (report.types, report.types_found, report.tokens) == (4, 2, 0)
    assert report.most_frequent_missing == ("y", "x")
    assert "tokens" not in str(report)


def test_texts_count_the_words_that_the_vocabulary_lacks():
    tokenizer = tokenizer_from_texts(["the film x"])
    # "is" has a vector but no id of its own, and the model cannot tell it from another word.
    report = coverage(tokenizer, VECTORS, ["The film IS new", "", "is 😀 x"] * 700)
    assert (report.types, report.types_found) == (6, 2)
    assert (report.tokens, report.tokens_found) == (4900, 1400)
    assert report.most_frequent_missing == ("is", "new", "😀", "x")


def test_texts_under_a_unigram_tokenizer():
    vectors = make_vectors(["我们", "喜欢", "的"])
    report = coverage(tokenizer_from_vectors(vectors), vectors, ["我们喜欢电影"])
    assert (report.tokens, report.tokens_found) == (3, 2)
    assert report.most_frequent_missing == ("电影",)


def test_a_word_that_any_set_has_is_found():
    report = coverage(["the", "x", "z"], [VECTORS, make_vectors(["x"])])
    assert (report.types, report.types_found) == (3, 2)


def test_nothing_to_count():
    report = coverage([], VECTORS)
    assert (report.types, report.tokens) == (0, 0)
    assert "0.0%" in str(report)


def test_texts_without_a_tokenizer():
    with pytest.raises(ValueError, match="texts need a tokenizer"):
        coverage(["the"], VECTORS, ["the film"])
