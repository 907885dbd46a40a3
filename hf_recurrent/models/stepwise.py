"""Recurrent layers over packed tokens, step by step, with hand-written gradients.

Autograd through ``T`` small steps spends most of its time on bookkeeping, and the time of torch's
packed kernels grows with the square of the length. Here one ``autograd.Function`` runs a whole
layer. The input product, all weight gradients and everything else that does not depend on the
neighbouring step are computed at once over all tokens; the loop has only what is truly sequential.
Work is proportional to the number of real tokens.

Tokens are packed as in ``ragged.py``. The equations are those of ``cells.py``. The gradients are
their derivatives; factors that do not depend on the incoming gradient are computed for all tokens
at once.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor

from .cells import CELLS
from .products import linear, linear_add, linear_all, prepare, weight_gradient


def times_one_minus(s: Tensor) -> Tensor:
    """Return ``s * (1 - s)``, the slope of the sigmoid at its value ``s``."""
    return torch.addcmul(s, s, s, value=-1)


def one_minus_square(t: Tensor) -> Tensor:
    """Return ``1 - t * t``, the slope of tanh at its value ``t``."""
    return torch.mul(t, t).neg_().add_(1)


def states_before(values: Tensor, initial: Tensor, counts: list[int]) -> Tensor:
    """Return for each packed token the state of the step before.

    Args:
        values: (tokens, size) the state after each token.
        initial: (rows, size) the initial state.
        counts: Number of rows alive at each step.
    """
    shifted = torch.empty_like(values)
    blocks, targets = values.split(counts), shifted.split(counts)
    targets[0].copy_(initial)
    for target, block in zip(targets[1:], blocks[:-1], strict=True):
        target.copy_(block[: len(target)])
    return shifted


class _Run(NamedTuple):
    """A forward run of a cell.

    Attributes:
        out: (tokens, hidden) the hidden state after each token.
        cells: (tokens, hidden) the cell state after each token, of an LSTM.
        saved: Other tensors that the backward needs.
    """

    out: Tensor
    cells: Tensor | None
    saved: Sequence[Tensor]


class _Steps(ABC):
    """A cell over packed tokens, step by step.

    Args:
        counts: Number of rows alive at each step.
        w_hh: (gates * hidden, hidden) the recurrent weights.
        h: (rows, hidden) the initial hidden state.
        c: (rows, hidden) the initial cell state, of an LSTM.
    """

    def __init__(self, counts: list[int], w_hh: Tensor, h: Tensor, c: Tensor | None) -> None:
        self.counts, self.w_hh, self.h, self.c = counts, w_hh, h, c

    @abstractmethod
    def forward(self, gx: Tensor, b_hh: Tensor) -> _Run:
        """Run the cell over all steps.

        Args:
            gx: (tokens, gates * hidden) W_xh x + b_x, which may be overwritten.
            b_hh: (gates * hidden,) the recurrent bias.
        """

    @abstractmethod
    def backward(
        self, run: _Run, h_before: Tensor, d_out: Tensor, dc: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the gradients of W_xh x + b_x, of W_hh h + b_h, and of the initial ``h``.

        The first two are one tensor if the cell reads only the sum of both.

        Args:
            run: The forward run.
            h_before: (tokens, hidden) the hidden state before each token.
            d_out: (tokens, hidden) the gradient of ``run.out`` from above; it is overwritten by the
                whole gradient.
            dc: (rows, hidden) the gradient of the final ``c``; it is overwritten by that of the
                initial ``c``.
        """

    def split(self, *tensors: Tensor) -> list[tuple[Tensor, ...]]:
        """Return the blocks of tensors (tokens, ...) at each step."""
        return list(zip(*(t.split(self.counts) for t in tensors), strict=True))


