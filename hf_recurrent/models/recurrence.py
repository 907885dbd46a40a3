"""Runs a recurrent layer over a ragged batch, exactly and fast.

There are five paths, equal in values and gradients:

- ``reference``: the loop over ``cells.py``, for tests, teaching and export;
- ``dense``: torch's kernel on the columns that hold tokens, if all rows have the same length;
- ``packed``: torch's kernel on a ``PackedSequence``, the form that cuDNN needs;
- ``steps``: ``stepwise.py``, with work proportional to the number of real tokens;
- ``segments``: rows are sorted by length and time is cut into a few pieces; in each piece torch's
  dense kernel runs over the rows that are not over.

minGRU and minLSTM, for which torch has no kernel, run by ``reference`` and ``steps`` only; their
steps are those of ``scanned_layer.py``.
``choose_path`` chooses among them. ``scripts/benchmark_recurrence.py`` measures them all.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from .cells import CELLS, SCANNED
from .kernels import LayerWeights, has_step, run_kernel
from .one_hot import OneHotTokens
from .ragged import RaggedBatch
from .scanned_layer import scanned_layer
from .stepwise import packed_layer, take_rows

PATHS = ("reference", "dense", "packed", "steps", "segments")


class LayerOutput(NamedTuple):
    """The output of one layer.

    Attributes:
        output: (batch, time, directions * hidden_size), 0 where the mask is 0.
        hidden: (batch, directions, hidden_size), after each row's last token.
        cell: Likewise, for an LSTM if asked for; otherwise ``None``.
    """

    output: Tensor
    hidden: Tensor
    cell: Tensor | None


class Step(NamedTuple):
    """What one step of the reference path read and computed, for all rows of the batch.

    Attributes:
        direction: 0 forward, 1 backward.
        number: The number of the token that each row has read, from 0.
        alive: (batch, bool) the rows that have such a token.
        x: (batch, input_size) the input.
        before: (batch, hidden_size) the hidden state before the step.
        hidden: Likewise, after it; only that of living rows is read later.
        cell: Likewise the cell state after it, of an LSTM, from which ``hidden`` is computed.
    """

    direction: int
    number: int
    alive: Tensor
    x: Tensor
    before: Tensor
    hidden: Tensor
    cell: Tensor | None


def choose_path(
    weights: LayerWeights, ragged: RaggedBatch, *, training: bool, need_cell: bool = False
) -> str:
    """Return the fastest exact path for a layer, according to the benchmark.

    Args:
        weights: The weights of the layer.
        ragged: The layout of the batch.
        training: Whether gradients will be needed.
        need_cell: Whether the final cell state of an LSTM is needed.
    """
    if weights.cell_type in SCANNED:
        return "steps"
    if weights.directions[0][0].device.type != "cpu":
        return "dense" if ragged.window else "packed"
    cell_type = weights.cell_type
    if ragged.window and len(ragged.counts) == 1 and has_step(weights):
        return "dense"
    # Each step has a fixed cost, which is too high for small states.
    width = weights.hidden_size * sum(ragged.counts) / max(1, len(ragged.counts))
    if cell_type == "lstm":  # torch's dense kernel is oneDNN's, which is hard to beat
        if ragged.window:
            return "dense"
        if need_cell:
            return "steps" if training or width >= _STEPS_BEAT_PACKED else "packed"
        return "segments"
    if ragged.window and width < _STEPS_BEAT_DENSE and not (training and cell_type == "gru"):
        return "dense"
    if width >= _STEPS_BEAT_PACKED or ragged.window:
        return "steps"
    if training:  # the gradient of packing an Elman layer costs the square of the length
        short = len(ragged.counts) <= _PACKED_BEATS_STEPS
        return "packed" if short and cell_type.startswith("rnn") else "steps"
    return "packed"


# Break-even points: hidden_size times the living rows of an average step. Without padding, dense
# kernels were ahead by a quarter at 1,150 and steps by a quarter at 5,100; with padding, in
# inference, packing was ahead by a seventh at 5,100 and steps by a tenth at 20,000.
_STEPS_BEAT_DENSE = 3000
_STEPS_BEAT_PACKED = 12_000
# Steps up to which training an Elman layer packed was ahead: by a third at 32, by a sixth at 64.
_PACKED_BEATS_STEPS = 64


def run_layer(
    weights: LayerWeights,
    x: Tensor | OneHotTokens,
    ragged: RaggedBatch,
    hidden: Tensor,
    cell: Tensor | None = None,
    *,
    need_cell: bool = False,
    path: str | None = None,
) -> LayerOutput:
    """Run one layer over a ragged batch.

    Args:
        weights: The weights of the layer.
        x: (batch, time, input_size). Values in the padding do not matter. For one-hot vectors,
            ``steps`` looks up columns of the input weights; other paths use dense vectors.
        ragged: The layout of the real tokens.
        hidden: (batch, directions, hidden_size) initial hidden state.
        cell: Likewise the initial cell state of an LSTM.
        need_cell: Whether the final cell state of an LSTM is needed.
        path: One of ``PATHS``; ``None`` to let ``choose_path`` choose.

    Raises:
        ValueError: If the layer cannot run by this path.
    """
    if path not in (None, "reference", "steps") and weights.cell_type in SCANNED:
        raise ValueError(f"path {path!r} is torch's, and torch has no {weights.cell_type}")
    if isinstance(x, OneHotTokens):
        path = path or "steps"
        if path != "steps":
            x = x.dense()
    if path is None:
        assert isinstance(x, Tensor)
        tensors = [x, hidden, cell, *weights.flat]
        training = torch.is_grad_enabled() and any(
            t.requires_grad for t in tensors if t is not None
        )
        path = choose_path(weights, ragged, training=training, need_cell=need_cell)
        if torch._C._are_functorch_transforms_active():
            path = "steps"  # torch's kernels do not support all transforms of torch.func
    if not ragged.counts:
        given = x.scale if isinstance(x, OneHotTokens) else x
        output = given.new_zeros(*given.shape[:2], hidden.shape[1] * hidden.shape[2])
        return LayerOutput(output + _nothing(given, *weights.flat), hidden, cell)
    runner: Any = {
        "reference": run_reference,
        "dense": _run_dense,
        "packed": _run_packed,
        "steps": _run_steps,
        "segments": _run_segments,
    }[path]
    return LayerOutput(*runner(weights, x, ragged, hidden, cell))


def _nothing(*tensors: Tensor) -> Tensor:
    """Return a 0 that depends on every tensor, as distributed training waits for all gradients."""
    return torch.cat([t.flatten()[:0] for t in tensors]).sum()


def run_module(
    module: Any, x: Tensor, ragged: RaggedBatch, hidden: Tensor, cell: Tensor | None
) -> LayerOutput:
    """Call a one-layer module of torch over packed tokens, as ``_run_packed`` calls a kernel.

    Args:
        module: ``nn.LSTM``, ``nn.GRU``, ``nn.RNN``, or a quantised one, with biases or without.
        x: (batch, time, input_size).
        ragged: The layout of the real tokens.
        hidden: (batch, directions, hidden_size) initial hidden state.
        cell: Likewise the initial cell state of an LSTM.

    Raises:
        ValueError: If the states of the module have another shape.
    """
    _, directions, size = hidden.shape
    wanted = {"num_layers": 1, "bidirectional": directions == 2, "hidden_size": size}
    wanted["proj_size"] = 0
    found = {name: getattr(module, name, value) for name, value in wanted.items()}
    if found != wanted or (module.mode == "LSTM") != (cell is not None):
        raise ValueError(
            f"the model's states do not fit the layer {module}: it must have {wanted} and be "
            f"{'an LSTM' if cell is not None else 'no LSTM'}, as the configuration says"
        )
    if not ragged.counts:
        output = x.new_zeros(*x.shape[:2], directions * size)
        return LayerOutput(output + _nothing(x, *module.parameters()), hidden, cell)
    rows = ragged.order[: ragged.counts[0]]
    states = [t[rows].transpose(0, 1).contiguous() for t in (hidden, cell) if t is not None]
    packed = PackedSequence(_pack(x, ragged), torch.tensor(ragged.counts))
    packed, found = module(packed, tuple(states) if cell is not None else states[0])
    final_h, *final_c = (t.transpose(0, 1) for t in (found if cell is not None else (found,)))
    return LayerOutput(
        _unpack([packed.data], ragged),
        _with_empty_rows(final_h, hidden, ragged),
        _with_empty_rows(final_c[0], cell, ragged) if cell is not None else None,
    )


_Result = tuple[Tensor, Tensor, Tensor | None]


def _pack(x: Tensor, ragged: RaggedBatch) -> Tensor:
    """Return the tokens (tokens, features) of a padded (batch, time, features), packed."""
    return take_rows(x.reshape(ragged.batch * ragged.time, -1), ragged.index)


def _side_by_side(directions: list[Tensor]) -> Tensor:
    """Concatenate the features of the directions; a single one is not copied."""
    return directions[0] if len(directions) == 1 else torch.cat(directions, dim=-1)


def _unpack(directions: list[Tensor], ragged: RaggedBatch) -> Tensor:
    """Return the packed outputs of each direction as (batch, time, features), 0 in the padding."""
    packed = _side_by_side(directions)
    output = packed.new_zeros(ragged.batch * ragged.time, packed.shape[1])
    output = output.index_copy_(0, ragged.index, packed)
    return output.view(ragged.batch, ragged.time, -1)


def run_reference(
    weights: LayerWeights,
    x: Tensor,
    ragged: RaggedBatch,
    hidden: Tensor,
    cell: Tensor | None,
    watch: Callable[[Step], object] | None = None,
) -> _Result:
    """Loop over the steps with ``cells.py``; each row reads its own tokens in order.

    Args:
        weights: The weights of the layer.
        x: (batch, time, input_size).
        ragged: The layout of the real tokens.
        hidden: (batch, directions, hidden_size) initial hidden state.
        cell: Likewise the initial cell state of an LSTM.
        watch: Called after each step; the states that it gets are nodes of the graph.
    """
    step = CELLS[weights.cell_type]
    rows = torch.arange(ragged.batch, device=x.device)
    outputs, finals_h, finals_c = [], [], []
    for direction, own in enumerate(weights.directions):
        h, c = hidden[:, direction], None if cell is None else cell[:, direction]
        steps = range(len(ragged.counts))
        states = []
        for t in reversed(steps) if direction else steps:
            columns = ragged.positions[:, t]
            alive = (t < ragged.lengths).unsqueeze(1)
            # The input of a row that is over is not read: 0 * inf would spoil the gradient.
            inputs, before = x[rows, columns].where(alive, 0), h
            new_h, new_c = step(inputs, h, c, *own)
            h = torch.where(alive, new_h, h)
            c = None if c is None or new_c is None else torch.where(alive, new_c, c)
            states.append(h.where(alive, 0))
            if watch is not None:
                watch(Step(direction, t, alive.squeeze(1), inputs, before, new_h, new_c))
        # One scatter of all steps: one a step would cost the square of their number.
        columns = ragged.positions[:, : len(steps)]
        output = x.new_zeros(ragged.batch, ragged.time, weights.hidden_size)
        in_order = torch.stack(states[::-1] if direction else states, dim=1)
        outputs.append(output.index_put((rows.unsqueeze(1), columns), in_order))
        finals_h.append(h)
        finals_c.append(c)
    final_c = None if cell is None else torch.stack([c for c in finals_c if c is not None], dim=1)
    return torch.cat(outputs, dim=-1), torch.stack(finals_h, dim=1), final_c


def _run_dense(
    weights: LayerWeights, x: Tensor, ragged: RaggedBatch, hidden: Tensor, cell: Tensor | None
) -> _Result:
    """Run torch's kernel on the columns that hold tokens in every row."""
    if ragged.window is None:
        raise ValueError("the dense path needs rows of one length that stand side by side")
    start, stop = ragged.window
    if stop - start == ragged.time:
        return run_kernel(weights, x, None, hidden, cell)
    output, final_h, final_c = run_kernel(weights, x[:, start:stop], None, hidden, cell)
    return nn.functional.pad(output, (0, 0, start, ragged.time - stop)), final_h, final_c


