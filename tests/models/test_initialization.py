from pathlib import Path

import pytest
import torch
from torch import nn

from hf_recurrent import RecurrentConfig, RecurrentForSequenceClassification, RecurrentModel
from hf_recurrent.models.cells import CELL_TYPES, SCANNED
from hf_recurrent.models.initialization import init_module
from hf_recurrent.models.recurrent_initialization import fresh_bias
from hf_recurrent.models.recurrent_layer import RecurrentLayer


@pytest.mark.parametrize("cell_type", CELL_TYPES)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_recurrent_weights(cell_type: str, bidirectional: bool) -> None:
    torch.manual_seed(0)
    module = RecurrentLayer(cell_type, 40, 30, bidirectional)
    init_module(module, std=0.1)
    for suffix in ["l0", "l0_reverse"][: 1 + bidirectional]:
        w_ih, w_hh, b_ih, b_hh = (
            getattr(module, f"{name}_{suffix}")
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        if cell_type in SCANNED:
            assert w_hh is b_hh is None
        else:
            # Orthonormal columns: the whole stack of gates, as Keras has it.
            torch.testing.assert_close(w_hh.T @ w_hh, torch.eye(30), rtol=0, atol=1e-5)
            assert not b_hh.any()
        bound = (6 / (w_ih.shape[0] + 40)) ** 0.5
        assert w_ih.abs().max() <= bound
        assert w_ih.abs().max() > 0.95 * bound
        if cell_type in ("lstm", "minlstm"):
            forget, *others = (1, 0, 2, 3) if cell_type == "lstm" else (0, 1, 2)
            gates = b_ih.view(len(others) + 1, 30)
            assert gates[forget].eq(1).all()
            assert not gates[others].any()
        else:
            assert not b_ih.any()


def test_embeddings_and_linear_layers() -> None:
    torch.manual_seed(0)
    embedding, linear = nn.Embedding(500, 40, padding_idx=7), nn.Linear(20, 30)
    init_module(embedding, std=0.3)
    init_module(linear, std=0.3)
    assert not embedding.weight[7].any()
    assert embedding.weight.std().item() == pytest.approx(0.3, rel=0.03)
    assert not linear.bias.any()
    assert linear.weight.abs().max() <= (6 / 50) ** 0.5


def test_weights_of_a_checkpoint_are_left_alone() -> None:
    layers = [RecurrentLayer(cell_type, 3, 2) for cell_type in CELL_TYPES]
    for module in (*layers, nn.Embedding(5, 2, padding_idx=1), nn.Linear(3, 2)):
        before = {}
        for name, parameter in module.named_parameters():
            nn.init.constant_(parameter, 0.7)
            parameter._is_hf_initialized = True
            before[name] = parameter.detach().clone()
        init_module(module, std=0.1)
        for name, parameter in module.named_parameters():
            assert torch.equal(parameter, before[name]), name


def test_the_same_seed_gives_the_same_model() -> None:
    config = RecurrentConfig(vocab_size=20, embedding_size=4, hidden_size=3, pooling="attention")
    models = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        models.append(RecurrentForSequenceClassification(config).state_dict())
    for name, value in models[0].items():
        assert torch.equal(value, models[1][name])
    assert not torch.equal(models[0]["classifier.weight"], models[2]["classifier.weight"])


def test_half_precision_models_are_initialised() -> None:
    config = RecurrentConfig(vocab_size=20, embedding_size=4, hidden_size=3, dtype="bfloat16")
    model = RecurrentForSequenceClassification._from_config(config)
    w_hh = model.model.layers[0].weight_hh_l0
    assert w_hh.dtype == torch.bfloat16
    torch.testing.assert_close(w_hh.float().T @ w_hh.float(), torch.eye(3), rtol=0, atol=2e-2)


@pytest.mark.parametrize("cell_type", CELL_TYPES)
def test_meta_device(cell_type: str, tmp_path: Path) -> None:
    """A model is built there without memory, and comes from it with nothing left to chance."""
    config = RecurrentConfig(vocab_size=20, embedding_size=4, hidden_size=3, cell_type=cell_type)
    with torch.device("meta"):
        assert {p.device.type for p in RecurrentModel(config).parameters()} == {"meta"}
    RecurrentModel(config).save_pretrained(tmp_path)
    for arguments in ({}, {"device_map": "cpu"}, {"dtype": torch.bfloat16}):
        model = RecurrentForSequenceClassification.from_pretrained(tmp_path, **arguments)
        assert {p.device.type for p in model.parameters()} == {"cpu"}
        assert not model.classifier.bias.any()
        assert model.classifier.weight.abs().max() <= (6 / 5) ** 0.5
        assert model(torch.tensor([[1, 2]])).logits.isfinite().all()


@pytest.mark.parametrize("cell_type", ["rnn_relu", "rnn_tanh"])
def test_identity_keeps_the_state(cell_type: str) -> None:
    config = RecurrentConfig(
        embedding_size=5,
        hidden_size=5,
        cell_type=cell_type,
        recurrent_initializer="identity",
        bidirectional=True,
    )
    layer = RecurrentModel(config).layers[0]
    for suffix in ("_l0", "_l0_reverse"):
        assert torch.equal(getattr(layer, f"weight_hh{suffix}"), torch.eye(5))
    if cell_type == "rnn_tanh":
        return
    with torch.no_grad():
        layer.weight_ih_l0.copy_(torch.eye(5))
    x = torch.rand(2, 30, 5)
    found = layer(x).output[..., :5]
    torch.testing.assert_close(found, x.cumsum(1))  # h_t = h_{t-1} + x_t for positive inputs


@pytest.mark.parametrize("cell_type", ["lstm", "gru"])
def test_chrono_biases(cell_type: str) -> None:
    """Of a unit's keeping gate they are log(u), u uniform between 1 and T - 1."""
    torch.manual_seed(0)
    layer = RecurrentLayer(cell_type, 1, 9, True, chrono_max_length=101)
    init_module(layer, std=0.1)
    assert not layer.bias_hh_l0.any()
    assert not torch.equal(layer.bias_ih_l0, layer.bias_ih_l0_reverse)
    many = fresh_bias(cell_type, 4000, 101)
    for bias in (layer.bias_ih_l0.detach(), many):
        gates = bias.view(3 + (cell_type == "lstm"), -1)
        if cell_type == "lstm":
            write, keep, *others = gates
            assert torch.equal(write, -keep)
        else:
            reset, keep, new = gates
            others = [reset, new]
        assert not torch.stack(others).any()
    steps = keep.exp()
    assert 1 <= steps.min() <= 2
    assert 99 <= steps.max() <= 100
    assert steps.mean().item() == pytest.approx(50.5, rel=0.03)
    assert steps.std().item() == pytest.approx(99 / 12**0.5, rel=0.03)
    # After u steps the keeping gate alone leaves (u / (1 + u))^u, between 1/2 and 1/e.
    left = torch.sigmoid(keep) ** steps
    assert left.min() > 0.36
    assert left.max() < 0.51


def test_initializers_travel_with_the_checkpoint(tmp_path: Path) -> None:
    """A head that lacks its layers gets them fresh as the configuration says."""
    config = RecurrentConfig(vocab_size=9, embedding_size=4, hidden_size=3, chrono_max_length=50)
    RecurrentModel(config).save_pretrained(tmp_path)
    grown, report = RecurrentModel.from_pretrained(
        tmp_path, num_hidden_layers=2, output_loading_info=True
    )
    assert {name.split(".")[1] for name in report["missing_keys"]} == {"1"}
    write, keep, *_ = grown.layers[1].bias_ih_l0.detach().chunk(4)
    assert torch.equal(write, -keep)
    assert keep.min() > 0
