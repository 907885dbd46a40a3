"""The projected LSTM over packed tokens, step by step, with a hand-written gradient.

``nn.LSTM(proj_size=...)`` cannot clip, and it does not return the cell states by which one could
see that nothing would be clipped. So the steps are written out here, as ``stepwise.py`` does it for
plain cells: what does not depend on the neighbouring step is computed for many tokens at once.

Without gradients, nothing but the output and the states of one step is kept, and the input product
is computed for some steps at a time, so memory does not grow with the length of the texts.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor

from .products import linear, linear_add, linear_all, prepare, weight_gradient
from .projected_cell import Clips, projected_lstm_loop
from .stepwise import differentiable_gradients, one_minus_square, states_before, times_one_minus

# Without gradients the gates of about so many tokens are held at a time: 32 MB for a cell of 4096.
_TOKENS = 512


def projected_lstm(
    counts: list[int],
    last: Tensor,
    clips: Clips,
    x: Tensor,
    h0: Tensor,
    c0: Tensor,
    weights: Sequence[Tensor | None],
) -> tuple[Tensor, Tensor, Tensor]:
    """Run one direction of one layer over packed tokens; see ``ragged.py`` for their order.

    Args:
        counts: Number of rows alive at each step, descending; their sum is the number of tokens.
        last: (rows,) packed place of each row's last token.
        clips: The limits of the states.
        x: (tokens, input_size).
        h0: (rows, hidden_size), rows = ``counts[0]``.
        c0: (rows, cell_size).
        weights: ``[w_ih, w_hh, bias, w_hr]`` as in ``projected_cell.py``.

    Returns:
        The output (tokens, hidden_size), and the final hidden (rows, hidden_size) and cell state
        (rows, cell_size). Where a state is exactly as large as its limit, the gradient is 0.
        A second derivative takes as long as plain autograd, as do transforms of ``torch.func``.
    """
    if torch._C._are_functorch_transforms_active():  # these know all plain operators
        return projected_lstm_loop(counts, last, clips, x, h0, c0, *weights)
    tensors = (x, h0, c0, *weights)
    if torch.is_grad_enabled() and any(t is not None and t.requires_grad for t in tensors):
        found: Any = _ProjectedLstm.apply(counts, last, clips, *tensors)
        return found
    return _run_without_gradients(counts, last, clips, x, h0, c0, weights)


class _Kept(NamedTuple):
    """What one step writes, or all of them.

    Attributes:
        gates: (tokens, 4 * cell_size) W_x x + b before the step; after it i, f, g and o.
        cells: (tokens, cell_size) the clipped cell states.
        tanh_c: (tokens, cell_size) their tanh.
        out: (tokens, hidden_size) the output.
    """

    gates: Tensor
    cells: Tensor
    tanh_c: Tensor
    out: Tensor


class _Step:
    """One step of the forward run, with weights in the layout for repeated products."""

    def __init__(self, clips: Clips, w_hh: Tensor, w_hr: Tensor | None) -> None:
        self.clips, self.w_hh = clips, prepare(w_hh)
        self.w_hr = None if w_hr is None else prepare(w_hr)

    def __call__(self, kept: _Kept, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        gates, c_new, tanh_c, out = kept
        size = c_new.shape[1]
        candidate = slice(2 * size, 3 * size)
        # tanh(x) = 2 sigmoid(2 x) - 1, so all four gates are one call of sigmoid.
        sums = linear_add(h, self.w_hh, gates)
        sums[:, candidate].mul_(2)
        torch.sigmoid(sums, out=gates)
        gates[:, candidate].mul_(2).sub_(1)
        i, f, g, o = gates.chunk(4, dim=1)
        torch.mul(f, c, out=c_new).addcmul_(i, g)
        if self.clips.cell is not None:
            c_new.clamp_(-self.clips.cell, self.clips.cell)
        torch.mul(c_new, 2, out=tanh_c).sigmoid_().mul_(2).sub_(1)
        if self.w_hr is None:
            torch.mul(o, tanh_c, out=out)
            return out, c_new
        out.copy_(linear(o * tanh_c, self.w_hr))
        if self.clips.projection is not None:
            out.clamp_(-self.clips.projection, self.clips.projection)
        return out, c_new


def _run_without_gradients(
    counts: list[int],
    last: Tensor,
    clips: Clips,
    x: Tensor,
    h: Tensor,
    c: Tensor,
    weights: Sequence[Any],
) -> tuple[Tensor, Tensor, Tensor]:
    w_ih, w_hh, bias, w_hr = weights
    run, size = _Step(clips, w_hh, w_hr), c.shape[1]
    out = x.new_empty(len(x), h.shape[1])
    final_c = torch.empty_like(c)
    # Two places for the cell states of a step, as one step reads those of the step before.
    cells, tanh_c = (x.new_empty(2, len(c), size), torch.empty_like(c))
    place = done = 0
    for block in _blocks(counts):
        tokens = sum(block)
        gx = linear_all(x[done : done + tokens], w_ih, bias)
        steps = zip(gx.split(block), out[done : done + tokens].split(block), strict=True)
        for gates, out_t in steps:
            n = len(gates)
            final_c[n : len(c)] = c[n:]  # rows that have ended
            h, c = run(_Kept(gates, cells[place, :n], tanh_c[:n], out_t), h[:n], c[:n])
            place = 1 - place
        done += tokens
    final_c[: len(c)] = c
    return out, out[last], final_c


def _blocks(counts: list[int]) -> list[list[int]]:
    """Return the counts in parts of about ``_TOKENS`` tokens, at least one step each."""
    cuts, tokens = [0], 0
    for step, count in enumerate(counts):
        if tokens and tokens + count > _TOKENS:
            cuts.append(step)
            tokens = 0
        tokens += count
    return [counts[start:stop] for start, stop in pairwise([*cuts, len(counts)])]


class _ProjectedLstm(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        counts: list[int],
        last: Tensor,
        clips: Clips,
        x: Tensor,
        h0: Tensor,
        c0: Tensor,
        *weights: Any,
    ) -> tuple[Tensor, Tensor, Tensor]:
        w_ih, w_hh, bias, w_hr = weights
        tokens, size = len(x), c0.shape[1]
        kept = _Kept(
            linear_all(x, w_ih, bias).contiguous(),
            x.new_empty(tokens, size),
            x.new_empty(tokens, size),
            x.new_empty(tokens, h0.shape[1]),
        )
        run, h, c = _Step(clips, w_hh, w_hr), h0, c0
        for step in zip(*(t.split(counts) for t in kept), strict=True):
            n = len(step[0])
            h, c = run(_Kept(*step), h[:n], c[:n])
        ctx.counts, ctx.clips = counts, clips
        ctx.save_for_backward(last, x, h0, c0, *weights, *kept)
        return kept.out, kept.out[last], kept.cells[last]

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> tuple[Any, ...]:
        saved = ctx.saved_tensors  # checkpointing gives them only once
        if torch.is_grad_enabled() or torch._C._are_functorch_transforms_active():

            def plain(*inputs: Any) -> Any:
                return projected_lstm_loop(ctx.counts, saved[0], ctx.clips, *inputs)

            return None, None, None, *differentiable_gradients(plain, saved[1:8], grads)
        return None, None, None, *_gradients(ctx, saved, *grads)


def _gradients(
    ctx: Any, saved: Sequence[Any], d_out: Tensor, d_h: Tensor, d_c: Tensor
) -> tuple[Tensor | None, ...]:
    """Return the gradients of ``x``, the initial states and the weights.

    ``d_out`` becomes step by step the gradient of the output before clipping.
    """
    last, x, h0, c0, w_ih, w_hh, _, w_hr, gates, cells, tanh_c, out = saved
    counts, clips = ctx.counts, ctx.clips
    back, back_hr = prepare(w_hh.T), None if w_hr is None else prepare(w_hr.T)
    i, f, g, o = gates.chunk(4, dim=1)
    # Factors that do not depend on the step after.
    grad = torch.empty_like(gates)
    grad_i, grad_f, grad_g, grad_o = grad.chunk(4, dim=1)
    torch.mul(times_one_minus(i), g, out=grad_i)
    torch.mul(times_one_minus(f), states_before(cells, c0, counts), out=grad_f)
    torch.mul(one_minus_square(g), i, out=grad_g)
    torch.mul(times_one_minus(o), tanh_c, out=grad_o)
    slope = one_minus_square(tanh_c).mul_(o)
    open_c = open_h = None  # 1 where a state is within its limit
    if clips.cell is not None:
        open_c = (cells.abs() < clips.cell).to(cells.dtype)
    if clips.projection is not None and w_hr is not None:
        open_h = (out.abs() < clips.projection).to(out.dtype)
    d_out = d_out.clone(memory_format=torch.contiguous_format).index_add_(0, last, d_h)
    # The gradients of the final cell states enter at each row's last token.
    dc = d_c.clone()

    def split(values: Tensor | None) -> Sequence[Tensor | None]:
        return [None] * len(counts) if values is None else values.split(counts)

    parts = (grad, grad_i, grad_f, grad_g, grad_o, f, slope, d_out, open_c, open_h)
    steps: list[Any] = list(zip(*map(split, parts), strict=True))
    later = d_out[:0]
    for grad_t, i_t, f_t, g_t, o_t, forget, slope_t, d, within_c, within_h in reversed(steps):
        d[: len(later)].add_(later)
        if within_h is not None:
            d.mul_(within_h)
        d_m = d if back_hr is None else linear(d, back_hr)
        dc_t = dc[: len(d)].addcmul_(d_m, slope_t)
        if within_c is not None:
            dc_t.mul_(within_c)
        i_t.mul_(dc_t)
        f_t.mul_(dc_t)
        g_t.mul_(dc_t)
        o_t.mul_(d_m)
        dc_t.mul_(forget)
        later = linear(grad_t, back)
    _, _, _, need_x, _, _, need_ih, need_hh, need_bias, need_hr = ctx.needs_input_grad
    return (
        linear_all(grad, w_ih.T) if need_x else None,
        later,
        dc,
        weight_gradient(grad, x) if need_ih else None,
        weight_gradient(grad, states_before(out, h0, counts)) if need_hh else None,
        grad.sum(0) if need_bias else None,
        weight_gradient(d_out, o * tanh_c) if need_hr else None,
    )
