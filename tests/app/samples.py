"""Small classifiers of every family that the page shows."""

from pathlib import Path

import numpy as np
import torch
from gensim.models import KeyedVectors
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

import hf_recurrent as hr
from hf_recurrent.hub import DataRecord, Record, RecordedAnswer
from tests.common.tokenizer import piece_tokenizer

LABELS = {"id2label": {0: "bad", 1: "good"}, "label2id": {"bad": 0, "good": 1}}
TEXTS = ["a fine film , not dull at all", "king queen man woman"]


def save_recurrent(folder: Path, **changes) -> Path:
    tokenizer = hr.tokenizer_from_texts(TEXTS)
    config = hr.RecurrentConfig(
        vocab_size=len(tokenizer),
        embedding_size=4,
        hidden_size=4,
        pad_token_id=tokenizer.pad_token_id,
        **(LABELS | changes),
    )
    torch.manual_seed(0)
    hr.RecurrentForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def save_tagger(folder: Path) -> Path:
    """Save a tagger of names with a CRF; its words are cut into pieces."""
    tokenizer = hr.WordStartTokenizer.from_tokenizer(piece_tokenizer())
    names = {0: "O", 1: "B-<b>", 2: "I-<b>"}
    config = hr.RecurrentConfig(
        vocab_size=len(tokenizer), embedding_size=4, hidden_size=4, id2label=names, crf=True
    )
    torch.manual_seed(0)
    model = hr.RecurrentForTokenClassification(config)
    with torch.no_grad():
        model.classifier.bias.copy_(torch.tensor([0.0, 5.0, 0.0]))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def save_bag(folder: Path) -> Path:
    tokenizer = hr.tokenizer_from_texts(TEXTS)
    config = hr.StaticEmbeddingConfig(
        vocab_size=len(tokenizer),
        embedding_size=4,
        pad_token_id=tokenizer.pad_token_id,
        **LABELS,
    )
    torch.manual_seed(0)
    hr.StaticEmbeddingForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    answers = (RecordedAnswer("not dull at all", "good"),)
    data = DataRecord("reviews", title="opinions on films")
    Record("mean of word vectors", data=data, example="a fine film", answers=answers).save(folder)
    return folder


def save_bert(folder: Path) -> Path:
    """A BERT that reads 8 tokens at most, the two around the text included."""
    folder.mkdir()
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "fine", "film", "##s"]
    (folder / "vocab.txt").write_text("\n".join(pieces))
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        max_position_embeddings=8,
        **LABELS,
    )
    torch.manual_seed(0)
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


def vectors() -> KeyedVectors:
    """Vectors in which queen is almost king - man + woman."""
    made = KeyedVectors(3)
    words = ["man", "woman", "king", "queen", "film", "<b>bold</b>"]
    rows = [[1, 0, 0], [0, 1, 0], [1, 0, 1], [0.1, 1, 1], [-1, -1, 0], [-1, -1, 0.1]]
    made.add_vectors(words, np.array(rows, dtype=np.float32))
    return made
