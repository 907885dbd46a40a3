"""A model is run as it takes its input, and what it gives must be numbers."""

from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
import torch

import hf_recurrent as hr
from hf_recurrent.hub.check_model import check_model
from hf_recurrent.vectors import translation_tokenizer


def save(folder: Path, **fields: Any) -> Path:
    config = hr.RecurrentConfig(vocab_size=9, embedding_size=4, hidden_size=3, **fields)
    hr.RecurrentModel(config).save_pretrained(folder)
    return folder


@pytest.mark.parametrize(
    "layer",
    [
        None,
        {"kind": "frames", "num_channels": 5},
        {"kind": "ngram", "min_n": 2, "max_n": 3, "bucket": 7},
    ],
)
def test_a_model_without_a_tokenizer_runs_on_its_own_example(layer: Any, tmp_path: Path) -> None:
    folder = save(tmp_path, embedding_config=layer)
    assert check_model(folder, None)["last_hidden_state"].shape == (1, 2, 3)


@pytest.mark.parametrize(
    ("values", "is_wrong"),
    [
        ([[0.5, -inf], [-inf, 0.0]], False),  # labels that constraints forbid
        ([[0.5, 1.0], [-inf, -inf]], True),
        ([[0.5, inf]], True),
        ([[0.5, nan]], True),
        (-inf, True),
        ([[], []], False),
        ([[1, 2]], False),
    ],
)
def test_what_is_given_must_be_numbers(values, is_wrong: bool, tmp_path, monkeypatch) -> None:
    folder = save(tmp_path)
    given = {"logits": torch.tensor(values), "name": "no tensor"}
    monkeypatch.setattr(hr.RecurrentModel, "forward", lambda self, **inputs: given)
    if is_wrong:
        with pytest.raises(ValueError, match="its logits is not finite for the example"):
            check_model(folder, None)
    else:
        assert check_model(folder, None).keys() == {"logits"}


@pytest.mark.parametrize("start", [None, 1])
def test_a_translator_runs_from_the_token_that_its_decoder_begins_with(
    tmp_path: Path, start: int | None
) -> None:
    tokenizer = translation_tokenizer(["a dog"], ["ein Hund"], vocab_size=300)
    config = hr.RecurrentSeq2SeqConfig(
        encoder={"vocab_size": 300, "hidden_size": 4},
        vocab_size=300,
        hidden_size=4,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=1,
        decoder_start_token_id=start,
    )
    hr.RecurrentForConditionalGeneration(config).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    assert check_model(tmp_path, "a dog")["logits"].shape == (1, 1, 300)