def _run_packed(
    weights: LayerWeights, x: Tensor, ragged: RaggedBatch, hidden: Tensor, cell: Tensor | None
) -> _Result:
    """Run torch's kernel on a PackedSequence of the rows that are not empty.

    The layout of ``ragged`` is that of a PackedSequence, so packing is one gather and unpacking one
    scatter.
    """
    rows = ragged.order[: ragged.counts[0]]
    states = (hidden[rows], None if cell is None else cell[rows])
    output, final_h, final_c = run_kernel(weights, _pack(x, ragged), ragged.counts, *states)
    return (
        _unpack([output], ragged),
        _with_empty_rows(final_h, hidden, ragged),
        None if cell is None or final_c is None else _with_empty_rows(final_c, cell, ragged),
    )


def _with_empty_rows(final: Tensor, initial: Tensor, ragged: RaggedBatch) -> Tensor:
    """Return the final states of the whole batch, given those of non-empty rows in ``order``."""
    if len(final) < ragged.batch:
        empty = initial[ragged.order[len(final) :]].to(final.dtype)
        final = torch.cat([final, empty])
    return final[ragged.unorder]


def _run_steps(
    weights: LayerWeights,
    x: Tensor | OneHotTokens,
    ragged: RaggedBatch,
    hidden: Tensor,
    cell: Tensor | None,
) -> _Result:
    """Run ``stepwise.py``; half precision is computed in fp32, for the sake of the states."""
    if weights.cell_type in SCANNED:
        return _run_scanned(weights, x, ragged, hidden, cell)
    rows = ragged.order[: ragged.counts[0]]
    given = x.scale if isinstance(x, OneHotTokens) else x
    dtype, compute = given.dtype, _at_least_single(given.dtype)
    with torch.autocast(given.device.type, enabled=False):
        tokens = _pack(given.to(compute), ragged)
        outputs, finals_h, finals_c = [], [], []
        for direction, own in enumerate(weights.directions):
            cast = [None if weight is None else weight.to(compute) for weight in own]
            inputs = tokens
            if isinstance(x, OneHotTokens):
                inputs = _look_up(tokens, x.ids, ragged, own[0].to(compute))
                cast[0] = None
            output, final_h, final_c = packed_layer(
                weights.cell_type,
                ragged.counts,
                ragged.last,
                take_rows(inputs, ragged.reverse) if direction else inputs,
                hidden[rows, direction].to(compute),
                None if cell is None else cell[rows, direction].to(compute),
                cast,
            )
            outputs.append(take_rows(output, ragged.reverse) if direction else output)
            finals_h.append(final_h)
            finals_c.append(final_c)
        output = _unpack(outputs, ragged).to(dtype)
        final_h = torch.stack(finals_h, dim=1).to(dtype)
        final_h = _with_empty_rows(final_h, hidden, ragged)
        if cell is None:
            return output, final_h, None
        final_c = torch.stack([c for c in finals_c if c is not None], dim=1).to(dtype)
        return output, final_h, _with_empty_rows(final_c, cell, ragged)


