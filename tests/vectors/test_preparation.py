"""How text was cut goes with the vectors, and is guessed only where nobody knows it."""

import json
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from transformers import AutoTokenizer

from hf_recurrent.vectors import (
    adapt_vectors,
    align,
    coverage,
    join_vectors,
    load_vectors,
    retrofit,
    save_vectors,
    tokenizer_from_texts,
    tokenizer_from_vectors,
    word_inputs,
)
from hf_recurrent.vectors._keyed_vectors import look_up
from hf_recurrent.vectors._preparation import (
    Preparation,
    from_fields,
    from_tokenizer,
    guessed,
    keep_preparation,
    known_preparation,
    normal_form_of,
)
from hf_recurrent.vectors.compression import CompressedKeyedVectors
from hf_recurrent.vectors.formats import FORMATS, convert_vectors
from hf_recurrent.vectors.tokenizer import build

from .files import make_vectors

WORDS = ["the", "US", "us", "c++", *(f"w{i}" for i in range(500))]
KEPT = Preparation("whitespace", lowercase=False, normal_form="NFC", emoji=False)


def prepared(preparation: Preparation = KEPT, words: list[str] = WORDS):
    vectors = make_vectors(words, 4)
    keep_preparation(vectors, preparation)
    return vectors


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def tokens(tokenizer, text: str) -> list[str]:
    return tokenizer.convert_ids_to_tokens(tokenizer(text, add_special_tokens=False).input_ids)


@pytest.mark.parametrize("name", ["ptb", "googlenews", "chinese", "whitespace"])
@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize("form", ["NFC", "NFD", None])
@pytest.mark.parametrize("own", ["", r"(?<!\w)(?:c\+\+(?!\w))"])
def test_a_tokenizer_tells_its_preparation(name, lowercase, form, own) -> None:
    made = Preparation(name, lowercase, form, emoji=name != "whitespace", own=own)
    document = json.loads(build(["a", "b"], made).backend_tokenizer.to_str())
    assert from_tokenizer(document) == made
    assert from_fields(json.loads(json.dumps(made.fields()))) == made


def test_other_tokenizers_tell_nothing() -> None:
    document = json.loads(build(["a"], Preparation()).backend_tokenizer.to_str())
    for name, value in (
        ("model", {"type": "WordPiece"}),
        ("pre_tokenizer", {"type": "BertPreTokenizer"}),
        ("normalizer", {"type": "BertNormalizer"}),
        ("pre_tokenizer", {**document["pre_tokenizer"], "pattern": "x"}),
        ("pre_tokenizer", {**document["pre_tokenizer"], "pattern": {"Regex": ["x"]}}),
        ("normalizer", None),
        ("pre_tokenizer", None),
    ):
        assert from_tokenizer({**document, name: value}) is None
    for fields in (None, [], {}, {**KEPT.fields(), "lowercase": 1}, {**KEPT.fields(), "x": 1}):
        known = from_fields(fields)
        assert (known is None) == (not isinstance(fields, dict) or "x" not in fields)


def test_tokenizers_take_what_is_known() -> None:
    tokenizer = tokenizer_from_vectors(prepared())
    assert tokens(tokenizer, "US us C++ c++") == ["US", "us", "<unk>", "c++"]
    # What is asked for wins; case is still known.
    assert tokens(tokenizer_from_vectors(prepared(), "ptb"), "the, US") == ["the", "<unk>", "US"]
    both = tokenizer_from_vectors([prepared(), make_vectors(["other"])])
    assert tokens(both, "US other, c++") == ["US", "<unk>", "c++"]
    alike = tokenizer_from_vectors([prepared(), prepared(words=["other"])])
    assert tokens(alike, "US other") == ["US", "other"]


