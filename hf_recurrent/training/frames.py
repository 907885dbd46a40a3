"""Batches of frames: rows of real numbers of different lengths, padded to one length."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .._wording import counted

_IGNORED = -100


@dataclass
class DataCollatorForFrames:
    """Make batches of rows with ``input_features`` (time, channels), for the plain ``Trainer``.

    Rows are padded with zeros, which ``attention_mask`` marks. ``labels`` are one number a row,
    several floating-point targets a row, or a list of integers, which is padded with -100: one for
    each frame, or the token ids of a text. Other columns are left out.

    To batch rows of similar lengths, give ``Trainer`` a ``LengthGroupedDataset``. Trainer's own
    ``group_by_length`` needs ``input_ids``, or a column of lengths, which it keeps only with
    ``remove_unused_columns=False``.

    Args:
        padding_side: ``"right"`` or ``"left"``.
        label_unit: ``"frame"`` if lists of labels have one for each frame, ``"target"`` for any
            number of them.

    Example:
        >>> rows = [{"input_features": [[0.5]] * n, "labels": n % 2} for n in (1, 3)]
        >>> batch = DataCollatorForFrames()(rows)
        >>> batch["input_features"].shape, batch["attention_mask"].tolist()
        (torch.Size([2, 3, 1]), [[1, 0, 0], [1, 1, 1]])
    """

    padding_side: str = "right"
    label_unit: str = "frame"

    def __post_init__(self) -> None:
        if self.label_unit not in ("frame", "target"):
            raise ValueError(f"label_unit is {self.label_unit!r}, expected frame or target")
        if self.padding_side not in ("right", "left"):
            raise ValueError(f"padding_side is {self.padding_side!r}, expected right or left")

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, Tensor]:
        """Return the tensors of a batch.

        Raises:
            ValueError: If the frames of a row are not a rectangle, have another number of channels
                than earlier rows, or are more or fewer than its labels.
        """
        frames = _frames(rows)
        real = [torch.ones(len(row), dtype=torch.long) for row in frames]
        batch = {"input_features": self._pad(frames, 0), "attention_mask": self._pad(real, 0)}
        if "labels" in rows[0]:
            labels = [torch.as_tensor(row["labels"]) for row in rows]
            if self.label_unit == "target":
                labels = [ids.long() for ids in labels]  # no ids would make an empty float tensor
            in_lists = labels[0].dim() == 1 and not labels[0].is_floating_point()
            if in_lists and self.label_unit == "frame":
                _check_lengths(frames, labels)
            batch["labels"] = self._pad(labels, _IGNORED) if in_lists else torch.stack(labels)
        return batch

    def _pad(self, values: list[Tensor], fill: int) -> Tensor:
        return torch.nn.utils.rnn.pad_sequence(
            values, batch_first=True, padding_value=fill, padding_side=self.padding_side
        )


def _frames(rows: Sequence[dict[str, Any]]) -> list[Tensor]:
    """Return the frames (time, channels) of each row."""
    frames: list[Tensor] = []
    channels: int | None = None
    for number, row in enumerate(rows):
        if "input_features" not in row:
            raise ValueError(f"row {number} of the batch has no input_features: {sorted(row)}")
        try:
            given = torch.as_tensor(row["input_features"], dtype=torch.float32)
        except (TypeError, ValueError) as error:
            raise ValueError(f"row {number} of the batch: input_features ({error})") from error
        if given.shape == (0,):  # an empty list
            given = given.unsqueeze(1)
        if given.dim() != 2:
            raise ValueError(
                f"row {number} of the batch: input_features have shape {tuple(given.shape)}, "
                "expected (time, channels)"
            )
        if len(given) and channels not in (None, given.shape[1]):
            raise ValueError(
                f"row {number} of the batch has {given.shape[1]} channels, and those before it "
                f"have {channels}"
            )
        channels = given.shape[1] if len(given) else channels
        frames.append(given)
    return [row if len(row) else row.new_zeros(0, channels or 0) for row in frames]


def _check_lengths(frames: list[Tensor], labels: list[Tensor]) -> None:
    for number, (row, tags) in enumerate(zip(frames, labels, strict=True)):
        if len(row) != len(tags):
            raise ValueError(
                f"row {number} of the batch has {counted(len(row), 'frame')} and labels for "
                f"{len(tags)}, expected a label for each frame"
            )
