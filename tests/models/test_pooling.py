import pytest
import torch
from hypothesis import given
from torch import Tensor

from hf_recurrent.models.pooling import POOLINGS, AttentionPooling, make_pooling

from .masks import masks

SIZE = 3


def by_loop(kind: str, pooling: torch.nn.Module, tokens: list[Tensor]) -> Tensor:
    """Pool the states of one row's tokens (2 * SIZE), written out."""
    if not tokens:
        return torch.zeros(2 * SIZE, dtype=torch.double)
    if kind == "last":
        return torch.cat([tokens[-1][:SIZE], tokens[0][SIZE:]])
    if kind == "mean":
        return sum(tokens) / len(tokens)
    if kind == "max":
        return torch.stack([max(t[i] for t in tokens) for i in range(2 * SIZE)])
    assert isinstance(pooling, AttentionPooling)
    weights = [pooling.query(torch.tanh(pooling.key(t))).exp() for t in tokens]
    return sum(w * t for w, t in zip(weights, tokens, strict=True)) / sum(weights)


@pytest.mark.parametrize("kind", POOLINGS)
@given(mask=masks())
def test_pooling_by_brute_force(kind: str, mask: Tensor) -> None:
    torch.manual_seed(0)
    pooling = make_pooling(kind, SIZE, 2).double()
    hidden = torch.randn(*mask.shape, 2 * SIZE, dtype=torch.double)
    hidden = hidden.masked_fill(~mask.unsqueeze(-1), float("nan")).requires_grad_()
    pooled, weights = pooling(hidden, mask)
    assert pooled.shape == (len(mask), 2 * SIZE)
    for row in range(len(mask)):
        expected = by_loop(kind, pooling, list(hidden[row][mask[row]]))
        torch.testing.assert_close(pooled[row], expected, rtol=0, atol=1e-6)
    pooled.sum().backward()
    assert hidden.grad is not None
    assert not hidden.grad[~mask].any()
    assert hidden.grad.isfinite().all()
    if kind == "attention":
        assert weights.shape == mask.shape
        assert not weights[~mask].any()
        assert (weights >= 0).all()
        torch.testing.assert_close(weights.sum(1), mask.any(1).double())
    else:
        assert weights is None


def test_last_of_one_direction() -> None:
    hidden = torch.arange(6.0).view(1, 3, 2)
    pooled, _ = make_pooling("last", 2, 1)(hidden, torch.tensor([[True, True, False]]))
    assert pooled.tolist() == [[2, 3]]


@pytest.mark.parametrize("kind", POOLINGS)
def test_half_precision(kind: str) -> None:
    pooling = make_pooling(kind, SIZE, 2)
    hidden, mask = torch.randn(2, 300, 2 * SIZE), torch.arange(300) < torch.tensor([[300], [0]])
    expected, _ = pooling(hidden, mask)
    found, _ = pooling.bfloat16()(hidden.bfloat16(), mask)
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.float(), expected, rtol=0, atol=2e-2)
