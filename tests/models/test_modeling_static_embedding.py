from pathlib import Path

import torch
from safetensors.torch import load_file

from hf_recurrent import (
    StaticEmbeddingConfig,
    StaticEmbeddingForSequenceClassification,
    StaticEmbeddingModel,
)

IDS, MASK = torch.tensor([[3, 4, 5], [6, 0, 0]]), torch.tensor([[1, 1, 1], [1, 0, 0]])


def make_config(**fields: float) -> StaticEmbeddingConfig:
    return StaticEmbeddingConfig(vocab_size=9, embedding_size=4, **fields)


def test_one_parameter(tmp_path: Path) -> None:
    """The name that sentence-transformers gives it too."""
    StaticEmbeddingModel(make_config()).save_pretrained(tmp_path)
    assert list(load_file(tmp_path / "model.safetensors")) == ["embedding.weight"]


def test_vectors_and_their_mean() -> None:
    model = StaticEmbeddingModel(make_config()).eval()
    output, weight = model(IDS, MASK), model.embedding.weight
    assert torch.equal(output.last_hidden_state[0], weight[IDS[0]])
    torch.testing.assert_close(output.pooler_output[0], weight[IDS[0]].mean(0))
    torch.testing.assert_close(output.pooler_output[1], weight[6])
    states, pooled = model(IDS, MASK, return_dict=False)
    assert torch.equal(states, output.last_hidden_state)
    assert torch.equal(pooled, output.pooler_output)
    embeds = model.embedding(IDS)
    assert torch.equal(model(inputs_embeds=embeds, attention_mask=MASK).pooler_output, pooled)


def test_dropout() -> None:
    for field in ("embedding_dropout", "classifier_dropout"):
        model = StaticEmbeddingForSequenceClassification(make_config(**{field: 0.5}))
        rows = IDS.repeat(20, 1)
        assert model.train()(rows).logits.unique(dim=0).shape[0] > 2
        torch.testing.assert_close(model.eval()(rows).logits[0], model(IDS).logits[0])


def test_resized_embeddings() -> None:
    model = StaticEmbeddingForSequenceClassification(make_config())
    model.resize_token_embeddings(15, mean_resizing=False)
    assert model.config.vocab_size == model.model.embedding.num_embeddings == 15
    assert model(torch.tensor([[14]])).logits.isfinite().all()
    other = torch.nn.Embedding(5, 4)
    model.set_input_embeddings(other)
    assert model.get_input_embeddings() is model.model.embedding is other
