"""Tokenizers of language models: what is decoded is the text, alone and after a prompt."""

import io
from contextlib import redirect_stdout

import pytest
import torch
from transformers import AutoTokenizer, TextStreamer

from hf_recurrent import RecurrentConfig
from hf_recurrent.models.checks import check_tokenizer
from hf_recurrent.vectors import language_model_tokenizer

TEXT = (
    "The  House, at 10.30 -- it's well-known -- said: “naïve 你好”...\n\n"
    "\tÇa va? 1,000 cafe\u0301s 😀😀, he said.\r\nEnd of </s> and <unk>"
)
KINDS = ("words", "whitespace", "bpe", "unigram", "characters", "bytes")
EXACT = tuple(kind for kind in KINDS if kind != "whitespace")


@pytest.fixture(scope="module")
def tokenizers():
    return {kind: language_model_tokenizer(TEXT, kind) for kind in KINDS}


@pytest.mark.parametrize("kind", EXACT)
def test_a_text_comes_back_as_it_was(kind, tokenizers):
    tokenizer = tokenizers[kind]
    ids = tokenizer(TEXT).input_ids
    assert tokenizer.decode(ids) == TEXT
    assert set(ids).isdisjoint({tokenizer.eos_token_id, tokenizer.pad_token_id})


@pytest.mark.parametrize("kind", EXACT)
def test_a_continuation_is_decoded_with_its_spaces(kind, tokenizers):
    tokenizer = tokenizers[kind]
    ids = tokenizer(TEXT).input_ids
    for place in range(len(ids)):
        parts = [tokenizer.decode(ids[:place]), tokenizer.decode(ids[place:])]
        if "\ufffd" not in "".join(parts):  # bytes of one character in both parts
            assert "".join(parts) == TEXT


@pytest.mark.parametrize("kind", KINDS)
def test_a_streamer_prints_what_is_decoded_at_once(kind, tokenizers):
    tokenizer = tokenizers[kind]
    ids = tokenizer(TEXT).input_ids
    streamer = TextStreamer(tokenizer)
    printed = io.StringIO()
    with redirect_stdout(printed):
        for one in ids:
            streamer.put(torch.tensor([one]))
        streamer.end()
    assert printed.getvalue().removesuffix("\n").replace("\n ", "\n") == tokenizer.decode(
        ids
    ).replace("\n ", "\n")


def test_words_between_white_space_are_joined_by_spaces(tokenizers):
    tokenizer = tokenizers["whitespace"]
    assert tokenizer.decode(tokenizer("The  House,\nit's said: and</s>").input_ids) == (
        " The House,\n it's said: <unk>"
    )
    # A text that is cut already may name the unknown word and the end of a text.
    assert tokenizer("<unk> </s>").input_ids == [tokenizer.unk_token_id, tokenizer.eos_token_id]


def test_words_hold_their_space_and_signs_are_words(tokenizers):
    assert tokenizers["words"].tokenize("The House, it's 1,000... 10.30\n he") == (
        ["The", " House", ",", " it's", " 1,000", "...", " 10.30", "\n", " he"]
    )


def test_an_unknown_word_is_decoded_with_a_space(tokenizers):
    tokenizer = tokenizers["words"]
    assert tokenizer.decode(tokenizer("The unheard, he").input_ids) == "The <unk>, he"


def test_ids_of_bytes_are_the_bytes(tokenizers):
    tokenizer = tokenizers["bytes"]
    assert tokenizer(TEXT).input_ids == list(TEXT.encode())
    assert len(tokenizer) == 258


@pytest.mark.parametrize("kind", KINDS)
def test_special_tokens_come_last_and_fit_a_model(kind, tokenizers):
    tokenizer = tokenizers[kind]
    assert tokenizer.bos_token_id == tokenizer.eos_token_id == len(tokenizer) - 2
    assert tokenizer.pad_token_id == len(tokenizer) - 1
    assert (tokenizer.unk_token_id is None) == (kind in ("bpe", "unigram", "bytes"))
    assert tokenizer.padding_side == "left"
    config = RecurrentConfig(vocab_size=len(tokenizer), pad_token_id=tokenizer.pad_token_id)
    check_tokenizer(tokenizer, config)


@pytest.mark.parametrize("kind", KINDS)
def test_saved_equals_loaded(kind, tokenizers, tmp_path):
    tokenizer = tokenizers[kind]
    tokenizer.save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    ids = tokenizer(TEXT).input_ids
    assert loaded(TEXT).input_ids == ids
    assert loaded.decode(ids) == tokenizer.decode(ids)
    assert loaded.special_tokens_map == tokenizer.special_tokens_map
    assert loaded.padding_side == "left"


def test_an_iterator_of_texts_is_read_once_and_sizes_hold():
    texts = ["a rose is a rose", "", "is a rose\n"] * 20
    for kind, size in (("words", 6), ("characters", 8), ("bpe", 270), ("unigram", 264)):
        tokenizer = language_model_tokenizer(iter(texts), kind, vocab_size=size)
        assert len(tokenizer) <= size
        assert len(language_model_tokenizer(texts, kind)) >= len(tokenizer)
    frequent = language_model_tokenizer(["a b b b c c", "\n"], "words", vocab_size=5)
    assert frequent.convert_ids_to_tokens(range(5)) == [" b", " c", "<unk>", "</s>", "[PAD]"]
    assert language_model_tokenizer(texts, "bpe", vocab_size=270).tokenize("a rose") == (
        ["a", "Ġrose"]
    )
    rare = language_model_tokenizer([*texts, "thorn"], "words", min_frequency=2)
    assert rare.tokenize("thorn") == ["<unk>"]


@pytest.mark.parametrize(
    ("texts", "settings", "message"),
    [
        ("text", {"kind": "sentences"}, "kind is 'sentences', expected one of words, whitespace"),
        ("", {}, "There is no text to make a tokenizer of."),
        (["", ""], {"kind": "bytes"}, "There is no text to make a tokenizer of."),
        (["a", 3], {}, "texts holds 3 at place 2"),
        ("text", {"vocab_size": 3}, "vocab_size is 3, expected at least 4"),
        ("text", {"kind": "bpe", "vocab_size": 100}, "expected at least 258"),
        ("text", {"kind": "bytes", "vocab_size": 300}, "always has 258 ids"),
        ("text", {"min_frequency": 0}, "min_frequency is 0, expected at least 1"),
    ],
)
def test_what_cannot_be_made_is_refused_in_one_sentence(texts, settings, message):
    with pytest.raises(ValueError, match=message.replace(".", r"\.")):
        language_model_tokenizer(texts, **settings)


def test_a_tokenizer_that_does_not_fit_the_model_is_refused(tokenizers):
    tokenizer = tokenizers["bytes"]
    with pytest.raises(ValueError, match="has 258 ids, and vocab_size of the model is 200"):
        check_tokenizer(tokenizer, RecurrentConfig(vocab_size=200))
    with pytest.raises(ValueError, match="pad_token_id of the model is 0, and that of the token"):
        check_tokenizer(tokenizer, RecurrentConfig(vocab_size=258))
