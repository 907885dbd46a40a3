"""What the recurrent models offer beside the promises of ``tests/common``."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification

from hf_recurrent import (
    RecurrentConfig,
    RecurrentForSequenceClassification,
    RecurrentModel,
    StaticEmbeddingConfig,
    StaticEmbeddingForSequenceClassification,
)

IDS = torch.tensor([[3, 4, 5, 6], [7, 8, 0, 0], [0, 0, 0, 0]])
MASK = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 0, 0]])
CELLS = ["rnn_tanh", "rnn_relu", "lstm", "gru"]


def make_config(**fields: Any) -> RecurrentConfig:
    return RecurrentConfig(**{"vocab_size": 9, "embedding_size": 4, "hidden_size": 3, **fields})


def make(**fields: Any) -> RecurrentForSequenceClassification:
    torch.manual_seed(0)
    return RecurrentForSequenceClassification(make_config(**fields)).eval()


def test_parameter_names() -> None:
    """They stand in public checkpoints and cannot change."""
    names = set(make(num_hidden_layers=2, pooling="attention").state_dict())
    layers = {
        f"model.layers.{layer}.{kind}_l0"
        for layer in (0, 1)
        for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    }
    pooling = {"pooling.key.weight", "pooling.key.bias", "pooling.query.weight"}
    classifier = {"classifier.weight", "classifier.bias"}
    assert names == {"model.embed_tokens.weight", *layers, *pooling, *classifier}


@pytest.mark.parametrize("cell_type", CELLS)
@pytest.mark.parametrize("layers", [1, 2, 5])
def test_stacked_layers_equal_torch(cell_type: str, layers: int) -> None:
    model = RecurrentModel(
        make_config(cell_type=cell_type, num_hidden_layers=layers, bidirectional=True)
    )
    kind, options = {
        "lstm": (torch.nn.LSTM, {}),
        "gru": (torch.nn.GRU, {}),
    }.get(cell_type, (torch.nn.RNN, {"nonlinearity": cell_type[4:]}))
    stack = kind(4, 3, num_layers=layers, bidirectional=True, batch_first=True, **options)
    for number, layer in enumerate(model.layers):
        for name, value in layer.named_parameters():
            getattr(stack, name.replace("l0", f"l{number}")).data.copy_(value)
    expected, state = stack(model.embed_tokens(IDS[:1]))
    output = model(IDS[:1], output_final_state=True)
    hidden = state[0] if cell_type == "lstm" else state
    torch.testing.assert_close(output.last_hidden_state, expected, rtol=0, atol=1e-6)
    torch.testing.assert_close(output.final_hidden_state, hidden.transpose(0, 1), rtol=0, atol=1e-6)
    if cell_type == "lstm":
        cell = state[1].transpose(0, 1)
        torch.testing.assert_close(output.final_cell_state, cell, rtol=0, atol=1e-6)
    else:
        assert output.final_cell_state is None


def test_residual_adds_the_input_from_the_second_layer_on() -> None:
    plain, residual = make(num_hidden_layers=3), make(num_hidden_layers=3, residual=True)
    residual.load_state_dict(plain.state_dict())
    hidden = residual(IDS, MASK, output_hidden_states=True).hidden_states
    bare = plain(IDS, MASK, output_hidden_states=True).hidden_states
    assert torch.equal(hidden[1], bare[1])
    for number in (1, 2):
        layer = RecurrentModel(make_config(embedding_size=3))
        layer.layers[0].load_state_dict(residual.model.layers[number].state_dict())
        alone = layer(inputs_embeds=hidden[number], attention_mask=MASK).last_hidden_state
        torch.testing.assert_close(hidden[number + 1], hidden[number] + alone)


def test_hidden_states() -> None:
    model = make(num_hidden_layers=3, bidirectional=True)
    output = model(IDS, MASK, output_hidden_states=True)
    assert [h.shape[-1] for h in output.hidden_states] == [4, 6, 6, 6]
    assert torch.equal(output.hidden_states[0][0], model.model.embed_tokens(IDS[0]))
    last = model.model(IDS, MASK).last_hidden_state
    assert torch.equal(output.hidden_states[-1], last)
    assert model(IDS, MASK).hidden_states is None
    model.config.output_hidden_states = True
    assert len(model(IDS, MASK).hidden_states) == 4


def test_inputs_embeds() -> None:
    model = make(bidirectional=True)
    embeds = model.get_input_embeddings()(IDS)
    assert torch.equal(
        model(inputs_embeds=embeds, attention_mask=MASK).logits, model(IDS, MASK).logits
    )


def test_tuples() -> None:
    model, labels = make(pooling="attention"), torch.tensor([0, 1, 1])
    output = model(IDS, MASK, labels=labels, output_attentions=True, output_final_state=True)
    found = model(
        IDS, MASK, labels=labels, output_attentions=True, output_final_state=True, return_dict=False
    )
    states = ["final_hidden_state", "final_cell_state"]
    assert list(output) == ["loss", "logits", "pooling_weights", *states]
    assert isinstance(found, tuple)
    assert all(torch.equal(a, b) for a, b in zip(found, output.to_tuple(), strict=True))
    assert isinstance(model.model(IDS, MASK, return_dict=False), tuple)


def test_pooling_weights_on_request_only() -> None:
    model = make(pooling="attention")
    assert model(IDS, MASK).pooling_weights is None
    weights = model(IDS, MASK, output_attentions=True).pooling_weights
    assert weights.shape == IDS.shape
    assert not weights[MASK == 0].any()
    torch.testing.assert_close(weights.sum(1), torch.tensor([1.0, 1.0, 0.0]))
    assert make()(IDS, MASK, output_attentions=True).pooling_weights is None
    by_config = make(pooling="attention", output_attentions=True)
    assert by_config(IDS, MASK).pooling_weights is not None


def test_pooling_weights_show_what_decided() -> None:
    """Of a row's tokens, the one with the largest share moves the pooled vector most."""
    model = make(pooling="attention")
    output = model(IDS[:1], output_attentions=True, output_hidden_states=True)
    pooled = output.pooling_weights[0] @ output.hidden_states[-1][0]
    torch.testing.assert_close(model.classifier(pooled), output.logits[0])


