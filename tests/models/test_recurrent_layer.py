"""A layer is a module: hooks, pruning, parametrisation, adapters and offloading work on it."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import accelerate
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations, parametrize, prune

from hf_recurrent import RecurrentConfig, RecurrentForSequenceClassification
from hf_recurrent.models import kernels, recurrent_layer
from hf_recurrent.models.cells import CELL_TYPES, SCANNED
from hf_recurrent.models.recurrence import LayerOutput
from hf_recurrent.models.recurrent_layer import RecurrentLayer
from hf_recurrent.models.stepwise import packed_layer

IDS = torch.tensor([[3, 4, 5, 6], [7, 8, 0, 0], [0, 0, 0, 0]])
RAGGED = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 0, 0]])
MASKS = {"ragged": RAGGED, "full": torch.ones_like(RAGGED), "none": torch.zeros_like(RAGGED)}
LABELS = torch.tensor([0, 1, 1])

each_cell = pytest.mark.parametrize("cell_type", CELL_TYPES)
each_cell_of_torch = pytest.mark.parametrize("cell_type", sorted({*CELL_TYPES} - {*SCANNED}))
each_mask = pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)


def make(cell_type: str, **fields: Any) -> RecurrentForSequenceClassification:
    torch.manual_seed(0)
    defaults = {"vocab_size": 9, "embedding_size": 4, "hidden_size": 3, "num_hidden_layers": 2}
    config = RecurrentConfig(cell_type=cell_type, **{**defaults, **fields})
    return RecurrentForSequenceClassification(config).eval()


def widest(cell_type: str) -> str:
    """Return the name of the recurrent weights, or of the input weights if a cell has no others."""
    return "weight_ih_l0" if cell_type in SCANNED else "weight_hh_l0"


@each_cell_of_torch
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_layer_equals_torchs(cell_type: str, bidirectional: bool) -> None:
    torch.manual_seed(0)
    layer = RecurrentLayer(cell_type, 4, 3, bidirectional)
    twin = layer.to_torch()
    assert [n for n, _ in layer.named_parameters()] == [n for n, _ in twin.named_parameters()]
    x = torch.randn(2, 5, 4)
    expected, state = twin(x)
    found = layer(x, need_cell=True)
    torch.testing.assert_close(found.output, expected, rtol=0, atol=1e-6)
    hidden, *cell = state if cell_type == "lstm" else (state,)
    torch.testing.assert_close(found.hidden.transpose(0, 1), hidden, rtol=0, atol=1e-6)
    if cell:
        torch.testing.assert_close(found.cell.transpose(0, 1), cell[0], rtol=0, atol=1e-6)


@pytest.mark.parametrize("cell_type", SCANNED)
def test_a_layer_that_torch_does_not_have(cell_type: str) -> None:
    with pytest.raises(ValueError, match=f"torch has no layer with cell_type '{cell_type}'"):
        RecurrentLayer(cell_type, 4, 3).to_torch()


def test_a_cell_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match="cell_type is 'sru', expected one of rnn_tanh, "):
        RecurrentLayer("sru", 4, 3)


@each_cell
def test_layers_are_copied_and_pickled(cell_type: str) -> None:
    layer, x = RecurrentLayer(cell_type, 4, 3), torch.randn(2, 5, 4)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert torch.equal(twin(x).output, layer(x).output)
    assert cell_type in repr(layer)


@each_mask
@pytest.mark.parametrize("training", [False, True])
@each_cell
def test_hooks_run_and_may_change_what_goes_by(
    cell_type: str, training: bool, mask: Tensor
) -> None:
    model = make(cell_type, bidirectional=True).train(training)
    seen: list[str] = []
    layer = model.model.layers[0]
    before = model(IDS, mask, output_hidden_states=True)
    handles = [
        layer.register_forward_pre_hook(lambda m, args: seen.append(f"in {args[0].shape[2]}")),
        layer.register_forward_hook(lambda m, args, out: (out[0] * 2, *out[1:])),
        layer.register_forward_hook(lambda m, args, out: seen.append(f"out {out[0].shape[2]}")),
        layer.register_full_backward_hook(lambda m, grad_in, grad_out: seen.append("back")),
    ]
    after = model(IDS, mask, output_hidden_states=True)
    torch.testing.assert_close(after.hidden_states[1], before.hidden_states[1] * 2)
    after.logits.sum().backward()
    assert seen == ["in 4", "out 6", "back"]
    for handle in handles:
        handle.remove()
    assert torch.equal(model(IDS, mask).logits, before.logits)


@each_mask
@each_cell
def test_a_pruned_layer_trains_and_never_answers_with_old_weights(
    cell_type: str, mask: Tensor
) -> None:
    model = make(cell_type).train()
    layer = model.model.layers[0]
    names = [name for name, _ in layer.named_parameters() if name != "bias_hh_l0"]
    for name in names:
        prune.random_unstructured(layer, name, amount=0.5)
    optimizer = torch.optim.SGD(model.parameters(), 0.5)
    for _ in range(3):
        optimizer.zero_grad()
        model(IDS, mask, labels=LABELS).loss.backward()
        optimizer.step()
    gradient = getattr(layer, widest(cell_type) + "_orig").grad
    assert not gradient[getattr(layer, widest(cell_type) + "_mask") == 0].any()
    found = model.eval()(IDS, mask).logits
    for name in names:
        prune.remove(layer, name)
    assert torch.equal(model(IDS, mask).logits, found)


class Doubled(nn.Module):
    def forward(self, weight: Tensor) -> Tensor:
        return 2 * weight


WAYS: dict[str, Callable[[nn.Module, str], Any]] = {
    "weight_norm": parametrizations.weight_norm,
    "old weight_norm": nn.utils.weight_norm,
    "spectral_norm": parametrizations.spectral_norm,
    "own": lambda layer, name: parametrize.register_parametrization(layer, name, Doubled()),
}


@each_mask
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.filterwarnings("ignore:.*weight_norm.*deprecated:FutureWarning")
@each_cell
def test_a_parametrised_layer_trains(cell_type: str, way: str, mask: Tensor) -> None:
    model = make(cell_type).train()
    layer = model.model.layers[1]
    WAYS[way](layer, widest(cell_type))
    optimizer = torch.optim.SGD(model.parameters(), 0.5)
    for _ in range(2):
        optimizer.zero_grad()
        model(IDS, mask, labels=LABELS).loss.backward()
        optimizer.step()
    model.eval()
    found = model(IDS, mask).logits
    plain = make(cell_type)
    states = model.state_dict()
    names = {n for n in plain.state_dict() if n in states}
    plain.load_state_dict({n: states[n] for n in names}, strict=False)
    with torch.no_grad():
        weight = getattr(plain.model.layers[1], widest(cell_type))
        weight.copy_(getattr(layer, widest(cell_type)))
    torch.testing.assert_close(plain.eval()(IDS, mask).logits, found)


@each_mask
@each_cell
def test_offloaded_layers(cell_type: str, mask: Tensor) -> None:
    model = make(cell_type, bidirectional=True)
    with torch.no_grad():
        expected = model(IDS, mask).logits
        accelerate.cpu_offload(model, torch.device("cpu"))
        assert model.model.layers[0].weight_ih_l0.device.type == "meta"
        assert torch.equal(model(IDS, mask).logits, expected)


@each_mask
@each_cell_of_torch
def test_a_layer_of_torch_in_its_place_is_run_as_what_it_is(cell_type: str, mask: Tensor) -> None:
    model = make(cell_type, bidirectional=True)
    expected = model(IDS, mask, output_final_state=True)
    own = model.model.layers[0]
    model.model.layers[0] = own.to_torch()
    found = model(IDS, mask, output_final_state=True)
    for name in ("logits", "final_hidden_state", "final_cell_state"):
        value, other = getattr(found, name), getattr(expected, name)
        assert (value is None) == (other is None)
        if other is not None:
            torch.testing.assert_close(value, other, rtol=0, atol=1e-6)


@each_cell
def test_a_wrapper_in_its_place_is_called_as_a_layer(cell_type: str) -> None:
    class Wrapper(nn.Module):
        def __init__(self, base: nn.Module) -> None:
            super().__init__()
            self.base = base

        def forward(self, x: Tensor, *args: Any, **kwargs: Any) -> LayerOutput:
            output, *rest = self.base(x, *args, **kwargs)
            return LayerOutput(output + 1, *rest)

    model = make(cell_type)
    before = model(IDS, RAGGED, output_hidden_states=True).hidden_states[1]
    model.model.layers[0] = Wrapper(model.model.layers[0])
    after = model(IDS, RAGGED, output_hidden_states=True).hidden_states[1]
    torch.testing.assert_close(after, before + 1)


ONE_HOT = {"embedding_config": {"kind": "one_hot"}}


@pytest.mark.parametrize("fields", [{}, {"freeze_embeddings": True}, ONE_HOT], ids=str)
@pytest.mark.parametrize("reentrant", [False, True])
@each_cell
def test_checkpointing_gives_the_same_gradients(
    cell_type: str, reentrant: bool, fields: dict[str, Any]
) -> None:
    found = []
    for is_on in (False, True):
        model = make(cell_type, bidirectional=True, **fields).train()
        if is_on:
            arguments = {"use_reentrant": reentrant}
            # transformers 5.23 gave it a new name
            new = getattr(model, "activation_checkpointing_enable", None)
            (new or model.gradient_checkpointing_enable)(arguments)
        model(IDS, RAGGED, labels=LABELS).loss.backward()
        found.append({n: p.grad for n, p in model.named_parameters() if p.requires_grad})
    assert found[0].keys() == found[1].keys()
    for name, gradient in found[0].items():
        torch.testing.assert_close(found[1][name], gradient, msg=name)


def gradient_penalty(model: nn.Module, x: Tensor, mask: Tensor) -> list[Tensor]:
    (slope,) = torch.autograd.grad(
        model(inputs_embeds=x, attention_mask=mask).logits.sin().sum(), x, create_graph=True
    )
    leaves = [x, *(p for n, p in model.named_parameters() if "layers" in n)]
    return list(torch.autograd.grad(slope.pow(2).sum(), leaves, allow_unused=True))


@pytest.mark.parametrize("time", [4, 70])
@pytest.mark.parametrize("is_ragged", [False, True], ids=["full", "ragged"])
@each_cell
def test_second_derivatives(
    cell_type: str, is_ragged: bool, time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A penalty on the gradient by the embeddings, against the loop over ``cells.py``."""
    model = make(cell_type, bidirectional=True, pooling="mean").double().train()
    mask = torch.ones(3, time, dtype=torch.long)
    if is_ragged:
        mask[1, 2:] = 0
        mask[2] = 0
    x = torch.randn(3, time, 4, dtype=torch.double, requires_grad=True)
    found = gradient_penalty(model, x, mask)
    run = recurrent_layer.run_layer
    monkeypatch.setattr(
        recurrent_layer, "run_layer", lambda *a, **k: run(*a, **{**k, "path": "reference"})
    )
    expected = gradient_penalty(model, x, mask)
    assert any(e is not None and e.abs().max() > 1e-4 for e in expected)
    for value, other in zip(found, expected, strict=True):
        if value is None or other is None:  # no influence
            assert not any(g is not None and g.any() for g in (value, other))
        else:
            torch.testing.assert_close(value, other)


