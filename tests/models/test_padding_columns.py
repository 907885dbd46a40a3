"""No work is done for columns that hold padding only, and no output shows that."""

from typing import Any

import pytest
import torch
from torch import Tensor

from hf_recurrent import (
    RecurrentConfig,
    RecurrentForSequenceClassification,
    StaticEmbeddingConfig,
    StaticEmbeddingForSequenceClassification,
)
from hf_recurrent.models.cells import CELL_TYPES
from hf_recurrent.models.pooling import POOLINGS

SHORT = torch.tensor([[3, 4, 5, 6], [7, 8, 0, 0], [0, 0, 0, 0]])
MASK = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 0, 0]])
LABELS = torch.tensor([0, 1, 1])
SIDES = {"right": (0, 9), "left": (9, 0), "both": (4, 5)}


def make(pooling: str) -> Any:
    torch.manual_seed(0)
    sizes = {"vocab_size": 9, "embedding_size": 4}
    if pooling == "static":
        return StaticEmbeddingForSequenceClassification(StaticEmbeddingConfig(**sizes)).eval()
    fields: dict[str, Any] = {"hidden_size": 3, "bidirectional": True, "num_hidden_layers": 2}
    config = RecurrentConfig(pooling=pooling, output_attentions=True, **sizes, **fields)
    return RecurrentForSequenceClassification(config).eval()


def widths_seen(model: Any, modules: list[Any], *inputs: Tensor) -> list[int]:
    """Return how many columns each module was given."""
    seen: list[int] = []
    hooks = [
        m.register_forward_pre_hook(lambda _, args: seen.append(args[0].shape[1])) for m in modules
    ]
    model(*inputs)
    for hook in hooks:
        hook.remove()
    return seen


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("pooling", [*POOLINGS, "static"])
def test_outputs_are_those_of_the_batch_without_the_columns(pooling: str, side: str) -> None:
    model, (left, right) = make(pooling), SIDES[side]
    ids, mask = (torch.nn.functional.pad(t, (left, right)) for t in (SHORT, MASK))
    recurrent = pooling != "static"
    arguments = {"output_hidden_states": True, "output_final_state": True} if recurrent else {}
    expected = model(SHORT, MASK, labels=LABELS, **arguments)
    found = model(ids, mask, labels=LABELS, **arguments)
    assert found.keys() == expected.keys()
    for name in ("loss", "logits", "final_hidden_state", "final_cell_state"):
        if name in expected:
            assert torch.equal(found[name], expected[name]), name
    here = slice(left, left + 4)
    for value, short in zip(found.hidden_states or (), expected.hidden_states or (), strict=True):
        assert value.shape[1] == 13
        assert torch.equal(value[:, here], short)
        assert value.count_nonzero() == short.count_nonzero()
    if pooling == "attention":
        assert torch.equal(found.pooling_weights[:, here], expected.pooling_weights)
        assert found.pooling_weights.shape == (3, 13)
    base = model.model(ids, mask).last_hidden_state
    assert base.shape[1] == 13
    assert torch.equal(base[:, here], model.model(SHORT, MASK).last_hidden_state)

    layers = [model.model.get_input_embeddings()]
    layers += [*model.model.layers, model.pooling] if recurrent else [model.model.pooling]
    assert set(widths_seen(model, layers, ids, mask)) == {4}
    assert set(widths_seen(model, layers, ids, torch.zeros_like(mask))) == {0}


@pytest.mark.parametrize("pooling", ["attention", "static"])
def test_gradients_are_those_of_the_batch_without_the_columns(pooling: str) -> None:
    gradients = []
    for extra in (0, 20):
        model = make(pooling).train()
        ids, mask = (torch.nn.functional.pad(t, (0, extra)) for t in (SHORT, MASK))
        model(ids, mask, labels=LABELS).loss.backward()
        gradients.append([p.grad for p in model.parameters()])
    assert all(torch.equal(a, b) for a, b in zip(*gradients, strict=True))


def test_hidden_states_stand_in_the_graph() -> None:
    model = make("last")
    ids, mask = (torch.nn.functional.pad(t, (2, 3)) for t in (SHORT, MASK))
    output = model(ids, mask, labels=LABELS, output_hidden_states=True)
    slopes = torch.autograd.grad(output.loss, output.hidden_states)
    assert [s.shape[1] for s in slopes] == [9, 9, 9]
    assert all(s[:, 2:6].any() and not s[:, :2].any() and not s[:, 6:].any() for s in slopes)


@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
def test_a_model_is_traced_with_padding() -> None:
    model = make("last")
    ids, mask = (torch.nn.functional.pad(t, (2, 3)) for t in (SHORT, MASK))
    model.config.return_dict = False
    with torch.no_grad():
        traced = torch.jit.trace(model, (ids, mask), check_trace=False)
        assert torch.equal(traced(ids, mask)[0], model(ids, mask)[0])


@pytest.mark.parametrize("cell_type", CELL_TYPES)
def test_given_vectors_may_be_anything_in_the_padding(cell_type: str) -> None:
    config = RecurrentConfig(vocab_size=9, embedding_size=4, hidden_size=3, cell_type=cell_type)
    model = RecurrentForSequenceClassification(config)
    mask = torch.nn.functional.pad(MASK, (2, 3))
    x = torch.randn(3, 9, 4).masked_fill(mask.unsqueeze(-1) == 0, float("nan")).requires_grad_()
    model(inputs_embeds=x, attention_mask=mask, labels=LABELS).loss.backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())
    assert x.grad.isfinite().all()
    assert not x.grad[mask == 0].any()


def test_ngrams_must_be_as_long_as_the_ids() -> None:
    config = RecurrentConfig(
        vocab_size=9,
        embedding_size=4,
        hidden_size=3,
        embedding_config={"kind": "ngram", "min_n": 3, "max_n": 4, "bucket": 20},
    )
    model = RecurrentForSequenceClassification(config)
    ids, mask = (torch.nn.functional.pad(t, (0, 3)) for t in (SHORT, MASK))
    for part in (model, model.model):
        with pytest.raises(ValueError, match=r"ngram_ids has shape \(3, 4, 2\), expected"):
            part(ids, mask, ngram_ids=torch.zeros(3, 4, 2, dtype=torch.long))
