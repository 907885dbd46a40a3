import pytest
import torch
from torch import nn

from hf_recurrent import (
    RecurrentConfig,
    RecurrentForSequenceClassification,
    RecurrentModel,
    StaticEmbeddingConfig,
    StaticEmbeddingForSequenceClassification,
)
from hf_recurrent.models import one_hot
from hf_recurrent.models.cells import CELL_TYPES, SCANNED
from hf_recurrent.models.embeddings import LockedDropout
from hf_recurrent.models.one_hot import OneHotTokens
from hf_recurrent.models.ragged import RaggedBatch
from hf_recurrent.models.recurrence import PATHS, run_layer
from hf_recurrent.models.recurrent_layer import RecurrentLayer

SIZE = 7
IDS = torch.tensor([[3, 4, 3, 6], [5, 0, 0, 0], [0, 0, 0, 0]])
MASK = torch.tensor([[1, 1, 1, 1], [1, 0, 0, 0], [0, 0, 0, 0]])
ONE_HOT = {"embedding_config": {"kind": "one_hot"}, "vocab_size": SIZE}


def test_dense() -> None:
    tokens = OneHotTokens(torch.tensor([[2, 0]]), torch.tensor([[1.0, 0.5]]), 3)
    assert tokens.dense().tolist() == [[[0, 0, 1], [0.5, 0, 0]]]


@pytest.mark.parametrize("cell_type", CELL_TYPES)
@pytest.mark.parametrize("mask", [MASK, torch.ones_like(MASK)], ids=["ragged", "full"])
def test_looked_up_equals_the_dense_product(cell_type: str, mask: torch.Tensor) -> None:
    """Values, and gradients of every weight and state."""
    torch.manual_seed(0)
    rnn = RecurrentLayer(cell_type, SIZE, 3, bidirectional=True).double()
    ragged = RaggedBatch.from_mask(mask)
    tokens = OneHotTokens(IDS, torch.rand(IDS.shape, dtype=torch.float64), SIZE)
    states = [torch.randn(3, 2, 3, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    if cell_type != "lstm":
        states.pop()

    def run(path: str | None) -> list[torch.Tensor]:
        found = run_layer(rnn.weights(), tokens, ragged, *states, need_cell=True, path=path)
        values = [value for value in found if value is not None]
        total = sum((v * v.detach().cos()).sum() for v in values)
        return values + list(torch.autograd.grad(total, [*rnn.parameters(), *states]))

    expected = run("reference")
    for path in (None, "reference", "steps") if cell_type in SCANNED else (None, *PATHS):
        if path == "segments" or (path == "dense" and ragged.window is None):
            continue
        for value, other in zip(run(path), expected, strict=True):
            torch.testing.assert_close(value, other, rtol=1e-9, atol=1e-10)


def test_the_vectors_are_not_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    model = RecurrentForSequenceClassification(RecurrentConfig(hidden_size=3, **ONE_HOT))
    expected = model(IDS, MASK).logits
    monkeypatch.setattr(one_hot.OneHotTokens, "dense", None)
    assert torch.equal(model(IDS, MASK).logits, expected)


def test_written_out_vectors_give_the_same() -> None:
    model = RecurrentModel(RecurrentConfig(hidden_size=3, **ONE_HOT)).eval()
    output = model(IDS, MASK, output_hidden_states=True)
    vectors = output.hidden_states[0]
    assert vectors.shape == (*IDS.shape, SIZE)
    assert not vectors[:, :, 0].any()  # padding
    same = model(inputs_embeds=vectors, attention_mask=MASK).last_hidden_state
    torch.testing.assert_close(output.last_hidden_state, same)


@pytest.mark.parametrize("locked", [False, True])
def test_dropout_drops_words(locked: bool) -> None:
    torch.manual_seed(0)
    dropout = LockedDropout(0.25, locked)
    ids = torch.arange(40).repeat(50, 5)
    tokens = OneHotTokens(ids, torch.ones(ids.shape), 40)
    scale = tokens.dropped(dropout).scale
    assert scale.unique().tolist() == pytest.approx([0, 4 / 3])
    assert scale.mean().item() == pytest.approx(1, abs=0.05)
    by_word = scale.view(50, 5, 40)
    assert torch.equal(by_word, by_word[:, :1].expand_as(by_word)) == locked
    assert tokens.dropped(dropout.eval()) is tokens


def test_the_width_is_that_of_the_vocabulary() -> None:
    config = RecurrentConfig(embedding_size=5, **ONE_HOT)
    assert config.embedding_size == SIZE
    model = RecurrentModel(config)
    assert model.layers[0].weight_ih_l0.shape[1] == SIZE
    with pytest.raises(ValueError, match="cannot be resized to 9: make a new model"):
        model.resize_token_embeddings(9)
    assert model.resize_token_embeddings(SIZE) is model.embed_tokens
    with pytest.raises(ValueError, match="OneHotEmbedding takes no matrix of word vectors"):
        model.set_word_vectors(torch.zeros(SIZE, SIZE))


def test_a_classifier_of_the_mean_is_a_bag_of_words() -> None:
    model = StaticEmbeddingForSequenceClassification(StaticEmbeddingConfig(**ONE_HOT)).eval()
    counts = nn.functional.one_hot(IDS[0], SIZE).sum(0) / 4
    expected = model.classifier(counts.float())
    torch.testing.assert_close(model(IDS[:1], MASK[:1]).logits[0], expected)


def test_hooks_see_the_vectors_and_may_change_them() -> None:
    config = RecurrentConfig(vocab_size=9, hidden_size=3, embedding_config={"kind": "one_hot"})
    model = RecurrentModel(config).eval()
    ids, mask = torch.tensor([[3, 4, 5], [6, 7, 0]]), torch.tensor([[1, 1, 1], [1, 1, 0]])
    expected = model(ids, mask).last_hidden_state
    layer, seen = model.embed_tokens, []
    handle = layer.register_forward_hook(lambda m, args, out: seen.append(out.shape))
    torch.testing.assert_close(model(ids, mask).last_hidden_state, expected)
    assert seen == [(2, 3, 9)]
    handle.remove()
    layer.register_forward_hook(lambda m, args, out: out * 0)
    zeros = model(inputs_embeds=torch.zeros(2, 3, 9), attention_mask=mask).last_hidden_state
    assert torch.equal(model(ids, mask).last_hidden_state, zeros)
