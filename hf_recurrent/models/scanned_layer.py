"""A layer of minGRU or minLSTM over the real tokens of a batch, chunk after chunk of its steps.

The gates of these cells do not read the state, so they could be computed for all tokens at once.
But then every intermediate result would travel to memory and back. Here a chunk of steps is small
enough for the cache of a processor, and goes the whole way: inputs, gates, the recurrence of
``scan.py``, outputs; in the backward from the gradient of its outputs to that of its inputs. The
gradients are the derivatives of the equations in ``cells.py``, in the form

    h_t = keep_t * h_{t-1} + (1 - keep_t) * candidate_t

Tokens are read and written where they are in the padded batch, in the order of ``ragged.py``.
"""

from functools import partial
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from .products import linear_all, prepare
from .scan import first_rows, linear_scan, reverse_scan
from .stepwise import apply, differentiable_gradients, plain_layer

# The size of a (tokens, hidden) tensor of a chunk, in numbers, and the fewest tokens for which
# products are fast. Where each call has a high fixed cost, as on a GPU, all steps are one chunk.
_CHUNK = 2**17
_FEWEST_TOKENS = 128


class _MinGru:
    """The gates of a minGRU: one, and ``keep`` is 1 minus this gate.

    All methods take the gates of a chunk (tokens, gates * hidden), and tensors for their results.
    """

    @staticmethod
    def activate(gates: Tensor, free: Tensor) -> None:
        """Turn the gates' sums into what ``keep`` and ``gradient`` read, in place."""
        gates.neg_().sigmoid_()

    @staticmethod
    def keep(gates: Tensor, out: Tensor) -> Tensor:
        """Return the share of the state that each token keeps."""
        return gates

    @staticmethod
    def gradient(gates: Tensor, d_odds: Tensor, out: Tensor) -> None:
        """Compute the gradient of the gates' sums.

        Args:
            gates: The activated gates.
            d_odds: The gradient of the log-odds of 1 - ``keep``; it may be overwritten.
            out: The result.
        """
        out.copy_(d_odds)


class _MinLstm(_MinGru):
    """The gates of a minLSTM: forget and input, normalised to sum to 1."""

    @staticmethod
    def activate(gates: Tensor, free: Tensor) -> None:
        forget, take = gates.chunk(2, dim=1)
        # Where both are so small that they would be 0 in floating point, only their ratio counts,
        # which is that of exponentials: it stays when both sums are raised.
        missing = torch.maximum(forget, take, out=free).add_(60).clamp_max_(0)
        gates.view(len(gates), 2, -1).sub_(missing.unsqueeze(1)).sigmoid_()

    @staticmethod
    def keep(gates: Tensor, out: Tensor) -> Tensor:
        forget, take = gates.chunk(2, dim=1)
        return torch.div(forget, torch.add(forget, take, out=out), out=out)

    @staticmethod
    def gradient(gates: Tensor, d_odds: Tensor, out: Tensor) -> None:
        forget, take = gates.chunk(2, dim=1)
        d_forget, d_take = out.chunk(2, dim=1)
        torch.addcmul(d_odds, d_odds, take, value=-1, out=d_take)
        torch.sub(forget, 1, out=d_forget).mul_(d_odds)


_CELLS = {"mingru": _MinGru, "minlstm": _MinLstm}