@pytest.mark.parametrize("time", [4, 70])
@each_cell
def test_transforms_of_torch_func(cell_type: str, time: int) -> None:
    model = make(cell_type, bidirectional=True).double()
    mask = torch.ones(2, time, dtype=torch.long)
    mask[1, 2:] = 0
    x = torch.randn(2, time, 4, dtype=torch.double)
    weights = {n: p.detach() for n, p in model.named_parameters() if "layers" in n}

    def loss(own: dict[str, Tensor], x: Tensor) -> Tensor:
        inputs = {"inputs_embeds": x, "attention_mask": mask}
        return torch.func.functional_call(model, own, kwargs=inputs).logits.sin().sum()

    found = torch.func.grad(loss)(weights, x)
    leaves = {n: p for n, p in model.named_parameters() if n in weights}
    total = model(inputs_embeds=x, attention_mask=mask).logits.sin().sum()
    expected = torch.autograd.grad(total, list(leaves.values()))
    for value, other in zip(found.values(), expected, strict=True):
        torch.testing.assert_close(value, other)
    # A gradient of a gradient.
    twice = torch.func.grad(lambda x: torch.func.grad(loss, argnums=1)(weights, x).pow(2).sum())(x)
    given = x.clone().requires_grad_()
    torch.testing.assert_close(twice, gradient_penalty(model, given, mask)[0])


