"""The steps of training a network that the scripts and the comparison share."""

from collections.abc import Callable, Sequence
from typing import Any

import datasets
import numpy as np
from transformers import (
    EarlyStoppingCallback,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from .batching import LengthGroupedDataset

__all__ = ["balanced_class_weights", "make_trainer"]


def balanced_class_weights(labels: Sequence[int], num_labels: int) -> list[float]:
    """Return the weight n / (k n_c) of each class, whose mean over the n rows of k classes is 1.

    The weight of a class without rows is 1.
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
    *,
    data_collator: Callable[[list[dict[str, Any]]], dict[str, Any]],
    compute_metrics: Callable[[Any], dict[str, float]],
    patience: int | None = None,
    callbacks: Sequence[TrainerCallback] = (),
) -> Trainer:
    """Return a plain ``Trainer``, with batches of similar lengths, metrics and early stopping.

    Args:
        model: A model with a loss.
        tokenizer: Its tokenizer.
        arguments: The training arguments, usually with the values of ``RECIPE``, and with the
            metric that chooses the best epoch.
        train: Encoded training rows.
        validation: Encoded validation rows, on which the best epoch is chosen.
        data_collator: Makes a batch of rows.
        compute_metrics: Computes the metrics of an evaluation.
        patience: Epochs without improvement after which training ends; ``None`` for never.
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
        data_collator=data_collator,
        compute_metrics=compute_metrics,
        callbacks=[*stopping, *callbacks],
    )
