import unicodedata

import pytest
from tokenizers.processors import TemplateProcessing
from transformers import DataCollatorForTokenClassification, DataCollatorWithPadding

from hf_recurrent import CharTokenizer
from hf_recurrent.models.characters import BEGIN, END, UNKNOWN, alphabet_of, logger
from hf_recurrent.vectors import tokenizer_from_texts
from tests.common.tokenizer import word_tokenizer

ALPHABET = "goGd好😀"
G, LITTLE_O, BIG_G, D = 4, 5, 6, 7


@pytest.fixture
def tokenizer() -> CharTokenizer:
    return CharTokenizer.from_tokenizer(word_tokenizer(), alphabet=ALPHABET, longest_word=5)


def test_characters_are_those_of_the_text_in_their_case(tokenizer: CharTokenizer) -> None:
    found = tokenizer("good Good 好😀")["char_ids"]
    assert found[:2] == [
        (BEGIN, G, LITTLE_O, LITTLE_O, D, END),
        (BEGIN, BIG_G, LITTLE_O, LITTLE_O, D, END),
    ]
    assert [i for word in found[2:] for i in word if i > END] == [8, 9]
    assert tokenizer.word_char_ids("dx") == (BEGIN, D, UNKNOWN, END)
    assert tokenizer("")["char_ids"] == []


def test_a_long_word_keeps_its_first_characters_with_one_warning(
    tokenizer: CharTokenizer, caplog: pytest.LogCaptureFixture
) -> None:
    type(logger).warning_once.cache_clear()
    tokenizer("good")
    assert not caplog.records
    for text in ("goodgoodgood", "goodgo"):
        assert tokenizer(text)["char_ids"] == [(BEGIN, G, LITTLE_O, LITTLE_O, D, G, END)]
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_special_tokens_have_no_characters_and_unknown_words_have() -> None:
    plain = word_tokenizer()
    plain.backend_tokenizer.post_processor = TemplateProcessing(
        single="[PAD] $A <unk>", special_tokens=[("[PAD]", 0), ("<unk>", 1)]
    )
    tokenizer = CharTokenizer.from_tokenizer(plain, alphabet=ALPHABET)
    encoded = tokenizer("dg a [PAD] <unk>")
    assert encoded["input_ids"] == [0, 1, 6, 0, 1, 1]
    assert encoded["char_ids"] == [(), (BEGIN, D, G, END), (BEGIN, UNKNOWN, END), (), (), ()]


def test_composed_and_decomposed_text_are_one() -> None:
    """The one letter that a code point and a mark make, and Korean syllables of their letters."""
    composed = "é각"
    decomposed = unicodedata.normalize("NFD", composed)
    assert len(decomposed) == 5
    assert alphabet_of([composed, decomposed]) == composed
    tokenizer = CharTokenizer.from_tokenizer(
        tokenizer_from_texts([composed], pre_tokenizer="whitespace"), alphabet=composed
    )
    for text in (composed, decomposed):
        assert tokenizer(text)["char_ids"] == [(BEGIN, 4, 5, END)]


def test_words_given_one_by_one_and_pairs(tokenizer: CharTokenizer) -> None:
    batch = tokenizer([["good", "do"], ["go"]], is_split_into_words=True)
    assert batch["char_ids"][1] == [(BEGIN, G, LITTLE_O, END)]
    pair = tokenizer("good", "do")
    assert pair["char_ids"] == [(BEGIN, G, LITTLE_O, LITTLE_O, D, END), (BEGIN, D, LITTLE_O, END)]


@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_afterwards_equals_padding_at_once(tokenizer: CharTokenizer, side: str) -> None:
    tokenizer.padding_side = side
    texts = ["good film", "", "do"]
    expected = tokenizer(texts, padding=True, return_tensors="pt")
    assert expected["char_ids"].shape == (3, 2, 7)
    assert not expected["char_ids"][expected["attention_mask"] == 0].any()
    rows = [dict(tokenizer(text)) for text in texts]
    for found in (
        tokenizer.pad(rows, return_tensors="pt"),
        DataCollatorWithPadding(tokenizer)(rows),
    ):
        assert all(value.equal(found[name]) for name, value in expected.items())
    labelled = [{**row, "labels": [1] * len(row["input_ids"])} for row in rows]
    found = DataCollatorForTokenClassification(tokenizer)(labelled)
    assert found["char_ids"].equal(expected["char_ids"])


def test_the_alphabet_is_in_order_of_frequency() -> None:
    assert alphabet_of(["aab b", "b c"], 1) == "bac"
    assert alphabet_of(["aab b", "b c"], 2) == "ba"


def test_what_cannot_be_is_one_sentence() -> None:
    make = CharTokenizer.from_tokenizer
    with pytest.raises(ValueError, match="each of them once"):
        make(word_tokenizer(), alphabet="aa")
    with pytest.raises(ValueError, match="longest_word is 0, expected at least 1"):
        make(word_tokenizer(), alphabet="a", longest_word=0)
    with pytest.raises(ValueError, match="min_frequency is 0, expected at least 1"):
        alphabet_of(["a"], 0)
    bare = CharTokenizer(tokenizer_object=word_tokenizer().backend_tokenizer)
    with pytest.raises(ValueError, match=r"make it by CharTokenizer\.from_tokenizer"):
        bare("a")
