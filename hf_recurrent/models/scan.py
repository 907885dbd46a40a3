"""The linear recurrence h_t = a_t * h_{t-1} + b_t over packed tokens, and its gradient.

It is all that is sequential in a minGRU and a minLSTM (Feng et al. 2024). With 0 < a < 1 it can be
computed as it is written. The scan in log space of the paper is not used: in fp32 its error was up
to 0.1, where that of this form was 2e-5.

Tokens are packed as in ``ragged.py``: a block of rows for each step, descending in size. On a CPU
the recurrence runs step by step, and every row is bit-equal to the row alone. Elsewhere, where each
call has a high fixed cost, all chunks of time run side by side; this was not measured.
"""

import math

import torch
from torch import Tensor


def linear_scan(a: Tensor, b: Tensor, h0: Tensor, counts: list[int]) -> Tensor:
    """Turn each term into the state h_t = a_t * h_{t-1} + b_t, in place.

    Args:
        a: (tokens, size) the factors.
        b: (tokens, size) the terms; they are overwritten.
        h0: (rows, size) the state before the first step, rows = ``counts[0]``.
        counts: Number of rows alive at each step, descending.

    Returns:
        ``b``.
    """
    if a.device.type != "cpu":
        return b.copy_(scan_by_chunks(a, b, h0, counts))
    h = h0
    for a_t, b_t in zip(a.split(counts), b.split(counts), strict=True):
        h = b_t.addcmul_(a_t, first_rows(h, len(b_t)))
    return b


def first_rows(block: Tensor, n: int) -> Tensor:
    """Return the first ``n`` rows of a step; without a slice, which takes time, if they are all."""
    return block if len(block) == n else block[:n]


def reverse_scan(a: Tensor, d_out: Tensor, counts: list[int]) -> Tensor:
    """Turn the gradient of each state from above into the whole gradient, in place.

    The whole gradient is d_t + a_{t+1} * d_{t+1}. It is also the gradient of b_t.

    Args:
        a: (tokens, size) the factors of ``linear_scan``.
        d_out: (tokens, size) the gradient of its result; it is overwritten.
        counts: Number of rows alive at each step, descending.

    Returns:
        (rows, size) the gradient of ``h0``.
    """
    if a.device.type != "cpu":
        return _reverse_by_chunks(a, d_out, counts)
    steps = list(zip(a.split(counts), d_out.split(counts), strict=True))
    factor, later = a[:0], d_out[:0]
    for a_t, d_t in reversed(steps):
        first_rows(d_t, len(later)).addcmul_(factor, later)
        factor, later = a_t, d_t
    return factor * later


def scan_by_chunks(
    a: Tensor, b: Tensor, h0: Tensor, counts: list[int], chunk: int | None = None
) -> Tensor:
    """Return the states of ``linear_scan``, with one step over all chunks of time at once.

    Each chunk runs from a state of 0; then the states at the ends of chunks are passed on, times
    the product of the factors between. Of T steps about 2 * sqrt(T) are sequential. The result can
    differ from that of the loop in the last digits.

    Args:
        a: (tokens, size) the factors.
        b: (tokens, size) the terms.
        h0: (rows, size) the state before the first step.
        counts: Number of rows alive at each step, descending.
        chunk: Steps in a chunk; ``None`` for the square root of the number of steps.
    """
    steps, rows = len(counts), counts[0]
    chunk = chunk or math.isqrt(steps - 1) + 1
    chunks = -(-steps // chunk)
    place = _places(counts, a.device)
    # On steps that a row does not have: a = 1 and b = 0, so that its state stays.
    factors = a.new_ones(chunks * chunk * rows, a.shape[1]).index_copy_(0, place, a)
    states = b.new_zeros(chunks * chunk * rows, b.shape[1]).index_copy_(0, place, b)
    factors, states = (t.view(chunks, chunk, rows, -1) for t in (factors, states))
    for t in range(1, chunk):
        states[:, t].addcmul_(factors[:, t], states[:, t - 1])
        factors[:, t].mul_(factors[:, t - 1])
    starts = [h0]
    for k in range(chunks - 1):
        starts.append(torch.addcmul(states[k, -1], factors[k, -1], starts[-1]))
    states.addcmul_(factors, torch.stack(starts).unsqueeze(1))
    return states.view(-1, b.shape[1])[place]


def _reverse_by_chunks(a: Tensor, d_out: Tensor, counts: list[int]) -> Tensor:
    """Compute the result of ``reverse_scan`` as a scan over time reversed."""
    steps, rows = len(counts), counts[0]
    place = _places(counts, a.device)
    place = (steps - 1 - place // rows) * rows + place % rows
    # Each step takes the factor of the step after it, which is the one before it here. A row that
    # has ended has terms of 0 and so a state of 0, whatever its factors.
    factors = a.new_zeros((steps + 1) * rows, a.shape[1]).index_copy_(0, place + rows, a)
    terms = d_out.new_zeros(steps * rows, a.shape[1]).index_copy_(0, place, d_out)
    start = torch.zeros_like(terms[:rows])
    d_out.copy_(scan_by_chunks(factors[:-rows], terms, start, [rows] * steps)[place])
    return a[:rows] * d_out[:rows]


def _places(counts: list[int], device: torch.device) -> Tensor:
    """Return for each packed token its place in (steps, rows), flat."""
    alive = torch.tensor(counts, device=device)
    steps = torch.arange(len(counts), device=device).repeat_interleave(alive)
    begins = (alive.cumsum(0) - alive)[steps]
    return steps * counts[0] + torch.arange(len(steps), device=device) - begins
