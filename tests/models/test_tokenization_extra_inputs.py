"""Tokenizers that give several inputs beside token ids."""

import copy
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tokenizers.processors import TemplateProcessing
from transformers import (
    AutoTokenizer,
    DataCollatorForTokenClassification,
    DataCollatorWithPadding,
    PreTrainedTokenizerFast,
)

from hf_recurrent import CharTokenizer, NgramTokenizer, WordStartTokenizer
from hf_recurrent.models.tokenization_extra_inputs import EXTRA_INPUTS, ExtraInputTokenizer
from tests.common.checkpoints import run_outside
from tests.common.tokenizer import piece_tokenizer

TEXTS = ["a playing 😀 film", "特别好", "", "Played"]
DOORS: dict[str, Callable[[PreTrainedTokenizerFast], ExtraInputTokenizer]] = {
    "ngram_ids": lambda t: NgramTokenizer.from_tokenizer(t, min_n=2, max_n=3, bucket=99),
    "char_ids": lambda t: CharTokenizer.from_tokenizer(t, alphabet="alpy😀好", longest_word=6),
    "word_starts": WordStartTokenizer.from_tokenizer,
}
NAMES = list(DOORS)
ORDERS = [NAMES, NAMES[::-1], ["char_ids", "word_starts"], ["char_ids", "ngram_ids"]]


def make(order: list[str]) -> ExtraInputTokenizer:
    tokenizer = piece_tokenizer()
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="[PAD] $A", pair="[PAD] $A [UNK] $B", special_tokens=[("[PAD]", 0), ("[UNK]", 1)]
    )
    for name in order:
        tokenizer = DOORS[name](tokenizer)
    assert isinstance(tokenizer, ExtraInputTokenizer)
    return tokenizer


def test_every_kind_has_a_door() -> None:
    # ELMo has character ids of its own under the same name: see tests/models/test_elmo.py.
    assert list(dict.fromkeys(kind.name for kind in EXTRA_INPUTS)) == NAMES
    assert [make([name]).extra_inputs()[0].name for name in NAMES] == NAMES


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
def test_together_they_give_what_each_gives(order: list[str]) -> None:
    together = make(order)
    names = sorted(order, key=NAMES.index)
    assert together.model_input_names == ["input_ids", "attention_mask", *names]
    calls = [
        ((TEXTS,), {}),
        ((TEXTS[0],), {}),
        ((TEXTS, TEXTS[::-1]), {}),
        ((TEXTS[0], TEXTS[1]), {}),
        ((list(zip(TEXTS, TEXTS[::-1], strict=True)),), {}),
        (([text.split() for text in TEXTS],), {"is_split_into_words": True}),
        ((TEXTS,), {"truncation": True, "max_length": 3}),
        ((TEXTS,), {"truncation": True, "max_length": 3, "return_overflowing_tokens": True}),
        ((TEXTS,), {"padding": "max_length", "max_length": 9, "return_tensors": "pt"}),
        ((TEXTS,), {"padding": True, "padding_side": "left", "return_tensors": "np"}),
    ]
    for arguments, options in calls:
        found = together(*arguments, **options)
        for name in order:
            expected = make([name])(*arguments, **options)
            for shared in ("input_ids", name):
                same = found[shared] == expected[shared]
                assert same if isinstance(same, bool) else same.all(), (name, options)
        assert found.keys() >= set(order)


@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_afterwards_equals_padding_at_once(side: str) -> None:
    tokenizer = make(NAMES)
    tokenizer.padding_side = side
    expected = tokenizer(TEXTS, padding=True, return_tensors="pt")
    rows = [dict(tokenizer(text)) for text in TEXTS]
    labelled = [{**row, "labels": [2] * len(row["input_ids"])} for row in rows]
    for found in (
        tokenizer.pad(rows, return_tensors="pt"),
        tokenizer.pad(tokenizer(TEXTS), return_tensors="pt"),
        DataCollatorWithPadding(tokenizer)(rows),
        DataCollatorForTokenClassification(tokenizer)(labelled),
    ):
        for name, value in expected.items():
            assert torch.equal(found[name], value), name
    for name in NAMES:
        assert not expected[name][expected["attention_mask"] == 0].any()


@pytest.mark.parametrize("order", [NAMES, NAMES[::-1]], ids=" ".join)
def test_they_travel(order: list[str], tmp_path: Path) -> None:
    tokenizer = make(order)
    before, expected = pickle.dumps(tokenizer), tokenizer(TEXTS)
    assert pickle.dumps(tokenizer) == before, "using it changes no state"
    tokenizer.save_pretrained(tmp_path)
    for other in (
        copy.deepcopy(tokenizer),
        pickle.loads(before),
        AutoTokenizer.from_pretrained(tmp_path),
    ):
        assert type(other) is type(tokenizer)
        assert other(TEXTS).data == expected.data
        assert other.model_input_names == tokenizer.model_input_names
    code = (
        "import sys; sys.modules['hf_recurrent'] = None\n"
        "from transformers import AutoTokenizer\n"
        f"loaded = AutoTokenizer.from_pretrained({str(tmp_path)!r}, trust_remote_code=True)\n"
        "assert type(loaded).__module__.startswith('transformers_modules')\n"
        f"print(loaded({TEXTS!r}).data == {expected.data!r})\n"
    )
    assert run_outside(code, tmp_path / "outside").strip() == "True"
