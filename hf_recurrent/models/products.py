"""Matrix products by the faster of the two libraries that torch links on a CPU."""

import torch
from torch import Tensor

# torch links MKL on x86. On processors that are not Intel's, its fp32 products run at half of
# oneDNN's speed (2.3 times at 5400 x 300 x 1024). On Intel's, a call of oneDNN costs 25
# microseconds more, which only large weights repay: a GRU's training step over 128 steps (32 rows,
# width 256) took 129 ms with oneDNN and 104 with MKL; one product of 32 x 1024 x 4096 3.4 and 5.0.
# oneDNN is called through the operators that torch.compile emits; without these operators, the
# plain product is used.
_ONEDNN = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")
_IS_INTEL = "Intel" in str(torch.cpu.get_capabilities().get("cpu_name"))
_ONEDNN_FROM = 2**21 if _IS_INTEL else 0


def _onednn(x: Tensor, weight: Tensor) -> bool:
    """Check whether the product of ``x`` with a weight of this size is left to oneDNN."""
    can = all(t.device.type == "cpu" and t.dtype == torch.float32 for t in (x, weight))
    return _ONEDNN and can and weight.numel() >= _ONEDNN_FROM


def prepare(weight: Tensor) -> Tensor:
    """Return ``weight`` in the memory layout that is best for repeated products."""
    if _onednn(weight, weight) and min(weight.shape) > 0:
        return torch.ops.mkldnn._reorder_linear_weight(weight.contiguous())
    return weight


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return ``x @ weight.T + bias``; x (n, k), weight (m, k)."""
    if _onednn(x, weight) and x.shape[0] > 0:
        return torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
    return torch.nn.functional.linear(x, weight, bias)


def linear_add(x: Tensor, weight: Tensor, other: Tensor) -> Tensor:
    """Return ``x @ weight.T + other``."""
    if _onednn(x, weight):
        return torch.ops.mkldnn._linear_pointwise.binary(x, other, weight, None, "add")
    return torch.addmm(other, x, weight.T)


def _round_rows(*tensors: Tensor) -> list[Tensor]:
    """Return tensors (n, ...) with rows of zeros added, up to one of eight sizes per octave.

    oneDNN compiles and caches a kernel for every shape, and the number of tokens changes with every
    batch: without this, memory grows by hundreds of megabytes. And MKL computes 16 rows or more so
    that each is the same, bit for bit, whatever the others are, but fewer rows in another way.
    """
    n = len(tensors[0])
    grain = max(16, 1 << max(0, n.bit_length() - 4))
    missing = -n % grain
    if not missing:
        return list(tensors)
    return [torch.cat([t, t.new_zeros(missing, *t.shape[1:])]) for t in tensors]


def linear_all(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return ``x @ weight.T + bias`` over all tokens; x (tokens, k), weight (m, k)."""
    if x.device.type != "cpu":
        return linear(x, weight, bias)
    return linear(_round_rows(x)[0], weight, bias)[: len(x)]


def weight_gradient(grad: Tensor, x: Tensor) -> Tensor:
    """Return ``grad.T @ x``; grad (tokens, m), x (tokens, k)."""
    if not _IS_INTEL and _onednn(grad, x) and grad.shape[0] > 0:
        grad, x = _round_rows(grad, x)
        return linear(grad.T.contiguous(), x.T.contiguous())
    return grad.T @ x
