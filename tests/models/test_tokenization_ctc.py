"""Tokenizers of recognisers."""

from pathlib import Path

import pytest

from hf_recurrent import CTCTokenizer
from hf_recurrent.speech import ctc_tokenizer

TEXTS = ["the cat sat", "the bat", "a fat cat"]


@pytest.mark.parametrize("unit", ["character", "piece", "word"])
def test_texts_come_back(unit: str, tmp_path: object) -> None:
    tokenizer = ctc_tokenizer(TEXTS, unit, vocab_size=16)
    tokenizer.save_pretrained(tmp_path)
    again = CTCTokenizer.from_pretrained(tmp_path)
    for text in TEXTS:
        ids = tokenizer(text)["input_ids"]
        assert again(text)["input_ids"] == ids
        spaced = [i for number in ids for i in (number, 0)]  # a blank after each
        assert again.decode(spaced) == text
    assert again.pad_token_id == 0
    assert len(again) == len(again.encoder)


def test_pieces_are_the_longest() -> None:
    tokenizer = ctc_tokenizer(TEXTS, "piece", vocab_size=16)
    assert "at" in tokenizer.encoder
    assert tokenizer.tokenize("the cat") == ["the", "|", "cat"]
    assert tokenizer.tokenize("tat") == ["t", "at"]
    assert tokenizer.tokenize("zat") == ["z", "at"]
    assert tokenizer("zat")["input_ids"][0] == tokenizer.unk_token_id


def test_characters_and_words_have_stamps() -> None:
    tokenizer = ctc_tokenizer(TEXTS)
    ids = tokenizer.convert_tokens_to_ids(["<pad>", "a", "a", "<pad>", "|", "c", "c"])
    found = tokenizer.decode(ids, output_char_offsets=True, output_word_offsets=True)
    assert found.text == "a c"
    assert [(c["char"], c["start_offset"], c["end_offset"]) for c in found.char_offsets] == [
        ("a", 1, 3),
        (" ", 4, 5),
        ("c", 5, 7),
    ]
    words = ctc_tokenizer(TEXTS, "word")
    ids = words.convert_tokens_to_ids(["<pad>", "cat", "cat", "<pad>", "cat", "bat"])
    found = words.decode(ids, output_word_offsets=True)
    assert found.text == "cat cat bat"
    assert [(w["word"], w["start_offset"], w["end_offset"]) for w in found.word_offsets] == [
        ("cat", 1, 3),
        ("cat", 4, 5),
        ("bat", 5, 6),
    ]


@pytest.mark.parametrize("unit", ["character", "piece", "word"])
def test_skipped_tokens_still_part_equal_ones(unit: str) -> None:
    tokenizer = ctc_tokenizer(["ab ab bb"], unit, vocab_size=8)
    for text in ("ab ab bb", "bb ab"):
        ids = tokenizer(text)["input_ids"]
        between = [i for number in ids for i in (number, tokenizer.pad_token_id)]
        assert tokenizer.decode(between, skip_special_tokens=True) == text
        assert tokenizer.convert_ids_to_tokens(between, True) == tokenizer.tokenize(text)
        mask = tokenizer.get_special_tokens_mask(between, already_has_special_tokens=True)
        assert mask == [0, 1] * len(ids)
    unknown = [tokenizer.unk_token_id, 3, tokenizer.unk_token_id, 3]
    written = tokenizer.convert_ids_to_tokens(3) * 2
    assert tokenizer.decode(unknown, skip_special_tokens=True).replace(" ", "") == written


@pytest.mark.parametrize("unit", ["character", "piece", "word"])
def test_added_tokens_keep_the_spaces_beside_them(unit: str, tmp_path: Path) -> None:
    tokenizer = ctc_tokenizer(["ab ba"], unit, vocab_size=8)
    assert tokenizer.add_tokens(["q", "zzz"]) == 2
    tokenizer.save_pretrained(tmp_path)
    for one in (tokenizer, CTCTokenizer.from_pretrained(tmp_path)):
        for text in ("ab q zzz ba", "q", "zzz zzz", *(["qab bazzz"] if unit != "word" else [])):
            ids = one(text)["input_ids"]
            assert one.unk_token_id not in ids
            assert one.decode(ids, group_tokens=False) == text


def test_bad_texts() -> None:
    with pytest.raises(ValueError, match="empty"):
        ctc_tokenizer([" "])
    with pytest.raises(ValueError, match="stands for the space"):
        ctc_tokenizer(["a|b"])
    with pytest.raises(ValueError, match="stands for the blank"):
        ctc_tokenizer(["a <pad> b"], "word")
    unknown = ctc_tokenizer(["a <unk> b"], "word")
    assert sorted(unknown.encoder.values()) == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="unit is 'phone'"):
        ctc_tokenizer(["a"], "phone")
