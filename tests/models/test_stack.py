"""The stack on its own, as a family takes it in, against a loop over cells."""

from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from hf_recurrent.models.cells import CELL_TYPES, CELLS
from hf_recurrent.models.ragged import TokenColumns
from hf_recurrent.models.stack import RecurrentStack
from tests.common.bad_input import assert_one_sentence

SIZE, HIDDEN, LAYERS = 4, 3, 3
# Left padding, a hole, an empty row, and a last column that no row has.
MASK = torch.tensor([[0, 1, 1, 1, 0], [1, 0, 1, 1, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 0]]).bool()


class Stack(RecurrentStack, nn.Module):
    """A base model of nothing but the stack."""

    def __init__(self, config: SimpleNamespace) -> None:
        super().__init__()
        self.config = config
        self.add_layers(SIZE)

    def forward(self, vectors: Tensor, mask: Tensor, **arguments: Any) -> dict[str, Any]:
        columns = TokenColumns.of(mask)
        return self.run_layers(columns.cut(vectors), columns.cut(mask), columns, **arguments)


def make(cell_type: str = "lstm", bidirectional: bool = True, **fields: Any) -> Stack:
    torch.manual_seed(0)
    directions = 1 + bidirectional
    defaults = {
        "hidden_size": HIDDEN, "num_hidden_layers": LAYERS, "num_directions": directions,
        "output_size": HIDDEN * directions, "residual": False, "variational_dropout": False,
        "embedding_dropout": 0.0, "hidden_dropout": 0.0, "output_hidden_states": False,
        "recurrent_initializer": "orthogonal", "chrono_max_length": None, "weight_dropout": 0.0,
    }  # fmt: skip
    fields = {**defaults, "cell_type": cell_type, "bidirectional": bidirectional, **fields}
    return Stack(SimpleNamespace(**fields)).double()


def numbers(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.double, requires_grad=True)


def states_of(stack: Stack) -> dict[str, Tensor]:
    shape = (len(MASK), LAYERS * stack.config.num_directions, HIDDEN)
    names = ["initial_hidden_state"]
    names += ["initial_cell_state"] * (stack.config.cell_type == "lstm")
    return {name: numbers(*shape) for name in names}


def loop(stack: Stack, row: Tensor, hidden: Tensor, cell: Tensor) -> tuple[list[Tensor], ...]:
    """Read one row (time, size) step by step; return all layers' outputs and final states."""
    config, outputs, finals = stack.config, [row], []
    for number, layer in enumerate(stack.layers):
        both = []
        for direction, suffix in enumerate(["_l0", "_l0_reverse"][: config.num_directions]):
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            weights = [getattr(layer, name + suffix) for name in names]
            place = number * config.num_directions + direction
            h, c = hidden[place].unsqueeze(0), cell[place].unsqueeze(0)
            steps: dict[int, Tensor] = {}
            order = range(len(row))
            for t in reversed(order) if direction else order:
                h, c = CELLS[config.cell_type](outputs[-1][t : t + 1], h, c, *weights)
                steps[t] = h[0]
            both.append(torch.stack([steps[t] for t in order]) if steps else row.new_zeros(0, 3))
            finals.append((h[0], c[0]))
        output = torch.cat(both, dim=1)
        outputs.append(output + outputs[-1] if config.residual and number else output)
    return outputs, *(list(part) for part in zip(*finals, strict=True))


@pytest.mark.parametrize("cell_type", CELL_TYPES)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("residual", [False, True])
def test_the_stack_equals_a_loop_over_cells(
    cell_type: str, bidirectional: bool, residual: bool
) -> None:
    """Outputs, hidden states, final states, and the gradients of all that goes in."""
    stack = make(cell_type, bidirectional, residual=residual)
    vectors, states = numbers(*MASK.shape, SIZE), states_of(stack)
    found = stack(
        vectors.where(MASK.unsqueeze(2), 0), MASK, **states,
        output_hidden_states=True, output_final_state=True,
    )  # fmt: skip
    short = stack(vectors.where(MASK.unsqueeze(2), 0), MASK, **states)
    assert short["hidden_states"] is short["final_hidden_state"] is None
    torch.testing.assert_close(short["last_hidden_state"], found["last_hidden_state"])
    assert torch.equal(found["hidden_states"][-1], found["last_hidden_state"])
    assert [h.shape[:2] for h in found["hidden_states"]] == [MASK.shape] * (LAYERS + 1)

    values, expected = (
        [*found["hidden_states"]],
        [torch.zeros_like(h) for h in found["hidden_states"]],
    )
    finals = [], []
    cells = states.get("initial_cell_state", torch.zeros_like(states["initial_hidden_state"]))
    for r, real in enumerate(MASK):
        outputs, hidden, cell = loop(
            stack, vectors[r][real], states["initial_hidden_state"][r], cells[r]
        )
        for whole, output in zip(expected, outputs, strict=True):
            whole[r, real] = output
        finals[0].append(torch.stack(hidden))
        finals[1].append(torch.stack(cell))
    values.append(found["final_hidden_state"])
    expected.append(torch.stack(finals[0]))
    if cell_type == "lstm":
        values.append(found["final_cell_state"])
        expected.append(torch.stack(finals[1]))
    else:
        assert found["final_cell_state"] is None
    leaves = [vectors, *states.values(), *stack.parameters()]
    gradients = []
    for side in (values, expected):
        total = sum((v * v.detach().cos()).sum() for v in side)
        gradients.append(torch.autograd.grad(total, leaves))
    torch.testing.assert_close(values, expected, rtol=0, atol=1e-10)
    torch.testing.assert_close(*gradients, rtol=0, atol=1e-9)


