"""The family of encoder-decoder networks keeps the promises."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar

import pytest

from hf_recurrent import (
    RecurrentForConditionalGeneration,
    RecurrentSeq2SeqConfig,
    RecurrentSeq2SeqModel,
)
from hf_recurrent.models import recurrent_layer
from tests.common.plain_tools import NEXT_TOKEN_LOSSES
from tests.common.promises import ModelPromises


def encoder(**fields: Any) -> dict[str, Any]:
    return {"vocab_size": 13, "embedding_size": 5, "hidden_size": 4, **fields}


class TestSeq2SeqFamily(ModelPromises):
    """The decoder reads what the encoder reads, so that targets are laid out as sources are."""

    config_class = RecurrentSeq2SeqConfig
    heads: ClassVar = {
        "AutoModel": RecurrentSeq2SeqModel,
        "AutoModelForSeq2SeqLM": RecurrentForConditionalGeneration,
    }
    fields: ClassVar = {
        "encoder": encoder(),
        "vocab_size": 13,
        "embedding_size": 5,
        "hidden_size": 4,
        "decoder_start_token_id": 1,
        "use_cache": False,
    }
    variants: ClassVar = {
        "lstm_parallel": {"encoder": encoder(bidirectional=True), "num_hidden_layers": 2},
        "gru_bahdanau": {
            "encoder": encoder(cell_type="gru"),
            "cell_type": "gru",
            "attention_type": "additive",
            "input_feeding": True,
            "bridge": "copy",
        },
        "rnn_luong_three_ways": {
            "encoder": encoder(cell_type="mingru"),
            "cell_type": "rnn_tanh",
            "attention_type": "dot",
            "input_feeding": True,
            "tie_word_embeddings": True,
            "tie_encoder_embeddings": True,
        },
    }
    by_hand: ClassVar = ("test_two_ranks_equal_one_process", "test_saved_equals_loaded")
    of_heads: ClassVar = (
        "test_padded_equals_single",
        "test_fast_equals_naive",
        "test_lacking_keys_are_fresh_and_named",
    )
    pipelines: ClassVar = {}
    losses: ClassVar = {
        "AutoModelForSeq2SeqLM": {
            **NEXT_TOKEN_LOSSES,
            "smoothed": ({"label_smoothing": 0.2}, NEXT_TOKEN_LOSSES["next tokens"][1]),
        }
    }
    bad_fields: ClassVar = (
        ({"cell_type": "sru"}, "cell_type"),
        ({"attention_type": "luong"}, "attention_type"),
        ({"bridge": "last"}, "bridge"),
        ({"num_hidden_layers": 0}, "num_hidden_layers"),
        ({"attention_size": 0}, "attention_size"),
        ({"embedding_dropout": 1.0}, "embedding_dropout"),
        ({"label_smoothing": -0.1}, "label_smoothing"),
        ({"pad_token_id": 13}, "pad_token_id"),
        ({"weight_dropout": 0.1, "input_feeding": True}, "input_feeding"),
        ({"weight_dropout": 0.1, "cell_type": "mingru"}, "mingru"),
        ({"attention_type": "none", "input_feeding": True}, "nothing to feed"),
        ({"attention_type": "none", "bridge": "none"}, "both 'none'"),
        ({"decoder_start_token_id": 0}, "pad_token_id"),
        ({"decoder_start_token_id": None, "bos_token_id": 0}, "bos_token_id is 0"),
        ({"decoder_start_token_id": 13}, "decoder_start_token_id"),
        ({"tie_encoder_embeddings": True}, "tie_word_embeddings"),
        (
            {"tie_encoder_embeddings": True, "tie_word_embeddings": True, "vocab_size": 14},
            "vocab_size is 14",
        ),
        (
            {
                "tie_encoder_embeddings": True,
                "tie_word_embeddings": True,
                "encoder": {"model_type": "bert"},
            },
            "plain table",
        ),
        (
            {"tie_word_embeddings": True, "embedding_config": {"kind": "one_hot"}},
            "tie_word_embeddings",
        ),
        ({"embedding_config": {"kind": "frames", "num_channels": 2}}, "input_features"),
        ({"encoder": {"model_type": "rwkv9"}}, "rwkv9"),
        ({"encoder": {"model_type": "t5"}}, "t5"),
    )

    def inputs(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Return a batch with a target of the same tokens in the same places."""
        given = super().inputs(batch)
        names = {"input_ids": "decoder_input_ids", "attention_mask": "decoder_attention_mask"}
        return given | {names[name]: value for name, value in batch.items() if name in names}

    def make_rows(self, labels: list[Any], vocab_size: int) -> list[dict[str, Any]]:
        """Return rows whose target is known by its labels alone."""
        rows = super().make_rows(labels, vocab_size)
        return [{k: v for k, v in row.items() if not k.startswith("decoder_")} for row in rows]

    @contextmanager
    def naively(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            naive = partial(recurrent_layer.run_layer, path="reference")
            patch.setattr(recurrent_layer, "run_layer", naive)
            yield
