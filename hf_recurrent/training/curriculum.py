"""A curriculum with the plain ``Trainer``: easy rows first (Bengio et al. 2009)."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedModel

from .._wording import counted
from .batching import LengthGroupedDataset, length_grouped_order


class CurriculumDataset(LengthGroupedDataset):
    """A data set of which the first epochs read the easiest rows only.

    The share of rows that are read grows evenly with the epochs until it is 1. An epoch always has
    as many steps: if it reads fewer rows, it reads them several times. Within the epoch the order
    is that of ``LengthGroupedDataset``, and from epoch ``epochs`` on it is the same. It depends on
    the seed and the epoch alone, so it is equal on all ranks and in a resumed run.

    Use it with ``TrainingArguments(train_sampling_strategy="sequential")``.

    Args:
        dataset: A ``datasets.Dataset`` or any sequence of dictionaries.
        batch_size: Number of rows with similar lengths: rows per device times devices times
            accumulation steps.
        seed: Seed of the run.
        lengths: The length of each row; by default that of its ``input_ids``, or of its
            ``input_features``.
        difficulty: ``"length"``, or a number for each row, such as ``row_losses`` returns; the
            rows with the smallest are the easiest.
        first_share: Share of the rows that epoch 0 reads.
        epochs: Number of epochs until all rows are read.

    Raises:
        ValueError: If an argument is out of its range, or numbers are missing.

    Example:
        >>> rows = [{"input_ids": [1] * n} for n in (1, 9, 2, 8)]
        >>> easy = CurriculumDataset(rows, batch_size=2, seed=0, first_share=0.5, epochs=3)
        >>> sorted(len(easy[i]["input_ids"]) for i in range(4))
        [1, 1, 2, 2]
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int,
        seed: int = 42,
        lengths: Sequence[int] | None = None,
        *,
        difficulty: str | Sequence[float] = "length",
        first_share: float = 0.3,
        epochs: int = 4,
    ) -> None:
        if isinstance(difficulty, str) and difficulty != "length":
            raise ValueError(
                f"difficulty is {difficulty!r}, expected 'length' or a number for each row"
            )
        if not 0 < first_share <= 1:
            raise ValueError(
                f"first_share is {first_share}, expected a share above 0 and at most 1"
            )
        if epochs < 1:
            raise ValueError(f"epochs is {epochs}, expected at least 1")
        self.first_share, self.epochs = first_share, epochs
        self.difficulty = None if isinstance(difficulty, str) else np.asarray(difficulty)
        super().__init__(dataset, batch_size, seed, lengths)

    def share_at(self, epoch: int) -> float:
        """Return the share of the rows that an epoch reads."""
        return min(1.0, self.first_share + (1 - self.first_share) * epoch / self.epochs)

    def begin_epoch(self, epoch: int) -> None:
        """Change to the order of an epoch."""
        difficulty = np.asarray(self.lengths) if self.difficulty is None else self.difficulty
        if difficulty.shape != (len(self.dataset),):
            raise ValueError(
                f"difficulty has {counted(len(difficulty), 'number')} for "
                f"{counted(len(self.dataset), 'row')}"
            )
        if not np.isfinite(difficulty).all():
            wrong = int(np.flatnonzero(~np.isfinite(difficulty))[0])
            raise ValueError(f"difficulty of row {wrong} is {difficulty[wrong]}, expected a number")
        number = math.ceil(self.share_at(epoch) * len(difficulty) - 1e-9)
        easiest = np.sort(np.argsort(difficulty, kind="stable")[:number])
        self.order = length_grouped_order(
            self.lengths, self.batch_size, self.seed, epoch, rows=easiest
        )


@torch.no_grad()
def row_losses(
    model: PreTrainedModel,
    dataset: Any,
    data_collator: Callable[[list[dict[str, Any]]], dict[str, Any]],
) -> list[float]:
    """Return the loss of each row, as a model that is already trained finds it.

    Rows are read one by one, so the loss is the mean over the labels of the row.

    Args:
        model: A model with a loss; it is used in evaluation mode.
        dataset: Encoded rows with labels.
        data_collator: Makes a batch of rows.

    Raises:
        ValueError: If a row has no labels.

    Example:
        ``CurriculumDataset(train, 32, difficulty=row_losses(teacher, train, collator))``
    """
    was_training = model.training
    model.eval()
    losses = []
    for number in range(len(dataset)):
        batch = data_collator([dict(dataset[number])])
        tensors = {name: value.to(model.device) for name, value in batch.items()}
        loss = model(**tensors).loss
        if loss is None:
            raise ValueError(f"row {number} has no labels, so it has no loss")
        losses.append(float(loss))
    model.train(was_training)
    return losses
