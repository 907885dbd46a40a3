"""The surface of a token holds the marks that were composed into its last character."""

import unicodedata

import pytest
from gensim.models import FastText

from hf_recurrent.models.surface import surface_of
from hf_recurrent.vectors import tokenizer_from_vectors


@pytest.mark.parametrize(
    "text", ["Café", "한국어", "olé olé", "a\u0323\u0301b é", "x\u0301 y", "plain"]
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_surfaces_make_up_the_text(text: str, form: str) -> None:
    text = unicodedata.normalize(form, text)
    model = FastText([["the", "a"]], vector_size=2, min_count=1, bucket=10, epochs=1)
    encoded = tokenizer_from_vectors(model.wv, ngrams=False)(text, return_offsets_mapping=True)
    spans = encoded["offset_mapping"]
    assert [surface_of(text, *span) for span in spans] == text.split()


def test_ngrams_are_those_of_the_composed_word() -> None:
    model = FastText([["the", "a"]], vector_size=2, min_count=1, bucket=1000, epochs=1)
    tokenizer = tokenizer_from_vectors(model.wv)
    word = "한국어é"
    decomposed = unicodedata.normalize("NFD", word)
    assert tokenizer(decomposed)["ngram_ids"] == tokenizer(word)["ngram_ids"]
    assert tokenizer(word)["ngram_ids"] == [tokenizer.word_ngram_ids(word)]
