"""The passes of a linear-chain CRF over packed chains: the textbook's, and fast ones.

Chains are packed as in ``ragged.py``: step by step, the longest row first. ``counts`` is the number
of rows that are not over at each step, ``last`` (rows,) the packed position of each row's last
token, ``places`` (tokens,) the index of each token's row. Emissions are (tokens, labels). The
parameters are the transitions (labels, labels), from row to column, and those of the start and of
the end (labels,).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

NO_PATH = float("-inf")


def before_each(counts: list[int], device: torch.device) -> Tensor:
    """Return the packed position of the token before each, except for the first of each row."""
    alive = torch.tensor(counts, device=device)
    steps_back = alive[:-1].repeat_interleave(alive[1:])
    return torch.arange(counts[0], sum(counts), device=device) - steps_back


# ---- the reference: logarithms, plain operators


def floor_of(values: Tensor) -> float:
    """Return the finite number that replaces ``-inf``, so that autograd returns no NaN."""
    return torch.finfo(values.dtype).min * 1e-8


def floored(*values: Tensor) -> list[Tensor]:
    """Return values with the finite number of ``floor_of`` in place of ``-inf``."""
    return [value.clamp(min=floor_of(value)) for value in values]


def log_sum(scores: Tensor, transitions: Tensor) -> Tensor:
    """Return the log of the sum over all tags (rows, labels) that lead to each tag."""
    return torch.logsumexp(scores.unsqueeze(2) + transitions, dim=1)


def log_alphas(
    steps: tuple[Tensor, ...],
    transitions: Tensor,
    start: Tensor,
    log_sum: Callable[[Tensor, Tensor], Tensor] = log_sum,
) -> Tensor:
    """Return the log of the sum over all beginnings of a path that end in each tag."""
    alphas = [start + steps[0]]
    for emissions in steps[1:]:
        alphas.append(log_sum(alphas[-1][: len(emissions)], transitions) + emissions)
    return torch.cat(alphas)


def log_betas(
    steps: tuple[Tensor, ...],
    transitions: Tensor,
    end: Tensor,
    log_sum: Callable[[Tensor, Tensor], Tensor] = log_sum,
) -> Tensor:
    """Return the log of the sum over all ways to continue a path after each tag."""
    betas, backward = [end.expand_as(steps[-1])], transitions.t()
    for before, emissions in zip(steps[-2::-1], steps[:0:-1], strict=True):
        on = log_sum(emissions + betas[-1], backward)
        betas.append(torch.cat([on, end.expand(len(before) - len(on), -1)]))
    return torch.cat(betas[::-1])


def plain_log_partition(
    counts: list[int], last: Tensor, emissions: Tensor, *parameters: Tensor
) -> Tensor:
    """Return the log-partition (rows,) by the textbook; the reference for ``LogPartition``."""
    emissions, transitions, start, end = floored(emissions, *parameters)
    alphas = log_alphas(emissions.split(counts), transitions, start)
    total = torch.logsumexp(alphas[last] + end, dim=1)
    return total.masked_fill(total < floor_of(total) / 2, NO_PATH)


# ---- the same with matrix products


def log_passes(
    steps: tuple[Tensor, ...], transitions: Tensor, start: Tensor, end: Tensor
) -> tuple[Tensor, Tensor]:
    """Return ``log_alphas`` and ``log_betas``, by the fast way if that is as exact.

    A sum over exponentials is a matrix product, once the largest score of a row is taken out. An
    underflow then loses less than ``tiny`` for each tag. If all sums are large enough that this is
    below the rounding, the result is exact; otherwise the loop of the textbook runs.
    """
    if not torch._C._are_functorch_transforms_active():
        most = transitions.detach().amax()
        weights, least = (transitions - most).exp(), [most.new_ones(())]

        def product(scores: Tensor, weights: Tensor) -> Tensor:
            top = scores.detach().amax(1, keepdim=True)
            sums = (scores - top).exp() @ weights
            least.append(sums.detach().amin())
            return sums.log() + (top + most)

        alphas = log_alphas(steps, weights, start, product)
        betas = log_betas(steps, weights, end, product)
        number = torch.finfo(weights.dtype)
        if bool(torch.stack(least).amin() > 2 * len(weights) * number.tiny / number.eps):
            return alphas, betas
    return log_alphas(steps, transitions, start), log_betas(steps, transitions, end)


# ---- the fast path: probabilities scaled at each step, and a backward by hand


class _Posterior(NamedTuple):
    """The results of a forward and a backward pass.

    Attributes:
        total: (rows,) the log-partition.
        marginals: (tokens, labels).
        before, behind: (tokens, labels). The probability of a pair of neighbouring tags is
            ``before`` of the first times ``behind`` of the second times the exponential of the
            transition; logarithms if ``is_log``.
        between: (labels, labels) the exponential, or the transitions if ``is_log``.
        is_log: Whether these are logarithms.
    """

    total: Tensor
    marginals: Tensor
    before: Tensor
    behind: Tensor
    between: Tensor
    is_log: bool


def _scaled(
    counts: list[int], last: Tensor, places: Tensor, emissions: Tensor, *parameters: Tensor
) -> _Posterior | None:
    """Run both passes over probabilities; return ``None`` if they cannot be trusted.

    The probabilities of all beginnings sum to 1 at each step. A number that underflows then loses
    at most ``tiny``, times the weight of the continuations from there. If no such weight reaches
    ``eps / tiny``, the loss is below the rounding. Otherwise, and for values that are not finite,
    logarithms are needed.
    """
    tops = [emissions.amax(1, keepdim=True), *(p.amax() for p in parameters)]
    p, between, start, end = (
        (value - top).exp_() for value, top in zip((emissions, *parameters), tops, strict=True)
    )
    alphas, sums = torch.empty_like(p), p.new_empty(len(p), 1)
    steps = list(zip(p.split(counts), alphas.split(counts), sums.split(counts), strict=True))
    previous = None
    for probability, alpha, total in steps:
        if previous is None:
            torch.mul(probability, start, out=alpha)
        else:
            torch.mm(previous[: len(alpha)], between, out=alpha)
            alpha.mul_(probability)
        torch.sum(alpha, dim=1, keepdim=True, out=total)
        alpha.div_(total)
        previous = alpha
    final = alphas[last] @ end

    betas, behind = torch.empty_like(p), torch.empty_like(p)
    betas[last] = end / final.unsqueeze(1)
    inverse = p / sums
    backward = list(
        zip(inverse.split(counts), betas.split(counts), behind.split(counts), strict=True)
    )
    turned = between.t()
    for t in range(len(counts) - 1, 0, -1):
        scaled, beta, product = backward[t]
        torch.mul(scaled, beta, out=product)
        torch.mm(product, turned, out=backward[t - 1][1][: len(product)])
    rows = counts[0]
    behind[:rows] = inverse[:rows] * betas[:rows]
    number = torch.finfo(p.dtype)
    if not bool((betas / sums).amax() < number.eps / number.tiny):  # NaN too
        return None

    scale = sums.log_().add_(tops[0]).squeeze(1)
    scale[:rows] += tops[2]
    scale[rows:] += tops[1]
    logs = final.log() + tops[3]
    return _Posterior(
        logs.index_add_(0, places, scale), alphas * betas, alphas, behind, between, False
    )


def _in_logarithms(
    counts: list[int], last: Tensor, places: Tensor, emissions: Tensor, *parameters: Tensor
) -> _Posterior:
    """Run both passes over logarithms."""
    emissions, transitions, start, end = floored(emissions, *parameters)
    steps = emissions.split(counts)
    alphas = log_alphas(steps, transitions, start)
    betas = log_betas(steps, transitions, end)
    total = torch.logsumexp(alphas[last] + end, dim=1)
    none = total < floor_of(total) / 2
    # Rows without any path have the probability 0 everywhere.
    before = alphas - total.masked_fill(none, -floor_of(total))[places].unsqueeze(1)
    marginals = (before + betas).exp()
    total = total.masked_fill(none, NO_PATH)
    return _Posterior(total, marginals, before, emissions + betas, transitions, True)


def _pairs(posterior: _Posterior, previous: Tensor, weight: Tensor) -> Tensor:
    """Return the weighted sum (labels, labels) of the probabilities of neighbouring tags."""
    behind = posterior.behind[-len(previous) :] if len(previous) else posterior.behind[:0]
    weight = weight[len(weight) - len(previous) :]
    if not posterior.is_log:
        before = posterior.before[previous] * weight
        return posterior.between * (before.t() @ behind)
    total = torch.zeros_like(posterior.between)
    size = max(1, 2**20 // posterior.between.numel())  # some 8 MB at a time
    for first, second, w in zip(
        previous.split(size), behind.split(size), weight.split(size), strict=True
    ):
        scores = posterior.before[first].unsqueeze(2) + posterior.between + second.unsqueeze(1)
        total += (scores.exp() * w.unsqueeze(2)).sum(0)
    return total


class LogPartition(torch.autograd.Function):
    """The log-partition of packed chains; its gradient by the emissions are the marginals."""

    @staticmethod
    def forward(
        ctx: Any,
        counts: list[int],
        last: Tensor,
        places: Tensor,
        emissions: Tensor,
        *parameters: Tensor,
    ) -> Tensor:
        """Return the log-partition (rows,)."""
        layout = counts, last, places
        posterior = _scaled(*layout, emissions, *parameters)
        if posterior is None:
            posterior = _in_logarithms(*layout, emissions, *parameters)
        ctx.counts, ctx.is_log = counts, posterior.is_log
        ctx.save_for_backward(last, places, emissions, *parameters, *posterior[:-1])
        return posterior.total

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients by the emissions and the parameters."""
        last, places, *saved = ctx.saved_tensors
        counts: list[int] = ctx.counts
        if torch.is_grad_enabled():  # a second derivative will be asked for
            total = plain_log_partition(counts, last, *saved[:4])
            wanted = [t for t, n in zip(saved[:4], ctx.needs_input_grad[3:], strict=True) if n]
            found = iter(torch.autograd.grad(total, wanted, grad, create_graph=True))
            return (None,) * 3 + tuple(next(found) if n else None for n in ctx.needs_input_grad[3:])
        total, marginals, before, behind, between = saved[4:]
        posterior = _Posterior(total, marginals, before, behind, between, ctx.is_log)
        weight = grad[places].unsqueeze(1)
        by_emissions = posterior.marginals * weight
        rows = counts[0]
        by_start, by_end = by_emissions[:rows].sum(0), by_emissions[last].sum(0)
        previous = before_each(counts, grad.device)
        by_transitions = _pairs(posterior, previous, weight)
        return None, None, None, by_emissions, by_transitions, by_start, by_end