class _RnnSteps(_Steps):
    def activate(self, a: Tensor, out: Tensor) -> Tensor:
        return torch.tanh(a, out=out)

    def slope(self, out: Tensor) -> Tensor:
        return one_minus_square(out)

    def forward(self, gx: Tensor, b_hh: Tensor) -> _Run:
        w, h = prepare(self.w_hh), self.h
        out = torch.empty_like(gx)
        for g, o in self.split(gx.add_(b_hh), out):
            h = self.activate(linear_add(h[: len(g)], w, g), o)
        return _Run(out, None, [])

    def backward(
        self, run: _Run, h_before: Tensor, d_out: Tensor, dc: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        w = prepare(self.w_hh.T)
        grad = self.slope(run.out)
        later = d_out[:0]
        for g, d in reversed(self.split(grad, d_out)):
            d[: len(later)].add_(later)
            later = linear(g.mul_(d), w)
        return grad, grad, later


class _ReluSteps(_RnnSteps):
    def activate(self, a: Tensor, out: Tensor) -> Tensor:
        return torch.clamp_min(a, 0, out=out)

    def slope(self, out: Tensor) -> Tensor:
        return (out > 0).to(out.dtype)


class _LstmSteps(_Steps):
    c: Tensor

    def forward(self, gx: Tensor, b_hh: Tensor) -> _Run:
        # tanh(x) = 2 sigmoid(2 x) - 1: doubling the candidate's rows makes all four gates one call
        # of sigmoid, which is far faster than tanh here.
        h, c, size = self.h, self.c, self.h.shape[1]
        w = self.w_hh.clone()
        w[2 * size : 3 * size].mul_(2)
        w = prepare(w)
        gx.add_(b_hh)[:, 2 * size : 3 * size].mul_(2)
        gates, out = torch.empty_like(gx), gx.new_empty(len(gx), size)
        cells, tanh_c = torch.empty_like(out), torch.empty_like(out)
        steps = self.split(gx, gates, *gates.chunk(4, dim=1), cells, tanh_c, out)
        for x_t, gates_t, i_t, f_t, g_t, o_t, c_t, tanh_t, out_t in steps:
            torch.sigmoid(linear_add(h[: len(x_t)], w, x_t), out=gates_t)
            torch.mul(f_t, c[: len(x_t)], out=c_t).addcmul_(i_t, g_t, value=2).sub_(i_t)
            torch.mul(c_t, 2, out=tanh_t).sigmoid_()
            torch.mul(o_t, tanh_t, out=out_t).mul_(2).sub_(o_t)
            h, c = out_t, c_t
        gates[:, 2 * size : 3 * size].mul_(2).sub_(1)
        tanh_c.mul_(2).sub_(1)
        return _Run(out, cells, [gates, tanh_c])

    def backward(
        self, run: _Run, h_before: Tensor, d_out: Tensor, dc: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        assert run.cells is not None
        gates, tanh_c = run.saved
        w = prepare(self.w_hh.T)
        i, f, g, o = gates.chunk(4, dim=1)
        grad = torch.empty_like(gates)
        grad_i, grad_f, grad_g, grad_o = grad.chunk(4, dim=1)
        torch.mul(times_one_minus(i), g, out=grad_i)
        torch.mul(times_one_minus(f), states_before(run.cells, self.c, self.counts), out=grad_f)
        torch.mul(one_minus_square(g), i, out=grad_g)
        torch.mul(times_one_minus(o), tanh_c, out=grad_o)
        c_to_h = one_minus_square(tanh_c).mul_(o)
        steps = self.split(grad, grad_i, grad_f, grad_g, grad_o, f, c_to_h, d_out)
        later = d_out[:0]
        for grad_t, i_t, f_t, g_t, o_t, forget, slope, d in reversed(steps):
            d[: len(later)].add_(later)
            dc_t = dc[: len(d)].addcmul_(d, slope)
            i_t.mul_(dc_t)
            f_t.mul_(dc_t)
            g_t.mul_(dc_t)
            o_t.mul_(d)
            dc_t.mul_(forget)
            later = linear(grad_t, w)
        return grad, grad, later


class _GruSteps(_Steps):
    def forward(self, gx: Tensor, b_hh: Tensor) -> _Run:
        w, h, size = prepare(self.w_hh), self.h, self.h.shape[1]
        out, gh_n = gx.new_empty(len(gx), size), gx.new_empty(len(gx), size)
        steps = self.split(gx[:, : 2 * size], *gx.chunk(3, dim=1), gh_n, out)
        for rz_t, r_t, z_t, n_t, gh_n_t, out_t in steps:
            h = h[: len(out_t)]
            gh = linear(h, w, b_hh)
            rz_t.add_(gh[:, : 2 * size]).sigmoid_()
            gh_n_t.copy_(gh[:, 2 * size :])
            n_t.addcmul_(r_t, gh_n_t).mul_(2).sigmoid_().mul_(2).sub_(1)  # tanh, as in the LSTM
            h = torch.lerp(n_t, h, z_t, out=out_t)
        return _Run(out, None, [gx, gh_n])

    def backward(
        self, run: _Run, h_before: Tensor, d_out: Tensor, dc: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        gates, gh_n = run.saved
        w = prepare(self.w_hh.T)
        r, z, n = gates.chunk(3, dim=1)
        slope_n = one_minus_square(n).mul_(1 - z)
        d_gh = torch.empty_like(gates)
        grad_r, grad_z, grad_n = d_gh.chunk(3, dim=1)
        torch.mul(times_one_minus(r), gh_n, out=grad_r).mul_(slope_n)
        torch.mul(times_one_minus(z), h_before - n, out=grad_z)
        torch.mul(slope_n, r, out=grad_n)
        later = d_out[:0]
        steps = self.split(d_gh, grad_r, grad_z, grad_n, z, d_out)
        for grad_t, r_t, z_t, n_t, update, d in reversed(steps):
            d[: len(later)].add_(later)
            r_t.mul_(d)
            z_t.mul_(d)
            n_t.mul_(d)
            later = linear(grad_t, w).addcmul_(d, update)
        d_gx = torch.cat([d_gh[:, : 2 * n.shape[1]], slope_n.mul_(d_out)], dim=1)
        return d_gx, d_gh, later


_STEPS: dict[str, type[_Steps]] = {
    "rnn_tanh": _RnnSteps,
    "rnn_relu": _ReluSteps,
    "lstm": _LstmSteps,
    "gru": _GruSteps,
}


def apply(function: Any, *arguments: Any) -> Any:
    """Return ``function.apply(*arguments)``, outside transforms of ``torch.func``.

    It skips a step of ``apply`` that looks up the names of the arguments and takes about 50
    microseconds.
    """
    if torch.compiler.is_compiling():
        return function.apply(*arguments)
    return super(torch.autograd.Function, function).apply(*arguments)


class _PackedLayer(torch.autograd.Function):
    """One direction of one layer over packed tokens; see ``packed_layer``.

    Everything that the backward needs is an output, as transforms of ``torch.func`` require.
    """

    @staticmethod
    def forward(
        cell_type: str, counts: list[int], last: Tensor, *inputs: Any
    ) -> tuple[Tensor | None, ...]:
        x, h0, c0, w_ih, w_hh, b_ih, b_hh = inputs
        gx = x + b_ih if w_ih is None else linear_all(x, w_ih, b_ih)
        out, cells, saved = _STEPS[cell_type](counts, w_hh, h0, c0).forward(gx, b_hh)
        return out, out[last], None if cells is None else cells[last], cells, *saved

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Any, ...]) -> None:
        ctx.cell_type, ctx.counts, last, *tensors = inputs
        out, _, _, cells, *saved = output
        ctx.mark_non_differentiable(*(t for t in (cells, *saved) if t is not None))
        ctx.save_for_backward(last, *tensors, out, cells, *saved)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> tuple[Any, ...]:
        kept = ctx.saved_tensors  # checkpointing gives them only once
        # For a second derivative, or several gradients at once.
        if torch.is_grad_enabled() or torch._C._are_functorch_transforms_active():
            plain = partial(plain_layer, ctx.cell_type, ctx.counts, kept[0])
            found = differentiable_gradients(plain, kept[1:8], grads[:3])
        else:
            found = _PackedLayer._gradients(ctx, kept, *grads[:3])
        return None, None, None, *found

    @staticmethod
    def _gradients(
        ctx: Any, kept: Sequence[Any], d_out: Tensor, d_h: Tensor, d_c: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        last, x, h0, c0, w_ih, w_hh, _, _, out, cells, *saved = kept
        steps = _STEPS[ctx.cell_type](ctx.counts, w_hh, h0, c0)
        h_before = states_before(out, h0, ctx.counts)
        d_out = d_out.clone(memory_format=torch.contiguous_format).index_add_(0, last, d_h)
        dc = torch.zeros_like(h0) if d_c is None else d_c.clone()
        d_gx, d_gh, dh = steps.backward(_Run(out, cells, saved), h_before, d_out, dc)
        _, _, _, need_x, _, need_c, need_ih, need_hh, need_b_ih, need_b_hh = ctx.needs_input_grad
        d_ih = d_hh = d_x = None
        if need_x:
            d_x = d_gx if w_ih is None else linear_all(d_gx, w_ih.T)
        if d_gx is d_gh and need_ih and need_hh:  # one product for both
            both = weight_gradient(d_gx, torch.cat([x, h_before], dim=1))
            d_ih, d_hh = both.split([x.shape[1], h_before.shape[1]], dim=1)
        else:
            d_ih = weight_gradient(d_gx, x) if need_ih else None
            d_hh = weight_gradient(d_gh, h_before) if need_hh else None
        d_b_ih = d_gx.sum(0) if need_b_ih else None
        d_b_hh = d_gh.sum(0) if need_b_hh else None
        return d_x, dh, dc if need_c else None, d_ih, d_hh, d_b_ih, d_b_hh


def plain_layer(
    cell_type: str, counts: list[int], last: Tensor, *inputs: Any
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Return the result of ``packed_layer``, with the cells of ``cells.py`` and autograd."""
    x, h, c, w_ih, *weights = inputs
    if w_ih is None:  # x is the product already
        w_ih = torch.eye(x.shape[1], dtype=x.dtype, device=x.device)
    outs: list[Any] = []
    cells: list[Any] = []
    for block in x.split(counts):
        n = len(block)
        h, c = CELLS[cell_type](block, h[:n], None if c is None else c[:n], w_ih, *weights)
        outs.append(h)
        cells.append(c)
    out = torch.cat(outs)
    return out, out[last], None if c is None else torch.cat(cells)[last]


def differentiable_gradients(
    plain: Callable[..., Sequence[Any]], inputs: Sequence[Any], grads: Sequence[Any]
) -> tuple[Tensor | None, ...]:
    """Return the gradients of the inputs as functions that can be differentiated again.

    This takes as long as plain autograd, since the whole layer runs once more.

    Args:
        plain: Computes the results from the inputs with plain operators.
        inputs: Tensors or ``None``.
        grads: The gradients of the results, or ``None``.
    """
    # Through aliases, so that an input that depends on another one counts once.
    again = torch.is_grad_enabled()
    with torch.enable_grad():
        aliases: list[Any] = [None if t is None else t.view_as(t) for t in inputs]
        results = plain(*aliases)
    pairs = [
        (value, grad)
        for value, grad in zip(results, grads, strict=True)
        if value is not None and grad is not None and value.requires_grad
    ]
    wanted = [t for t in aliases if t is not None and t.requires_grad]
    values, directions = zip(*pairs, strict=True)
    gradients = torch.autograd.grad(
        values, wanted, directions, create_graph=again, allow_unused=True
    )
    found = iter(gradients)
    return tuple(next(found) if t is not None and t.requires_grad else None for t in aliases)


def packed_layer(
    cell_type: str,
    counts: list[int],
    last: Tensor,
    x: Tensor,
    h0: Tensor,
    c0: Tensor | None,
    weights: Sequence[Tensor | None],
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Run one direction of one layer over packed tokens.

    Args:
        cell_type: One of ``cells.CELL_TYPES``, except ``cells.SCANNED``.
        counts: Number of rows alive at each step, descending; their sum is the number of tokens.
        last: (rows,) packed place of each row's last token.
        x: (tokens, input_size), or, without ``w_ih``, its product (tokens, gates * hidden_size).
        h0: (rows, hidden_size), rows = ``counts[0]``.
        c0: (rows, hidden_size) for an LSTM, otherwise ``None``.
        weights: ``[w_ih, w_hh, b_ih, b_hh]`` as in ``cells.py``; ``w_ih`` may be ``None``.

    Returns:
        The output (tokens, hidden_size) and the final hidden and cell state (rows, hidden_size).
        A second derivative (``create_graph=True``) takes as long as plain autograd, and so does
        everything under transforms of ``torch.func``.
    """
    if torch._C._are_functorch_transforms_active():  # these know all plain operators
        return plain_layer(cell_type, counts, last, x, h0, c0, *weights)
    return apply(_PackedLayer, cell_type, counts, last, x, h0, c0, *weights)[:3]


class _TakeRows(torch.autograd.Function):
    """``x[index]`` for an index without repetition, so that the gradient is a plain copy."""

    @staticmethod
    def forward(x: Tensor, index: Tensor) -> Tensor:
        return x.index_select(0, index)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        x, index = inputs
        ctx.save_for_backward(index)
        ctx.rows = len(x)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        (index,) = ctx.saved_tensors
        return grad.new_zeros(ctx.rows, *grad.shape[1:]).index_copy(0, index, grad), None


def take_rows(x: Tensor, index: Tensor) -> Tensor:
    """Return ``x[index]``; no entry of ``index`` may occur twice."""
    is_plain = torch._C._are_functorch_transforms_active()
    if is_plain or not (x.requires_grad and torch.is_grad_enabled()):
        return x.index_select(0, index)
    return apply(_TakeRows, x, index)
