"""The loss without logits equals that of torch over the logits, in value and gradient."""

from contextlib import nullcontext
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from hf_recurrent.models import vocabulary_loss as module
from hf_recurrent.models.vocabulary_loss import may_skip_logits, vocabulary_loss


def make(bias: bool = True, dtype: torch.dtype = torch.double) -> tuple[Tensor, nn.Linear, Tensor]:
    torch.manual_seed(0)
    hidden = torch.randn(11, 4, dtype=dtype, requires_grad=True)
    targets = torch.tensor([0, 6, 2, -100, 2, 2, -100, 5, 1, 0, 3])
    return hidden, nn.Linear(4, 7, bias=bias).to(dtype), targets


def naive(hidden: Tensor, layer: nn.Linear, targets: Tensor, smoothing: float) -> Tensor:
    return nn.functional.cross_entropy(
        layer(hidden).float() if hidden.dtype != torch.double else layer(hidden),
        targets,
        reduction="sum",
        label_smoothing=smoothing,
    )


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("frozen", ["nothing", "layer", "hidden"])
def test_equals_torch(
    bias: bool, smoothing: float, frozen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TOKENS", 3)
    hidden, layer, targets = make(bias)
    layer.requires_grad_(frozen != "layer")
    hidden.requires_grad_(frozen != "hidden")
    inputs = [tensor for tensor in (hidden, *layer.parameters()) if tensor.requires_grad]
    expected = naive(hidden, layer, targets, smoothing)
    found = vocabulary_loss(hidden, layer, targets, smoothing)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)
    pairs = zip(
        torch.autograd.grad(found / 3, inputs),
        torch.autograd.grad(expected / 3, inputs),
        strict=True,
    )
    for ours, theirs in pairs:
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode, None])
def test_an_evaluation_computes_no_gradients(
    bias: bool, mode: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gradients(*_: Any) -> Any:
        raise AssertionError("an evaluation computed gradients")

    monkeypatch.setattr(module, "_TOKENS", 3)
    monkeypatch.setattr(module, "_pass", gradients)
    hidden, layer, targets = make(bias)
    if mode is None:
        hidden = hidden.detach()
        layer.requires_grad_(False)
    with mode() if mode else nullcontext():
        for smoothing in (0.0, 0.2):
            found = vocabulary_loss(hidden, layer, targets, smoothing)
            expected = naive(hidden, layer, targets, smoothing)
            torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)
        exact = naive(hidden, layer, targets, 0.0)
        half = vocabulary_loss(hidden.bfloat16(), layer.bfloat16(), targets)
        assert half.dtype == torch.float32
        torch.testing.assert_close(half.double(), exact, rtol=0.02, atol=0)
        assert float(vocabulary_loss(hidden[:0].bfloat16(), layer, targets[:0])) == 0


def test_nothing_to_predict() -> None:
    hidden, layer, targets = make()
    loss = vocabulary_loss(hidden, layer, torch.full_like(targets, -100))
    loss.backward()
    assert float(loss.detach()) == 0
    assert not hidden.grad.any()  # type: ignore[union-attr]
    empty = vocabulary_loss(hidden[:0], layer, targets[:0])
    assert float(empty.detach()) == 0


def test_a_sure_and_wrong_model_has_a_finite_loss() -> None:
    hidden, layer, targets = make(dtype=torch.float32)
    with torch.no_grad():
        layer.weight *= 1e4
    found = vocabulary_loss(hidden, layer, targets)
    torch.testing.assert_close(found, naive(hidden, layer, targets, 0.0))
    assert found.isfinite()


def test_under_autocast_it_is_as_near_as_autocast_itself() -> None:
    hidden, layer, targets = make(dtype=torch.float32)
    exact = torch.autograd.grad(naive(hidden, layer, targets, 0.0), layer.weight)[0]
    with torch.autocast("cpu", torch.bfloat16):
        found = vocabulary_loss(hidden, layer, targets)
    grad = torch.autograd.grad(found, layer.weight)[0]
    assert found.dtype == grad.dtype == torch.float32
    assert not torch.equal(grad, exact)
    torch.testing.assert_close(grad, exact, rtol=0, atol=0.02 * float(exact.abs().max()))


def test_a_layer_that_has_to_be_called_is_called() -> None:
    layer = nn.Linear(4, 7)
    assert may_skip_logits(layer)
    assert not may_skip_logits(nn.Sequential(layer))
    handle = layer.register_forward_hook(lambda *_: None)
    assert not may_skip_logits(layer)
    handle.remove()
    assert may_skip_logits(layer)
    assert not may_skip_logits(nn.utils.parametrizations.weight_norm(layer))
