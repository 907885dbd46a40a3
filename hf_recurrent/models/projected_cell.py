"""The LSTM of ELMo: its cell state is clipped, and its output projected and clipped again.

``projected_lstm_cell`` is one step, written as Sak et al. (2014) and Peters et al. (2018) write it.
It is the reference for ``projected_steps.py``, which is tested against it in values and gradients.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class Clips(NamedTuple):
    """The limits of a projected LSTM; ``None`` for no limit.

    Attributes:
        cell: Largest absolute value of the cell state.
        projection: Largest absolute value of the projected output.
    """

    cell: float | None
    projection: float | None


def projected_lstm_cell(
    x: Tensor,
    h: Tensor,
    c: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    bias: Tensor,
    w_hr: Tensor | None,
    clips: Clips,
) -> tuple[Tensor, Tensor]:
    """Compute an LSTM with a projection (Sak et al. 2014), clipped as in ELMo.

    i_t, f_t, o_t = sigmoid(W_x x_t + W_h h_{t-1} + b)        gates
    g_t = tanh(W_xg x_t + W_hg h_{t-1} + b_g)                 candidate
    c_t = clip(f_t * c_{t-1} + i_t * g_t)
    h_t = clip(W_hr (o_t * tanh(c_t)))

    The next step reads the clipped states, as in the original. The gates are in torch's order: i,
    f, g, o.

    Args:
        x: (batch, input_size).
        h: (batch, hidden_size) the projected state.
        c: (batch, cell_size).
        w_ih: (4 * cell_size, input_size).
        w_hh: (4 * cell_size, hidden_size).
        bias: (4 * cell_size,).
        w_hr: (hidden_size, cell_size) the projection. Without it ``h_t`` is not projected, and not
            clipped either.
        clips: The limits.
    """
    i, f, g, o = (x @ w_ih.T + h @ w_hh.T + bias).chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    if clips.cell is not None:
        c = c.clamp(-clips.cell, clips.cell)
    h = torch.sigmoid(o) * torch.tanh(c)
    if w_hr is not None:
        h = h @ w_hr.T
        if clips.projection is not None:
            h = h.clamp(-clips.projection, clips.projection)
    return h, c


def projected_lstm_loop(
    counts: Sequence[int],
    last: Tensor,
    clips: Clips,
    x: Tensor,
    h: Tensor,
    c: Tensor,
    *weights: Tensor | None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Run the cell over packed tokens; the arguments are those of ``projected_lstm``."""
    w_ih, w_hh, bias, w_hr = weights
    assert w_ih is not None
    assert w_hh is not None
    assert bias is not None
    hidden, cells = [], []
    for block in x.split(list(counts)):
        n = len(block)
        h, c = projected_lstm_cell(block, h[:n], c[:n], w_ih, w_hh, bias, w_hr, clips)
        hidden.append(h)
        cells.append(c)
    output = torch.cat(hidden)
    return output, output[last], torch.cat(cells)[last]
