"""Texts come in many forms: each works, or one sentence says what was expected."""

from collections.abc import Callable
from typing import Any

import datasets
import numpy as np
import pandas as pd
import pytest

from hf_recurrent import StaticEmbeddingModel
from hf_recurrent.models.texts import check_texts, list_of_texts
from hf_recurrent.vectors import (
    coverage,
    tokenizer_from_texts,
    tokenizer_from_vectors,
    word_inputs,
    words_of_texts,
)
from tests.common.bad_input import assert_one_sentence
from tests.vectors.files import make_vectors

TEXTS = ["the cat", "a dog the"]
VECTORS = make_vectors(["the", "cat", "dog"])
TOKENIZER = tokenizer_from_vectors(VECTORS)

GOOD: dict[str, Callable[[], Any]] = {
    "tuple": lambda: tuple(TEXTS),
    "generator": lambda: (text for text in TEXTS),
    "map": lambda: map(str, TEXTS),
    "Series": lambda: pd.Series(TEXTS, index=[7, 9]),
    "array": lambda: np.array(TEXTS),
    "Column": lambda: datasets.Dataset.from_dict({"text": TEXTS})["text"],
    "keys": lambda: dict.fromkeys(TEXTS).keys(),
}
BAD: dict[str, tuple[Any, list[str]]] = {
    "one string": ("the cat", ["texts", "one string"]),
    "bytes": (b"the cat", ["texts", "one string"]),
    "None": (["the cat", None], ["None", "place 2", "strings"]),
    "words": ([["the", "cat"]], ["['the', 'cat']", "place 1", "join"]),
    "numbers": ([1, 2], ["1", "place 1", "strings"]),
    "NaN": (pd.Series(["the", float("nan")], dtype=object), ["nan", "place 2"]),
    "half a character": (["the", "a\ud83d"], ["place 2", "surrogate"]),
    "bytes in a list": ([b"the"], ["place 1", "strings"]),
    "a number": (3, ["int", "several texts"]),
    "dictionary": ({"text": TEXTS}, ["dict", "column"]),
    "DataFrame": (pd.DataFrame({"text": TEXTS}), ["DataFrame", "column"]),
    "Dataset": (datasets.Dataset.from_dict({"text": TEXTS}), ["Dataset", "column"]),
}
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "word_inputs": lambda texts: len(word_inputs(VECTORS, texts).tokenizer),
    "one_hot": lambda texts: len(word_inputs("one_hot", texts).tokenizer),
    "random": lambda texts: len(word_inputs("random", texts).tokenizer),
    "tokenizer_from_texts": lambda texts: tokenizer_from_texts(texts).get_vocab(),
    "coverage": lambda texts: coverage(TOKENIZER, VECTORS, texts),
    "encode": lambda texts: (
        StaticEmbeddingModel.from_vectors(VECTORS).encode(texts, TOKENIZER).tolist()
    ),
    "fit_weights": lambda texts: StaticEmbeddingModel.from_vectors(VECTORS).fit_weights(
        texts, TOKENIZER, components=0
    ),
    "words_of_texts": lambda texts: words_of_texts(texts, VECTORS),
}


@pytest.mark.parametrize("make", GOOD.values(), ids=GOOD)
@pytest.mark.parametrize("call", FUNCTIONS.values(), ids=FUNCTIONS)
def test_all_forms_give_the_same(call: Callable[[Any], Any], make: Callable[[], Any]) -> None:
    assert list_of_texts(make()) == TEXTS
    assert call(make()) == call(TEXTS)


@pytest.mark.parametrize(("texts", "named"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("call", FUNCTIONS.values(), ids=FUNCTIONS)
def test_what_is_no_texts_is_one_sentence(
    call: Callable[[Any], Any], texts: Any, named: list[str]
) -> None:
    with pytest.raises(ValueError, match=r"^(texts|keep)") as error:
        call(texts)
    assert_one_sentence(error.value, *named)


def test_other_arguments_are_named() -> None:
    for name, call in (
        ("extra_words", lambda: tokenizer_from_texts(TEXTS, extra_words="cat")),
        ("extra_words", lambda: tokenizer_from_texts(TEXTS, extra_words=[None])),
        ("keep_ngrams_of", lambda: word_inputs(VECTORS, TEXTS, keep_ngrams_of="cat")),
        ("words", lambda: coverage("the cat", VECTORS)),
        ("names", lambda: check_texts(None, "names")),
    ):
        with pytest.raises(ValueError, match=f"^{name} "):
            call()
