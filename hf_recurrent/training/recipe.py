"""How a text classifier is trained here: the steps that the script and the comparison share."""

from collections.abc import Sequence
from typing import Any

import datasets
import numpy as np
from transformers import (
    DataCollatorWithPadding,
    EarlyStoppingCallback,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from ..metrics import classification_metrics
from .batching import LengthGroupedDataset

__all__ = ["balanced_class_weights", "encode_texts", "label_names", "make_trainer"]


def encode_texts(
    rows: datasets.Dataset, tokenizer: PreTrainedTokenizerBase, max_length: int
) -> datasets.Dataset:
    """Turns the columns text and label into what a model takes, cut after `max_length` ids."""

    def encode(batch: dict[str, Any]) -> dict[str, Any]:
        encoded = tokenizer(batch["text"], truncation=True, max_length=max_length)
        return {**encoded, "labels": batch["label"]}

    return rows.map(encode, batched=True, remove_columns=rows.column_names, desc="Tokenizing")


def label_names(rows: datasets.Dataset) -> dict[str, dict[Any, Any]]:
    """Gives `id2label` and `label2id` of the column label, as configurations take them."""
    names = rows.features["label"].names
    return {"id2label": dict(enumerate(names)), "label2id": {n: i for i, n in enumerate(names)}}


def balanced_class_weights(labels: Sequence[int], num_labels: int) -> list[float]:
    """Gives each class the weight n / (k n_c), which averages 1 over the n rows of k classes.

    A class without rows counts 1.
    """
    counts = np.bincount(np.asarray(labels), minlength=num_labels)
    present = np.count_nonzero(counts)
    return [float(len(labels) / (present * count)) if count else 1.0 for count in counts]


def make_trainer(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    arguments: TrainingArguments,
    train: datasets.Dataset,
    validation: datasets.Dataset,
    patience: int | None = None,
    callbacks: Sequence[TrainerCallback] = (),
) -> Trainer:
    """Makes the plain `Trainer`, with batches of like lengths, metrics and early stopping.

    Args:
        model: A sequence classifier.
        tokenizer: Its tokenizer.
        arguments: With `RECIPE`'s values where nothing else is wanted.
        train: Encoded training rows.
        validation: Encoded validation rows, on which the best epoch is chosen.
        patience: Epochs without a better one after which training ends; None for never.
        callbacks: Further callbacks.
    """
    alike = (
        arguments.per_device_train_batch_size
        * max(arguments.n_gpu, 1)
        * arguments.world_size
        * arguments.gradient_accumulation_steps
    )
    stopping = [] if patience is None else [EarlyStoppingCallback(patience)]
    by_length = np.argsort([len(ids) for ids in validation["input_ids"]], kind="stable")
    return Trainer(
        model=model,
        args=arguments,
        train_dataset=LengthGroupedDataset(train, alike, seed=arguments.seed),
        eval_dataset=validation.select(by_length),
        processing_class=tokenizer,
        data_collator=DataCollatorWithPadding(tokenizer),
        compute_metrics=classification_metrics,
        callbacks=[*stopping, *callbacks],
    )
