"""A tiny ELMo and a tiny BERT, as folders that a user pretrained."""

from pathlib import Path

import torch
from transformers import BertConfig, BertForPreTraining

from hf_recurrent import ElmoConfig, ElmoForPreTraining
from hf_recurrent.tasks.pretraining import write_pretraining
from hf_recurrent.vectors import elmo_tokenizer, word_piece_tokenizer

TOLD = {"text": "books/my-text.txt", "seconds": 61.04, "clock": "processor", "epochs": 1.25}


def save_elmo(folder: Path, words: list[str]) -> str:
    """Write an ELMo whose words are enough to predict from; returns its folder."""
    torch.manual_seed(0)
    tokenizer = elmo_tokenizer(words)
    config = ElmoConfig(
        vocab_size=len(tokenizer),
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        character_size=4,
        filters=[[1, 4], [2, 8], [3, 8]],
        num_highway_layers=1,
        hidden_size=8,
        cell_size=12,
    )
    ElmoForPreTraining(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    write_pretraining(folder, **TOLD, steps=7, threads=1)
    return str(folder)


def save_bert(folder: Path, words: list[str]) -> str:
    """Write a BERT with its output layers; returns its folder."""
    torch.manual_seed(0)
    tokenizer = word_piece_tokenizer(words * 2, vocab_size=200, model_max_length=24)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=8,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=24,
        initializer_range=0.2,
    )
    BertForPreTraining(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    write_pretraining(folder, **TOLD, steps=7, threads=1)
    return str(folder)
