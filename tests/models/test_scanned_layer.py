"""minGRU and minLSTM in chunks of steps against the cells of ``cells.py``, values and gradients."""

from functools import partial

import pytest
import torch
from torch import Tensor

from hf_recurrent.models import scanned_layer as module
from hf_recurrent.models.cells import GATES, SCANNED
from hf_recurrent.models.ragged import RaggedBatch
from hf_recurrent.models.recurrent_layer import RecurrentLayer
from hf_recurrent.models.scanned_layer import scanned_layer

each_cell = pytest.mark.parametrize("cell_type", SCANNED)
MASKS = {
    "ragged": torch.tensor([[1, 1, 1, 0, 0], [0, 1, 0, 1, 0], [1, 1, 1, 1, 1], [0, 0, 0, 0, 0]]),
    "full": torch.ones(2, 5),
    "one row": torch.ones(1, 5),
}
each_mask = pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)


@pytest.fixture(params=[1, 6, 100], ids=["each step", "a few steps", "all steps"])
def tokens_of_a_chunk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(module, "_CHUNK", 0)
    monkeypatch.setattr(module, "_FEWEST_TOKENS", request.param)
    return request.param


def make_inputs(
    cell_type: str, ragged: RaggedBatch, dtype: torch.dtype = torch.double, size: int = 3
) -> list[Tensor]:
    """Return x, h0 and the weights."""
    torch.manual_seed(0)
    width, places = GATES[cell_type] * size, ragged.batch * ragged.time
    shapes = [(places, 4), (ragged.counts[0], size), (width, 4), (width,)]
    return [torch.randn(shape, dtype=dtype).requires_grad_() for shape in shapes]


def layer_and_reference(cell_type: str, ragged: RaggedBatch) -> tuple[partial, partial]:
    """Return the layer and its plain form as functions of ``make_inputs``."""
    place = (ragged.counts, ragged.index, ragged.last)
    return partial(scanned_layer, cell_type, *place), partial(module._plain, cell_type, *place)


def gradients(outputs: tuple[Tensor, Tensor], inputs: list[Tensor], use: str) -> list[Tensor]:
    """Return the gradients of a scalar of the output, of the final state, or of both."""
    torch.manual_seed(1)
    used = {"output": outputs[:1], "final": outputs[1:], "both": outputs}[use]
    total = sum((o * torch.randn_like(o)).sum() for o in used)
    return list(torch.autograd.grad(total, inputs, retain_graph=True))


@each_cell
@each_mask
@pytest.mark.parametrize("use", ["output", "final", "both"])
@pytest.mark.usefixtures("tokens_of_a_chunk")
def test_it_equals_the_cells(cell_type: str, mask: Tensor, use: str) -> None:
    ragged = RaggedBatch.from_mask(mask)
    inputs = make_inputs(cell_type, ragged)
    layer, reference = layer_and_reference(cell_type, ragged)
    found, expected = layer(*inputs), reference(*inputs)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)
    slopes = gradients(expected, inputs, use)
    for _ in range(2):  # what was kept for the backward is not changed by it
        for value, slope in zip(gradients(found, inputs, use), slopes, strict=True):
            torch.testing.assert_close(value, slope, rtol=0, atol=1e-12)


@each_cell
@pytest.mark.usefixtures("tokens_of_a_chunk")
def test_inputs_that_are_products_already(cell_type: str) -> None:
    ragged = RaggedBatch.from_mask(MASKS["ragged"])
    x, h, w, b = make_inputs(cell_type, ragged)
    products = (x @ w.T).detach().requires_grad_()
    layer, reference = layer_and_reference(cell_type, ragged)
    for run in (layer, reference):
        torch.testing.assert_close(run(products, h, None, b), run(x, h, w, b))
    found, expected = (
        gradients(run(products, h, None, b), [products, h, b], "both") for run in (layer, reference)
    )
    torch.testing.assert_close(found, expected)


