"""The steps of training a network that the scripts and the comparison share."""

from collections.abc import Callable, Sequence
from typing import Any

import datasets
import numpy as np
from torch.utils.data import Dataset
from transformers import (
    EarlyStoppingCallback,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from ..models.loss import IGNORED
from ..models.publishable import is_marked
from .batching import LengthGroupedDataset


def balanced_class_weights(
    labels: Sequence[int], num_labels: int, beta: float = 1.0
) -> list[float]:
    """Return ``class_weights`` that are larger for rarer classes, with a mean of 1 over the rows.

    The weight of a class of n rows is in proportion to (1 - beta) / (1 - beta^n), the inverse of
    its effective number of rows (Cui et al. 2019). With a beta of 1 it is 1 / n, so all classes
    count the same; with 0 all rows do. The weight of a class without rows is 1.

    Args:
        labels: The labels of the training rows, or of all their tokens; -100 is left out.
        num_labels: Number of classes.
        beta: 0 to 1. Cui et al. take 0.9 to 0.9999.

    Raises:
        ValueError: If ``beta`` is out of its range, or the model has no such label.

    Example:
        >>> balanced_class_weights([0, 0, 0, 1], num_labels=2)
        [0.6666666666666666, 2.0]
    """
    if not 0 <= beta <= 1:
        raise ValueError(f"beta is {beta}, expected a number from 0 to 1")
    known = np.asarray(labels, dtype=np.int64)
    known = known[known != IGNORED]
    if len(known) and not 0 <= known.min() <= known.max() < num_labels:
        wrong = known.min() if known.min() < 0 else known.max()
        raise ValueError(f"labels has {wrong}, and num_labels is {num_labels}")
    counts = np.bincount(known, minlength=num_labels)
    effective = counts if beta == 1 else (1 - beta ** counts.astype(float)) / (1 - beta)
    inverse = np.divide(1.0, effective, where=counts > 0, out=np.zeros(num_labels))
    scale = len(known) / max((counts * inverse).sum(), 1e-300)
    return [float(scale * w) if n else 1.0 for w, n in zip(inverse, counts, strict=True)]


def rows_per_step(arguments: TrainingArguments) -> int:
    """Return the rows of a step, over all devices and accumulated batches."""
    return (
        arguments.per_device_train_batch_size
        * max(arguments.n_gpu, 1)
        * arguments.world_size
        * arguments.gradient_accumulation_steps
    )


def check_evaluations(arguments: TrainingArguments, stops_early: bool = True) -> None:
    """Check that evaluations have predictions of all rows.

    Args:
        arguments: The training arguments.
        stops_early: Whether the evaluations also decide when training ends.

    Raises:
        ValueError: If an option leaves them out.
    """
    if arguments.prediction_loss_only:
        raise ValueError(
            "prediction_loss_only is True, and evaluations are by what is predicted: leave it out"
        )
    if arguments.dataloader_drop_last:
        raise ValueError(
            "dataloader_drop_last is True, and Trainer then leaves rows out of evaluations too: "
            "leave it out"
        )
    if stops_early and arguments.eval_strategy == "no":
        raise ValueError(
            "eval_strategy is 'no', and evaluations tell when training ends (patience): expected "
            "'epoch' or 'steps'"
        )


def make_trainer(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase | None,
    arguments: TrainingArguments,
    train: datasets.Dataset | Dataset,
    validation: datasets.Dataset,
    *,
    data_collator: Callable[[list[dict[str, Any]]], dict[str, Any]],
    compute_metrics: Callable[[Any], dict[str, float]],
    lengths: Callable[[Any], Sequence[int]] | None = None,
    patience: int | None = None,
    callbacks: Sequence[TrainerCallback] = (),
    **more: Any,
) -> Trainer:
    """Return a plain ``Trainer``, with batches of similar lengths, metrics and early stopping.

    Args:
        model: A model with a loss.
        tokenizer: Its tokenizer, if it has one.
        arguments: The training arguments, usually with the values of ``RECIPE``, and with the
            metric that chooses the best epoch.
        train: Encoded training rows; or a data set with an order of its own, such as a curriculum.
        validation: Encoded validation rows, on which the best epoch is chosen.
        data_collator: Makes a batch of rows.
        compute_metrics: Computes the metrics of an evaluation.
        lengths: Returns the lengths of rows; by default the numbers of their ids.
        patience: Epochs without improvement after which training ends; ``None`` for never.
        callbacks: Further callbacks.
        **more: Further arguments of ``Trainer``.

    Raises:
        ValueError: If the model is to be pushed, and its data may not be passed on, or an option
            leaves rows or predictions out of evaluations.
    """
    check_evaluations(arguments, patience is not None)
    if arguments.push_to_hub and is_marked(model):
        raise ValueError(
            "The data may not be passed on, and so neither may a model that is trained on them: "
            "leave out --push_to_hub."
        )
    if isinstance(train, datasets.Dataset):
        of_train = lengths(train) if lengths else None
        train = LengthGroupedDataset(train, rows_per_step(arguments), arguments.seed, of_train)
    stopping = [] if patience is None else [EarlyStoppingCallback(patience)]
    of_validation = lengths(validation) if lengths else [*map(len, validation["input_ids"])]
    by_length = np.argsort(of_validation, kind="stable")
    return Trainer(
        model=model,
        args=arguments,
        train_dataset=train,
        eval_dataset=validation.select(by_length),
        processing_class=tokenizer,
        data_collator=data_collator,
        compute_metrics=compute_metrics,
        callbacks=[*stopping, *callbacks],
        **more,
    )