def _run_scanned(
    weights: LayerWeights,
    x: Tensor | OneHotTokens,
    ragged: RaggedBatch,
    hidden: Tensor,
    cell: Tensor | None,
) -> _Result:
    """Run ``scanned_layer.py``, which needs no packing, in fp32 or more."""
    rows = ragged.order[: ragged.counts[0]]
    given = x.scale if isinstance(x, OneHotTokens) else x
    dtype, compute = given.dtype, _at_least_single(given.dtype)
    with torch.autocast(given.device.type, enabled=False):
        tokens, index = given.to(compute), ragged.index
        if isinstance(x, OneHotTokens):  # only real tokens are looked up
            tokens, index = _pack(tokens, ragged), torch.arange(len(index), device=index.device)
        else:
            tokens = tokens.reshape(ragged.batch * ragged.time, -1)
        outputs, finals = [], []
        for direction, own in enumerate(weights.directions):
            w, b = own[0].to(compute), own[2].to(compute)
            inputs = tokens
            if isinstance(x, OneHotTokens):
                inputs, w = _look_up(tokens, x.ids, ragged, w), None
            output, final = scanned_layer(
                weights.cell_type,
                ragged.counts,
                index[ragged.reverse] if direction else index,
                ragged.last,
                inputs,
                hidden[rows, direction].to(compute),
                w,
                b,
            )
            outputs.append(output)
            finals.append(final)
        if isinstance(x, OneHotTokens):
            output = _unpack(outputs, ragged)
        else:
            output = _side_by_side(outputs).view(ragged.batch, ragged.time, -1)
        final = torch.stack(finals, dim=1).to(dtype)
        return output.to(dtype), _with_empty_rows(final, hidden, ragged), cell


