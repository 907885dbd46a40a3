import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.tasks.token_classification.word_features import sentence_features, word_shape


@pytest.mark.parametrize(
    ("word", "shape"),
    [("Mid-2017s", "Xxx-ddddx"), ("", ""), ("日本", "xx"), ("É!", "X!"), ("👍", "👍")],
)
def test_shapes(word: str, shape: str) -> None:
    assert word_shape(word) == shape


def test_what_a_word_and_its_neighbours_give() -> None:
    first, second, third = sentence_features(["At", "IBM's", "2"])
    assert {"word=At", "lower=at", "prefix=a", "prefix=at", "suffix=t", "title"} <= {*first}
    assert {"begin", "+1lower=ibm's", "+1suffix=m's", "+2lower=2", "+2kinds=d"} <= {*first}
    assert {"shape=XXX'x", "kinds=X'x", "has-upper-inside", "-1lower=at|lower=ibm's"} <= {*second}
    assert {"end", "digits", "has-digit", "-2lower=at", "-1kinds=X'x"} <= {*third}
    assert not {"begin", "end"} & {*second}
    assert "+2suffix=2" not in first


@given(st.lists(st.text(max_size=8), max_size=6))
def test_any_text_gives_features_that_can_be_written(words: list[str]) -> None:
    features = sentence_features(words)
    assert len(features) == len(words)
    for of_word in features:
        assert all("\0" not in feature for feature in of_word)
        assert len(set(of_word)) == len(of_word)
        "".join(of_word).encode()


def test_a_surrogate_can_be_written() -> None:
    "".join(sentence_features(["a\udcff\0"])[0]).encode()