@pytest.mark.parametrize("kind", ["embedding", "hidden", "classifier"])
def test_dropout_is_where_it_says(kind: str) -> None:
    model = make(num_hidden_layers=2, **{f"{kind}_dropout": 0.5})
    expected = model(IDS, MASK).logits
    assert torch.equal(model(IDS, MASK).logits, expected)
    model.train()
    states = [model.model(IDS, MASK, output_hidden_states=True).hidden_states for _ in range(2)]
    same = [torch.equal(a, b) for a, b in zip(*states, strict=True)]
    # the embeddings, the first layer, the second layer
    assert (
        same
        == {
            "embedding": [True, False, False],
            "hidden": [True, True, False],
            "classifier": [True, True, True],
        }[kind]
    )
    assert not torch.equal(model(IDS, MASK).logits, model(IDS, MASK).logits)


def test_variational_dropout_reaches_both_places() -> None:
    model = make(
        num_hidden_layers=2, embedding_dropout=0.5, hidden_dropout=0.5, variational_dropout=True
    ).model.train()
    seen = []
    for dropout in (model.embedding_dropout, model.hidden_dropout):
        dropout.register_forward_hook(lambda _, args, out: seen.append(out == 0))
    model(inputs_embeds=torch.ones(2, 6, 4))
    assert len(seen) == 2
    for zeros in seen:
        assert torch.equal(zeros, zeros[:, :1].expand_as(zeros))
    assert any(zeros.any() for zeros in seen)


def enable_checkpointing(model: RecurrentForSequenceClassification) -> None:
    # transformers 5.23 gave it a new name
    getattr(model, "activation_checkpointing_enable", model.gradient_checkpointing_enable)()