def test_dropouts_stand_before_the_first_layer_and_between_layers() -> None:
    stack = make(embedding_dropout=0.5, hidden_dropout=0.25, variational_dropout=True)
    both = {"embedding": stack.embedding_dropout, "hidden": stack.hidden_dropout}
    assert [(d.p, d.locked) for d in both.values()] == [(0.5, True), (0.25, True)]
    seen: list[tuple[str, Tensor]] = []
    for name, dropout in both.items():
        dropout.register_forward_hook(lambda _, given, out, n=name: seen.append((n, given[0])))
    full = MASK[3:, :4]
    found = stack(numbers(*full.shape, SIZE), full, output_hidden_states=True)
    assert [name for name, _ in seen] == ["embedding", "hidden", "hidden"]
    # What is returned is what was before the dropout, and nothing is dropped from the last.
    for (_, given), returned in zip(seen, found["hidden_states"], strict=False):
        assert torch.equal(given, returned)
    assert len(found["hidden_states"]) == LAYERS + 1


def test_every_step_real_needs_no_look_at_the_mask() -> None:
    stack, vectors = make(), numbers(2, 5, SIZE)
    full = torch.ones(2, 5, dtype=torch.bool)
    looked, not_looked = (stack(vectors, full, dense=d)["last_hidden_state"] for d in (False, True))
    assert torch.equal(looked, not_looked)


def test_names_and_order_of_parameters_are_those_of_public_checkpoints() -> None:
    """The order too: the state of an optimiser is saved by number."""
    kinds = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    for both in (False, True):
        names = [n + end for end in ("", "_reverse")[: 1 + both] for n in kinds]
        expected = [f"layers.{layer}.{name}" for layer in range(LAYERS) for name in names]
        stack = make("gru", both)
        assert [name for name, _ in stack.named_parameters()] == expected
        assert list(stack.state_dict()) == expected
        widths = [layer.weight_ih_l0.shape for layer in stack.layers]
        assert widths == [(9, SIZE), *[(9, HIDDEN * (1 + both))] * 2]


@pytest.mark.parametrize("use_reentrant", [False, True])
@pytest.mark.parametrize("given", ["vectors to train", "vectors alone", "states too"])
def test_gradient_checkpointing_changes_nothing(use_reentrant: bool, given: str) -> None:
    results = []
    for is_on in (False, True):
        stack = make(hidden_dropout=0.3, embedding_dropout=0.3, residual=True).train()
        for layer in stack.layers:
            layer.gradient_checkpointing = is_on
            layer._gradient_checkpointing_func = partial(checkpoint, use_reentrant=use_reentrant)
        vectors, states = numbers(*MASK.shape, SIZE), states_of(stack)
        vectors = vectors.detach().requires_grad_(given != "vectors alone")
        if given != "states too":
            states = {}
        torch.manual_seed(5)
        found = stack(vectors, MASK, **states, output_final_state=True)
        names = ("last_hidden_state", "final_hidden_state", "final_cell_state")
        sum(found[name].square().sum() for name in names).backward()
        leaves = [*stack.parameters(), *states.values()]
        leaves += [vectors] * vectors.requires_grad
        results.append(([found[name] for name in names], [leaf.grad for leaf in leaves]))
    (values, gradients), (again, checkpointed) = results
    torch.testing.assert_close(again, values, rtol=0, atol=1e-12)
    torch.testing.assert_close(checkpointed, gradients, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("cell_type", "name", "shape", "named"),
    [
        ("lstm", "initial_hidden_state", (4, 3, HIDDEN), ["(4, 3, 3)", "(4, 6, 3)"]),
        ("lstm", "initial_cell_state", (3, 6, HIDDEN), ["(3, 6, 3)", "(4, 6, 3)"]),
        ("gru", "initial_cell_state", (4, 6, HIDDEN), ["for an LSTM", "cell_type is gru"]),
    ],
)
def test_states_that_do_not_fit(
    cell_type: str, name: str, shape: tuple[int, ...], named: list[str]
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        make(cell_type)(numbers(*MASK.shape, SIZE), MASK, **{name: numbers(*shape)})
    assert_one_sentence(caught.value, name, *named)
