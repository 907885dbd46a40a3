"""The linear recurrence against a loop of plain operators, values and gradients."""

import pytest
import torch

from hf_recurrent.models import scan
from hf_recurrent.models.scan import linear_scan, reverse_scan, scan_by_chunks

COUNTS = {
    "falling": [4, 4, 3, 1, 1],
    "full": [3] * 7,
    "one step": [2],
    "one row": [1] * 12,
    "one long row": [5, 5, 1, 1, 1, 1, 1, 1, 1, 1],
}
each_batch = pytest.mark.parametrize("counts", COUNTS.values(), ids=COUNTS)


def make(counts: list[int], dtype: torch.dtype = torch.double) -> list[torch.Tensor]:
    """Return factors, terms, the first state and a gradient from above."""
    torch.manual_seed(0)
    shape = (sum(counts), 3)
    values = [torch.rand(shape), torch.randn(shape), torch.randn(counts[0], 3), torch.randn(shape)]
    return [value.to(dtype) for value in values]


def loop(a: torch.Tensor, b: torch.Tensor, h: torch.Tensor, counts: list[int]) -> torch.Tensor:
    outs = []
    for a_t, b_t in zip(a.split(counts), b.split(counts), strict=True):
        h = a_t * h[: len(a_t)] + b_t
        outs.append(h)
    return torch.cat(outs)


@each_batch
def test_it_equals_the_loop_in_values_and_gradients(counts: list[int]) -> None:
    a, b, h, grad = make(counts)
    torch.testing.assert_close(linear_scan(a, b.clone(), h, counts), loop(a, b, h, counts))
    leaves = [t.clone().requires_grad_() for t in (b, h)]
    d_b, d_h = torch.autograd.grad(loop(a, *leaves, counts), leaves, grad)
    found = grad.clone()
    torch.testing.assert_close(reverse_scan(a, found, counts), d_h)
    torch.testing.assert_close(found, d_b)


@each_batch
@pytest.mark.parametrize("chunk", [None, 1, 2, 3, 20])
def test_chunks_give_the_same(counts: list[int], chunk: int | None) -> None:
    a, b, h, _ = make(counts)
    found = scan_by_chunks(a, b, h, counts, chunk)
    torch.testing.assert_close(found, linear_scan(a, b, h, counts), rtol=0, atol=1e-12)


@each_batch
def test_chunks_give_the_same_gradients(counts: list[int]) -> None:
    a, _, _, grad = make(counts)
    found, expected = grad.clone(), grad.clone()
    by_chunks = scan._reverse_by_chunks(a, found, counts)
    torch.testing.assert_close(by_chunks, reverse_scan(a, expected, counts), rtol=0, atol=1e-12)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


def test_a_row_in_a_batch_is_bit_equal_to_the_row_alone() -> None:
    counts = [4, 4, 3, 1, 1]
    a, b, h, _ = make(counts, torch.float32)
    found = linear_scan(a, b.clone(), h, counts).split(counts)
    blocks = list(zip(a.split(counts), b.split(counts), strict=True))
    for row in range(4):
        own = [(a_t[row], b_t[row]) for a_t, b_t in blocks if row < len(a_t)]
        factors, terms = (torch.stack(part) for part in zip(*own, strict=True))
        alone = linear_scan(factors, terms, h[row : row + 1], [1] * len(own))
        assert torch.equal(torch.stack([block[row] for block in found if row < len(block)]), alone)


def test_large_states_stay_exact() -> None:
    """The scan in log space is off by up to 0.1 here, in fp32 at 2048 steps."""
    counts = [2] * 2048
    a, b, h, _ = make(counts)
    a, b = a.pow(0.02), b.abs()
    single = linear_scan(a.float(), b.float(), h.float(), counts).double()
    whole = linear_scan(a, b, h, counts)
    assert whole.max() > 50
    torch.testing.assert_close(single, whole, rtol=2e-5, atol=2e-5)
