"""A text laid out as streams side by side, for truncated backpropagation through time.

A long text is cut into streams of equal length, and each stream into windows. Row i of a batch is
the next window of the stream in place i, so a model can go on from the state in which the window
before has left it. ``StateCarrier`` carries the states; nothing here needs a subclass of
``Trainer``.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from transformers import default_data_collator

from .._wording import counted
from ..data.epochs import EpochDataset

_IGNORED = -100
# Random lengths as in Merity et al. 2018, whose windows of 70 have a deviation of 5 and are halved
# with a probability of 0.05.
_HALVED = 0.05
_DEVIATION = 5 / 70


class TextStreams(EpochDataset):
    """The windows of a text, as rows for the plain ``Trainer``.

    Give ``Trainer`` the argument ``train_sampling_strategy="sequential"``, the callback
    ``StateCarrier()`` and ``data_collator=collate_windows``. Each token of the text but the first
    is predicted once: the last token of a window predicts the first one of the next window, and the
    end of a stream the beginning of the next stream.

    The rows of one step are side by side: the first ``streams`` rows are the first windows of all
    streams. So the layout holds for any number of ranks and of accumulation steps, as long as
    ``streams`` is the number of rows that all ranks read at once.

    A row has ``input_ids``; ``labels``, which are the same; ``shift_labels``, the next token at
    each position (-100 where there is none); ``row``, its number; ``continues``, the number of
    the row in the same place before it, or -1 at the start of a stream; and ``mean_items``, the
    mean number of predicted tokens of a step on all ranks, with which the loss of an evaluation is
    the mean over all tokens.

    Args:
        ids: The token ids of the text: a list, an array, a tensor, or a memory map of a file of
            any size (``open_token_ids``).
        streams: Number of streams: rows per device times devices times ranks. Accumulation steps do
            not count.
        window: Largest number of tokens in a window. The windows of a text are as equal as
            possible, so no step has only a few tokens.
        random_windows: Whether windows have random lengths, drawn anew for each epoch (Merity et
            al. 2018). All rows of a step share one length; ``WindowLearningRate`` scales the
            learning rate by it. ``window`` is then the usual length and not the largest.
        seed: Seed of these lengths.

    Raises:
        ValueError: If the text has less than one token to predict in each stream, or the ids are
            no integers.

    Example:
        >>> streams = TextStreams(range(13), streams=2, window=3)
        >>> [(row["input_ids"].tolist(), int(row["continues"])) for row in streams]
        [([0, 1, 2], -1), ([6, 7, 8], -1), ([3, 4, 5], 0), ([9, 10, 11], 1)]
    """

    def __init__(
        self,
        ids: Sequence[int] | np.ndarray,
        streams: int,
        window: int,
        *,
        random_windows: bool = False,
        seed: int = 42,
    ) -> None:
        for name, value in (("streams", streams), ("window", window)):
            if value < 1:
                raise ValueError(f"{name} is {value}, expected at least 1")
        self.ids = as_ids(ids)
        self.predicted = len(self.ids) - 1
        if self.predicted < streams:
            raise ValueError(
                f"the text has {counted(len(self.ids), 'token')}, which is too short for "
                f"{counted(streams, 'stream')}: a stream needs at least one token to predict, so "
                f"expected at least {streams + 1} (a smaller batch needs fewer)"
            )
        self.streams, self.window, self.seed = streams, window, seed
        self.random_windows = random_windows
        # Stream p reads the ids from its start to the next one's, and lengths differ by 1 at most.
        self._starts = np.arange(streams + 1) * self.predicted // streams
        super().__init__()

    def begin_epoch(self, epoch: int) -> None:
        """Draw the window lengths of an epoch."""
        length = int(np.diff(self._starts).max())
        generator = np.random.default_rng([self.seed, epoch]) if self.random_windows else None
        self._windows = window_starts(length, self.window, generator)

    def __len__(self) -> int:
        return (len(self._windows) - 1) * self.streams

    def __getitem__(self, index: int) -> dict[str, Any]:
        if not 0 <= index < len(self):
            raise IndexError(f"row {index} does not exist, there are {len(self)}")
        self.follow_epoch()
        step, stream = divmod(int(index), self.streams)
        start, stop = (int(self._starts[stream] + w) for w in self._windows[step : step + 2])
        inputs, following = (
            np.array(self.ids[first : first + stop - start], dtype=np.int64)
            for first in (start, start + 1)
        )
        if stop > self._starts[stream + 1]:  # this stream is one token shorter than the last one
            following[-1] = _IGNORED
        return {
            "input_ids": inputs,
            "labels": inputs,
            "shift_labels": following,
            "row": index,
            "continues": index - self.streams if step else -1,
            "mean_items": self.predicted / (len(self._windows) - 1),
        }


def as_ids(ids: Any) -> np.ndarray:
    """Return the ids of a text as an array, without a copy of one.

    Raises:
        ValueError: If they are no integers in a row.
    """
    array = np.asarray(ids)
    if array.ndim != 1:
        raise ValueError(f"the ids have shape {array.shape}, expected one dimension")
    if len(array) and array.dtype.kind not in "iu":
        raise ValueError(f"the ids are of type {array.dtype}, expected integers")
    return array


def collate_windows(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the tensors of a batch of windows, which have one length.

    Raises:
        ValueError: If the windows have different lengths, so that they are not of one step.
    """
    lengths = sorted({len(row["input_ids"]) for row in rows})
    if len(lengths) > 1:
        raise ValueError(
            f"a batch has windows of {lengths[0]} and of {lengths[-1]} tokens, so its rows are not "
            "of one step: the batch size times the ranks must be the number of streams of the data "
            'set, in training with train_sampling_strategy="sequential"'
        )
    return default_data_collator(rows)


def window_starts(length: int, window: int, generator: np.random.Generator | None) -> np.ndarray:
    """Return where the windows of a stream begin, and as the last number its length.

    The number of windows does not depend on the random numbers, since ``Trainer`` counts the steps
    of an epoch once.

    Args:
        length: Number of tokens of the stream.
        window: Largest length of a window, or with a generator the usual one.
        generator: Draws random lengths: normal around ``window``, or with a probability of 0.05
            around half of it, with a deviation of a fourteenth of the window.
    """
    if generator is None:
        number = -(-length // window)
        return np.arange(number + 1) * length // number
    number = max(1, min(length, round(length / (window * (1 - _HALVED / 2)))))
    around = np.where(generator.random(number) < _HALVED, window / 2, window)
    drawn = generator.normal(around, window * _DEVIATION).clip(min=window * _DEVIATION)
    # Each window has one token, and the others are shared out in these proportions.
    ends = np.arange(1, number + 1) + np.floor(
        (length - number) * np.cumsum(drawn) / drawn.sum() + 1e-9
    ).astype(np.int64)
    return np.concatenate([[0], ends])
