"""Each attention against a loop over queries and steps that follows its paper."""

import pytest
import torch
from torch import Tensor

from hf_recurrent.models.attention import make_attention
from tests.common.bad_input import assert_one_sentence

QUERY, SIZE, WIDTH = 4, 6, 3


def naive(kind: str, weights: dict[str, Tensor], queries: Tensor, memory: Tensor) -> Tensor:
    """Return the weights (target, source) of one row, all of whose steps are real."""
    rows = []
    for query in queries:
        scores = []
        for step in memory:
            if kind == "additive":
                hidden = weights["query.weight"] @ query + weights["key.weight"] @ step
                scores.append((hidden + weights["key.bias"]).tanh() @ weights["score.weight"][0])
            elif kind == "general":
                scores.append(query @ weights["key.weight"] @ step)
            else:
                scores.append(query @ step)
        powers = torch.stack(scores).exp()
        rows.append(powers / powers.sum())
    return torch.stack(rows)


@pytest.mark.parametrize("kind", ["additive", "dot", "general"])
def test_attention_equals_the_papers_formula(kind: str) -> None:
    torch.manual_seed(0)
    size = QUERY if kind == "dot" else SIZE
    attention = make_attention(kind, QUERY, size, WIDTH)
    assert attention is not None
    attention.double()
    queries = torch.randn(3, 2, QUERY, dtype=torch.float64, requires_grad=True)
    memory = torch.randn(3, 5, size, dtype=torch.float64, requires_grad=True)
    # Padding on either side, a hole, and a source without any step.
    mask = torch.tensor([[0, 1, 1, 1, 0], [1, 0, 1, 0, 0], [0, 0, 0, 0, 0]]).bool()
    context, weights = attention(queries, attention.keys(memory), memory, mask)
    own = dict(attention.named_parameters())
    total = torch.zeros((), dtype=torch.float64)
    for row, kept in enumerate(mask):
        assert not weights[row][:, ~kept].any()
        if not kept.any():
            assert not context[row].any()
            continue
        expected = naive(kind, own, queries[row], memory[row][kept])
        torch.testing.assert_close(weights[row][:, kept], expected)
        torch.testing.assert_close(weights[row].sum(-1), torch.ones(2, dtype=torch.float64))
        torch.testing.assert_close(context[row], expected @ memory[row][kept])
        total = total + (expected @ memory[row][kept]).sin().sum()
    leaves = [queries, memory, *own.values()]
    gradients = torch.autograd.grad(context.sin().sum(), leaves)
    for found, wanted in zip(gradients, torch.autograd.grad(total, leaves), strict=True):
        torch.testing.assert_close(found, wanted)


def test_no_attention_and_widths_that_do_not_fit() -> None:
    assert make_attention("none", QUERY, SIZE, None) is None
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is checked below
        make_attention("dot", QUERY, SIZE, None)
    assert_one_sentence(caught.value, "dot", str(QUERY), str(SIZE), "general")