def changes(tmp_path: Path) -> dict:
    vectors = prepared()
    pairs = [(word, word) for word in WORDS]
    compressed = CompressedKeyedVectors.compress(vectors, "int8")
    compressed.save(tmp_path / "int8")
    aligned = align(vectors, prepared(), pairs, refinements=0)
    sentences = [["the", "US", "gpu", "c++"] * 3] * 3
    return {
        "retrofit": retrofit(vectors, {"US": ["us"]}),
        "align, source": aligned.source,
        "align, target": aligned.target,
        "adapt": adapt_vectors(vectors, sentences, epochs=1, min_count=1, progress=False),
        "compress": compressed,
        "compress, saved": CompressedKeyedVectors.load(tmp_path / "int8"),
        "compress, decoded": load_vectors(tmp_path / "int8"),
        "compress, first words": CompressedKeyedVectors.load(tmp_path / "int8", limit=4),
        "join": join_vectors([vectors, prepared()]),
    }


def test_what_is_made_of_vectors_knows_it_too(tmp_path: Path) -> None:
    for name, made in changes(tmp_path).items():
        assert known_preparation(made) == KEPT, name
        save_vectors(made, tmp_path / name, "static-embedding")
        saved = AutoTokenizer.from_pretrained(tmp_path / name)
        assert tokens(saved, "US c++ the") == ["US", "c++", "the"], name
    assert "gpu" in changes(tmp_path)["adapt"]
    assert known_preparation(join_vectors([prepared(), make_vectors(["a"])])) is None


@pytest.mark.parametrize("format", ["static-embedding", "sentence-transformers", "model2vec"])
def test_it_goes_through_formats_with_a_tokenizer(format: str, tmp_path: Path) -> None:
    tokenized = ("static-embedding", "sentence-transformers", "model2vec")
    save_vectors(prepared(), tmp_path / "a", format)
    assert known_preparation(load_vectors(tmp_path / "a")) == KEPT
    for other in FORMATS:
        if other == "fasttext":
            continue
        convert_vectors(tmp_path / "a", tmp_path / other, other, limit=100)
        found = known_preparation(load_vectors(tmp_path / other, allow_pickle=True))
        keeps = other in (*tokenized, "gensim")
        assert found == (KEPT if keeps else None), other


@pytest.mark.parametrize("word", ["café", "한국어", "naïve", "Ǟ", "क़"])
def test_decomposed_text_finds_composed_words(word: str) -> None:
    words = [unicodedata.normalize("NFC", w) for w in ("the", word.lower(), "x")]
    for tokenizer in (
        tokenizer_from_vectors(make_vectors(words)),
        tokenizer_from_texts([" ".join(words)]),
        word_inputs(make_vectors(words), [nfd(" ".join(words))]).tokenizer,
    ):
        for text in (words[1], nfd(words[1])):
            assert tokens(tokenizer, f"the {text} x") == words
    assert len(tokenizer_from_texts([words[1], nfd(words[1])])) == 3


@pytest.mark.parametrize(
    ("words", "form"),
    [
        (["the", "café"], "NFC"),
        (["the", nfd("café"), nfd("한국어")], "NFD"),
        (["the", "café", nfd("naïve")], None),
        (["the"], "NFC"),
        (["\u0958"], None),  # each normal form changes it
    ],
)
def test_no_word_is_lost_by_a_normal_form(words: list[str], form: str | None) -> None:
    assert normal_form_of(words) == guessed(words).normal_form == form
    tokenizer = tokenizer_from_vectors(make_vectors(words))
    assert all(tokens(tokenizer, word) == [word] for word in words)
    if form == "NFD":
        assert tokens(tokenizer, "café 한국어") == words[1:]


def test_rows_are_found_in_either_form() -> None:
    vectors = make_vectors(["café", nfd("naïve")])
    assert look_up([nfd("café"), "naïve", "cafe"], vectors).tolist() == [0, 1, -1]
    inputs = word_inputs(vectors, ["café naïve"])
    row = inputs.tokenizer.convert_tokens_to_ids("naïve")
    assert np.array_equal(inputs.weights["weight"][row].numpy(), vectors.vectors[1])


def test_unknown_words_are_counted_as_they_stand() -> None:
    vectors = make_vectors(["the", "café"])
    found = coverage(tokenizer_from_vectors(vectors), vectors, [nfd("the café olé 한국어")])
    assert found.most_frequent_missing == ("olé", "한국어")
