"""The bridge, which makes the first states of a decoder from what an encoder read."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

BRIDGES = ("none", "copy", "dense")


class StateShape(NamedTuple):
    """The shape of the states of a stack of layers.

    Attributes:
        layers: Number of layers.
        size: Width of the states of a layer, those of both directions side by side.
        has_cell: Whether there are cell states too, as in an LSTM.
    """

    layers: int
    size: int
    has_cell: bool


class DenseBridge(nn.Module):
    """A layer with tanh over what the encoder read (Bahdanau et al. 2015).

    Hidden and cell states are made from the same vector, the final hidden states of all layers and
    directions of the encoder: its cell states are not needed.

    Args:
        source_size: Width of that vector.
        target: The states of the decoder.
    """

    def __init__(self, source_size: int, target: StateShape) -> None:
        super().__init__()
        self.target = target
        self.hidden = nn.Linear(source_size, target.layers * target.size)
        self.cell = nn.Linear(source_size, target.layers * target.size) if target.has_cell else None

    def forward(self, read: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return hidden and cell states (batch, layers, size) from vectors (batch, source_size)."""
        shape = (len(read), self.target.layers, self.target.size)
        hidden = self.hidden(read).tanh().view(shape)
        cell = None if self.cell is None else self.cell(read).tanh().view(shape)
        return hidden, cell


def check_copy(source: StateShape | None, target: StateShape) -> None:
    """Check that the states of an encoder can be those of a decoder as they are.

    Raises:
        ValueError: If they cannot.
    """
    if source is None:
        raise ValueError(
            "bridge is 'copy', and the encoder has no states to copy: use bridge 'dense' or 'none'"
        )
    if source != target:
        raise ValueError(
            f"bridge is 'copy', and the encoder has {_described(source)}, but the decoder "
            f"{_described(target)}: make them equal, or use bridge 'dense'"
        )


def _described(shape: StateShape) -> str:
    cells = "with" if shape.has_cell else "without"
    return f"{shape.layers} layers of width {shape.size} {cells} cell states"


def copied(state: Tensor, layers: int) -> Tensor:
    """Return final states (batch, layers * directions, hidden_size) as (batch, layers, size)."""
    batch, rows, size = state.shape
    return state.reshape(batch, layers, rows // layers * size)


def mean_of_steps(memory: Tensor, mask: Tensor | None) -> Tensor:
    """Return the mean of the real steps (batch, size) of a memory (batch, source, size).

    Args:
        memory: The outputs of an encoder.
        mask: (batch, source, bool), true on real steps; ``None`` if all are.
    """
    if mask is None:
        return memory.sum(1) / max(memory.shape[1], 1)
    kept = mask.unsqueeze(-1)
    total = memory.where(kept, torch.zeros((), dtype=memory.dtype, device=memory.device)).sum(1)
    return total / kept.sum(1).clamp(min=1)
