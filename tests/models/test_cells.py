import pytest
import torch
from torch import nn

from hf_recurrent.models.cells import CELL_TYPES, CELLS

TORCH = {
    "rnn_tanh": lambda: nn.RNNCell(3, 4, nonlinearity="tanh"),
    "rnn_relu": lambda: nn.RNNCell(3, 4, nonlinearity="relu"),
    "lstm": lambda: nn.LSTMCell(3, 4),
    "gru": lambda: nn.GRUCell(3, 4),
}


def test_every_type_has_a_cell() -> None:
    assert set(CELLS) == set(CELL_TYPES) == set(TORCH)


@pytest.mark.parametrize("cell_type", CELL_TYPES)
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
    gates = 3 if cell_type == "gru" else 1
    weights = [torch.ones(gates * 2, 2), torch.ones(gates * 2, 2), *torch.zeros(2, gates * 2)]
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
