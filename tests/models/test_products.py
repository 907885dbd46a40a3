"""Products by either library."""

import pytest
import torch

from hf_recurrent.models import products


@pytest.mark.parametrize("smallest", [0, 12, 13], ids=["all", "this weight", "larger weights"])
def test_small_weights_are_left_to_the_plain_product(
    smallest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(products, "_ONEDNN_FROM", smallest)
    x, weight, bias = torch.randn(5, 4), torch.randn(3, 4), torch.randn(3)
    prepared = products.prepare(weight)
    assert prepared.is_mkldnn == (products._ONEDNN and smallest <= 12)
    for own in (weight, prepared):
        expected = x @ weight.T + bias
        torch.testing.assert_close(products.linear(x, own, bias), expected)
        torch.testing.assert_close(products.linear_all(x, own, bias), expected)
        torch.testing.assert_close(products.linear_add(x, own, bias.expand(5, 3)), expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("tokens", [0, 5, 40])
def test_the_gradient_of_a_weight(tokens: int, dtype: torch.dtype) -> None:
    grad, x = torch.randn(tokens, 3, dtype=dtype), torch.randn(tokens, 4, dtype=dtype)
    torch.testing.assert_close(products.weight_gradient(grad, x), grad.T @ x)


def test_rounding_meets_few_shapes_and_adds_little() -> None:
    sizes = {n: len(products._round_rows(torch.ones(n, 1))[0]) for n in range(1, 5000)}
    assert all(n <= size < max(n + 16, n * 9 / 8 + 1) for n, size in sizes.items())
    assert len(set(sizes.values())) < 70
    (rounded,) = products._round_rows(torch.ones(17, 2))
    assert rounded[:17].eq(1).all()
    assert rounded[17:].eq(0).all()
