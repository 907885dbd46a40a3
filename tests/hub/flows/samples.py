"""Small models of every family and head, the same in every process, and what they are asked."""

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

TEXTS = ["a warm and moving film", "dull", "not a bad film at all , but not a good one"]


def make_tokenizer() -> PreTrainedTokenizerBase:
    from hf_recurrent import tokenizer_from_texts

    return tokenizer_from_texts(TEXTS)


def make_models() -> dict[str, PreTrainedModel]:
    """Return a model for each repository name."""
    import hf_recurrent as hr

    size = len(make_tokenizer())
    recurrent = {"vocab_size": size, "embedding_size": 6, "hidden_size": 5, "pad_token_id": 1}
    static = {"vocab_size": size, "embedding_size": 6, "pad_token_id": 1}
    labels = {"id2label": {0: "bad", 1: "good"}, "label2id": {"bad": 0, "good": 1}}
    torch.manual_seed(0)
    return {
        "gru": hr.RecurrentModel(hr.RecurrentConfig(**recurrent, cell_type="gru")),
        "bilstm-classifier": hr.RecurrentForSequenceClassification(
            hr.RecurrentConfig(**recurrent, bidirectional=True, pooling="attention", **labels)
        ),
        "vectors": hr.StaticEmbeddingModel(hr.StaticEmbeddingConfig(**static)),
        "bag-of-vectors": hr.StaticEmbeddingForSequenceClassification(
            hr.StaticEmbeddingConfig(**static, **labels)
        ),
    }


def outputs(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> dict[str, list]:
    """Return what a model answers, as numbers that JSON keeps bit for bit."""
    batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
    with torch.no_grad():
        return {name: value.double().tolist() for name, value in model.eval()(**batch).items()}