def _at_least_single(dtype: torch.dtype) -> torch.dtype:
    return dtype if dtype in (torch.float32, torch.float64) else torch.float32


def _look_up(scale: Tensor, ids: Tensor, ragged: RaggedBatch, w_ih: Tensor) -> Tensor:
    """Return the product of packed one-hot tokens with the input weights.

    Column i of the weights is their product with the i-th vector.

    Args:
        scale: (tokens, 1) the values of the vectors, packed.
        ids: (batch, time) their indices.
        ragged: The layout of the real tokens.
        w_ih: (gates * hidden_size, size) the input weights.
    """
    return scale * nn.functional.embedding(ids.flatten()[ragged.index], w_ih.T)


def _run_segments(
    weights: LayerWeights, x: Tensor, ragged: RaggedBatch, hidden: Tensor, cell: Tensor | None
) -> _Result:
    """Run torch's dense kernel piece by piece over the rows that are alive.

    There is no final cell state: the kernel continues after the end of a row within a piece.
    """
    rows, segments = ragged.order[: ragged.counts[0]], ragged.segments
    x = x.reshape(ragged.batch * ragged.time, -1)
    outputs, finals = [], []
    for direction, own in enumerate(weights.directions):
        one = weights._replace(directions=[own])
        h = hidden[rows, direction].unsqueeze(1)
        c = None if cell is None else cell[rows, direction].unsqueeze(1)
        tokens = take_rows(x, segments.backward if direction else segments.forward)
        ys = []
        blocks = tokens.split([n * steps for n, steps in segments.shapes])
        for block, (n, steps) in zip(blocks, segments.shapes, strict=True):
            states = (h[:n], None if c is None else c[:n])
            y, h, c = run_kernel(one, block.view(n, steps, -1), None, *states)
            ys.append(y.reshape(n * steps, -1))
        place = segments.place[ragged.reverse] if direction else segments.place
        output = take_rows(torch.cat(ys), place)
        finals.append(output[: len(rows)] if direction else output[ragged.last])
        outputs.append(output)
    output = _unpack(outputs, ragged)
    return output, _with_empty_rows(torch.stack(finals, dim=1), hidden, ragged), None
