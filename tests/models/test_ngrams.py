from collections.abc import Iterator

import pytest
from gensim.models.fasttext import ft_ngram_hashes
from hypothesis import given
from hypothesis import strategies as st
from transformers.utils import logging

from hf_recurrent.models import ngrams
from hf_recurrent.models.ngrams import fnv1a, most_ngrams, ngram_buckets, ngram_ids

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SIZES = st.tuples(st.integers(1, 7), st.integers(1, 7)).map(sorted)


@given(WORDS, SIZES, st.integers(1, 3_000_000))
def test_buckets_are_those_of_fasttext(word: str, sizes: list[int], bucket: int) -> None:
    """Against gensim, and against the n-grams written out and hashed one by one."""
    found = ngram_buckets(word, *sizes, bucket)
    assert found == ft_ngram_hashes(word, *sizes, bucket)
    assert found == [fnv1a(n.encode()) % bucket for n in ngrams.ngrams(word, *sizes)]
    if word:
        assert len(found) == most_ngrams(len(word), *sizes)


@pytest.mark.parametrize("word", ["", "a", "好", "😀", "naïve", "преступление", "</s", "a b"])
def test_words_of_all_scripts(word: str) -> None:
    assert ngram_buckets(word, 3, 6, 2_000_000) == ft_ngram_hashes(word, 3, 6, 2_000_000)


def test_the_end_of_a_line_has_none() -> None:
    assert ngram_buckets("</s>", 1, 6, 100) == ngrams.ngrams("</s>", 1, 6) == []
    assert ngram_ids("</s>", 3, 6, 100, 50) == ()
    assert ngram_buckets("</s>x", 3, 6, 100) == ft_ngram_hashes("</s>x", 3, 6, 100)


def test_ngrams_by_eye() -> None:
    assert ngrams.ngrams("是的", 1, 2) == ["<是", "是", "是的", "的", "的>"]
    assert ngrams.ngrams("a", 3, 6) == ["<a>"]


def test_a_lone_surrogate_does_not_stop_it() -> None:
    assert ngram_buckets("\ud800", 3, 3, 100) == ngram_buckets("?", 3, 3, 100)


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    messages: list[str] = []
    logger = logging.get_logger("hf_recurrent.models.ngrams")
    monkeypatch.setattr(logger, "warning", messages.append)
    type(logger).warning_once.cache_clear()
    ngram_ids.cache_clear()
    yield messages
    ngram_ids.cache_clear()


def test_ids_begin_at_1_and_long_words_are_cut_with_a_warning(warnings: list[str]) -> None:
    whole = ngram_ids("abcdefgh", 3, 6, 50, 99)
    assert list(whole) == [bucket + 1 for bucket in ngram_buckets("abcdefgh", 3, 6, 50)]
    assert not warnings
    assert ngram_ids("abcdefgh", 3, 6, 50, 5) == whole[:5]
    assert ngram_ids("abcdefgh", 3, 6, 50, 5) == whole[:5]
    assert len(warnings) == 1
    assert "'abcdefgh'" in warnings[0]
    assert "longest_word" in warnings[0]
