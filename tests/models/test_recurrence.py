"""Every path through a layer against the loop over ``cells.py``."""

from functools import cache

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hf_recurrent.models.cells import CELL_TYPES, SCANNED
from hf_recurrent.models.kernels import LayerWeights
from hf_recurrent.models.ragged import RaggedBatch
from hf_recurrent.models.recurrence import PATHS, LayerOutput, choose_path, run_layer
from hf_recurrent.models.recurrent_layer import RecurrentLayer

from .masks import masks

FAST = [path for path in PATHS if path != "reference"]
# For minGRU and minLSTM torch has no kernel, and so no path but ours.
RUNS = [
    (cell, path) for cell in CELL_TYPES for path in FAST if cell not in SCANNED or path == "steps"
]


def make_layer(cell_type: str, bidirectional: bool, hidden_size: int = 3) -> RecurrentLayer:
    torch.manual_seed(0)
    return RecurrentLayer(cell_type, 4, hidden_size, bidirectional)


def make_inputs(
    layer: RecurrentLayer, mask: torch.Tensor, dtype: torch.dtype = torch.double
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
    """Return random x and states, all of which want gradients."""
    torch.manual_seed(1)
    state = (len(mask), 1 + layer.bidirectional, layer.hidden_size)
    shapes = [(*mask.shape, 4), state, *([state] if layer.cell_type == "lstm" else [])]
    tensors = [torch.randn(shape, dtype=dtype).requires_grad_() for shape in shapes]
    return tensors[0], tensors[1], tensors[2] if len(tensors) == 3 else None


def gradients(output: LayerOutput, leaves: list[torch.Tensor], use: str) -> list[torch.Tensor]:
    """Return the gradients of a scalar of all outputs, or of the named one alone."""
    values = {"output": output.output, "hidden": output.hidden, "cell": output.cell}
    found = [v for name, v in values.items() if v is not None and use in ("all", name)]
    total = sum((v * torch.sin(1 + torch.arange(v.numel())).view_as(v)).sum() for v in found)
    grads = torch.autograd.grad(total, leaves, allow_unused=True)
    return [torch.zeros_like(t) if g is None else g for g, t in zip(grads, leaves, strict=True)]


@pytest.mark.parametrize("bidirectional", [False, True], ids=["forward", "both"])
@pytest.mark.parametrize(("cell_type", "path"), RUNS)
@given(mask=masks(), use=st.sampled_from(["all", "output", "hidden", "cell"]))
@settings(max_examples=25)
def test_fast_equals_naive(
    cell_type: str, bidirectional: bool, path: str, mask: torch.Tensor, use: str
) -> None:
    ragged = RaggedBatch.from_mask(mask)
    if path == "dense" and ragged.window is None:
        ragged = RaggedBatch.dense(*mask.shape, mask.device)
    layer = make_layer(cell_type, bidirectional).double()
    x, hidden, cell = make_inputs(layer, mask)
    need_cell = path != "segments"
    if (use == "cell" and (cell is None or not need_cell)) or not ragged.counts:
        use = "output"
    found = run_layer(layer.weights(), x, ragged, hidden, cell, path=path, need_cell=need_cell)
    naive = run_layer(layer.weights(), x, ragged, hidden, cell, path="reference", need_cell=True)
    if not need_cell:
        naive = naive._replace(cell=None)
    assert (found.cell is None) == (cell is None or not (need_cell or not ragged.counts))
    for name, value, expected in zip(found._fields, found, naive, strict=True):
        if expected is not None:
            torch.testing.assert_close(value, expected, rtol=0, atol=1e-10, msg=name)
    leaves = [x, hidden, *([cell] if cell is not None else []), *layer.parameters()]
    pairs = zip(gradients(found, leaves, use), gradients(naive, leaves, use), strict=True)
    for value, expected in pairs:
        torch.testing.assert_close(value, expected, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize(("cell_type", "path"), RUNS)
def test_single_precision(cell_type: str, path: str) -> None:
    """In fp32 other kernels run than in fp64."""
    layer = make_layer(cell_type, True, hidden_size=16)
    mask = torch.arange(12) < torch.tensor([12, 5, 1, 0, 7, 7]).unsqueeze(1)
    if path == "dense":
        mask = torch.ones_like(mask)
    ragged = RaggedBatch.from_mask(mask)
    x, hidden, cell = make_inputs(layer, mask, torch.float32)
    leaves = [x, hidden, *([cell] if cell is not None else []), *layer.parameters()]
    found = run_layer(
        layer.weights(), x, ragged, hidden, cell, path=path, need_cell=path != "segments"
    )
    naive = run_layer(layer.weights(), x, ragged, hidden, cell, path="reference")
    torch.testing.assert_close(found.output, naive.output, rtol=0, atol=1e-5)
    torch.testing.assert_close(found.hidden, naive.hidden, rtol=0, atol=1e-5)
    slopes = zip(
        gradients(found, leaves, "output"), gradients(naive, leaves, "output"), strict=True
    )
    for value, expected in slopes:
        assert (value - expected).abs().max() <= 1e-4 * expected.abs().max()


@pytest.mark.parametrize(
    ("cell_type", "path"), [run for run in RUNS if run[1] in ("steps", "segments")]
)
def test_gradients_by_finite_differences(cell_type: str, path: str) -> None:
    layer = make_layer(cell_type, True, hidden_size=2).double()
    mask = torch.tensor([[1, 1, 1], [0, 0, 0], [0, 1, 1]]).bool()
    ragged = RaggedBatch.from_mask(mask)
    x, hidden, cell = make_inputs(layer, mask)

    def run(x: torch.Tensor, hidden: torch.Tensor, *rest: torch.Tensor) -> tuple:
        cell = rest[0] if layer.cell_type == "lstm" else None
        own = rest[cell is not None :]
        half = len(own) // 2
        directions = [list(own[:half]), list(own[half:])]
        if cell_type in SCANNED:
            directions = [[w_ih, None, b_ih, None] for w_ih, b_ih in directions]
        weights = LayerWeights(cell_type, directions)
        found = run_layer(weights, x, ragged, hidden, cell, path=path)
        return tuple(t for t in found if t is not None)

    copies = [w.detach().clone().requires_grad_() for w in layer.weights().flat]
    inputs = [x, hidden, *([cell] if cell is not None else []), *copies]
    assert torch.autograd.gradcheck(run, inputs)


@pytest.mark.parametrize(("cell_type", "path"), RUNS)
def test_what_stands_in_the_padding_is_not_read(cell_type: str, path: str) -> None:
    layer = make_layer(cell_type, True)
    mask = torch.tensor([[0, 1, 1, 0]] * 2 if path == "dense" else [[1, 0, 1, 0], [0] * 4])
    ragged = RaggedBatch.from_mask(mask)
    x, hidden, cell = make_inputs(layer, mask, torch.float32)
    bad = x.detach().masked_fill(mask.unsqueeze(-1) == 0, float("nan")).requires_grad_()
    need_cell = path != "segments"
    clean = run_layer(layer.weights(), x, ragged, hidden, cell, path=path, need_cell=need_cell)
    found = run_layer(layer.weights(), bad, ragged, hidden, cell, path=path, need_cell=need_cell)
    assert torch.equal(found.output, clean.output)
    assert torch.equal(found.hidden, clean.hidden)
    for gradient in gradients(found, [bad, hidden, *layer.parameters()], "output"):
        assert gradient.isfinite().all()


@cache
def weights_of(cell_type: str, size: int) -> LayerWeights:
    return make_layer(cell_type, False, size).weights()


@given(mask=masks(), training=st.booleans(), need_cell=st.booleans())
@settings(max_examples=60)
def test_chosen_path_can_do_what_is_asked(
    mask: torch.Tensor, training: bool, need_cell: bool
) -> None:
    ragged = RaggedBatch.from_mask(mask)
    for cell_type in CELL_TYPES:
        for size in (3, 2000):
            weights = weights_of(cell_type, size)
            path = choose_path(weights, ragged, training=training, need_cell=need_cell)
            assert path in FAST
            assert path != "dense" or ragged.window is not None
            if cell_type == "lstm" and need_cell:
                assert path != "segments"


def test_every_path_is_chosen_somewhere() -> None:
    full = RaggedBatch.dense(8, 10, torch.device("cpu"))
    ragged = RaggedBatch.from_mask(torch.arange(10) < torch.arange(1, 9).unsqueeze(1))
    chosen = {
        choose_path(
            make_layer(cell_type, False, size).weights(), batch, training=training, need_cell=cell
        )
        for cell_type in CELL_TYPES
        for size in (3, 2000)
        for batch in (full, ragged)
        for training in (False, True)
        for cell in (False, True)
    }
    assert chosen == set(FAST)


def test_dense_refuses_ragged_rows() -> None:
    layer = make_layer("lstm", False)
    mask = torch.tensor([[1, 1], [1, 0]])
    x, hidden, cell = make_inputs(layer, mask, torch.float32)
    with pytest.raises(ValueError, match="dense path needs rows of one length"):
        run_layer(layer.weights(), x, RaggedBatch.from_mask(mask), hidden, cell, path="dense")


@pytest.mark.parametrize("bidirectional", [False, True])
def test_weights_get_gradients_where_there_is_nothing_to_read(bidirectional: bool) -> None:
    """Distributed training waits for the gradient of every parameter."""
    layer = make_layer("gru", bidirectional)
    mask = torch.zeros(2, 3)
    x, hidden, _ = make_inputs(layer, mask, torch.float32)
    run_layer(layer.weights(), x, RaggedBatch.from_mask(mask), hidden).output.sum().backward()
    assert all(p.grad is not None and not p.grad.any() for p in (x, *layer.parameters()))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_a_step_of_an_lstm_that_generates_is_what_the_dense_kernel_gives(
    dtype: torch.dtype,
) -> None:
    torch.manual_seed(0)
    layer = RecurrentLayer("lstm", 5, 4).to(dtype)
    x, h, c = (torch.randn(3, 1, size, dtype=dtype) for size in (5, 4, 4))
    with_grad = layer(x, h, c)
    with torch.no_grad():
        found = layer(x, h, c)
    for one, other in zip(found, with_grad, strict=True):
        torch.testing.assert_close(one, other.detach())
