"""Word dropout, weight dropout and penalties on activations."""

from typing import Any

import pytest
import torch
from torch import Tensor

from hf_recurrent import RecurrentConfig, RecurrentForCausalLM, RecurrentModel
from hf_recurrent.models import recurrence
from hf_recurrent.models.recurrent_layer import RecurrentLayer
from hf_recurrent.models.regularization import WordDropout, activation_penalty

IDS = torch.tensor([[1, 2, 1, 3, 3, 4], [4, 1, 0, 0, 2, 5]])


def make(head: Any = RecurrentForCausalLM, **fields: Any) -> Any:
    torch.manual_seed(0)
    sizes = {"vocab_size": 9, "embedding_size": 3, "hidden_size": 4, "pad_token_id": None}
    return head(RecurrentConfig(**sizes | fields)).double()


def test_a_word_is_dropped_everywhere_or_nowhere() -> None:
    torch.manual_seed(0)
    drop = WordDropout(0.5, 9)
    kept = drop(torch.ones(*IDS.shape, 2), IDS)
    for word in IDS.unique():
        values = kept[word == IDS]
        assert values.unique().numel() == 1
        assert float(values[0, 0]) in (0.0, 2.0)
    assert kept.unique().numel() == 2
    share = torch.stack([drop(torch.ones(1, 9), torch.arange(9)[None]) for _ in range(500)])
    assert float(share.mean()) == pytest.approx(1, abs=0.05)
    assert torch.equal(drop.eval()(kept, IDS), kept)


@pytest.mark.parametrize("kind", [None, "one_hot"])
def test_word_dropout_is_what_reaches_the_layers(kind: str | None) -> None:
    fields: dict[str, Any] = {"word_dropout": 0.5}
    if kind is not None:
        fields["embedding_config"] = {"kind": kind}
    model = make(RecurrentModel, **fields)
    vectors = model(IDS, output_hidden_states=True).hidden_states[0]
    dropped = set(IDS[vectors.eq(0).all(-1)].tolist())
    assert 0 < len(dropped) < 6
    plain = model.embed_tokens(IDS)
    pairs = zip(vectors.flatten(0, 1), plain.flatten(0, 1), strict=True)
    for i, (found, given) in enumerate(pairs):
        expected = torch.zeros_like(given) if int(IDS.flatten()[i]) in dropped else 2 * given
        torch.testing.assert_close(found, expected)
    whole = model.eval()(IDS, output_hidden_states=True).hidden_states[0]
    torch.testing.assert_close(whole, plain)


@pytest.mark.parametrize("cell_type", ["lstm", "gru", "rnn_tanh"])
def test_weight_dropout_is_the_layer_with_other_weights(cell_type: str) -> None:
    """On every path, with gradients to the whole weights where they were kept."""
    torch.manual_seed(0)
    layer = RecurrentLayer(cell_type, 3, 4, True, weight_dropout=0.5).double()
    before = {name: value.clone() for name, value in layer.state_dict().items()}
    x = torch.randn(2, 5, 3).double()
    torch.manual_seed(1)
    found = layer(x).output
    found.sum().backward()
    torch.manual_seed(1)
    masks = {}
    for end in ("_l0", "_l0_reverse"):
        weight = getattr(layer, f"weight_hh{end}")
        masks[end] = torch.nn.functional.dropout(torch.ones_like(weight), 0.5)
    plain = RecurrentLayer(cell_type, 3, 4, True).double()
    plain.load_state_dict(
        {
            name: value * masks[name.removeprefix("weight_hh")] if "weight_hh" in name else value
            for name, value in before.items()
        }
    )
    expected = plain(x).output
    expected.sum().backward()
    torch.testing.assert_close(found, expected)
    for name, parameter in layer.named_parameters():
        assert torch.equal(parameter, before[name])
        grad = plain.get_parameter(name).grad
        assert grad is not None
        if "weight_hh" in name:
            grad = grad * masks[name.removeprefix("weight_hh")]
            assert not grad.eq(0).all()
        torch.testing.assert_close(parameter.grad, grad)
    assert not torch.equal(layer(x).output, found)
    whole = RecurrentLayer(cell_type, 3, 4, True).double()
    whole.load_state_dict(before)
    torch.testing.assert_close(layer.eval()(x).output, whole(x).output)


