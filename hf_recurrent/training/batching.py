"""Length-aware batching: little padding, still shuffled, equal on all ranks and after a resume.

The order of each epoch depends only on the seed and the epoch's number, so it is the same on all
ranks and in a resumed run. It needs no subclass of ``Trainer``: the data set itself has this order,
and ``Trainer`` reads it from start to end.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._wording import counted
from ..data.epochs import EpochDataset


def length_grouped_order(
    lengths: Sequence[int],
    batch_size: int,
    seed: int,
    epoch: int,
    batches_per_pool: int = 50,
    rows: Sequence[int] | np.ndarray | None = None,
) -> np.ndarray:
    """Return an order of the rows in which each block of ``batch_size`` rows has similar lengths.

    Rows are shuffled and cut into pools of ``batches_per_pool`` batches. Each pool is sorted by
    length and cut into batches, and all batches are shuffled. A batch that is not full comes last.

    Args:
        lengths: The length of each row.
        batch_size: Number of rows with similar lengths: rows per device times devices times
            accumulation steps.
        seed: Seed of the run.
        epoch: Number of the epoch, from 0.
        batches_per_pool: A larger number means less padding, a smaller one more randomness.
        rows: The rows to read, all of them by default. The order is as long as ``lengths`` in any
            case: fewer rows are read several times.
    """
    generator = np.random.default_rng([seed, epoch])
    chosen = np.arange(len(lengths)) if rows is None else np.asarray(rows)
    order = generator.permutation(chosen)
    while 0 < len(order) < len(lengths):
        order = np.concatenate([order, generator.permutation(chosen)])
    order = order[: len(lengths)]
    sizes = np.asarray(lengths)
    pool = batch_size * batches_per_pool
    pools = [order[start : start + pool] for start in range(0, len(order), pool)]
    order = np.concatenate([p[np.argsort(sizes[p], kind="stable")] for p in pools] or [order])
    full = len(order) // batch_size * batch_size
    batches = order[:full].reshape(-1, batch_size)
    return np.concatenate([generator.permutation(batches).ravel(), order[full:]])


class LengthGroupedDataset(EpochDataset):
    """A data set in length-grouped order, which changes with each epoch.

    Use it with ``TrainingArguments(train_sampling_strategy="sequential")``; ``Trainer`` (through
    accelerate) calls ``set_epoch`` before each epoch.

    Args:
        dataset: A ``datasets.Dataset`` or any sequence of dictionaries.
        batch_size: Number of rows with similar lengths: rows per device times devices times
            accumulation steps.
        seed: Seed of the run.
        lengths: The length of each row; by default that of its ``input_ids``, or of its
            ``input_features``.

    Example:
        >>> rows = [{"input_ids": [1] * n} for n in (1, 9, 2, 8)]
        >>> grouped = LengthGroupedDataset(rows, batch_size=2, seed=0)
        >>> sorted(len(grouped[i]["input_ids"]) for i in range(2)) in ([1, 2], [8, 9])
        True
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int,
        seed: int = 42,
        lengths: Sequence[int] | None = None,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}, expected at least 1")
        if lengths is None:
            lengths = [len(steps) for steps in _main_inputs(dataset)]
        if len(lengths) != len(dataset):
            raise ValueError(
                f"found {counted(len(lengths), 'length')} for {counted(len(dataset), 'row')}"
            )
        self.dataset, self.batch_size, self.seed, self.lengths = dataset, batch_size, seed, lengths
        super().__init__()

    def begin_epoch(self, epoch: int) -> None:
        """Change to the order of an epoch."""
        self.order = length_grouped_order(self.lengths, self.batch_size, self.seed, epoch)

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> dict[str, Any]:
        self.follow_epoch()
        return self.dataset[int(self.order[index])]


def _main_inputs(dataset: Any) -> Sequence[Any]:
    """Return the main input of each row, in a fast way if the data set is a table."""
    names = getattr(dataset, "column_names", None) or (dataset[0] if len(dataset) else ())
    name = next((name for name in ("input_ids", "input_features") if name in names), None)
    if name is None:
        if not len(dataset):
            return []
        raise ValueError(
            "the rows have no input_ids or input_features to take lengths from (they have "
            f"{', '.join(names)}): pass lengths"
        )
    if name in (getattr(dataset, "column_names", None) or ()):
        return dataset.with_format(None)[name]
    return [row[name] for row in dataset]
