"""Models keep the promises whatever their input layer is."""

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
from hf_recurrent.models.char_cnn import CharCnnEmbedding
from hf_recurrent.models.char_embedding import CharEmbedding
from hf_recurrent.models.ngram_embedding import NgramEmbedding
from tests.common.plain_tools import PlainTools
from tests.common.promises import ModelPromises

from .test_recurrent_family import TestRecurrentFamily as RecurrentFamily

NGRAMS = {"kind": "ngram", "min_n": 2, "max_n": 3, "bucket": 11, "unk_token_id": 1}
JOINED = {
    "kind": "joined",
    "parts": [
        {"kind": "plain", "embedding_size": 3, "frozen": True},
        {**NGRAMS, "embedding_size": 2, "kept": 6},
        {"kind": "one_hot"},
    ],
}
PARTIAL = {"kind": "partial", "rows": 6}
# What word_inputs makes of two sets of vectors, and a set that is compressed.
PARTIAL_PARTS = {
    "kind": "joined",
    "parts": [
        {"kind": "plain", "embedding_size": 2},
        {**PARTIAL, "embedding_size": 3},
        {**PARTIAL, "embedding_size": 2, "table": {"kind": "int8"}},
        {**PARTIAL, "rows": 4, "embedding_size": 2, "frozen": True},
    ],
}


def ngrams_by_loop(self: NgramEmbedding, input_ids: Tensor, ngram_ids: Tensor) -> Tensor:
    """The mean of a token's rows, written out."""
    kept = range(self.bucket) if self.kept is None else self.kept.tolist()
    vectors = []
    for token, ids in zip(input_ids.flatten().tolist(), ngram_ids.flatten(0, 1), strict=True):
        rows = [self.ngram_weight[kept.index(i - 1)] for i in ids.tolist() if i - 1 in kept]
        if token != self.unk_token_id or not rows:
            padding = token == self.padding_idx
            rows.append(self.weight[token].detach() if padding else self.weight[token])
        vectors.append(sum(rows) / len(rows))
    size = (*input_ids.shape, self.embedding_dim)
    return torch.stack(vectors).view(size) if vectors else self.weight.new_zeros(size)


