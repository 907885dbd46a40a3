"""What is no word ends the reading in one sentence, for every kind, before anything is trained."""

import datasets
import numpy as np
import pytest

from hf_recurrent.vectors import adapt_vectors, count_cooccurrences, train_vectors
from hf_recurrent.vectors.training._words import check_sentence, check_words, unhashable_named
from hf_recurrent.vectors.training.settings import KINDS

from ..files import make_vectors

SENTENCES = [["the", "cat"], ["a", "dog"]] * 6
NOT_WORDS = {
    "none": (None, "has the word None, expected strings"),
    "integer": (1, "has the word 1, expected strings"),
    "float": (float("nan"), "has the word nan, expected strings"),
    "bytes": (b"cat", "has the word b'cat', expected strings"),
    "list": (["cat"], r"has the word \['cat'\], expected strings"),
    "dictionary": ({"a": 1}, "has the word {'a': 1}, expected strings"),
    "tuple": (("a", "b"), r"has the word \('a', 'b'\), expected strings"),
    "surrogate": ("\ud83d", r"has the word '\\ud83d', which is not valid Unicode"),
}


@pytest.fixture(autouse=True)
def nothing_is_trained(monkeypatch):
    """Fail if the weights of a training are made."""

    def fail(*arguments, **options):
        raise AssertionError("the training began")

    for place in ("word2vec.run_trainer", "glove.records_of", "train.ppmi", "train.svd_vectors"):
        monkeypatch.setattr(f"hf_recurrent.vectors.training.{place}", fail)


@pytest.mark.parametrize("bad", NOT_WORDS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_word_that_is_none_is_named(kind, bad):
    word, why = NOT_WORDS[bad]
    for sentences in ([*SENTENCES, ["the", word]], [*SENTENCES, ("the", word)]):
        with pytest.raises(ValueError, match=why):
            train_vectors(sentences, kind, min_count=1, progress=False, workers=1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        (None, "Sentence 13 of the corpus is None, expected a list of its words"),
        (7, "Sentence 13 of the corpus is 7, expected a list of its words"),
        ("the cat", r"Sentence 13 of the corpus is one string \('the cat'\)"),
        (b"the cat", r"Sentence 13 of the corpus is one string \(b'the cat'\)"),
    ],
)
def test_a_sentence_that_is_none_is_named(kind, sentence, why):
    for workers in (1, 4):  # gensim's kinds read a list in memory, or through a file
        with pytest.raises(ValueError, match=why):
            train_vectors(
                [*SENTENCES, sentence], kind, min_count=1, progress=False, workers=workers
            )


@pytest.mark.parametrize("bad", [["a", ["b"]], [["a", "b"], ["c"]], [1, 2]])
def test_columns_of_something_else(bad):
    if isinstance(bad[0], str):
        rows = [["a"], *SENTENCES, bad]
        with pytest.raises(ValueError, match="expected strings"):
            train_vectors(rows, "skip-gram", min_count=1, progress=False, phrases=True)
        return
    table = datasets.Dataset.from_dict({"tokens": [bad] * 20})
    for kind in KINDS:
        with pytest.raises(ValueError, match=r"The corpus has the word .*, expected strings"):
            train_vectors(table, kind, column="tokens", min_count=1, progress=False)


def test_given_words_and_adaptation():
    with pytest.raises(ValueError, match="has the word 3, expected strings"):
        count_cooccurrences([*SENTENCES, ["the", 3]], words=["the", "cat"], progress=False)
    with pytest.raises(ValueError, match=r"has the word \['x'\], expected strings"):
        count_cooccurrences([*SENTENCES, ["the", ["x"]]], words=["the", "cat"], progress=False)
    vectors = make_vectors(["the", "cat"])
    for word in (3, None, ["x"]):
        with pytest.raises(ValueError, match="expected strings"):
            adapt_vectors(vectors, [*SENTENCES, ["the", word]], min_count=1, progress=False)
    with pytest.raises(ValueError, match="Sentence 13 of the corpus is one string"):
        adapt_vectors(vectors, [*SENTENCES, "the cat"], progress=False)


def test_strings_of_numpy_and_empty_rows_are_words():
    check_words([np.str_("cat"), "dog", "", "naïve"])
    for sentence in ([], (), ["a"], ""):
        check_sentence(sentence, 1)


def test_other_errors_stay():
    with pytest.raises(TypeError, match="of its own"), unhashable_named([["a"], ["b"]]):
        raise TypeError("of its own")