class _ScannedLayer(torch.autograd.Function):
    """One direction of one layer; see ``scanned_layer``."""

    @staticmethod
    def forward(
        ctx: Any,
        cell_type: str,
        chunks: list[list[int]],
        index: Tensor,
        last: Tensor,
        keep_gates: bool,
        x: Tensor,
        h0: Tensor,
        w: Tensor | None,
        b: Tensor,
    ) -> tuple[Tensor, Tensor]:
        cell, size = _CELLS[cell_type], h0.shape[1]
        places = index.split([sum(counts) for counts in chunks])
        most = max(map(len, places))
        inputs, buffers = x.new_empty(most, x.shape[1]), x.new_empty(3, most, size)
        weight = None if w is None else prepare(w)
        out = x.new_empty(len(x), size) if len(index) == len(x) else x.new_zeros(len(x), size)
        h, saved = h0, []
        for counts, place in zip(chunks, places, strict=True):
            n = len(place)
            free, slope, states = buffers[:, :n]
            x_t = torch.index_select(x, 0, place, out=inputs[:n])
            sums = x_t + b if weight is None else linear_all(x_t, weight, b)
            gates, new = sums.tensor_split([sums.shape[1] - size], dim=1)
            cell.activate(gates, free)
            keep = cell.keep(gates, out=free)
            # The candidate: of both pieces of ``positive`` the right one is the larger.
            torch.sigmoid(new, out=slope)
            torch.maximum(torch.add(new, 0.5, out=states), slope, out=states)
            states.addcmul_(states, keep, value=-1)
            if keep_gates:  # and in place of the candidate's sum the slope of the term
                torch.maximum(new.ge_(0), slope.addcmul_(slope, slope, value=-1), out=new)
                new.addcmul_(new, keep, value=-1)
                saved.append(sums)
            linear_scan(keep, states, h[: counts[0]], counts)
            h = states[n - counts[-1] :].clone()
            out.index_copy_(0, place, states)
        ctx.cell_type, ctx.chunks = cell_type, chunks
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(index, last, x, h0, w, b, out, *saved)
        return out, out.index_select(0, index[last])

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> tuple[Any, ...]:
        kept = ctx.saved_tensors  # checkpointing gives them only once
        # For a second derivative, or several gradients at once.
        if torch.is_grad_enabled() or torch._C._are_functorch_transforms_active():
            counts = [n for chunk in ctx.chunks for n in chunk]
            plain = partial(_plain, ctx.cell_type, counts, *kept[:2])
            found = differentiable_gradients(plain, kept[2:6], grads)
        else:
            found = _ScannedLayer._gradients(ctx, kept, *grads)
        return None, None, None, None, None, *found

    @staticmethod
    def _gradients(
        ctx: Any, kept: Any, d_out: Tensor | None, d_final: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        index, _, x, h0, w, b, out, *saved = kept
        cell, size, chunks = _CELLS[ctx.cell_type], h0.shape[1], ctx.chunks
        need_x, _, need_w, need_b = ctx.needs_input_grad[5:]
        places = index.split([sum(counts) for counts in chunks])
        most = max(map(len, places))
        inputs, buffers = x.new_empty(most, x.shape[1]), x.new_empty(3, most, size)
        d_sums = x.new_empty(most, len(b))
        d_x = torch.zeros_like(x) if len(index) < len(x) else torch.empty_like(x)
        d_w = None if w is None else torch.zeros_like(w)
        d_b = torch.zeros_like(b)
        weight = None if w is None else prepare(w.T)
        dh = h0[:0]
        for k in reversed(range(len(chunks))):
            counts, place, n = chunks[k], places[k], len(places[k])
            gates, slope = saved[k].tensor_split([len(b) - size], dim=1)
            free, d, change = buffers[:, :n]
            d_t = d_sums[:n]
            keep = cell.keep(gates, out=free)
            if d_out is None:
                d.zero_()
            else:
                torch.index_select(d_out, 0, place, out=d)
            if d_final is not None:
                alive = [*counts[1:], len(dh)]
                for block, later in zip(d.split(counts), alive, strict=True):
                    block[later:].add_(d_final[later : len(block)])
            d[n - counts[-1] :][: len(dh)].add_(dh)
            dh = reverse_scan(keep, d, counts)
            # (1 - keep_t) * (candidate_t - h_{t-1}) is by how much the step has changed the state.
            torch.index_select(out, 0, place, out=change)
            before = out.index_select(0, places[k - 1][-chunks[k - 1][-1] :]) if k else h0
            for one, other in reversed([*pairwise([before, *change.split(counts)])]):
                other.sub_(first_rows(one, len(other)))
            cell.gradient(gates, change.mul_(keep).mul_(d), out=d_t[:, :-size])
            torch.mul(slope, d, out=d_t[:, -size:])
            if need_b:
                d_b.add_(d_t.sum(0))
            if need_x:
                d_x.index_copy_(0, place, d_t if weight is None else linear_all(d_t, weight))
            if need_w and d_w is not None:
                d_w.addmm_(d_t.T, torch.index_select(x, 0, place, out=inputs[:n]))
        return d_x if need_x else None, dh, d_w if need_w else None, d_b if need_b else None


def _chunks(counts: list[int], most: int) -> list[list[int]]:
    """Cut the steps into chunks of at most so many tokens, or of one step."""
    chunks: list[list[int]] = []
    tokens = most
    for n in counts:
        if tokens + n > most:
            chunks.append([])
            tokens = 0
        chunks[-1].append(n)
        tokens += n
    return chunks


def _plain(
    cell_type: str,
    counts: list[int],
    index: Tensor,
    last: Tensor,
    x: Tensor,
    h0: Tensor,
    w: Tensor | None,
    b: Tensor,
) -> tuple[Tensor, Tensor]:
    """Return the result of ``scanned_layer`` by plain operators."""
    inputs = x.index_select(0, index)
    packed, final, _ = plain_layer(cell_type, counts, last, inputs, h0, None, w, None, b, None)
    return packed.new_zeros(len(x), packed.shape[1]).index_copy(0, index, packed), final


def scanned_layer(
    cell_type: str,
    counts: list[int],
    index: Tensor,
    last: Tensor,
    x: Tensor,
    h0: Tensor,
    w: Tensor | None,
    b: Tensor,
) -> tuple[Tensor, Tensor]:
    """Run one direction of one layer over the tokens of a batch.

    Args:
        cell_type: One of ``cells.SCANNED``.
        counts: Number of rows alive at each step, descending; their sum is the number of tokens.
        index: (tokens,) the place in ``x`` of each packed token; no place occurs twice.
        last: (rows,) packed place of each row's last token.
        x: (places, input_size), or, without ``w``, its product (places, gates * hidden_size).
        h0: (rows, hidden_size), rows = ``counts[0]``.
        w: (gates * hidden_size, input_size), as in ``cells.py``.
        b: (gates * hidden_size,).

    Returns:
        The output (places, hidden_size), 0 at places without a token, and the final state (rows,
        hidden_size). A second derivative takes as long as plain autograd, and so does everything
        under transforms of ``torch.func``.
    """
    if torch._C._are_functorch_transforms_active():
        return _plain(cell_type, counts, index, last, x, h0, w, b)
    inputs = (x, h0, w, b)
    wanted = any(t is not None and t.requires_grad for t in inputs)
    most = max(_CHUNK // h0.shape[1], _FEWEST_TOKENS) if x.device.type == "cpu" else len(index)
    chunks = _chunks(counts, most)
    is_trained = wanted and torch.is_grad_enabled()
    return apply(_ScannedLayer, cell_type, chunks, index, last, is_trained, *inputs)