@pytest.mark.parametrize("cell_type", CELLS)
def test_gradient_checkpointing_changes_nothing(cell_type: str) -> None:
    gradients = []
    for is_on in (False, True):
        model = make(
            cell_type=cell_type,
            num_hidden_layers=3,
            bidirectional=True,
            embedding_dropout=0.3,
            hidden_dropout=0.3,
            classifier_dropout=0.3,
            freeze_embeddings=True,
        ).train()
        if is_on:
            enable_checkpointing(model)
            assert all(layer.gradient_checkpointing for layer in model.model.layers)
        torch.manual_seed(5)
        output = model(IDS, MASK, labels=torch.tensor([0, 1, 1]), output_final_state=True)
        (output.loss + output.final_hidden_state.sum()).backward()
        found = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
        gradients.append((output.loss, found))
    (loss, plain), (same_loss, checkpointed) = gradients
    assert torch.equal(loss, same_loss)
    assert plain.keys() == checkpointed.keys()
    assert len(plain) == 3 * 8 + 2
    for name, gradient in plain.items():
        torch.testing.assert_close(checkpointed[name], gradient, msg=name)


def test_gradient_checkpointing_keeps_less() -> None:
    saved = []
    for is_on in (False, True):
        model = make(num_hidden_layers=4).train()
        if is_on:
            enable_checkpointing(model)
        sizes: list[int] = []
        with torch.autograd.graph.saved_tensors_hooks(
            lambda t, s=sizes: (s.append(t.numel()), t)[1], lambda t: t
        ):
            model(IDS, MASK).logits.sum()
        saved.append(sum(sizes))
    assert saved[1] < saved[0] / 2


@pytest.mark.parametrize("cell_type", CELLS)
@pytest.mark.parametrize("autocast", [False, True], ids=["weights", "autocast"])
def test_bf16(cell_type: str, autocast: bool) -> None:
    model = make(cell_type=cell_type, bidirectional=True, pooling="attention", num_hidden_layers=2)
    expected = model(IDS, MASK, labels=torch.tensor([0, 1, 1]))
    if not autocast:
        model = model.to(torch.bfloat16)
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        found = model(IDS, MASK, labels=torch.tensor([0, 1, 1]), output_final_state=True)
        # The states go in again, whatever their type has become.
        states = {"initial_hidden_state": found.final_hidden_state}
        if cell_type == "lstm":
            states["initial_cell_state"] = found.final_cell_state
        again = model(IDS, MASK, **states)
    assert found.loss.dtype == torch.float32
    torch.testing.assert_close(found.logits.float(), expected.logits, rtol=0, atol=2e-2)
    assert again.logits.isfinite().all()
    found.loss.backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.isfinite().all(), name


def test_states_of_another_precision_are_taken() -> None:
    state = torch.ones(3, 1, 3)
    half = make(cell_type="gru").to(torch.bfloat16)
    assert half(IDS, MASK, initial_hidden_state=state).logits.dtype == torch.bfloat16
    whole = make(cell_type="gru")
    assert torch.equal(
        whole(IDS, MASK, initial_hidden_state=state.bfloat16()).logits,
        whole(IDS, MASK, initial_hidden_state=state).logits,
    )


def test_cell_state_is_for_an_lstm() -> None:
    with pytest.raises(ValueError, match="initial_cell_state is for an LSTM, and cell_type is gru"):
        make(cell_type="gru")(IDS, MASK, initial_cell_state=torch.zeros(3, 1, 3))


