import pytest
import torch

from hf_recurrent.models import products, stepwise
from hf_recurrent.models.cells import CELL_TYPES, SCANNED
from hf_recurrent.models.ragged import RaggedBatch
from hf_recurrent.models.scanned_layer import scanned_layer

GATES = {"rnn_tanh": 1, "rnn_relu": 1, "lstm": 4, "gru": 3, "mingru": 2, "minlstm": 3}
RAGGED = RaggedBatch.from_mask(torch.tensor([[1, 1, 1], [1, 0, 0], [1, 1, 0]]))


def make_arguments(cell_type: str, dtype: torch.dtype) -> list[torch.Tensor]:
    """Return x, h0, c0 and the weights."""
    torch.manual_seed(0)
    width = GATES[cell_type] * 2
    shapes = [(6, 3), (3, 2), (3, 2), (width, 3), (width, 2), (width,), (width,)]
    unused = (4, 6) if cell_type in SCANNED else ()
    tensors = [torch.randn(shape, dtype=dtype) for shape in shapes]
    return [t.requires_grad_(number not in unused) for number, t in enumerate(tensors)]


def run(cell_type: str, x: torch.Tensor, h: torch.Tensor, c: torch.Tensor, *weights) -> tuple:
    if cell_type in SCANNED:
        index = torch.arange(len(x))
        w, b = weights[0], weights[2]
        return scanned_layer(cell_type, RAGGED.counts, index, RAGGED.last, x, h, w, b)
    c0 = c if cell_type == "lstm" else None
    found = stepwise.packed_layer(cell_type, RAGGED.counts, RAGGED.last, x, h, c0, [*weights])
    return tuple(t for t in found if t is not None)


@pytest.mark.parametrize("cell_type", CELL_TYPES)
def test_gradients_by_finite_differences(cell_type: str) -> None:
    arguments = make_arguments(cell_type, torch.double)
    if cell_type != "lstm":
        arguments[2].requires_grad_(False)
    assert torch.autograd.gradcheck(lambda *a: run(cell_type, *a), arguments)


@pytest.mark.parametrize("cell_type", CELL_TYPES)
def test_products_of_either_library_agree(cell_type: str, monkeypatch: pytest.MonkeyPatch) -> None:
    results = []
    for available, intel in ((products._ONEDNN, False), (products._ONEDNN, True), (False, False)):
        monkeypatch.setattr(products, "_ONEDNN", available)
        monkeypatch.setattr(products, "_IS_INTEL", intel)
        monkeypatch.setattr(products, "_ONEDNN_FROM", 12 if intel else 0)
        arguments = make_arguments(cell_type, torch.float32)
        outputs = run(cell_type, *arguments)
        wanted = [a for a in arguments if a.requires_grad]
        grads = torch.autograd.grad(sum(o.sin().sum() for o in outputs), wanted, allow_unused=True)
        results.append([*outputs, *(g for g in grads if g is not None)])
    for result in results[1:]:
        for one, other in zip(result, results[0], strict=True):
            torch.testing.assert_close(one, other, rtol=0, atol=1e-5)


@pytest.mark.parametrize("frozen", [(3,), (4,), (3, 4, 5, 6), (0,), (0, 1, 3, 4, 5, 6)], ids=str)
@pytest.mark.parametrize("cell_type", CELL_TYPES)
def test_what_needs_no_gradient_changes_no_other(cell_type: str, frozen: tuple[int, ...]) -> None:
    def gradients(frozen: tuple[int, ...]) -> list[torch.Tensor | None]:
        arguments = make_arguments(cell_type, torch.double)
        for number in frozen:
            arguments[number].requires_grad_(False)
        outputs = run(cell_type, *arguments)
        if outputs[0].requires_grad:
            sum(o.sin().sum() for o in outputs).backward()
        return [a.grad for a in arguments]

    everything = gradients(())
    for number, (found, expected) in enumerate(zip(gradients(frozen), everything, strict=True)):
        if number in frozen or expected is None:
            assert found is None
        elif found is not None or cell_type == "lstm":
            torch.testing.assert_close(found, expected)


def test_take_rows() -> None:
    x = torch.randn(4, 2, dtype=torch.double, requires_grad=True)
    index = torch.tensor([2, 0])
    assert torch.equal(stepwise.take_rows(x, index), x[index])
    assert torch.autograd.gradcheck(lambda t: stepwise.take_rows(t, index), x)
