"""Tokenizers from vectors and from texts: ids are rows, and what is saved is what is loaded."""

import subprocess
import sys

import pytest
from gensim.models import KeyedVectors
from transformers import AutoTokenizer
from transformers.tokenization_utils_base import VERY_LARGE_INTEGER

from hf_recurrent.vectors import tokenizer_from_texts, tokenizer_from_vectors

from .files import make_vectors

PTB = make_vectors(["the", ",", "n't", "do", "'s", "film", "null", "u.s."])
NEWS = make_vectors(["The", "film", "Film", "##", "####", "New_York", "U.S.", "don't", "</s>"])
CHINESE = make_vectors(["的", "我们", "喜欢", "电影", "我", "好"])


def words_of(tokenizer) -> list[str]:
    return tokenizer.convert_ids_to_tokens(range(len(tokenizer)))


@pytest.mark.parametrize("vectors", [PTB, NEWS, CHINESE])
def test_ids_are_rows_and_special_tokens_follow(vectors):
    tokenizer = tokenizer_from_vectors(vectors)
    assert words_of(tokenizer) == [*vectors.index_to_key, "<unk>", "[PAD]"]
    assert tokenizer.unk_token_id == len(vectors)
    assert tokenizer.pad_token_id == len(vectors) + 1
    assert tokenizer.eos_token == ("</s>" if "</s>" in vectors else None)
    assert tokenizer.padding_side == "right"
    assert tokenizer.model_max_length == VERY_LARGE_INTEGER
    assert tokenizer.model_input_names == ["input_ids", "attention_mask"]


def test_special_tokens_of_the_vectors_keep_their_rows():
    tokenizer = tokenizer_from_vectors(make_vectors(["[PAD]", "a", "<unk>", "b"]))
    assert words_of(tokenizer) == ["[PAD]", "a", "<unk>", "b"]
    assert tokenizer("a b c <unk>").input_ids == [1, 3, 2, 2]
    assert tokenizer.pad_token_id == 0


def test_several_sets_give_the_union_of_their_words():
    tokenizer = tokenizer_from_vectors([make_vectors(["b", "a"]), make_vectors(["c", "a", "d"])])
    assert words_of(tokenizer) == ["b", "a", "c", "d", "<unk>", "[PAD]"]


@pytest.mark.parametrize(
    ("vectors", "text", "tokens"),
    [
        (PTB, "The FILM, don’t!", ["the", "film", ",", "do", "n't", "<unk>"]),
        (PTB, "the film's U.S. null", ["the", "film", "'s", "u.s.", "null"]),
        (NEWS, "The film Film 7 19 1995", ["The", "film", "Film", "<unk>", "##", "####"]),
        (NEWS, "New_York U.S. don’t film-Film", None),
        (CHINESE, "我们喜欢的电影好", ["我们", "喜欢", "的", "电影", "好"]),
        (CHINESE, "我 喜欢 film 😀", ["我", "喜欢", "<unk>", "<unk>"]),
    ],
)
def test_pre_tokenizer_fits_the_vectors(vectors, text, tokens):
    if tokens is None:
        tokens = ["New_York", "U.S.", "don't", "film", "<unk>", "Film"]
    tokenizer = tokenizer_from_vectors(vectors)
    assert tokenizer.convert_ids_to_tokens(tokenizer(text).input_ids) == tokens


@pytest.mark.parametrize("vectors", [PTB, NEWS, CHINESE])
@pytest.mark.parametrize("text", ["", " \n\t", "\u00a0"])
def test_empty_text_has_no_tokens(vectors, text):
    tokenizer = tokenizer_from_vectors(vectors)
    batch = tokenizer([text, text], padding=True, return_tensors="pt")
    assert batch["input_ids"].shape == (2, 0)
    assert not batch["input_ids"].is_floating_point()
    assert not any(tokenizer([text, "电影 the"], padding=True)["attention_mask"][0])


def test_offsets_point_into_the_text():
    text = "It’s 😀 the FILM"
    encoded = tokenizer_from_vectors(PTB)(text, return_offsets_mapping=True)
    spans = [text[a:b] for a, b in encoded["offset_mapping"]]
    assert spans == ["It", "’s", "😀", "the", "FILM"]


TEXTS = ["I don't know 😀", "", "我 know It's the film", "The film 1995", "[PAD] <unk> </s> nan"]