def characters_by_loop(self: CharEmbedding, input_ids: Tensor, **extra: Tensor) -> Tensor:
    """Each token by itself, unpadded, by the formulas of the papers."""
    table, vectors = self.character_weight, []
    for ids in extra["char_ids"].flatten(0, 1).tolist():
        if not any(ids):
            vectors.append(table.new_zeros(self.embedding_dim))
            continue
        word = torch.stack([table[i] for i in ids if i])
        if isinstance(self, CharCnnEmbedding):
            zeros = table.new_zeros(self.window // 2, table.shape[1])
            row = torch.cat([zeros, word, zeros])
            found = [
                torch.einsum("fcw,wc->f", self.filter_weight, row[i : i + self.window])
                for i in range(len(word))
            ]
            vectors.append((torch.stack(found).amax(0) + self.filter_bias).tanh())
        else:
            vectors.append(lstm_by_loop(dict(self.lstm.named_parameters()), word))
    size = (*input_ids.shape, self.embedding_dim)
    return torch.stack(vectors).view(size) if vectors else table.new_zeros(size)


def lstm_by_loop(weights: dict[str, Tensor], word: Tensor) -> Tensor:
    """The last states of the equations of an LSTM, in both directions."""
    last = []
    for end, row in (("_l0", word), ("_l0_reverse", word.flip(0))):
        w_x, w_h, b_x, b_h = (
            weights[name + end] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        h = c = row.new_zeros(w_h.shape[1])
        for x in row:
            i, f, g, o = (w_x @ x + b_x + w_h @ h + b_h).chunk(4)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
        last.append(h)
    return torch.cat(last)


class InputLayers:
    """What the two classes share: one loss, for the loss does not know the input layer."""

    losses: ClassVar = {
        head: dict([next(iter(losses.items()))]) for head, losses in PlainTools.losses.items()
    }
    bucket: ClassVar = NGRAMS["bucket"]
    by_hand: ClassVar = ("test_two_ranks_equal_one_process", "test_saved_equals_loaded")


CHARACTERS = {"num_characters": 20, "character_size": 3}
CHAR_CNN = {**CHARACTERS, "kind": "char_cnn", "filters": 4}
CHAR_LSTM = {**CHARACTERS, "kind": "char_lstm", "character_hidden_size": 3}
# All that a tokenizer can give beside ids, read at once.
CHARACTERS_AND_NGRAMS = {
    "kind": "joined",
    "parts": [
        {"kind": "plain", "embedding_size": 3, "frozen": True},
        {**CHAR_CNN, "window": 1},
        {**NGRAMS, "embedding_size": 2},
        CHAR_LSTM,
    ],
}


class TestRecurrentCharacters(InputLayers, RecurrentFamily):
    """Characters alone, beside words, and beside words and n-grams."""

    num_characters: ClassVar = 20
    variants: ClassVar = {
        "char_cnn": {
            "embedding_config": {
                "kind": "joined",
                "parts": [{"kind": "plain", "embedding_size": 3}, CHAR_CNN],
            },
            "bidirectional": True,
        },
        "char_lstm": {"embedding_config": CHAR_LSTM, "cell_type": "gru"},
        "with_ngrams": {"embedding_config": CHARACTERS_AND_NGRAMS, "cell_type": "rnn_tanh"},
    }
    bad_fields: ClassVar = (
        ({"embedding_config": {**CHAR_CNN, "window": 4}}, "window"),
        ({"embedding_config": {"kind": "char_lstm"}}, "num_characters"),
        (
            {
                "embedding_config": {
                    "kind": "joined",
                    "parts": [CHAR_CNN, {**CHAR_LSTM, "num_characters": 19}],
                }
            },
            "char_ids",
        ),
    )

    @contextmanager
    def naively(self) -> Iterator[None]:
        with super().naively(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(NgramEmbedding, "forward", ngrams_by_loop)
            patch.setattr(CharEmbedding, "forward", characters_by_loop)
            yield

    def test_word_vectors_that_do_not_fit(self) -> None:
        model = self.make("AutoModel", "char_lstm")
        with pytest.raises(ValueError, match="CharLstmEmbedding takes no matrix of word vectors"):
            model.set_word_vectors(torch.zeros(3, 3))


class TestRecurrentInputLayers(InputLayers, RecurrentFamily):
    by_hand: ClassVar = ("test_two_ranks_equal_one_process", "test_saved_equals_loaded")
    variants: ClassVar = {
        "ngram": {"embedding_config": NGRAMS, "bidirectional": True},
        "one_hot_gru": {"embedding_config": {"kind": "one_hot"}, "cell_type": "gru"},
        "joined": {"embedding_config": JOINED, "cell_type": "rnn_tanh", "pooling": "mean"},
        "partial_parts": {"embedding_config": PARTIAL_PARTS, "cell_type": "gru"},
    }
    bad_fields: ClassVar = (
        ({"embedding_config": {}}, "kind"),
        ({"embedding_config": {"kind": "sparse"}}, "one_hot"),
        ({"embedding_config": {"kind": ["ngram"]}}, "kind"),
        ({"embedding_config": {**NGRAMS, "width": 3}}, "width"),
        ({"embedding_config": {"kind": "ngram", "min_n": 3, "max_n": 6}}, "bucket"),
        ({"embedding_config": {**NGRAMS, "min_n": 4}}, "min_n"),
        ({"embedding_config": {**NGRAMS, "max_n": None}}, "max_n"),
        ({"embedding_config": {**NGRAMS, "bucket": 0}}, "bucket"),
        ({"embedding_config": {**NGRAMS, "kept": 12}}, "kept"),
        ({"embedding_config": {**NGRAMS, "unk_token_id": 13}}, "unk_token_id"),
        ({"embedding_config": {"kind": "joined", "parts": []}}, "parts"),
        ({"embedding_config": {"kind": "joined", "parts": ["plain"]}}, "part 0"),
        (
            {"embedding_config": {"kind": "joined", "parts": [{**JOINED, "embedding_size": 2}]}},
            "joined",
        ),
        ({"embedding_config": {"kind": "joined", "parts": [{"kind": "plain"}]}}, "embedding_size"),
        (
            {
                "embedding_config": {
                    "kind": "joined",
                    "parts": [
                        {**NGRAMS, "embedding_size": 2},
                        {**NGRAMS, "embedding_size": 2, "bucket": 5},
                    ],
                }
            },
            "bucket",
        ),
        ({"embedding_config": {"kind": "partial"}}, "rows"),
        ({"embedding_config": {**PARTIAL, "rows": 1}}, "rows"),  # padding, and the shared row
        ({"embedding_config": {**PARTIAL, "rows": 15}}, "rows"),
        ({"embedding_config": {**PARTIAL, "rows": True}}, "rows"),
        ({"embedding_config": {**PARTIAL, "table": "int8"}}, "table"),
        ({"embedding_config": {**PARTIAL, "table": {"kind": "one_hot"}}}, "one_hot"),
        ({"embedding_config": {**PARTIAL, "table": PARTIAL}}, "partial"),
        ({"embedding_config": {**PARTIAL, "table": {"kind": "pq", "subspace_size": 0}}}, "subsp"),
    )

    @contextmanager
    def naively(self) -> Iterator[None]:
        with super().naively(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(NgramEmbedding, "forward", ngrams_by_loop)
            yield


class TestStaticEmbeddingInputLayers(InputLayers, ModelPromises):
    config_class = StaticEmbeddingConfig
    heads: ClassVar = {
        "AutoModel": StaticEmbeddingModel,
        "AutoModelForSequenceClassification": StaticEmbeddingForSequenceClassification,
    }
    fields: ClassVar[dict[str, Any]] = {"vocab_size": 13, "embedding_size": 5}
    variants: ClassVar = {
        "ngram_kept": {"embedding_config": {**NGRAMS, "kept": 6}},
        "joined": {"embedding_config": JOINED, "pad_token_id": None},
        "partial": {"embedding_config": PARTIAL},
        "partial_parts": {"embedding_config": PARTIAL_PARTS, "pad_token_id": None},
        "char_cnn": {"embedding_config": CHAR_CNN},
        "characters_and_ngrams": {"embedding_config": CHARACTERS_AND_NGRAMS, "pad_token_id": None},
    }
    num_characters: ClassVar = 20

    @contextmanager
    def naively(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(CharEmbedding, "forward", characters_by_loop)
            patch.setattr(NgramEmbedding, "forward", ngrams_by_loop)
            yield