def test_head_for_another_number_of_labels(tmp_path: Path) -> None:
    make(bidirectional=True).save_pretrained(tmp_path)
    with pytest.raises(RuntimeError, match="ignore_mismatched_sizes"):
        AutoModelForSequenceClassification.from_pretrained(tmp_path, num_labels=5)
    model, info = AutoModelForSequenceClassification.from_pretrained(
        tmp_path, num_labels=5, ignore_mismatched_sizes=True, output_loading_info=True
    )
    assert {entry[0] for entry in info["mismatched_keys"]} == {
        "classifier.weight",
        "classifier.bias",
    }
    assert model(IDS, MASK).logits.shape == (3, 5)
    assert model.classifier.weight.isfinite().all()
    assert not model.classifier.bias.any()


@pytest.mark.parametrize("kind", ["look-up", "joined", "static"])
def test_a_model_that_shrinks_below_its_padding_can_be_loaded(kind: str, tmp_path: Path) -> None:
    fields: dict[str, Any] = {"vocab_size": 9, "embedding_size": 4, "pad_token_id": 8}
    if kind == "joined":
        part = {"kind": "plain", "embedding_size": 4}
        fields["embedding_config"] = {"kind": "joined", "parts": [part, part]}
        del fields["embedding_size"]
    if kind == "static":
        model: Any = StaticEmbeddingForSequenceClassification(StaticEmbeddingConfig(**fields))
    else:
        model = RecurrentForSequenceClassification(RecurrentConfig(hidden_size=3, **fields))
    with pytest.warns(UserWarning, match="pad_token_id 8 has no row among the 5 that are left"):
        model.resize_token_embeddings(5)
    assert model.config.pad_token_id is None
    assert model.get_input_embeddings().padding_idx is None
    model.eval().save_pretrained(tmp_path)
    again = AutoModelForSequenceClassification.from_pretrained(tmp_path)
    ids, mask = torch.tensor([[3, 4, 0]]), torch.tensor([[1, 1, 0]])
    assert torch.equal(again(ids, mask).logits, model(ids, mask).logits)


@pytest.mark.parametrize("rows", [5, 9, 14])
def test_resized_embeddings(rows: int, tmp_path: Path) -> None:
    model = make()
    kept = model.get_input_embeddings().weight[: min(rows, 9)].clone()
    model.resize_token_embeddings(rows, mean_resizing=False)
    assert model.config.vocab_size == model.get_input_embeddings().num_embeddings == rows
    assert torch.equal(model.get_input_embeddings().weight[: len(kept)], kept)
    assert model.get_input_embeddings().weight.isfinite().all()
    model.save_pretrained(tmp_path)
    again = AutoModelForSequenceClassification.from_pretrained(tmp_path)
    ids = torch.tensor([[1, rows - 1]])
    assert torch.equal(again(ids).logits, model(ids).logits)


def test_padding_row_gets_no_gradient() -> None:
    model = make()
    model(IDS, labels=torch.tensor([0, 1, 1])).loss.backward()
    gradient = model.get_input_embeddings().weight.grad
    assert not gradient[0].any()
    assert gradient[3].any()


def test_a_very_long_row() -> None:
    model = make(cell_type="gru", bidirectional=True)
    logits = model(torch.ones(1, 5_000, dtype=torch.long)).logits
    assert logits.isfinite().all()


VECTORS = SimpleNamespace(
    index_to_key=["a", "b"], vectors=np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32)
)


@pytest.mark.parametrize("head", [RecurrentModel, RecurrentForSequenceClassification])
@pytest.mark.parametrize("frozen", [True, False])
def test_from_vectors(head: type, frozen: bool) -> None:
    model = head.from_vectors(VECTORS, cell_type="gru", hidden_size=3, freeze_embeddings=frozen)
    assert type(model) is head
    weight = model.get_input_embeddings().weight
    assert weight.tolist() == [[1, 2], [3, 4], [0, 0], [0, 0]]  # <unk> and [PAD]
    assert weight.requires_grad != frozen
    assert model.config.pad_token_id == 3
    assert model.config.cell_type == "gru"
    for field in ("vocab_size", "embedding_config"):
        with pytest.raises(ValueError, match=f"{field} follows from the vectors, and 7 was given"):
            head.from_vectors(VECTORS, **{field: 7})
