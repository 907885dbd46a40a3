"""The recurrent family keeps the promises."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor

from hf_recurrent import (
    RecurrentConfig,
    RecurrentForCausalLM,
    RecurrentForSequenceClassification,
    RecurrentForTokenClassification,
    RecurrentModel,
)
from hf_recurrent.models import recurrent_layer
from tests.common.generation import GenerationEqualsLoop
from tests.common.promises import StatefulModelPromises


class TestRecurrentFamily(StatefulModelPromises):
    config_class = RecurrentConfig
    heads: ClassVar = {
        "AutoModel": RecurrentModel,
        "AutoModelForSequenceClassification": RecurrentForSequenceClassification,
        "AutoModelForTokenClassification": RecurrentForTokenClassification,
    }
    elsewhere: ClassVar = ("AutoModelForCausalLM",)
    fields: ClassVar = {"vocab_size": 13, "embedding_size": 5, "hidden_size": 4}
    variants: ClassVar = {
        "bilstm_attention": {"cell_type": "lstm", "bidirectional": True, "pooling": "attention"},
        "lstm_last": {"cell_type": "lstm", "pooling": "last"},
        "bigru_stacked_residual_last": {
            "cell_type": "gru",
            "bidirectional": True,
            "num_hidden_layers": 3,
            "residual": True,
            "pooling": "last",
        },
        "gru_mean": {"cell_type": "gru", "pooling": "mean"},
        "rnn_tanh_stacked_max": {"cell_type": "rnn_tanh", "num_hidden_layers": 2, "pooling": "max"},
        "rnn_relu_residual_attention": {
            "cell_type": "rnn_relu",
            "num_hidden_layers": 2,
            "residual": True,
            "pooling": "attention",
        },
        "mingru_stacked_mean": {"cell_type": "mingru", "num_hidden_layers": 2, "pooling": "mean"},
        "biminlstm_last": {"cell_type": "minlstm", "bidirectional": True, "pooling": "last"},
        "rnn_relu_identity": {"cell_type": "rnn_relu", "recurrent_initializer": "identity"},
        "bilstm_chrono": {"bidirectional": True, "chrono_max_length": 100},
    }
    bad_fields: ClassVar = (
        ({"cell_type": "sru"}, "cell_type"),
        ({"hidden_size": 0}, "hidden_size"),
        ({"num_hidden_layers": 0}, "num_hidden_layers"),
        ({"embedding_size": -1}, "embedding_size"),
        ({"vocab_size": 0}, "vocab_size"),
        ({"hidden_dropout": 1.0}, "hidden_dropout"),
        ({"embedding_dropout": -0.1}, "embedding_dropout"),
        ({"frozen_layers": [3]}, "frozen_layers"),
        ({"pad_token_id": 13}, "pad_token_id"),
        ({"initializer_range": -1.0}, "initializer_range"),
        ({"recurrent_initializer": "glorot"}, "recurrent_initializer"),
        ({"recurrent_initializer": "identity"}, "rnn_tanh and rnn_relu"),
        ({"chrono_max_length": 2}, "chrono_max_length"),
        ({"cell_type": "mingru", "chrono_max_length": 9}, "lstm and gru"),
    )
    bad_head_fields: ClassVar = {
        "AutoModelForSequenceClassification": (
            ({"pooling": "median"}, "pooling"),
            ({"classifier_dropout": float("nan")}, "classifier_dropout"),
            ({"class_weights": [1.0, 2.0, 3.0]}, "class_weights"),
            ({"class_weights": [1.0, -1.0]}, "class_weights"),
            ({"label_smoothing": 1.0}, "label_smoothing"),
            ({"focal_gamma": -0.5}, "focal_gamma"),
            ({"hard_example_share": 0.0}, "hard_example_share"),
            ({"hard_example_share": 1.5}, "hard_example_share"),
            (
                {"problem_type": "regression", "label_smoothing": 0.1},
                "no meaning for problem_type 'regression'",
            ),
        ),
        "AutoModelForTokenClassification": (
            ({"classifier_dropout": 1.0}, "classifier_dropout"),
            ({"class_weights": [1.0]}, "class_weights"),
            ({"focal_gamma": float("nan")}, "focal_gamma"),
            ({"crf": True, "hard_example_share": -1.0}, "hard_example_share"),
            ({"crf": True, "num_labels": 1}, "at least 2 labels"),
            ({"crf": True, "label_smoothing": 0.1}, "crf=True takes no label_smoothing"),
            ({"crf": True, "class_weights": [1.0, 2.0]}, "crf=True takes no class_weights"),
            ({"crf": True, "tag_scheme": "BIOE"}, "tag_scheme"),
            ({"crf": True, "constrained_training": True}, "tag_scheme"),
            (
                {"crf": True, "tag_scheme": "BIO", "id2label": {1: "O", 2: "B-X"}},
                "id2label has no name for label 0",
            ),
            ({"tag_scheme": "BIO"}, "crf=True"),
            ({"constrained_training": True}, "crf=True"),
        ),
    }

    def initial_states(self, config: Any, rows: int) -> dict[str, Tensor]:
        shape = (rows, config.num_hidden_layers * config.num_directions, config.hidden_size)
        generator = torch.Generator().manual_seed(rows)
        names = ["initial_hidden_state"]
        names += ["initial_cell_state"] if config.cell_type == "lstm" else []
        return {name: torch.randn(shape, generator=generator) for name in names}

    @contextmanager
    def naively(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            naive = partial(recurrent_layer.run_layer, path="reference")
            patch.setattr(recurrent_layer, "run_layer", naive)
            yield


class TestRecurrentCRF(TestRecurrentFamily):
    """What a CRF behind the states changes for the promises."""

    by_hand: ClassVar = ("test_saved_equals_loaded",)

    heads: ClassVar = {
        "AutoModel": RecurrentModel,
        "AutoModelForSequenceClassification": RecurrentForSequenceClassification,
        "AutoModelForTokenClassification": RecurrentForTokenClassification,
    }
    variants: ClassVar = {
        "bilstm_crf": {"bidirectional": True, "crf": True},
        "gru_crf_bio": {
            "cell_type": "gru",
            "crf": True,
            "tag_scheme": "BIO",
            "id2label": {0: "O", 1: "B-X", 2: "I-X"},
        },
    }
    label_names: ClassVar = ("O", "B-X", "I-X")
    losses: ClassVar = {}  # each loss names its own fields: they ran above
    bad_fields: ClassVar = ()
    bad_head_fields: ClassVar = {}


class TestRecurrentLanguageModel(GenerationEqualsLoop, TestRecurrentFamily):
    """What reading forward only, and an output layer over the vocabulary, change for them."""

    by_hand: ClassVar = ("test_two_ranks_equal_one_process", "test_saved_equals_loaded")
    heads: ClassVar = {
        "AutoModel": RecurrentModel,
        "AutoModelForCausalLM": RecurrentForCausalLM,
    }
    elsewhere: ClassVar = (
        "AutoModelForSequenceClassification",
        "AutoModelForTokenClassification",
    )
    fields: ClassVar = {"vocab_size": 13, "embedding_size": 5, "hidden_size": 4, "use_cache": False}
    variants: ClassVar = {
        "lstm_stacked": {"cell_type": "lstm", "num_hidden_layers": 2},
        "lstm_tied_projection": {"cell_type": "lstm", "tie_word_embeddings": True},
        "gru_residual_tied": {
            "cell_type": "gru",
            "num_hidden_layers": 2,
            "residual": True,
            "embedding_size": 4,
            "tie_word_embeddings": True,
        },
        "rnn_tanh_bpr_max": {
            "cell_type": "rnn_tanh",
            "output_loss": "bpr_max",
            "output_loss_config": {"sampler": "in_batch"},
        },
        "rnn_relu_stacked": {"cell_type": "rnn_relu", "num_hidden_layers": 2},
        "mingru_residual": {"cell_type": "mingru", "num_hidden_layers": 2, "residual": True},
        "minlstm_adaptive": {
            "cell_type": "minlstm",
            "output_loss": "adaptive",
            "output_loss_config": {"cutoffs": [4, 8]},
        },
    }
    bad_fields: ClassVar = ()
    bad_head_fields: ClassVar = {
        "AutoModelForCausalLM": (
            ({"bidirectional": True}, "bidirectional"),
            ({"classifier_dropout": 1.0}, "classifier_dropout"),
            ({"label_smoothing": 1.0}, "label_smoothing"),
            ({"class_weights": [1.0, 2.0]}, "class_weights"),
            ({"focal_gamma": 2.0}, "takes no focal_gamma"),
            ({"hard_example_share": 0.5}, "takes no hard_example_share"),
            ({"embedding_config": {"kind": "frames", "num_channels": 2}}, "input_features"),
            (
                {"embedding_config": {"kind": "one_hot"}, "tie_word_embeddings": True},
                "tie_word_embeddings",
            ),
        ),
    }
