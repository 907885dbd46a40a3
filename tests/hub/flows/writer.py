"""Save a language model with its record, publish it, and keep what it answers.

Usage: ``writer.py FOLDER``; ``FOLDER/expected.json`` has the answers.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import pipeline

from hf_recurrent import RecurrentConfig, RecurrentForCausalLM
from hf_recurrent.__main__ import main
from hf_recurrent.hub import Record
from hf_recurrent.vectors import language_model_tokenizer
from tests.hub.flows.writer_back import answers

folder = Path(sys.argv[1])
tokenizer = language_model_tokenizer("the old king, and the young king: héllo! " * 3, "words")
torch.manual_seed(0)
config = RecurrentConfig(
    vocab_size=len(tokenizer),
    embedding_size=12,
    hidden_size=8,
    num_hidden_layers=2,
    tie_word_embeddings=True,
    initializer_range=1.0,
    pad_token_id=tokenizer.pad_token_id,
    bos_token_id=tokenizer.bos_token_id,
    eos_token_id=tokenizer.eos_token_id,
)
RecurrentForCausalLM(config).save_pretrained(folder / "writer")
tokenizer.save_pretrained(folder / "writer")
Record(task="text-generation", example="the old king").save(folder / "writer")
(folder / "expected.json").write_text(
    json.dumps(answers(pipeline("text-generation", str(folder / "writer"))))
)
assert main(["publish", str(folder / "writer"), "ada/writer", "--yes"]) == 0