def test_weight_dropout_keeps_the_fast_path(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = []
    choose = recurrence.choose_path

    def spy(*args: Any, **kwargs: Any) -> str:
        paths.append(choose(*args, **kwargs))
        return paths[-1]

    monkeypatch.setattr(recurrence, "choose_path", spy)
    for rate in (0.0, 0.5):
        RecurrentLayer("lstm", 3, 4, weight_dropout=rate)(torch.randn(2, 5, 3))
    assert paths == ["dense", "dense"]


def test_weight_dropout_under_gradient_checkpointing() -> None:
    """The second run of a layer has the mask of the first."""
    grads = []
    for checkpointing in (False, True):
        model = make(weight_dropout=0.5, num_hidden_layers=2)
        if checkpointing:
            getattr(model, "activation_checkpointing_enable", model.gradient_checkpointing_enable)()
        torch.manual_seed(3)
        model(IDS, labels=IDS).loss.backward()
        grads.append(model.model.layers[1].weight_hh_l0.grad)
    torch.testing.assert_close(*grads)


def penalties(output: Tensor, dropped: Tensor, activation: float, temporal: float) -> float:
    """Return the penalties of one row as in the code of Merity et al., times its tokens."""
    mean = activation * dropped.pow(2).mean() + 0 * output.sum()
    total = mean * len(output)
    if len(output) > 1:
        change = (output[1:] - output[:-1]).pow(2).mean() * temporal
        total = total + change * (len(output) - 1)
    return float(total.detach())


def test_penalties_are_those_of_the_paper_on_padded_rows() -> None:
    torch.manual_seed(0)
    mask = torch.tensor([[0, 0, 1, 1, 1], [1, 1, 1, 1, 0], [0, 0, 0, 0, 0]]).bool()
    output, dropped = (torch.randn(3, 5, 4) for _ in range(2))
    expected = sum(penalties(output[i, m], dropped[i, m], 2.0, 0.5) for i, m in enumerate(mask[:2]))
    found = activation_penalty(output, dropped, mask, 2.0, 0.5)
    assert float(found) == pytest.approx(expected, rel=1e-6)


def test_penalties_are_in_the_loss_of_training_only() -> None:
    plain = make()
    model = make(activation_regularization=2.0, temporal_activation_regularization=0.5)
    hidden = model.model(IDS).last_hidden_state
    total = sum(penalties(row, row, 2.0, 0.5) for row in hidden)
    mean = plain(IDS, labels=IDS).loss.item()
    assert model(IDS, labels=IDS).loss.item() == pytest.approx(mean + total / 10)
    items = model(IDS, labels=IDS, num_items_in_batch=40).loss
    assert items.item() == pytest.approx((10 * mean + total) / 40)
    assert model.eval()(IDS, labels=IDS).loss.item() == pytest.approx(mean)


def test_skipped_logits_leave_the_loss_and_its_gradients() -> None:
    for fields in ({}, {"tie_word_embeddings": True}, {"label_smoothing": 0.1}):
        model = make(**fields)
        mask = torch.tensor([[0, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]])
        found = []
        for skip in (False, True):
            model.zero_grad()
            outputs = model(IDS, mask, labels=IDS.where(mask.bool(), -100), skip_logits=skip)
            assert (outputs.logits is None) == skip
            outputs.loss.backward()
            grads = [p.grad.clone() for p in model.parameters()]
            found.append([outputs.loss.detach(), *grads])
        for one, other in zip(*found, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)
    assert model(IDS, skip_logits=True).logits is not None


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"word_dropout": 1.0}, "word_dropout is 1.0, expected at least 0 and below 1"),
        ({"weight_dropout": -0.1}, "weight_dropout is -0.1, expected at least 0 and below 1"),
        ({"weight_dropout": 0.5, "cell_type": "mingru"}, "mingru has no recurrent weights"),
        (
            {"word_dropout": 0.5, "embedding_config": {"kind": "frames", "num_channels": 2}},
            "the input layer reads input_features, not words",
        ),
        ({"activation_regularization": -1}, "activation_regularization is -1, expected at least 0"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_one_sentence(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(**fields)
