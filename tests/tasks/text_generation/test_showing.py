"""What `predict` shows for a language model, and the inputs that it refuses."""

from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerFast

from hf_recurrent import RecurrentConfig, RecurrentForCausalLM
from hf_recurrent.tasks.text_generation.showing import answer_lines
from hf_recurrent.tasks.text_generation.writing import NetworkWriter
from hf_recurrent.vectors.language_tokenizer import language_model_tokenizer


def tokenizer() -> PreTrainedTokenizerFast:
    return language_model_tokenizer(["the cat sat on the mat ."], "characters")


def model(vocab_size: int, pad: int) -> RecurrentForCausalLM:
    config = RecurrentConfig(
        vocab_size=vocab_size, embedding_size=4, hidden_size=4, pad_token_id=pad
    )
    return RecurrentForCausalLM(config)


def test_a_continuation_and_how_probable_the_text_is(tmp_path: Path) -> None:
    told = tokenizer()
    model(len(told), told.pad_token_id).save_pretrained(tmp_path)
    told.save_pretrained(tmp_path)
    line, probability = answer_lines(str(tmp_path), ["the cat"])
    assert line.startswith("the cat")
    assert len(line) > len("the cat")
    assert "log-probability -" in probability
    assert "perplexity" in probability


def test_a_tokenizer_that_is_larger_than_the_model_is_refused(tmp_path: Path) -> None:
    told = tokenizer()
    model(len(told) - 1, 0).save_pretrained(tmp_path)
    told.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match=r"the tokenizer has .* ids, and vocab_size of the model"):
        list(answer_lines(str(tmp_path), ["the cat"]))


def test_weights_that_are_no_numbers_are_named(tmp_path: Path) -> None:
    told = tokenizer()
    network = model(len(told), told.pad_token_id)
    network.lm_head.weight.data[0, 0] = float("nan")
    network.save_pretrained(tmp_path)
    told.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match=r"hold NaN \(the first in lm_head.weight\)"):
        list(answer_lines(str(tmp_path), ["the cat"]))


def test_without_a_start_token_a_text_is_needed() -> None:
    told = tokenizer()
    network = model(len(told), told.pad_token_id)
    told.bos_token = None
    writer = NetworkWriter(network, told)
    assert writer.write("the", 3)
    with pytest.raises(ValueError, match="no text to continue"):
        writer.write("", 3)
