"""Text classifiers that Trainer trains: over word vectors, and the fine-tuned encoder."""

from collections.abc import Sequence
from typing import Any

import torch
from transformers import (
    AutoModelForSequenceClassification,
    DataCollatorWithPadding,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    set_seed,
)

from ... import (
    RecurrentConfig,
    RecurrentForSequenceClassification,
    StaticEmbeddingConfig,
    StaticEmbeddingForSequenceClassification,
)
from ..._tasks import get_task
from ...metrics import classification_metrics
from ..encoders import encoder_length, load_encoder
from ..fitted import Fitted
from ..model_rows import Work
from ..networks import Encoded, fit_network, word_network
from .encoding import encode_texts, label_names
from .prediction import word_weights

__all__ = ["fit_encoder", "fit_recurrent", "fit_static"]


def fit_recurrent(work: Work) -> Fitted:
    """Train a recurrent network over word vectors."""
    set_seed(work.seed)
    model, tokenizer = word_network(
        work, RecurrentConfig, RecurrentForSequenceClassification, label_names(work.data["train"])
    )
    fitted = _fit(work, model, tokenizer, work.max_length, "words")
    config: Any = model.config
    if config.pooling == "attention":
        fitted.explain = lambda text: word_weights(model, tokenizer, text, work.max_length)
    return fitted


def fit_static(work: Work) -> Fitted:
    """Train a classifier on the mean of word vectors; it has no layer of a hidden size."""
    set_seed(work.seed)
    model, tokenizer = word_network(
        work,
        StaticEmbeddingConfig,
        StaticEmbeddingForSequenceClassification,
        label_names(work.data["train"]),
        ("hidden_size",),
    )
    return _fit(work, model, tokenizer, work.max_length, "words")


def fit_encoder(work: Work) -> Fitted:
    """Fine-tune a pretrained encoder, all its parameters and a fresh classifier."""
    set_seed(work.seed)
    model, tokenizer = load_encoder(
        work.baseline,
        work.trust_remote_code,
        AutoModelForSequenceClassification,
        **label_names(work.data["train"]),
    )
    max_length = encoder_length(model, tokenizer, work.max_length)
    return _fit(work, model, tokenizer, max_length, "word pieces")


def _fit(
    work: Work,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    max_length: int,
    token: str,
) -> Fitted:
    train, validation = (
        encode_texts(work.data[part], tokenizer, max_length) for part in ("train", "validation")
    )

    @torch.inference_mode()
    def predict(batch: Sequence[Any]) -> Sequence[Any]:
        inputs = tokenizer(
            list(batch), truncation=True, max_length=max_length, padding=True, return_tensors="pt"
        )
        ids: list[int] = model(**inputs).logits.argmax(-1).tolist()
        return ids

    encoded = Encoded(
        train,
        validation,
        DataCollatorWithPadding(tokenizer),
        classification_metrics,
        max_length,
        token,
        "texts",
    )
    metric = get_task("text-classification").chooser
    return fit_network(work, model, tokenizer, encoded, metric, predict)
