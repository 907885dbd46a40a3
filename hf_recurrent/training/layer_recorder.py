"""A layer watched step by step: its states, as nodes of the graph, and its saturated gates."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor

from ..models.cells import CELL_GATES, SCANNED
from ..models.ragged import RaggedBatch
from ..models.recurrence import LayerOutput, Step, run_reference
from ..models.recurrent_layer import RecurrentLayer

DIRECTIONS = ("forward", "backward")
# Values outside of these bounds count as saturated (Karpathy, Johnson and Fei-Fei 2015). A ReLU is
# saturated where it is 0, and the candidates of minGRU and minLSTM have no upper bound.
_SIGMOID, _TANH = (0.1, 0.9), (-0.9, 0.9)
_RELU, _POSITIVE = (0.0, float("inf")), (0.1, float("inf"))


class LayerRecorder:
    """Runs a layer step by step, and keeps the states and the saturation of the gates.

    Args:
        layer: The layer.

    Attributes:
        lengths: (batch,) the number of tokens of each row that it has read.
    """

    def __init__(self, layer: RecurrentLayer) -> None:
        self.layer = layer
        self.directions = 1 + layer.bidirectional
        # By direction, the states after each step in the order of the tokens.
        self.hidden: list[dict[int, Tensor]] = [{} for _ in range(self.directions)]
        self.cell: list[dict[int, Tensor]] = [{} for _ in range(self.directions)]
        self.lengths = torch.zeros(0)
        self._saturated: dict[tuple[int, str], list[Tensor]] = {}

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Let the layer run step by step; its own result is replaced by this one."""
        handle = self.layer.register_forward_hook(self._run, with_kwargs=True)
        try:
            yield
        finally:
            handle.remove()

    def _run(
        self, layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any
    ) -> LayerOutput:
        x, hidden, cell = args
        ragged: RaggedBatch = kwargs["ragged"]
        weights = layer.weights()
        self.lengths = ragged.lengths
        watch = partial(self._see, weights.directions)
        return LayerOutput(*run_reference(weights, x, ragged, hidden, cell, watch))

    def _see(self, weights: list[list[Any]], step: Step) -> None:
        self.hidden[step.direction][step.number] = step.hidden
        if step.cell is not None:
            self.cell[step.direction][step.number] = step.cell
        cell_type = self.layer.cell_type
        with torch.no_grad():
            gates = CELL_GATES[cell_type](step.x, step.before, *weights[step.direction])
            for name, values in gates.items():
                low, high = _bounds(cell_type, name)
                living = values[step.alive]
                shares = torch.stack([(living <= low).sum(), (living >= high).sum()])
                size = torch.tensor(living.numel(), device=shares.device)
                self._saturated.setdefault((step.direction, name), []).append(
                    torch.cat([shares, size.unsqueeze(0)])
                )

    def states(self) -> Iterator[tuple[int, str, list[Tensor]]]:
        """Yield the direction, the kind, and the states in the order of the tokens."""
        for direction in range(self.directions):
            for kind, kept in (("hidden", self.hidden), ("cell", self.cell)):
                steps = kept[direction]
                if steps:
                    yield direction, kind, [steps[number] for number in sorted(steps)]

    def saturation(self) -> Iterator[tuple[str, str, float, float]]:
        """Yield direction, gate, and the shares of its values that are low and high."""
        for (direction, gate), counts in self._saturated.items():
            low, high, size = torch.stack(counts).sum(0).tolist()
            yield DIRECTIONS[direction], gate, low / size, high / size


def _bounds(cell_type: str, gate: str) -> tuple[float, float]:
    """Return the bounds of the values of a gate that are not saturated."""
    if gate == "state":
        return _RELU if cell_type == "rnn_relu" else _TANH
    if gate == "candidate":
        return _POSITIVE if cell_type in SCANNED else _TANH
    return _SIGMOID
