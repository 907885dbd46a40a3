"""One step of each recurrent cell, written as its paper writes it.

These functions are the reference: every fast path of ``recurrence.py`` is tested against them, in
values and in gradients, and model export runs them. All share one signature. The weights have the
layout of ``torch.nn.LSTM``, ``nn.GRU`` and ``nn.RNN``, so their checkpoints can be read directly.

Shapes: ``x`` (batch, input_size); ``h`` and ``c`` (batch, hidden_size); ``w_ih`` (gates *
hidden_size, input_size); ``w_hh`` (gates * hidden_size, hidden_size); ``b_ih`` and ``b_hh`` (gates
* hidden_size). Every cell returns the new ``(h, c)``; one without a cell state returns ``c`` as
given. The gates of minGRU and minLSTM do not read the state, so ``w_hh`` and ``b_hh`` are ``None``.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import softplus

CELL_TYPES = ("rnn_tanh", "rnn_relu", "lstm", "gru", "mingru", "minlstm")
# How many blocks of hidden_size rows the weights of each cell have.
GATES = {"rnn_tanh": 1, "rnn_relu": 1, "lstm": 4, "gru": 3, "mingru": 2, "minlstm": 3}
# Cells without recurrent weights, whose states are a linear recurrence: see ``scan.py``.
SCANNED = ("mingru", "minlstm")


def rnn_cell(
    x: Tensor,
    h: Tensor,
    c: Tensor | None,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor,
    b_hh: Tensor,
    activation: Callable[[Tensor], Tensor] = torch.tanh,
) -> tuple[Tensor, Tensor | None]:
    """Compute Elman's simple recurrent network (Elman 1990, "Finding structure in time").

    h_t = f(W_xh x_t + b_x + W_hh h_{t-1} + b_h), with f = tanh or ReLU.
    """
    h = activation(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    return h, c


def rnn_relu_cell(
    x: Tensor,
    h: Tensor,
    c: Tensor | None,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor,
    b_hh: Tensor,
) -> tuple[Tensor, Tensor | None]:
    """Compute Elman's network with f = ReLU (Le, Jaitly and Hinton 2015)."""
    return rnn_cell(x, h, c, w_ih, w_hh, b_ih, b_hh, activation=torch.relu)


def lstm_cell(
    x: Tensor,
    h: Tensor,
    c: Tensor | None,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor,
    b_hh: Tensor,
) -> tuple[Tensor, Tensor | None]:
    """Compute an LSTM with a forget gate (Hochreiter 1997; Gers, Schmidhuber, Cummins 2000).

    i_t = sigmoid(W_xi x_t + b_xi + W_hi h_{t-1} + b_hi)      input gate
    f_t = sigmoid(W_xf x_t + b_xf + W_hf h_{t-1} + b_hf)      forget gate
    g_t = tanh(W_xg x_t + b_xg + W_hg h_{t-1} + b_hg)         candidate
    o_t = sigmoid(W_xo x_t + b_xo + W_ho h_{t-1} + b_ho)      output gate
    c_t = f_t * c_{t-1} + i_t * g_t
    h_t = o_t * tanh(c_t)
    """
    assert c is not None, "an LSTM has a cell state"
    i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    h = torch.sigmoid(o) * torch.tanh(c)
    return h, c


def gru_cell(
    x: Tensor,
    h: Tensor,
    c: Tensor | None,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor,
    b_hh: Tensor,
) -> tuple[Tensor, Tensor | None]:
    """Compute a gated recurrent unit (Cho et al. 2014), with the reset gate placed as in cuDNN.

    The reset gate is applied after the product with ``W_hn``.

    r_t = sigmoid(W_xr x_t + b_xr + W_hr h_{t-1} + b_hr)      reset gate
    z_t = sigmoid(W_xz x_t + b_xz + W_hz h_{t-1} + b_hz)      update gate
    n_t = tanh(W_xn x_t + b_xn + r_t * (W_hn h_{t-1} + b_hn)) candidate
    h_t = (1 - z_t) * n_t + z_t * h_{t-1}
    """
    x_r, x_z, x_n = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
    h_r, h_z, h_n = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + r * h_n)
    return (1 - z) * n + z * h, c


def positive(x: Tensor) -> Tensor:
    """Return g(x) = x + 0.5 for x >= 0 and sigmoid(x) below, the candidate of minGRU and minLSTM.

    It is positive and continuous, as the scan in log space of the paper requires; it is kept so
    that published weights mean the same here.
    """
    return torch.where(x >= 0, x + 0.5, torch.sigmoid(x))


def mingru_cell(
    x: Tensor,
    h: Tensor,
    c: Tensor | None,
    w_ih: Tensor,
    w_hh: None,
    b_ih: Tensor,
    b_hh: None,
) -> tuple[Tensor, Tensor | None]:
    """Compute a minGRU (Feng et al. 2024, "Were RNNs all we needed?").

    z_t = sigmoid(W_xz x_t + b_xz)                 update gate
    n_t = g(W_xn x_t + b_xn)                       candidate
    h_t = (1 - z_t) * h_{t-1} + z_t * n_t
    """
    z, n = (x @ w_ih.T + b_ih).chunk(2, dim=-1)
    z = torch.sigmoid(z)
    return (1 - z) * h + z * positive(n), c


def minlstm_cell(
    x: Tensor,
    h: Tensor,
    c: Tensor | None,
    w_ih: Tensor,
    w_hh: None,
    b_ih: Tensor,
    b_hh: None,
) -> tuple[Tensor, Tensor | None]:
    """Compute a minLSTM (Feng et al. 2024), whose gates sum to 1.

    f_t = sigmoid(W_xf x_t + b_xf)                 forget gate
    i_t = sigmoid(W_xi x_t + b_xi)                 input gate
    n_t = g(W_xn x_t + b_xn)                       candidate
    h_t = f_t / (f_t + i_t) * h_{t-1} + i_t / (f_t + i_t) * n_t
    """
    f, i, n = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
    # f_t / (f_t + i_t), in a form that is right where both gates are 0 in floating point.
    keep = torch.sigmoid(softplus(-i) - softplus(-f))
    return keep * h + (1 - keep) * positive(n), c


CELLS: dict[str, Callable[..., tuple[Tensor, Tensor | None]]] = {
    "rnn_tanh": rnn_cell,
    "rnn_relu": rnn_relu_cell,
    "lstm": lstm_cell,
    "gru": gru_cell,
    "mingru": mingru_cell,
    "minlstm": minlstm_cell,
}
