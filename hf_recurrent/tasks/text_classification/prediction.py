"""Answers of a trained classifier to texts, and the words that its attention chose."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from transformers import (
    AutoModelForSequenceClassification,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    TextClassificationPipeline,
)
from transformers.tokenization_utils_base import VERY_LARGE_INTEGER

from ..loading import load_head

_BATCH = 32


def load_classifier(
    model: str, trust_remote_code: bool = False
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Load a sequence classifier and its tokenizer; pickled weights are never loaded.

    Args:
        model: A folder, or an id of the Hub.
        trust_remote_code: Whether code in the model's folder may run.

    Raises:
        OSError: If there is no such model or it cannot be read completely.
        ValueError: If it is not a sequence classifier, or weights are missing.
    """
    return load_head(
        model,
        AutoModelForSequenceClassification,
        "text classification",
        "classifier",
        "a text classifier",
        trust_remote_code,
    )


def predict(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]
) -> Iterator[list[tuple[str, float]]]:
    """Yield for each text the names of all labels with their scores, the best first."""
    classify = TextClassificationPipeline(model=model, tokenizer=tokenizer, top_k=None)
    # A tokenizer of words has no maximum length.
    bounded = tokenizer.model_max_length < VERY_LARGE_INTEGER
    every: Any = classify(list(texts), batch_size=_BATCH, truncation=bounded)
    for scores in every:
        yield [(score["label"], score["score"]) for score in scores]


@torch.inference_mode()
def label_ids(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    max_length: int,
) -> list[int]:
    """Return the id of the most probable label of each text, for one batch of texts."""
    inputs = tokenizer(
        list(texts), truncation=True, max_length=max_length, padding=True, return_tensors="pt"
    )
    ids: list[int] = model(**inputs).logits.argmax(-1).tolist()
    return ids


@torch.inference_mode()
def word_weights(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    text: str,
    max_length: int | None = None,
) -> list[tuple[str, float]]:
    """Return the words of a text, as written there, with their weights.

    Args:
        model: A classifier with attention pooling; its weights sum to 1.
        tokenizer: Its tokenizer.
        text: Any text.
        max_length: Number of words after which the text is cut; ``None`` for no cut.

    Raises:
        ValueError: If the model's pooling is not attention.
    """
    config: Any = model.config
    if getattr(config, "pooling", None) != "attention":
        raise ValueError(
            f"Only a model with attention pooling has weights of words; the pooling of this one "
            f"(model_type '{config.model_type}') is {getattr(config, 'pooling', None)!r}."
        )
    inputs = tokenizer(
        [text],
        truncation=max_length is not None,
        max_length=max_length,
        return_offsets_mapping=True,
        return_tensors="pt",
    )
    spans = inputs.pop("offset_mapping")[0].tolist()
    weights = model(**inputs, output_attentions=True).pooling_weights[0].tolist()
    return [(text[a:b], w) for (a, b), w in zip(spans, weights, strict=True)]
