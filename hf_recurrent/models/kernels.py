"""Torch's own kernels for one recurrent layer, called with weights and without a module."""

from functools import cache
from typing import Any, NamedTuple

import torch
from torch import Tensor

from .cells import GATES


class LayerWeights(NamedTuple):
    """The cell type and the weights of a layer, which every path of ``recurrence.py`` takes.

    Attributes:
        cell_type: One of ``cells.CELL_TYPES``.
        directions: ``[w_ih, w_hh, b_ih, b_hh]``, as in ``cells.py``, for each direction; ``None``
            for weights that the cell does not have.
        training: The flag that torch's kernels take.
    """

    cell_type: str
    directions: list[list[Any]]
    training: bool = False

    @property
    def hidden_size(self) -> int:
        """Width of the state of one direction."""
        return len(self.directions[0][2]) // GATES[self.cell_type]

    @property
    def flat(self) -> list[Tensor]:
        """The weights in the order in which torch's kernels take them."""
        every = [weight for direction in self.directions for weight in direction]
        return [weight for weight in every if weight is not None]


def run_kernel(
    weights: LayerWeights,
    x: Tensor,
    counts: list[int] | None,
    hidden: Tensor,
    cell: Tensor | None,
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Run torch's kernel and return its output and the final states.

    If the processor has no dense LSTM kernel in the wanted precision, the kernel runs in fp32 and
    its results are converted.

    Args:
        weights: The weights of the layer.
        x: (batch, time, input_size), or packed tokens (tokens, input_size).
        counts: Number of rows that are not over at each step, if ``x`` is packed.
        hidden: (batch, directions, hidden_size) initial state; final states have its shape.
        cell: Likewise, for an LSTM.
    """
    if counts is None and x.shape[1] == 1 and has_step(weights):
        return _run_step(weights, x, hidden, cell)
    if counts is None and _lacks_kernel(weights, x):
        dtype = _asked_for(x)
        with torch.autocast("cpu", enabled=False):
            single = [[weight.float() for weight in own] for own in weights.directions]
            states = (hidden.float(), None if cell is None else cell.float())
            found = run_kernel(weights._replace(directions=single), x.float(), None, *states)
        output, final_h, final_c = found
        return output.to(dtype), final_h.to(dtype), None if final_c is None else final_c.to(dtype)
    kernel: Any = getattr(torch, weights.cell_type)  # torch.lstm, torch.gru and so on
    source = [x] if counts is None else [x, torch.tensor(counts)]
    options = [True, 1, 0.0, weights.training, len(weights.directions) == 2]
    if counts is None:
        options.append(True)  # batch first
    output, *finals = kernel(*source, _state(hidden, cell), weights.flat, *options)
    final_h, *rest = (state.transpose(0, 1) for state in finals)
    return output, final_h, rest[0] if rest else None


def has_step(weights: LayerWeights) -> bool:
    """Check whether torch has a function for one step of a layer, which is faster than its kernel.

    The dense LSTM kernel first rearranges the weights, which takes 1.2 to 13 times as long as one
    step; in training, as of a decoder with input feeding, a step takes twice as long with it. A GRU
    gains a tenth, and 2 to 9 times over ``stepwise.py`` for one row.
    """
    weight = weights.directions[0][0]
    return (
        weights.cell_type in _STEPS
        and len(weights.directions) == 1
        and weight.device.type == "cpu"
        and weight.dtype in (torch.float32, torch.float64)
        and not torch.is_autocast_enabled("cpu")
    )


_STEPS: dict[str, Any] = {
    "lstm": torch.lstm_cell,
    "gru": torch.gru_cell,
    "rnn_tanh": torch.rnn_tanh_cell,
    "rnn_relu": torch.rnn_relu_cell,
}


def _run_step(
    weights: LayerWeights, x: Tensor, hidden: Tensor, cell: Tensor | None
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Run one step of a layer in one direction; see ``run_kernel``."""
    step, own = _STEPS[weights.cell_type], weights.directions[0]
    if cell is None:
        h = step(x[:, 0], hidden[:, 0], *own).unsqueeze(1)
        return h, h, None
    h, c = step(x[:, 0], (hidden[:, 0], cell[:, 0]), *own)
    return h.unsqueeze(1), h.unsqueeze(1), c.unsqueeze(1)


def _state(hidden: Tensor, cell: Tensor | None) -> Tensor | tuple[Tensor, Tensor]:
    h = hidden.transpose(0, 1).contiguous()
    return h if cell is None else (h, cell.transpose(0, 1).contiguous())


def _asked_for(x: Tensor) -> torch.dtype:
    """Return the precision that torch would use: that of ``x``, or that of autocast."""
    if torch.is_autocast_enabled("cpu") and x.dtype != torch.float64:
        return torch.get_autocast_dtype("cpu")
    return x.dtype


def _lacks_kernel(weights: LayerWeights, x: Tensor) -> bool:
    """Check whether this processor has no dense LSTM kernel in the wanted precision."""
    if weights.cell_type != "lstm" or x.device.type != "cpu":
        return False
    dtype = _asked_for(x)
    half = dtype in (torch.bfloat16, torch.float16)
    return half and not _has_lstm_kernel(dtype, torch.is_autocast_enabled("cpu"))


@cache
def _has_lstm_kernel(dtype: torch.dtype, autocast: bool) -> bool:
    """Check with a step of training, as it depends on the processor and on the environment."""
    given = torch.float32 if autocast else dtype
    like: Any = {"dtype": given, "device": "cpu", "requires_grad": True}
    try:
        # The result is cached, so it must not depend on where the first batch came from.
        with (
            torch.inference_mode(False),
            torch.enable_grad(),
            torch.autocast("cpu", dtype, enabled=autocast),
        ):
            x, h = torch.ones(1, 1, 1, **like), torch.zeros(1, 1, 1, **like)
            weights = [torch.ones(shape, **like) for shape in ((4, 1), (4, 1), (4,), (4,))]
            output, _, _ = torch.lstm(x, (h, h), weights, True, 1, 0.0, True, False, True)
            torch.autograd.grad(output.sum(), [x, *weights])
    except RuntimeError:
        return False
    return True
