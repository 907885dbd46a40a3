"""One step of each recurrent cell, written as its paper writes it.

These functions are the reference: every fast path of ``recurrence.py`` is tested against them, in
values and in gradients, and model export runs them. All share one signature. The weights have the
layout of ``torch.nn.LSTM``, ``nn.GRU`` and ``nn.RNN``, so their checkpoints can be read directly.

Shapes: ``x`` (batch, input_size); ``h`` and ``c`` (batch, hidden_size); ``w_ih`` (gates *
hidden_size, input_size); ``w_hh`` (gates * hidden_size, hidden_size); ``b_ih`` and ``b_hh`` (gates
* hidden_size). Every cell returns the new ``(h, c)``; one without a cell state returns ``c`` as
given. The gates of minGRU and minLSTM do not read the state, so ``w_hh`` and ``b_hh`` are ``None``.

Beside each cell is the function of its gates, by which ``training/state_gradients.py`` shows
how far they are saturated.
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
    i, f, g, o = lstm_gates(x, h, w_ih, w_hh, b_ih, b_hh).values()
    c = f * c + i * g
    h = o * torch.tanh(c)
    return h, c


def lstm_gates(
    x: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> dict[str, Tensor]:
    """Return the gates of ``lstm_cell``, in the order of the blocks of its weights."""
    i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    return {
        "input": torch.sigmoid(i),
        "forget": torch.sigmoid(f),
        "candidate": torch.tanh(g),
        "output": torch.sigmoid(o),
    }


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
    _, z, n = gru_gates(x, h, w_ih, w_hh, b_ih, b_hh).values()
    return (1 - z) * n + z * h, c


def gru_gates(
    x: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> dict[str, Tensor]:
    """Return the gates of ``gru_cell``, in the order of the blocks of its weights."""
    x_r, x_z, x_n = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
    h_r, h_z, h_n = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
    return {"reset": r, "update": z, "candidate": torch.tanh(x_n + r * h_n)}


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
    z, n = mingru_gates(x, h, w_ih, w_hh, b_ih, b_hh).values()
    return (1 - z) * h + z * n, c


def mingru_gates(
    x: Tensor, h: Tensor, w_ih: Tensor, w_hh: None, b_ih: Tensor, b_hh: None
) -> dict[str, Tensor]:
    """Return the gates of ``mingru_cell``, which do not read the state."""
    z, n = (x @ w_ih.T + b_ih).chunk(2, dim=-1)
    return {"update": torch.sigmoid(z), "candidate": positive(n)}


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
    keep, n = minlstm_gates(x, h, w_ih, w_hh, b_ih, b_hh).values()
    return keep * h + (1 - keep) * n, c


def minlstm_gates(
    x: Tensor, h: Tensor, w_ih: Tensor, w_hh: None, b_ih: Tensor, b_hh: None
) -> dict[str, Tensor]:
    """Return f_t / (f_t + i_t) and the candidate of ``minlstm_cell``, which do not read the state.

    Only this share of the two gates has an effect.
    """
    f, i, n = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
    # A form that is right where both gates are 0 in floating point.
    keep = torch.sigmoid(softplus(-i) - softplus(-f))
    return {"forget": keep, "candidate": positive(n)}


CELLS: dict[str, Callable[..., tuple[Tensor, Tensor | None]]] = {
    "rnn_tanh": rnn_cell,
    "rnn_relu": rnn_relu_cell,
    "lstm": lstm_cell,
    "gru": gru_cell,
    "mingru": mingru_cell,
    "minlstm": minlstm_cell,
}

# The gates of a cell by name, from x, h and its weights. An Elman network has none, so its state is
# in their place.
CELL_GATES: dict[str, Callable[..., dict[str, Tensor]]] = {
    "rnn_tanh": lambda x, h, *weights: {"state": rnn_cell(x, h, None, *weights)[0]},
    "rnn_relu": lambda x, h, *weights: {"state": rnn_relu_cell(x, h, None, *weights)[0]},
    "lstm": lstm_gates,
    "gru": gru_gates,
    "mingru": mingru_gates,
    "minlstm": minlstm_gates,
}
