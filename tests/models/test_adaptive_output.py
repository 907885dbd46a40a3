"""The adaptive softmax is one distribution, and its two forms of the loss are equal."""

from typing import Any

import pytest
import torch

from hf_recurrent.models.adaptive_output import AdaptiveOutput, default_cutoffs

TARGETS = torch.tensor([0, 6, 2, -100, 8, 3, 1])


def make(counts: Any = None) -> tuple[AdaptiveOutput, torch.Tensor]:
    torch.manual_seed(0)
    layer = AdaptiveOutput(8, 9, {"cutoffs": [2, 5], "div_value": 2.0}).double()
    if counts is not None:
        layer.set_token_counts(torch.tensor(counts))
    return layer, torch.randn(7, 8, dtype=torch.double, requires_grad=True)


def test_equals_the_module_of_torch() -> None:
    layer, hidden = make()
    torchs = torch.nn.AdaptiveLogSoftmaxWithLoss(8, 9, [2, 5], 2.0, head_bias=True).double()
    pairs = [(layer.head, torchs.head)]
    for ours, theirs in zip(layer.tails, torchs.tail, strict=True):
        pairs += zip(ours.children(), theirs.children(), strict=True)
    with torch.no_grad():
        for mine, other in pairs:
            mine.weight.copy_(other.weight)
            for bias in (mine.bias, other.bias):
                if bias is not None:
                    bias.zero_()
    torch.testing.assert_close(layer(hidden), torchs.log_prob(hidden))


@pytest.mark.parametrize("counts", [None, [1, 9, 0, 3, 3, 7, 2, 8, 5]])
def test_the_loss_is_that_of_the_log_probabilities(counts: Any) -> None:
    layer, hidden = make(counts)
    inputs = [hidden, *layer.parameters()]
    found = layer(hidden)
    torch.testing.assert_close(found.exp().sum(1), torch.ones(7).double())
    expected = torch.nn.functional.nll_loss(found, TARGETS, reduction="sum")
    loss = layer.loss(hidden, TARGETS)
    torch.testing.assert_close(loss, expected)
    pairs = zip(
        torch.autograd.grad(loss, inputs), torch.autograd.grad(expected, inputs), strict=True
    )
    for ours, theirs in pairs:
        torch.testing.assert_close(ours, theirs)


def test_counts_rank_the_words() -> None:
    layer, hidden = make([1, 9, 0, 3, 3, 7, 2, 8, 5])
    assert layer.ranks.tolist() == [7, 0, 8, 4, 5, 2, 6, 1, 3]
    plain, _ = make()
    torch.testing.assert_close(layer(hidden), plain(hidden)[:, layer.ranks])


def test_each_parameter_has_a_gradient_also_if_no_word_is_in_its_cluster() -> None:
    layer, hidden = make()
    layer.loss(hidden, torch.zeros(7, dtype=torch.long)).backward()
    assert all(p.grad is not None for p in layer.parameters())


def test_a_hook_within_is_respected() -> None:
    layer, _ = make()
    assert layer.may_skip_logits
    handle = layer.tails[1].register_forward_hook(lambda *_: None)
    assert not layer.may_skip_logits
    handle.remove()
    assert layer.may_skip_logits


def test_default_cutoffs_rise_within_the_vocabulary() -> None:
    assert default_cutoffs(33_278) == [2000, 16_000]
    for size in (2, 8, 9, 100, 1_000_000):
        ends = [0, *default_cutoffs(size), size]
        assert ends == sorted(set(ends))
