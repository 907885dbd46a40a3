"""The family of static word embeddings keeps the promises."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import pytest
import torch
from torch import Tensor

from hf_recurrent import (
    StaticEmbeddingConfig,
    StaticEmbeddingForSequenceClassification,
    StaticEmbeddingModel,
)
from hf_recurrent.models.pooling import MeanPooling
from tests.common.promises import ModelPromises


def mean_by_loop(self: MeanPooling, hidden: Tensor, mask: Tensor) -> tuple[Tensor, None]:
    """The mean, written out."""
    rows = []
    for row, kept in zip(hidden, mask, strict=True):
        vectors = [vector for vector, is_kept in zip(row, kept, strict=True) if is_kept]
        rows.append(sum(vectors) / len(vectors) if vectors else torch.zeros_like(row[0]))
    return torch.stack(rows), None


class TestStaticEmbeddingFamily(ModelPromises):
    by_hand: ClassVar = ("test_two_ranks_equal_one_process", "test_saved_equals_loaded")
    config_class = StaticEmbeddingConfig
    heads: ClassVar = {
        "AutoModel": StaticEmbeddingModel,
        "AutoModelForSequenceClassification": StaticEmbeddingForSequenceClassification,
    }
    fields: ClassVar = {"vocab_size": 13, "embedding_size": 5}
    variants: ClassVar = {"mean": {}, "no_padding_id": {"pad_token_id": None}}
    bad_fields: ClassVar = (
        ({"embedding_size": 0}, "embedding_size"),
        ({"vocab_size": -3}, "vocab_size"),
        ({"embedding_dropout": 1.5}, "embedding_dropout"),
        ({"pad_token_id": -1}, "pad_token_id"),
        ({"weighting": "mean"}, "weighting"),
        ({"num_components": 1}, "num_components"),
        ({"weighting": "sif", "num_components": 6}, "num_components"),
        ({"num_words": 14}, "num_words"),
    )
    bad_head_fields: ClassVar = {
        "AutoModelForSequenceClassification": (
            ({"classifier_dropout": -0.5}, "classifier_dropout"),
            ({"class_weights": [float("inf"), 1.0]}, "class_weights"),
            ({"label_smoothing": -0.1}, "label_smoothing"),
        ),
    }

    @contextmanager
    def naively(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(MeanPooling, "forward", mean_by_loop)
            yield
