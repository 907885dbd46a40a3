from pathlib import Path

import pytest
from transformers import AutoTokenizer, BertTokenizer

from hf_recurrent.vectors import word_piece_tokenizer

TEXTS = ["The river bank, the bank of the river.", "A Café by the river"] * 3


def test_it_is_a_tokenizer_of_bert_that_sees_pairs(tmp_path: Path) -> None:
    tokenizer = word_piece_tokenizer(TEXTS, vocab_size=70, model_max_length=16)
    assert tokenizer.tokenize("The CAFÉ") == ["the", "cafe"]
    assert tokenizer.pad_token_id == 0
    pair = tokenizer("the [UNK]", "river")
    assert tokenizer.convert_ids_to_tokens(pair["input_ids"]) == [
        "[CLS]", "the", "[UNK]", "[SEP]", "river", "[SEP]",
    ]  # fmt: skip
    assert pair["token_type_ids"] == [0, 0, 0, 0, 1, 1]
    tokenizer.save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    assert isinstance(loaded, BertTokenizer)
    assert loaded("The bank!", "Riverbank") == tokenizer("The bank!", "Riverbank")
    assert loaded.model_max_length == 16
    again = word_piece_tokenizer(iter(TEXTS), vocab_size=70)
    assert again.get_vocab() == tokenizer.get_vocab()


def test_case_and_pieces() -> None:
    tokenizer = word_piece_tokenizer(TEXTS, vocab_size=70, lowercase=False)
    assert tokenizer.tokenize("The Café") == ["The", "Café"]
    pieces = tokenizer.tokenize("riverbank")
    assert pieces[0] == "river"
    assert "".join(piece.removeprefix("##") for piece in pieces) == "riverbank"
    assert all(piece.startswith("##") for piece in pieces[1:])
    assert "##," not in tokenizer.get_vocab()
    assert tokenizer.tokenize("x") == ["[UNK]"]


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="no words"):
        word_piece_tokenizer(["", " "])
    with pytest.raises(ValueError, match="vocab_size is 6, expected at least"):
        word_piece_tokenizer(TEXTS, vocab_size=6)
    with pytest.raises((ValueError, TypeError), match="text"):
        word_piece_tokenizer("the river")
