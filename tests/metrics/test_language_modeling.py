"""Metrics of language models, by hand."""

import math

import pytest

from hf_recurrent.metrics import BitsPerCharacter, Perplexity, Spelling, UnknownShare

# Half, a quarter and an eighth: 6 bits in three tokens.
HALVES = [[math.log(1 / 2), math.log(1 / 4)], [math.log(1 / 8)]]


def test_perplexity_is_over_tokens_and_not_over_texts() -> None:
    found = Perplexity().compute(predictions=HALVES)
    assert found["perplexity"] == pytest.approx(4)  # 2 bits a token
    assert found["loss"] == pytest.approx(2 * math.log(2))
    assert found["tokens"] == 3
    assert Perplexity().compute(predictions=[[-800.0]])["perplexity"] == math.inf


def test_bits_are_over_the_characters_of_all_texts() -> None:
    found = BitsPerCharacter().compute(predictions=HALVES, references=["abcd", "ä😀"])
    assert found["bits_per_character"] == pytest.approx(1)


def test_an_unknown_word_pays_for_its_spelling() -> None:
    # 4 letters, 2 ends and one count for new letters: a and b have 3/7 and 1/7, an end 2/7.
    spelling = Spelling({"aa": 1, "ab": 1})
    by_hand = math.log2(7 / 1) + math.log2(7 / 3) + math.log2(7 / 2)
    assert spelling.bits("ba") == pytest.approx(by_hand)
    assert Spelling({"aa": 2, "ab": 2}).bits("") == pytest.approx(math.log2(13 / 4))
    new = math.log2(7) + math.log2(0x110000 - 2) + math.log2(7 / 2)
    assert spelling.bits("z") == pytest.approx(new)
    found = BitsPerCharacter().compute(
        predictions=HALVES, references=["abcd", "ba"], unknown=[[], ["ba"]], spelling=spelling
    )
    assert found["bits_per_character"] == pytest.approx((6 + by_hand) / 6)


def test_shares_of_characters_and_end_sum_to_one() -> None:
    spelling = Spelling({"one": 3, "two": 1})
    of_end = spelling.bits("")
    known = sum(2 ** (of_end - spelling.bits(letter)) for letter in "onetw")
    new = (0x110000 - 5) * 2 ** (of_end - spelling.bits("x"))
    assert known + new + 2**-of_end == pytest.approx(1)


def test_share_of_unknown_words() -> None:
    metric = UnknownShare()
    assert metric.compute(predictions=[[3, 0, 3], [1]], unk_token_id=3) == {"unknown_share": 0.5}
    assert metric.compute(predictions=[[3]], unk_token_id=None) == {"unknown_share": 0}


def test_what_has_no_figure_is_one_sentence() -> None:
    with pytest.raises(ValueError, match="no tokens, so they have no perplexity"):
        Perplexity().compute(predictions=[[]])
    with pytest.raises(ValueError, match="The texts are empty"):
        BitsPerCharacter().compute(predictions=[[]], references=[""])
    with pytest.raises(ValueError, match="spelling is missing"):
        BitsPerCharacter().compute(predictions=HALVES, references=["a", "b"], unknown=[["a"], []])
    with pytest.raises(ValueError, match="unknown words of 1 text, and 2 texts"):
        BitsPerCharacter().compute(
            predictions=HALVES, references=["a", "b"], unknown=[[]], spelling=Spelling({"a": 1})
        )
    with pytest.raises(ValueError, match="no words to learn spelling from"):
        Spelling({})