@each_cell
def test_second_derivatives_and_transforms(cell_type: str) -> None:
    ragged = RaggedBatch.from_mask(MASKS["ragged"])
    inputs = make_inputs(cell_type, ragged, size=2)
    layer, reference = layer_and_reference(cell_type, ragged)
    assert torch.autograd.gradgradcheck(layer, inputs)
    jacobians = (
        torch.func.jacrev(lambda *a, run=run: run(*a)[0], argnums=(0, 2))(*inputs)
        for run in (layer, reference)
    )
    torch.testing.assert_close(*jacobians)


@each_cell
def test_single_precision_over_chunks(cell_type: str) -> None:
    torch.manual_seed(0)
    ragged = RaggedBatch.from_mask(torch.arange(70) < torch.randint(1, 71, (20, 1)))
    inputs = make_inputs(cell_type, ragged, torch.float32, size=300)
    assert len(module._chunks(ragged.counts, module._CHUNK // 300)) > 1
    layer, reference = layer_and_reference(cell_type, ragged)
    exact = [t.detach().double().requires_grad_() for t in inputs]
    found, expected = layer(*inputs)[0], reference(*exact)[0]
    torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-5)
    grad = torch.randn_like(found)
    slopes = torch.autograd.grad(found, inputs, grad)
    for value, right in zip(
        slopes, torch.autograd.grad(expected, exact, grad.double()), strict=True
    ):
        assert (value - right).abs().max() <= 1e-5 * right.abs().max()


@each_cell
def test_a_row_in_a_batch_is_bit_equal_to_the_row_alone(cell_type: str) -> None:
    torch.manual_seed(0)
    lengths = torch.randint(1, 41, (24,))
    x, mask = torch.randn(24, 40, 100), torch.arange(40) < lengths.unsqueeze(1)
    layer = RecurrentLayer(cell_type, 100, 300)
    found = layer(x, ragged=RaggedBatch.from_mask(mask))
    for row, length in enumerate(lengths.tolist()):
        alone = layer(x[row : row + 1, :length])
        assert torch.equal(found.output[row, :length], alone.output[0])
        assert torch.equal(found.hidden[row], alone.hidden[0])


@each_cell
@pytest.mark.parametrize("bias", [-200.0, -90.0, 90.0, 200.0])
def test_gates_that_are_0_or_1_in_floating_point(cell_type: str, bias: float) -> None:
    ragged = RaggedBatch.from_mask(MASKS["ragged"])
    inputs = make_inputs(cell_type, ragged, torch.float32)
    with torch.no_grad():
        inputs[3][:-3].fill_(bias)
    layer, reference = layer_and_reference(cell_type, ragged)
    found, expected = layer(*inputs), reference(*inputs)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)
    slopes = zip(gradients(found, inputs, "both"), gradients(expected, inputs, "both"), strict=True)
    for value, right in slopes:
        torch.testing.assert_close(value, right, rtol=1e-4, atol=1e-5)


@each_cell
@pytest.mark.parametrize("offset", [0.0, -1e-12], ids=["at the kink", "just below"])
def test_the_candidate_has_the_slope_of_its_piece(cell_type: str, offset: float) -> None:
    """A vector of zeros and a bias of zero put the candidate at its kink, where the slope is 1."""
    ragged = RaggedBatch.from_mask(MASKS["full"])
    inputs = make_inputs(cell_type, ragged)
    with torch.no_grad():
        inputs[0].zero_()
        inputs[3].fill_(offset)
    layer, reference = layer_and_reference(cell_type, ragged)
    found, expected = (gradients(run(*inputs), inputs[3:], "output") for run in (layer, reference))
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize(
    ("counts", "most", "expected"),
    [
        ([4, 4, 2, 1], 8, [[4, 4], [2, 1]]),
        ([4, 4, 2, 1], 3, [[4], [4], [2, 1]]),
        ([4, 4, 2, 1], 11, [[4, 4, 2, 1]]),
        ([1], 0, [[1]]),
    ],
)
def test_chunks(counts: list[int], most: int, expected: list[list[int]]) -> None:
    assert module._chunks(counts, most) == expected