def test_a_weight_that_depends_on_the_input_counts_once() -> None:
    """The second derivative goes through aliases, so that no path stands twice."""

    def slope(x: Tensor, create_graph: bool) -> Tensor:
        w = x[:2].tanh() @ torch.ones(3, 2, dtype=torch.double)
        own: list[Tensor | None] = [x[2:4] * 2, w, x[0, :2], x[1, :2]]
        out, _, _ = packed_layer("rnn_tanh", [2, 2], torch.tensor([2, 3]), x, x[:2, :2], None, own)
        return torch.autograd.grad(out.sum(), x, create_graph=create_graph)[0]

    torch.manual_seed(0)
    x = torch.randn(4, 3, dtype=torch.double, requires_grad=True)
    torch.testing.assert_close(slope(x, True), slope(x, False))


@pytest.mark.parametrize("autocast", [False, True], ids=["weights", "autocast"])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
@each_mask
def test_without_a_half_precision_kernel(
    mask: Tensor, dtype: torch.dtype, autocast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a processor without one, the dense LSTM runs in fp32."""
    monkeypatch.setattr(kernels, "_has_lstm_kernel", lambda *_: False)
    model = make("lstm", bidirectional=True)
    expected = model(IDS, mask, labels=LABELS)
    if not autocast:
        model = model.to(dtype)
    with torch.autocast("cpu", dtype, enabled=autocast):
        found = model(IDS, mask, labels=LABELS)
    torch.testing.assert_close(found.logits.float(), expected.logits, rtol=0, atol=2e-2)
    found.loss.backward()
    assert all(p.grad.isfinite().all() for p in model.parameters())


def test_a_kernel_is_found_wherever_the_first_batch_came_from() -> None:
    found = []
    for is_on in (False, True):
        kernels._has_lstm_kernel.cache_clear()
        with torch.inference_mode(is_on):
            found.append(kernels._has_lstm_kernel(torch.bfloat16, False))
    kernels._has_lstm_kernel.cache_clear()
    assert found[0] == found[1]


@each_mask
@each_cell
def test_input_of_another_precision_is_refused(cell_type: str, mask: Tensor) -> None:
    model = make(cell_type).to(torch.bfloat16)
    with pytest.raises(ValueError, match=r"input is of torch.float32 and its weights are of torch"):
        model(inputs_embeds=torch.randn(3, 4, 4), attention_mask=mask)


@each_mask
@each_cell
def test_all_transforms_of_torch_func(cell_type: str, mask: Tensor) -> None:
    model = make(cell_type, bidirectional=True).double()
    own = {n: p.detach() for n, p in model.named_parameters() if "layers" in n}
    x = torch.randn(3, 4, 4, dtype=torch.double)

    def logits(own: dict[str, Tensor], x: Tensor) -> Tensor:
        inputs = {"inputs_embeds": x, "attention_mask": mask}
        return torch.func.functional_call(model, own, kwargs=inputs).logits

    expected = torch.autograd.functional.jacobian(lambda x: logits(own, x), x)
    torch.testing.assert_close(torch.func.jacrev(logits, 1)(own, x), expected)
    torch.testing.assert_close(torch.func.jacfwd(logits, 1)(own, x), expected)
    twice = torch.autograd.functional.hessian(lambda x: logits(own, x).sum(), x)
    torch.testing.assert_close(torch.func.hessian(lambda x: logits(own, x).sum())(x), twice)
    both = {name: torch.stack([weight, 2 * weight]) for name, weight in own.items()}
    found = torch.func.vmap(logits, (0, None))(both, x)
    double = {name: 2 * weight for name, weight in own.items()}
    torch.testing.assert_close(found, torch.stack([logits(own, x), logits(double, x)]))


@each_mask
@each_cell
def test_checkpointing_where_no_input_asks_for_gradients(cell_type: str, mask: Tensor) -> None:
    """Vectors and states are given, and neither is trained."""
    states = {"initial_hidden_state": torch.ones(3, 2, 3)}
    if cell_type == "lstm":
        states["initial_cell_state"] = torch.ones(3, 2, 3)
    found = []
    for is_on in (False, True):
        model = make(cell_type).train()
        if is_on:
            # transformers 5.23 gave it a new name
            new = getattr(model, "activation_checkpointing_enable", None)
            (new or model.gradient_checkpointing_enable)({"use_reentrant": True})
        inputs = {"inputs_embeds": torch.ones(3, 4, 4), "attention_mask": mask, **states}
        model(**inputs, labels=LABELS).loss.backward()
        found.append([p.grad for n, p in model.named_parameters() if "layers" in n])
    assert not any(state.requires_grad for state in states.values())
    torch.testing.assert_close(found[1], found[0])


OTHERS = {
    "projected": nn.LSTM(4, 5, bidirectional=True, proj_size=3),
    "two layers": nn.LSTM(4, 3, num_layers=2, bidirectional=True),
    "one direction": nn.LSTM(4, 6),
    "another cell": nn.GRU(4, 3, bidirectional=True),
}


@each_mask
@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_layer_with_other_states_is_refused(other: nn.Module, mask: Tensor) -> None:
    model = make("lstm", bidirectional=True)
    model.model.layers[0] = other
    with pytest.raises(ValueError, match="states do not fit the layer"):
        model(IDS, mask)


def test_a_layer_of_torch_has_gradients_where_all_rows_are_empty() -> None:
    model = make("lstm").train()
    model.model.layers[0] = nn.LSTM(4, 3, bias=False)
    model(IDS, MASKS["none"], labels=LABELS).loss.backward()
    assert all(p.grad is not None for p in model.parameters())
