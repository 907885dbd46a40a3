import warnings

import pytest
import torch
from torch import nn
from torch.nn.utils import prune

from hf_recurrent import (
    RecurrentConfig,
    RecurrentForSequenceClassification,
    StaticEmbeddingConfig,
    StaticEmbeddingModel,
)
from hf_recurrent.export import quantize_dynamic
from hf_recurrent.models.recurrent_layer import RecurrentLayer

IDS = torch.tensor([[3, 4, 5, 6], [7, 8, 0, 0], [0, 0, 0, 0]])
MASK = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 0, 0]])


def make(cell_type: str, **fields: object) -> RecurrentForSequenceClassification:
    torch.manual_seed(0)
    config = RecurrentConfig(
        vocab_size=9, embedding_size=16, hidden_size=16, cell_type=cell_type, **fields
    )
    return RecurrentForSequenceClassification(config).eval()


@pytest.mark.parametrize("pooling", ["last", "attention"])
@pytest.mark.parametrize("cell_type", ["lstm", "gru"])
def test_layers_are_in_int8_and_the_answers_near(cell_type: str, pooling: str) -> None:
    model = make(cell_type, bidirectional=True, num_hidden_layers=2, pooling=pooling)
    small = quantize_dynamic(model)
    for layer in (*small.model.layers, small.classifier):
        assert type(layer).__module__.startswith("torch.ao.nn.quantized.dynamic")
    found, expected = small(IDS, MASK), model(IDS, MASK)
    assert not torch.equal(found.logits, expected.logits)  # it does compute in another way
    torch.testing.assert_close(found.logits, expected.logits, rtol=0, atol=0.05)
    for row in range(2):  # padded equals single: inputs are rounded by the batch, so only nearly
        alone = small(IDS[row : row + 1, : MASK[row].sum()]).logits[0]
        torch.testing.assert_close(found.logits[row], alone, rtol=0, atol=0.05)
    assert isinstance(model.model.layers[0], RecurrentLayer)  # the model is as it was


def test_characters_of_an_lstm_are_read_in_int8_too() -> None:
    fields = {"kind": "char_lstm", "num_characters": 9, "character_hidden_size": 8}
    model = make("lstm", embedding_config=fields)
    small = quantize_dynamic(model)
    layer = small.model.embed_tokens.lstm
    assert type(layer).__module__.startswith("torch.ao.nn.quantized.dynamic")
    characters = torch.tensor([[2, 4, 3], [2, 5, 3], [2, 3, 0], [0, 0, 0]])
    batch = {"attention_mask": MASK, "char_ids": characters[IDS % 4]}
    found, expected = small(IDS, **batch), model(IDS, **batch)
    assert not torch.equal(found.logits, expected.logits)
    torch.testing.assert_close(found.logits, expected.logits, rtol=0, atol=0.05)


def test_an_elman_layer_stays() -> None:
    small = quantize_dynamic(make("rnn_tanh"))
    assert isinstance(small.model.layers[0], RecurrentLayer)
    assert type(small.classifier).__module__.startswith("torch.ao.nn.quantized.dynamic")


def test_torchs_own_call_leaves_the_recurrent_layers() -> None:
    """As the docstring says: it goes by exact classes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bare = torch.ao.quantization.quantize_dynamic(
            make("lstm"), {nn.LSTM, nn.GRU, nn.Linear}, torch.qint8
        )
    assert isinstance(bare.model.layers[0], RecurrentLayer)
    assert not isinstance(bare.classifier, nn.Linear)


def test_refusals() -> None:
    with pytest.raises(ValueError, match=r"weights of torch\.bfloat16 on cpu, and int8 is made of"):
        quantize_dynamic(make("lstm").bfloat16())
    with pytest.raises(ValueError, match="StaticEmbeddingModel has no LSTM, GRU or linear layer"):
        quantize_dynamic(StaticEmbeddingModel(StaticEmbeddingConfig(vocab_size=5)))


def test_weights_that_hooks_make_are_made_final_first() -> None:
    model = make("lstm")
    prune.l1_unstructured(model.model.layers[0], "weight_hh_l0", amount=0.5)
    model(IDS, MASK)
    with pytest.raises(ValueError, match=r"prune\.remove"):
        quantize_dynamic(model)
    prune.remove(model.model.layers[0], "weight_hh_l0")
    found = quantize_dynamic(model)(IDS, MASK).logits
    torch.testing.assert_close(found, model(IDS, MASK).logits, rtol=0, atol=0.05)
