"""The ids of pairs, and the checks of a tokenizer against data and model."""

from types import SimpleNamespace
from typing import Any

import datasets
import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Seq2SeqTrainingArguments

import hf_recurrent as hr
from hf_recurrent.tasks.translation.encoding import check_sides, encode_pairs
from hf_recurrent.tasks.translation.fitting import bleu_of_ids, check_generates, longest_translation
from hf_recurrent.tasks.translation.readers import rows_of
from hf_recurrent.vectors import translation_tokenizer

SOURCES, TARGETS = ["a dog", "a dog " * 9, "a dog"], ["un chien", "un", "un chien " * 9]
ROWS = datasets.Dataset.from_list(rows_of(SOURCES, TARGETS))


def made(joint: bool = True) -> PreTrainedTokenizerFast:
    return translation_tokenizer(SOURCES, TARGETS, joint=joint, vocab_size=300)


def test_pairs_that_are_longer_on_either_side_are_left_out_whole() -> None:
    tokenizer = made()
    with pytest.warns(UserWarning, match="2 pairs of 3 with more than 8 tokens on a side are left"):
        kept = encode_pairs(ROWS, tokenizer, 8)
    assert kept[:]["labels"] == [tokenizer(text_target="un chien").input_ids]
    assert len(encode_pairs(ROWS, tokenizer)) == 3
    with pytest.raises(ValueError, match="Each of 3 pairs has more than 1 tokens on a side"):
        encode_pairs(ROWS, tokenizer, 1)


def test_a_side_of_unknown_words_alone_is_named() -> None:
    words = Tokenizer(models.WordLevel({"[PAD]": 0, "?": 1, "a": 2, "dog": 3}, unk_token="?"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, unk_token="?", pad_token="[PAD]")
    with pytest.raises(ValueError, match="Pair 1: the vocabulary has none of the words of 'un ch"):
        encode_pairs(ROWS, tokenizer)


def test_a_decoder_with_fewer_rows_than_the_tokenizer_has_ids_is_refused() -> None:
    tokenizer: Any = made(joint=False)
    encoder = {"vocab_size": len(tokenizer), "hidden_size": 4}
    size = tokenizer.target_vocab_size
    for rows, is_wrong in ((size, False), (size - 1, True)):
        config = hr.RecurrentSeq2SeqConfig(encoder=encoder, vocab_size=rows, hidden_size=4)
        if is_wrong:
            with pytest.raises(ValueError, match="ids of translations, and the decoder"):
                check_sides(tokenizer, config)
        else:
            check_sides(tokenizer, config)


def test_generation_and_its_figure() -> None:
    tokenizer = made()
    assert longest_translation([[5, 1], [5, 6, 7, 1]]) == 9
    ids = np.array([*tokenizer(["a dog a dog"], padding="max_length", max_length=20).input_ids])
    ids[ids == tokenizer.pad_token_id] = -100
    measure = bleu_of_ids(tokenizer, ["a dog a dog"])
    assert measure(SimpleNamespace(predictions=ids))["bleu"] == pytest.approx(100)
    measure = bleu_of_ids(tokenizer, ["A Dog A Dog"])
    assert measure(SimpleNamespace(predictions=ids))["bleu"] < 1
    measure = bleu_of_ids(tokenizer, ["A Dog A Dog"], lowercase=True)
    assert measure(SimpleNamespace(predictions=ids))["bleu"] == pytest.approx(100)
    batches = SimpleNamespace(predictions=[ids, ids[:, :-1]])  # eval_do_concat_batches=False
    measure = bleu_of_ids(tokenizer, ["a dog a dog"] * 2)
    assert measure(batches)["bleu"] == pytest.approx(100)


def test_evaluations_in_another_order_are_refused(tmp_path) -> None:
    given = {"predict_with_generate": True, "eval_strategy": "epoch"}
    check_generates(Seq2SeqTrainingArguments(str(tmp_path), **given))
    given["train_sampling_strategy"] = "group_by_length"
    with pytest.raises(ValueError, match="train_sampling_strategy is 'group_by_length', by which"):
        check_generates(Seq2SeqTrainingArguments(str(tmp_path), **given))
