import math

import pytest
import torch
from torch import nn

from hf_recurrent.models.cells import CELL_TYPES, CELLS, GATES, SCANNED

TORCH = {
    "rnn_tanh": lambda: nn.RNNCell(3, 4, nonlinearity="tanh"),
    "rnn_relu": lambda: nn.RNNCell(3, 4, nonlinearity="relu"),
    "lstm": lambda: nn.LSTMCell(3, 4),
    "gru": lambda: nn.GRUCell(3, 4),
}


def test_every_type_has_a_cell() -> None:
    assert set(CELLS) == set(CELL_TYPES) == {*TORCH, *SCANNED}


@pytest.mark.parametrize("cell_type", TORCH)
def test_cell_equals_torch(cell_type: str) -> None:
    torch.manual_seed(0)
    module = TORCH[cell_type]().double()
    x, h, c = (torch.randn(5, n, dtype=torch.double, requires_grad=True) for n in (3, 4, 4))
    weights = [module.weight_ih, module.weight_hh, module.bias_ih, module.bias_hh]
    is_lstm = cell_type == "lstm"
    new_h, new_c = CELLS[cell_type](x, h, c, *weights)
    expected = module(x, (h, c)) if is_lstm else (module(x, h), c)
    leaves = [x, h, *weights, *([c] if is_lstm else [])]
    for found, wanted in zip((new_h, new_c), expected, strict=True):
        torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)
    ours = torch.autograd.grad((new_h.exp() + new_c.cos()).sum(), leaves)
    theirs = torch.autograd.grad((expected[0].exp() + expected[1].cos()).sum(), leaves)
    for found, wanted in zip(ours, theirs, strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("cell_type", sorted(set(CELL_TYPES) - {"lstm"}))
def test_cell_without_memory_hands_it_through(cell_type: str) -> None:
    gates = GATES[cell_type]
    weights = [torch.ones(gates * 2, 2), torch.ones(gates * 2, 2), *torch.zeros(2, gates * 2)]
    if cell_type in SCANNED:
        weights[1] = weights[3] = None
    c = torch.ones(1, 2)
    assert CELLS[cell_type](torch.ones(1, 2), torch.ones(1, 2), c, *weights)[1] is c
    assert CELLS[cell_type](torch.ones(1, 2), torch.ones(1, 2), None, *weights)[1] is None


def test_lstm_by_hand() -> None:
    """One number in, one out: every gate has its own place."""
    w_ih, w_hh = torch.tensor([[0.1], [0.2], [0.3], [0.4]]), torch.zeros(4, 1)
    x, h, c = torch.tensor([[2.0]]), torch.tensor([[0.0]]), torch.tensor([[0.5]])
    new_h, new_c = CELLS["lstm"](x, h, c, w_ih, w_hh, torch.zeros(4), torch.zeros(4))
    gate = lambda a: 1 / (1 + torch.tensor(-a).exp())  # noqa: E731
    expected_c = gate(0.4) * 0.5 + gate(0.2) * torch.tensor(0.6).tanh()
    assert new_c is not None
    assert new_c.item() == pytest.approx(expected_c.item())
    assert new_h.item() == pytest.approx((gate(0.8) * expected_c.tanh()).item())


@pytest.mark.parametrize("x", [-40.0, -2.0, -0.1, 0.0, 0.3, 7.0])
def test_mingru_by_hand(x: float) -> None:
    """The equations of the paper, with plain numbers: two gates, and a candidate in two pieces."""
    sigmoid = lambda a: 1 / (1 + math.exp(-a))  # noqa: E731
    z, n = 0.4 * x + 0.1, -0.7 * x + 0.2
    candidate = n + 0.5 if n >= 0 else sigmoid(n)
    expected = (1 - sigmoid(z)) * 0.8 + sigmoid(z) * candidate
    w, b = torch.tensor([[0.4], [-0.7]]).double(), torch.tensor([0.1, 0.2]).double()
    found, _ = CELLS["mingru"](torch.tensor([[x]]).double(), 0.8, None, w, None, b, None)
    assert found.item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("x", [-40.0, -2.0, -0.1, 0.0, 0.3, 7.0])
def test_minlstm_by_hand(x: float) -> None:
    sigmoid = lambda a: 1 / (1 + math.exp(-a))  # noqa: E731
    f, i, n = sigmoid(0.4 * x + 0.1), sigmoid(0.9 * x), -0.7 * x + 0.2
    candidate = n + 0.5 if n >= 0 else sigmoid(n)
    expected = f / (f + i) * 0.8 + i / (f + i) * candidate
    w, b = torch.tensor([[0.4], [0.9], [-0.7]]).double(), torch.tensor([0.1, 0.0, 0.2]).double()
    found, _ = CELLS["minlstm"](torch.tensor([[x]]).double(), 0.8, None, w, None, b, None)
    assert found.item() == pytest.approx(expected, rel=1e-6)


def test_minlstm_with_both_gates_shut() -> None:
    """In fp32 both gates are 0, and their share is still a number."""
    w, b = torch.zeros(3, 1), torch.tensor([-200.0, -200.0, 0.0])
    found, _ = CELLS["minlstm"](torch.ones(1, 1), torch.ones(1, 1), None, w, None, b, None)
    assert found.item() == pytest.approx(0.5 * 1 + 0.5 * 0.5)
