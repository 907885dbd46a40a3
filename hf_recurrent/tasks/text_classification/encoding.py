"""Rows of texts and labels in the form of models and configurations."""

from typing import Any

import datasets
import numpy as np
from transformers import PreTrainedTokenizerBase


def encode_texts(
    rows: datasets.Dataset, tokenizer: PreTrainedTokenizerBase, max_length: int
) -> datasets.Dataset:
    """Turn the columns text and label into inputs of a model, cut after ``max_length`` ids."""

    def encode(batch: dict[str, Any]) -> dict[str, Any]:
        encoded = tokenizer(batch["text"], truncation=True, max_length=max_length)
        return {**encoded, "labels": batch["label"]}

    return rows.map(encode, batched=True, remove_columns=rows.column_names, desc="Tokenizing")


def label_names(rows: datasets.Dataset) -> list[str]:
    """Return the names of the labels in the order of their ids."""
    names: list[str] = rows.features["label"].names
    return names


def texts_and_labels(rows: datasets.Dataset) -> tuple[list[str], np.ndarray]:
    """Return the columns of a part of the data."""
    return rows["text"][:], np.asarray(rows["label"][:])
