"""The gradient by each state, against finite differences and against what theory says exactly."""

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from hf_recurrent import (
    RecurrentConfig,
    RecurrentForCausalLM,
    RecurrentForSequenceClassification,
    RecurrentForTokenClassification,
    RecurrentModel,
    StaticEmbeddingConfig,
    StaticEmbeddingModel,
)
from hf_recurrent.models import recurrence, recurrent_layer
from hf_recurrent.models.cells import CELL_GATES, CELL_TYPES
from hf_recurrent.training import gradient_flow
from hf_recurrent.training.state_gradients import state_gradients

CLASSIFIER, TAGGER = RecurrentForSequenceClassification, RecurrentForTokenClassification
LM = RecurrentForCausalLM
# Two layers and both directions, so that each state has several ways to the loss.
DEEP = {"num_hidden_layers": 2, "bidirectional": True, "residual": True}
# Left padding, a row of full length, right padding, a row of one token.
MASK = torch.tensor([[0, 1, 1, 1, 1], [1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [0, 0, 1, 0, 0]])
LENGTHS = MASK.sum(1)


def make(kind: Any, cell_type: str = "lstm", seed: int = 0, **fields: Any) -> Any:
    torch.manual_seed(seed)
    settings = {"vocab_size": 11, "embedding_size": 4, "hidden_size": 3, "num_labels": 3}
    config = RecurrentConfig(**{**settings, "cell_type": cell_type, **fields})
    if kind is LM:  # by one direction; with tied weights and a projection
        config.bidirectional, config.tie_word_embeddings = False, True
    model = kind(config).double()
    for parameter in model.parameters():  # large enough for gates that differ
        nn.init.normal_(parameter, std=0.7)
    return model.eval()


def make_batch(kind: Any, labelled: bool = True) -> dict[str, Tensor]:
    torch.manual_seed(1)
    batch = {"input_ids": torch.randint(1, 11, MASK.shape), "attention_mask": MASK}
    if labelled and kind is CLASSIFIER:
        batch["labels"] = torch.tensor([0, 2, 1, 1])
    elif labelled and kind is LM:
        batch["labels"] = batch["input_ids"].where(MASK.bool(), -100)
    elif labelled and kind is TAGGER:
        batch["labels"] = torch.randint(0, 3, MASK.shape).where(MASK.bool(), -100)
    return batch


@contextmanager
def perturbed(directions: int, place: tuple[int, ...], kind: str, amount: float) -> Iterator[None]:
    """Add an amount to one number of one state, within the loop over the steps.

    Args:
        directions: The number of directions.
        place: Layer and direction from 0, token, row and unit.
        kind: "hidden" or "cell".
        amount: What is added.
    """
    layer, direction, token, row, unit = place
    steps = int(LENGTHS.max())
    number = (directions * layer + direction) * steps + (steps - 1 - token if direction else token)
    calls = 0

    def moved(step: Callable[..., Any], x: Tensor, h: Tensor, c: Any, *weights: Any) -> Any:
        nonlocal calls
        new_h, new_c = step(x, h, c, *weights)
        if calls == number:
            added = torch.zeros_like(new_h)
            added[row, unit] = amount
            if kind == "hidden":
                new_h = new_h + added
            else:
                new_c = new_c + added
                new_h = CELL_GATES["lstm"](x, h, *weights)["output"] * torch.tanh(new_c)
        calls += 1
        return new_h, new_c

    with pytest.MonkeyPatch.context() as patch:
        cells = {name: partial(moved, step) for name, step in recurrence.CELLS.items()}
        patch.setattr(recurrence, "CELLS", cells)
        naive = partial(recurrent_layer.run_layer, path="reference")
        patch.setattr(recurrent_layer, "run_layer", naive)
        yield


def total_loss(model: Any, batch: dict[str, Tensor], loss: str, direction: int) -> float:
    """Return the sum over rows of what ``gradient_flow`` differentiates, by the model's own loss.

    The model's own pooling is "last", so its loss is that of the last step.
    """
    rows, last, first = torch.arange(4), 4 - MASK.flip(1).argmax(1), MASK.argmax(1)
    with torch.no_grad():
        if isinstance(model, RecurrentModel):
            output = model(**batch).last_hidden_state
            return float(output[rows, last, :3].sum() + output[rows, first, 3:].sum())
        if "labels" not in batch:
            logits = model(**batch).logits
            if isinstance(model, TAGGER | LM):
                logits = logits[rows, first if direction else last]
            return float(logits.amax(-1).sum())
        labels = batch["labels"]
        if isinstance(model, LM):  # the row of one token predicts nothing
            if loss == "last":
                labels = labels.where(torch.arange(5) == last.unsqueeze(1), -100)
                return 3 * float(model(**{**batch, "labels": labels}).loss)
            return 4 * float(model(**batch).loss)
        if isinstance(model, TAGGER) and loss == "last":
            columns = (first if direction else last).unsqueeze(1)
            labels = labels.where(torch.arange(5) == columns, -100)
        return 4 * float(model(**{**batch, "labels": labels}).loss)


CASES = [
    *((CLASSIFIER, cell_type, "last", True) for cell_type in CELL_TYPES),
    *((TAGGER, cell_type, "last", True) for cell_type in CELL_TYPES),
    *((RecurrentModel, cell_type, "last", False) for cell_type in CELL_TYPES),
    *((LM, cell_type, "last", True) for cell_type in ("rnn_tanh", "lstm")),
    *((kind, "lstm", "whole", True) for kind in (CLASSIFIER, TAGGER, LM)),
    *((kind, "gru", "last", False) for kind in (CLASSIFIER, TAGGER, LM)),
]


@pytest.mark.parametrize(("kind", "cell_type", "loss", "labelled"), CASES)
def test_it_equals_finite_differences(kind, cell_type, loss, labelled) -> None:
    model, batch = make(kind, cell_type, **DEEP), make_batch(kind, labelled)
    found = {
        (each.layer, each.direction, each.state): each.values
        for each in state_gradients(model, batch, loss=loss)
    }
    directions = model.config.num_directions
    assert len(found) == 2 * directions * (2 if cell_type == "lstm" else 1)
    ahead = 1 if kind is LM and labelled and loss == "last" else 0
    random = np.random.default_rng(0)
    for (layer, direction, state), values in found.items():
        backward = direction == "backward"
        assert values.shape == ((3, 4, 3) if ahead else (4, 5, 3))
        for row in range(len(values)):
            # The last token itself is only predicted.
            length = int(LENGTHS[row]) - ahead
            assert values[row, length:].isnan().all()
            assert not values[row, :length].isnan().any()
            back = int(random.integers(length))
            token = back if backward else length - 1 - back
            unit = int(random.integers(3))
            place = (layer - 1, int(backward), token, row, unit)
            moved = []
            for amount in (1e-5, -1e-5):
                with perturbed(directions, place, state, amount):
                    moved.append(total_loss(model, batch, loss, int(backward)))
            difference = (moved[0] - moved[1]) / 2e-5
            assert values[row, back, unit].item() == pytest.approx(difference, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("radius", [0.5, 1.5])
def test_of_an_elman_layer_the_norm_changes_by_the_radius(radius: float) -> None:
    model = RecurrentModel(RecurrentConfig(vocab_size=5, hidden_size=7, cell_type="rnn_tanh"))
    model = model.double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.layers[0].weight_hh_l0.copy_(radius * nn.init.orthogonal_(torch.empty(7, 7).double()))
    flow = gradient_flow(model, {"input_ids": torch.ones(2, 60, dtype=torch.long)})
    (states,) = flow.states
    assert states.norms[:, 0] == pytest.approx(math.sqrt(7))
    np.testing.assert_allclose(states.norms[:, 1:] / states.norms[:, :-1], radius, rtol=1e-6)
    assert states.factor == pytest.approx(radius, rel=1e-6)
    assert states.ratio == pytest.approx(radius**59, rel=1e-4)


def quiet_lstm(hidden_size: int, **fields: Any) -> RecurrentModel:
    """Return an LSTM with its fresh biases, whose gates read nothing else."""
    torch.manual_seed(0)
    model = RecurrentModel(RecurrentConfig(vocab_size=5, hidden_size=hidden_size, **fields))
    model = model.double()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "bias" not in name:
                parameter.zero_()
    return model


def along_the_cell(model: RecurrentModel, steps: int) -> Tensor:
    """Return the factor of each unit over so many steps, by the gradient and by the biases."""
    batch = {"input_ids": torch.ones(1, steps + 1, dtype=torch.long)}
    (cell,) = (each for each in state_gradients(model, batch) if each.state == "cell")
    factors = cell.values[0, steps] / cell.values[0, 0]
    layer = model.layers[0]
    bias = (layer.bias_ih_l0 + layer.bias_hh_l0).detach().view(4, -1)[1]
    torch.testing.assert_close(factors, torch.sigmoid(bias) ** steps, rtol=1e-9, atol=0)
    return factors


def test_along_a_cell_the_factor_is_the_product_of_the_forget_gates() -> None:
    assert along_the_cell(quiet_lstm(3), 1).tolist() == pytest.approx([0.731] * 3, abs=1e-3)
    assert along_the_cell(quiet_lstm(3), 100).tolist() == pytest.approx([2.5e-14] * 3, rel=0.02)


def test_the_chrono_initialisation_keeps_gradients_over_its_time() -> None:
    """Tallec and Ollivier 2018: b_f = log(U(1, Tmax - 1)), b_i = -b_f; here U by its quantiles."""
    model, size, longest = quiet_lstm(400), 400, 100
    times = 1 + (longest - 2) * (torch.arange(size) + 0.5) / size
    with torch.no_grad():
        bias = model.layers[0].bias_ih_l0.zero_().view(4, size)
        bias[1] = times.log()
        bias[0] = -bias[1]
    assert along_the_cell(model, longest).mean().item() == pytest.approx(0.15, abs=0.005)
    drawn = quiet_lstm(size, chrono_max_length=longest)
    assert along_the_cell(drawn, longest).mean().item() == pytest.approx(0.15, abs=0.02)


@pytest.mark.parametrize("kind", [CLASSIFIER, TAGGER, RecurrentModel])
def test_a_padded_row_has_the_gradients_of_the_row_alone(kind) -> None:
    model, batch = make(kind, **DEEP), make_batch(kind)
    together = gradient_flow(model, batch)
    for row in range(3):  # the last one has one token
        real = MASK[row].bool()
        alone = {n: v[row : row + 1, real] for n, v in batch.items() if v.dim() == 2}
        if kind is CLASSIFIER:
            alone["labels"] = batch["labels"][row : row + 1]
        for each, single in zip(together.states, gradient_flow(model, alone).states, strict=True):
            np.testing.assert_allclose(
                each.norms[row, : LENGTHS[row]], single.norms[0], rtol=1e-9, atol=1e-12
            )


def test_the_last_step_does_not_depend_on_the_pooling_and_the_whole_loss_does() -> None:
    batch = make_batch(CLASSIFIER)
    last, mean = (make(CLASSIFIER, pooling=pooling) for pooling in ("last", "mean"))
    for loss, same in (("last", True), ("whole", False)):
        first, second = (gradient_flow(m, batch, loss=loss).states[0].norms for m in (last, mean))
        assert np.allclose(first, second, equal_nan=True) is same
    # Of the mean, each step has its own part.
    norms = gradient_flow(mean, batch, loss="whole").states[1].norms
    assert np.nanmin(norms) > 1e-3


def test_a_tagger_begins_at_the_last_token_with_a_label() -> None:
    model, batch = make(TAGGER, bidirectional=True), make_batch(TAGGER)
    batch["labels"][1, [0, 4]] = -100
    forward, backward = (
        each.norms for each in gradient_flow(model, batch).states if each.state == "hidden"
    )
    assert (~np.isnan(forward)).sum(1).tolist() == [4, 4, 3, 1]
    assert (~np.isnan(backward)).sum(1).tolist() == [4, 4, 3, 1]
    batch["labels"][0] = -100
    assert gradient_flow(model, batch).rows == 3


def test_a_tagger_of_pieces_begins_at_the_last_word() -> None:
    model, batch = make(TAGGER), make_batch(TAGGER, labelled=False)
    starts = torch.tensor([[0, 1, 0, 1, 0], [1, 0, 0, 0, 0], [1, 1, 1, 1, 1], [0, 0, 1, 0, 0]])
    norms = gradient_flow(model, {**batch, "word_starts": starts}).states[0].norms
    assert (~np.isnan(norms)).sum(1).tolist() == [3, 1, 3, 1]


def test_shifted_labels_stand_at_the_token_that_predicts() -> None:
    model, batch = make(LM), make_batch(LM)
    wanted = gradient_flow(model, batch).states
    shifted = torch.full_like(MASK, -100)
    for row, (column, label) in enumerate([(3, 4), (3, 4), (1, 2)]):
        shifted[row, column] = batch["labels"][row, label]
    given = {**batch, "shift_labels": shifted}
    for one, other in zip(wanted, gradient_flow(model, given).states, strict=True):
        np.testing.assert_array_equal(one.norms, other.norms)


def test_of_a_crf_only_the_scores_of_tags_count() -> None:
    plain, crf = make(TAGGER), make(TAGGER, crf=True)
    crf.load_state_dict(plain.state_dict(), strict=False)
    batch = make_batch(TAGGER)
    for one, other in zip(*(gradient_flow(m, batch).states for m in (plain, crf)), strict=True):
        np.testing.assert_array_equal(one.norms, other.norms)


@pytest.mark.parametrize(
    ("problem", "labels"),
    [
        ("regression", torch.randn(4, 3, dtype=torch.double)),
        ("multi_label_classification", torch.ones(4, 3)),
    ],
)
def test_other_labels_have_their_own_loss(problem, labels) -> None:
    model = make(CLASSIFIER, problem_type=problem)
    batch = {**make_batch(CLASSIFIER), "labels": labels}
    last, whole = (gradient_flow(model, batch, loss=loss).states[0] for loss in ("last", "whole"))
    np.testing.assert_allclose(last.norms, whole.norms, rtol=1e-9)


def test_nothing_of_the_model_changes() -> None:
    model = make(CLASSIFIER, pooling="attention", hidden_dropout=0.5, **DEEP).float().train()
    model.model.layers[1].eval()
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    batch = make_batch(CLASSIFIER)
    torch.manual_seed(3)
    wanted = torch.rand(1)
    torch.manual_seed(3)
    with torch.no_grad():
        first, second = (gradient_flow(model, batch) for _ in range(2))
    assert torch.rand(1) == wanted
    np.testing.assert_array_equal(first.states[0].norms, second.states[0].norms)
    assert model.training
    assert not model.model.layers[1].training
    assert model.model.layers[0].training
    assert all(parameter.grad is None for parameter in model.parameters())
    for name, weight in model.state_dict().items():
        assert weight.dtype == torch.float32
        assert torch.equal(weight, before[name])
    assert not any(module._forward_hooks for module in model.modules())


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_the_precision_of_the_model_does_not_matter(dtype: torch.dtype) -> None:
    """Half precision would lose small gradients: 0.1 a step is 0 after eight steps of fp16."""
    model, batch = make(CLASSIFIER, pooling="attention").to(dtype), make_batch(CLASSIFIER)
    for loss in ("last", "whole"):
        low = gradient_flow(model.to(dtype), batch, loss=loss).states
        high = gradient_flow(model.double(), batch, loss=loss).states
        for one, wanted in zip(low, high, strict=True):
            np.testing.assert_allclose(one.norms, wanted.norms, rtol=1e-9)


def test_autocast_around_it_does_not_matter() -> None:
    """The input layer is the part that runs in the precision of the model."""
    frames = {"kind": "frames", "num_channels": 4, "projection": True}
    model = make(RecurrentModel, embedding_config=frames).float()
    batch = {"attention_mask": MASK, "input_features": torch.randn(*MASK.shape, 4)}
    plain = gradient_flow(model, batch).states
    with torch.autocast("cpu", torch.bfloat16):
        mixed = gradient_flow(model, batch).states
    for one, other in zip(plain, mixed, strict=True):
        np.testing.assert_array_equal(one.norms, other.norms)


@pytest.mark.parametrize(
    "embedding", [{"kind": "one_hot"}, {"kind": "frames", "num_channels": 4}], ids=["ids", "frames"]
)
def test_every_input_layer_is_read(embedding: dict[str, Any]) -> None:
    model = make(RecurrentModel, embedding_config=embedding)
    batch = {"attention_mask": MASK}
    if model.main_input_name == "input_ids":
        batch["input_ids"] = torch.randint(1, 11, MASK.shape)
        vectors = nn.functional.one_hot(batch["input_ids"], 11).double()
        vectors = vectors * (batch["input_ids"] != 0).unsqueeze(-1)
    else:
        vectors = batch["input_features"] = torch.randn(*MASK.shape, 4).double()
    given = {"attention_mask": MASK, "inputs_embeds": vectors}
    for one, other in zip(*(gradient_flow(model, b).states for b in (batch, given)), strict=True):
        np.testing.assert_allclose(one.norms, other.norms, rtol=1e-9)


def test_a_state_that_is_given_is_where_it_begins() -> None:
    model, batch = make(RecurrentModel, "gru"), make_batch(RecurrentModel)
    start = torch.randn(4, 1, 3).double()
    zero, given = (
        gradient_flow(model, {**batch, "initial_hidden_state": state}).states[0].norms
        for state in (torch.zeros_like(start), start)
    )
    np.testing.assert_array_equal(zero, gradient_flow(model, batch).states[0].norms)
    assert not np.allclose(zero, given, equal_nan=True)


def test_saturated_gates_are_counted_over_real_tokens() -> None:
    """Word 1 opens the input gate of one unit of two, word 2 closes it, and word 3 does nothing."""
    model = quiet_lstm(2)
    with torch.no_grad():
        layer = model.layers[0]
        model.embed_tokens.weight[:3, 0] = torch.tensor([100.0, 9.0, -9.0])
        layer.weight_ih_l0[0, 0] = 1.0
        layer.bias_ih_l0[2:4] = 2.0  # forget gates of .88
        layer.bias_ih_l0[4:6] = torch.tensor([-2.0, 2.0])  # candidates of -.96 and .96
        layer.bias_ih_l0[6:8] = torch.tensor([9.0, 0.0])
    ids = torch.tensor([[1, 2, 1, 3], [1, 2, 0, 0]])
    flow = gradient_flow(model, {"input_ids": ids, "attention_mask": (ids != 0).long()})
    found = {gate.gate: (gate.low, gate.high) for gate in flow.gates}
    assert found == {
        "input": (pytest.approx(2 / 12), pytest.approx(3 / 12)),
        "forget": (0, 0),
        "candidate": (0.5, 0.5),
        "output": (0, 0.5),
    }


@pytest.mark.parametrize("cell_type", CELL_TYPES)
def test_every_cell_has_the_saturation_of_its_gates(cell_type: str) -> None:
    model = make(RecurrentModel, cell_type, num_hidden_layers=2)
    gates = gradient_flow(model, make_batch(RecurrentModel)).gates
    assert [gate.gate for gate in gates if gate.layer == 1] == {
        "rnn_tanh": ["state"],
        "rnn_relu": ["state"],
        "lstm": ["input", "forget", "candidate", "output"],
        "gru": ["reset", "update", "candidate"],
        "mingru": ["update", "candidate"],
        "minlstm": ["forget", "candidate"],
    }[cell_type]
    assert {gate.layer for gate in gates} == {1, 2}
    assert all(0 <= share <= 1 for gate in gates for share in (gate.low, gate.high))
    if cell_type == "rnn_relu":
        assert all(gate.low > 0 and gate.high == 0 for gate in gates)


def test_the_numbers_are_json_and_a_table() -> None:
    flow = gradient_flow(make(TAGGER, **DEEP), make_batch(TAGGER))
    assert json.loads(json.dumps(flow.to_dict(), allow_nan=False)) == flow.to_dict()
    lines = str(flow).splitlines()
    assert lines[0] == (
        "The norm of the gradient of the loss of the last step by the states (lstm, 4 rows, up to "
        "5 steps):"
    )
    assert len(lines) == 1 + 9 + 1 + 1 + 17
    assert lines[2].startswith("1 forward   cell")


def test_rows_are_compared_at_their_own_ends() -> None:
    flow = gradient_flow(make(RecurrentModel, "gru"), make_batch(RecurrentModel))
    (states,) = flow.states
    rows = [row[~np.isnan(row)] for row in states.norms[:3]]
    assert states.at_last == pytest.approx(np.median([row[0] for row in rows]))
    assert states.at_first == pytest.approx(np.median([row[-1] for row in rows]))
    assert states.ratio == pytest.approx(np.median([row[-1] / row[0] for row in rows]))


def test_a_gradient_of_zero_has_no_ratio() -> None:
    model = make(RecurrentModel, "rnn_relu")
    with torch.no_grad():
        model.layers[0].bias_ih_l0.fill_(-1e3)
    flow = gradient_flow(model, {"input_ids": torch.ones(1, 3, dtype=torch.long)})
    # By the last state itself it is 1 in each unit; no way leads to it through dead units.
    assert flow.states[0].norms[0].tolist() == pytest.approx([math.sqrt(3), 0, 0])
    assert flow.states[0].factor == 0
    assert flow.gates[0].low == 1


def dense_layer() -> Any:
    model = make(RecurrentModel)
    model.layers[0] = nn.LSTM(4, 3, batch_first=True)
    return model


@pytest.mark.parametrize(
    ("model", "changes", "loss", "sentence"),
    [
        (
            lambda: StaticEmbeddingModel(StaticEmbeddingConfig(vocab_size=11)),
            {},
            "last",
            "StaticEmbeddingModel has no recurrent layers, expected RecurrentModel or a head",
        ),
        (lambda: nn.Linear(2, 2), {}, "last", "Linear has no recurrent layers"),
        (dense_layer, {}, "last", "layer 1 of RecurrentModel is LSTM, expected a RecurrentLayer"),
        (lambda: make(CLASSIFIER), {}, "first", "loss is 'first', expected one of last, whole"),
        (
            lambda: make(CLASSIFIER),
            {"input_ids": torch.ones(4, 1).long(), "attention_mask": torch.ones(4, 1)},
            "last",
            "the longest row of the batch has 1 step, expected at least 2",
        ),
        (
            lambda: make(CLASSIFIER),
            {"attention_mask": torch.zeros(4, 5)},
            "last",
            "the longest row of the batch has 0 steps, expected at least 2",
        ),
        (lambda: make(CLASSIFIER), {"labels": None}, "whole", "loss is 'whole', and that needs"),
        (lambda: make(RecurrentModel), {}, "whole", "loss is 'whole', and that needs"),
        (
            lambda: make(CLASSIFIER),
            {"labels": torch.full((4,), -100)},
            "last",
            "no row of the batch has a label",
        ),
        (
            lambda: make(TAGGER),
            {"labels": torch.tensor([[-100, 1, -100, -100, -100]] * 3 + [[-100] * 5])},
            "last",
            "",
        ),
        (
            lambda: make(TAGGER),
            {"labels": torch.tensor([[1, -100, -100, -100, -100]] * 4)},
            "last",
            "no row of the batch has 2 steps up to its last label",
        ),
        (lambda: make(CLASSIFIER), {"labels": torch.tensor([9, 1, 1, 1])}, "last", "label 9 is un"),
        (lambda: make(CLASSIFIER), {"attention_mask": MASK[:, :3]}, "last", "attention_mask has"),
    ],
)
def test_what_cannot_be_measured_is_one_sentence(model, changes, loss, sentence) -> None:
    batch = {**make_batch(CLASSIFIER), **changes}
    if not sentence:
        gradient_flow(model(), batch, loss=loss)
        return
    with pytest.raises(ValueError, match="^" + sentence):
        gradient_flow(model(), batch, loss=loss)
