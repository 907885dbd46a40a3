from pathlib import Path

import pytest
import torch
from tokenizers.processors import TemplateProcessing
from transformers import (
    AutoTokenizer,
    DataCollatorForTokenClassification,
    DataCollatorWithPadding,
)

from hf_recurrent import WordStartTokenizer
from tests.common.checkpoints import run_outside
from tests.common.tokenizer import piece_tokenizer

TEXTS = ["a playing 😀 film", "特别好", "", "played"]
STARTS = [[1, 1, 0, 1, 1], [1, 1, 1], [], [1, 0]]


@pytest.fixture
def tokenizer() -> WordStartTokenizer:
    return WordStartTokenizer.from_tokenizer(piece_tokenizer())


def test_first_pieces_of_words(tokenizer: WordStartTokenizer) -> None:
    assert tokenizer.model_input_names == ["input_ids", "attention_mask", "word_starts"]
    assert tokenizer(TEXTS)["word_starts"] == STARTS
    for text, starts in zip(TEXTS, STARTS, strict=True):
        assert tokenizer(text)["word_starts"] == starts
        assert tokenizer(text)["input_ids"] == piece_tokenizer()(text)["input_ids"]


def test_words_given_one_by_one(tokenizer: WordStartTokenizer) -> None:
    """What was given as a word is one, though the pre-tokenizer would part it."""
    batch = tokenizer([["a-film", "playing"], ["a"]], is_split_into_words=True)
    assert batch["word_starts"] == [[1, 0, 0, 1, 0], [1]]
    single = tokenizer(["playing", "playing"], is_split_into_words=True)
    assert single["word_starts"] == [1, 0, 1, 0]


@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_afterwards_equals_padding_at_once(
    tokenizer: WordStartTokenizer, side: str
) -> None:
    tokenizer.padding_side = side
    expected = tokenizer(TEXTS, padding=True, return_tensors="pt")
    assert expected["word_starts"].shape == expected["input_ids"].shape
    assert not expected["word_starts"][expected["attention_mask"] == 0].any()
    kept = [
        s[m.bool()].tolist()
        for s, m in zip(expected["word_starts"], expected["attention_mask"], strict=True)
    ]
    assert kept == STARTS
    rows = [dict(tokenizer(text)) for text in TEXTS]
    for found in (
        tokenizer.pad(rows, return_tensors="pt"),
        DataCollatorWithPadding(tokenizer)(rows),
    ):
        assert found.keys() == expected.keys()
        for name, value in expected.items():
            assert torch.equal(found[name], value), name
    labelled = [{**row, "labels": [2] * len(row["input_ids"])} for row in rows]
    batch = DataCollatorForTokenClassification(tokenizer)(labelled)
    assert torch.equal(batch["word_starts"], expected["word_starts"])
    assert torch.equal(batch["labels"] == 2, expected["attention_mask"] == 1)


def test_special_tokens_pairs_and_overflow() -> None:
    plain = piece_tokenizer()
    plain.backend_tokenizer.post_processor = TemplateProcessing(
        single="[PAD] $A [UNK]",
        pair="[PAD] $A [UNK] $B",
        special_tokens=[("[PAD]", 0), ("[UNK]", 1)],
    )
    tokenizer = WordStartTokenizer.from_tokenizer(plain)
    assert tokenizer("playing")["word_starts"] == [0, 1, 0, 0]
    assert tokenizer("playing", "playing")["word_starts"] == [0, 1, 0, 0, 1, 0]
    plain = WordStartTokenizer.from_tokenizer(piece_tokenizer())
    assert plain("playing", "played")["word_starts"] == [1, 0, 1, 0]
    over = plain("a playing", truncation=True, max_length=2, return_overflowing_tokens=True)
    assert over["word_starts"] == [[1, 1], [1]]


def test_it_travels(tokenizer: WordStartTokenizer, tmp_path: Path) -> None:
    tokenizer.save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    assert type(loaded) is WordStartTokenizer
    assert loaded(TEXTS).data == tokenizer(TEXTS).data
    code = (
        "import sys; sys.modules['hf_recurrent'] = None\n"
        "from transformers import AutoTokenizer\n"
        f"loaded = AutoTokenizer.from_pretrained({str(tmp_path)!r}, trust_remote_code=True)\n"
        "assert type(loaded).__module__.startswith('transformers_modules')\n"
        f"print(loaded({TEXTS!r})['word_starts'])\n"
    )
    assert run_outside(code, tmp_path).strip() == str(STARTS)
