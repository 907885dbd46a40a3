"""Models with a compressed input layer keep the promises."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor

from hf_recurrent import (
    StaticEmbeddingConfig,
    StaticEmbeddingForSequenceClassification,
    StaticEmbeddingModel,
)
from hf_recurrent.models.quantized import HalfEmbedding, Int8Embedding, ProductEmbedding
from tests.common.promises import ModelPromises

from .test_recurrent_family import TestRecurrentFamily as RecurrentFamily


def _by_loop(self: Any, input_ids: Tensor, number_at: Any) -> Tensor:
    """Each number of each token, decoded by itself."""
    rows = [
        [number_at(int(token), column) for column in range(self.embedding_dim)]
        for token in input_ids.flatten()
    ]
    found = torch.tensor(rows, dtype=torch.float64, device=input_ids.device)
    return found.view(*input_ids.shape, self.embedding_dim)


def half_by_loop(self: HalfEmbedding, input_ids: Tensor) -> Tensor:
    halves = self.codes.view(torch.float16)
    return _by_loop(self, input_ids, lambda token, column: float(halves[token, column]))


def int8_by_loop(self: Int8Embedding, input_ids: Tensor) -> Tensor:
    return _by_loop(
        self, input_ids, lambda token, column: float(self.codes[token, column] * self.scales[token])
    )


def product_by_loop(self: ProductEmbedding, input_ids: Tensor) -> Tensor:
    def number_at(token: int, column: int) -> float:
        part, place = divmod(column, self.codebooks.shape[2])
        return float(self.codebooks[part, int(self.codes[token, part]), place])

    return _by_loop(self, input_ids, number_at)


@contextmanager
def decoded_naively() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HalfEmbedding, "forward", half_by_loop)
        patch.setattr(Int8Embedding, "forward", int8_by_loop)
        patch.setattr(ProductEmbedding, "forward", product_by_loop)
        yield


class Quantized:
    """What does not depend on the input layer is checked by the families' own files."""

    by_hand: ClassVar = ("test_saved_equals_loaded",)
    test_two_ranks_equal_one_process = None
    test_accumulated_equals_whole = None
    # tests/models/test_quantized.py has what takes their place
    test_word_vectors_that_do_not_fit = None


class TestQuantizedStaticEmbedding(Quantized, ModelPromises):
    config_class = StaticEmbeddingConfig
    heads: ClassVar = {
        "AutoModel": StaticEmbeddingModel,
        "AutoModelForSequenceClassification": StaticEmbeddingForSequenceClassification,
    }
    fields: ClassVar = {"vocab_size": 13, "embedding_size": 5}
    variants: ClassVar = {
        "pq": {"embedding_config": {"kind": "pq", "subspace_size": 2}},
        "int8": {"embedding_config": {"kind": "int8"}},
        "fp16": {"embedding_config": {"kind": "fp16"}, "pad_token_id": None},
    }
    bad_fields: ClassVar = ()
    naively = staticmethod(decoded_naively)


class TestQuantizedRecurrent(Quantized, RecurrentFamily):
    variants: ClassVar = {
        "int8_lstm": {"embedding_config": {"kind": "int8"}},
        "pq_bigru": {
            "embedding_config": {"kind": "pq", "subspace_size": 3},
            "cell_type": "gru",
            "bidirectional": True,
            "pooling": "mean",
        },
    }
    bad_fields: ClassVar = (
        ({"embedding_config": {"kind": "pq", "subspace_size": 0}}, "subspace_size"),
        ({"embedding_config": {"kind": "int8", "subspace_size": 2}}, "subspace_size"),
    )

    @contextmanager
    def naively(self) -> Iterator[None]:
        with super().naively(), decoded_naively():
            yield