KINDS = {
    "ptb": lambda: tokenizer_from_vectors(PTB),
    "googlenews": lambda: tokenizer_from_vectors(NEWS),
    "chinese": lambda: tokenizer_from_vectors(CHINESE),
    "texts": lambda: tokenizer_from_texts(TEXTS),
    "cased": lambda: tokenizer_from_texts(TEXTS, lowercase=False, pre_tokenizer="whitespace"),
    "characters": lambda: tokenizer_from_texts(["我们 fine"], pre_tokenizer="chinese"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_saved_equals_loaded(tmp_path, kind):
    tokenizer = KINDS[kind]()
    tokenizer.save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    assert loaded.backend_tokenizer.to_str() == tokenizer.backend_tokenizer.to_str()
    assert words_of(loaded) == words_of(tokenizer)
    assert loaded.special_tokens_map == tokenizer.special_tokens_map
    assert loaded.model_input_names == tokenizer.model_input_names
    assert loaded.model_max_length == tokenizer.model_max_length
    assert loaded.padding_side == tokenizer.padding_side
    assert loaded(TEXTS, padding=True) == tokenizer(TEXTS, padding=True)


def test_loads_in_a_process_without_this_package(tmp_path):
    tokenizer = tokenizer_from_vectors(PTB)
    tokenizer.save_pretrained(tmp_path)
    program = (
        "import sys; from transformers import AutoTokenizer; "
        "t = AutoTokenizer.from_pretrained(sys.argv[1]); "
        "assert 'hf_recurrent' not in sys.modules; print(t(sys.argv[2]).input_ids)"
    )
    text = "The film's n't null x"
    output = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), text],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert output.strip() == str(tokenizer(text).input_ids)


def test_words_of_texts_come_by_frequency_and_extra_words_follow():
    texts = ["b a b c", "b A d"]
    tokenizer = tokenizer_from_texts(texts, extra_words=["x", "B", "y", "x", "Z"])
    assert words_of(tokenizer) == ["b", "a", "c", "d", "x", "y", "z", "<unk>", "[PAD]"]
    assert words_of(tokenizer_from_texts(texts, min_frequency=2))[:-2] == ["b", "a"]
    assert words_of(tokenizer_from_texts(texts, max_vocabulary=3, extra_words=["x"]))[:-2] == [
        "b", "a", "c", "x",
    ]  # fmt: skip
    cased = tokenizer_from_texts(texts, lowercase=False)
    assert words_of(cased)[:-2] == ["b", "A", "a", "c", "d"]
    many = [f"w{i}" for i in range(40_000)]
    assert len(tokenizer_from_texts([" ".join(many)])) == 40_002


def test_chinese_texts_are_characters_unless_extra_words_join_them():
    texts = ["我们喜欢电影 2008 fine", "我们"]
    characters = tokenizer_from_texts(texts, pre_tokenizer="chinese")
    ids = characters("我们喜欢 2008 fine 的").input_ids
    assert characters.convert_ids_to_tokens(ids) == [*"我们喜欢", "2008", "fine", "<unk>"]
    # However rare an extra word is, it wins over its characters.
    extra = [*(f"word{i}" for i in range(1000)), "我们", "喜欢"]
    joined = tokenizer_from_texts(texts, pre_tokenizer="chinese", extra_words=extra)
    assert joined.tokenize("我们喜欢电影") == ["我们", "喜欢", "电", "影"]


def test_empty_words_of_a_file_do_no_harm():
    for name in ("ptb", "chinese"):
        tokenizer = tokenizer_from_vectors(make_vectors(["", "我", "a"]), name)
        assert tokenizer("a 我").input_ids == [2, 1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tokenizer_from_texts(["", " "]), "There are no words"),
        (lambda: tokenizer_from_texts([]), "There are no words"),
        (lambda: tokenizer_from_texts("a text"), "texts must be several texts"),
        (lambda: tokenizer_from_texts(["a"], pre_tokenizer="moses"), "must be one of ptb,"),
        (lambda: tokenizer_from_texts(["a"], pre_tokenizer="characters"), "must be one of ptb,"),
        (lambda: tokenizer_from_vectors(PTB, "moses"), "must be one of ptb, googlenews,"),
        (lambda: tokenizer_from_vectors(KeyedVectors(3)), "each set at least a word"),
        (lambda: tokenizer_from_vectors([]), "must hold at least one set"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()
