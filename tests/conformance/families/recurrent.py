"""The recurrent family under transformers' common model tests; run by ``test_conformance.py``.

Overrides, with their reason:

- ``test_hidden_states_output`` is skipped for two directions: it wants states of width
  ``hidden_size``, and ``hidden_size`` is that of one direction, as in torch.
- It is skipped for tied weights through a projection too, as embeddings have their own width there.
- What looks for token ids, a table of them or ``vocab_size`` is skipped for frames.

The tests of ``generate`` are not in the source archive of transformers, so their class is an empty
stand-in: ``tests/common/generation.py`` checks it against a loop of its own.
"""

import unittest
from typing import Any

import torch
from transformers.models.auto import modeling_auto
from transformers.testing_utils import require_torch, torch_device

from hf_recurrent import (
    RecurrentConfig,
    RecurrentForCausalLM,
    RecurrentForSequenceClassification,
    RecurrentForTokenClassification,
    RecurrentModel,
)
from hf_recurrent.models.cells import CELL_TYPES

from ...generation.test_utils import GenerationTesterMixin
from ...test_configuration_common import ConfigTester
from ...test_modeling_common import ModelTesterMixin, floats_tensor, ids_tensor

modeling_auto.MODEL_MAPPING_NAMES["recurrent"] = "RecurrentModel"
modeling_auto.MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES["recurrent"] = (
    "RecurrentForSequenceClassification"
)
modeling_auto.MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES["recurrent"] = (
    "RecurrentForTokenClassification"
)
modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES["recurrent"] = "RecurrentForCausalLM"


class _Inputs:
    """Make a configuration and a batch, as the common tests ask for them."""

    batch_size, seq_length, encoder_seq_length, is_training = 3, 7, 7, True
    vocab_size, hidden_size, num_hidden_layers, num_labels = 99, 32, 2, 3

    num_channels = 5

    def __init__(
        self,
        cell_type: str,
        bidirectional: bool,
        pooling: str,
        crf: bool,
        frames: bool,
        tied: bool,
        hidden_size: int,
    ) -> None:
        self.frames, self.hidden_size = frames, hidden_size
        self.fields = {
            "cell_type": cell_type,
            "bidirectional": bidirectional,
            "pooling": pooling,
            "crf": crf,
            "tie_word_embeddings": tied,
            "embedding_config": (
                {"kind": "frames", "num_channels": self.num_channels, "projection": True}
                if frames
                else None
            ),
        }

    def get_config(self) -> RecurrentConfig:
        return RecurrentConfig(
            vocab_size=self.vocab_size,
            embedding_size=32,
            hidden_size=self.hidden_size,
            num_hidden_layers=self.num_hidden_layers,
            num_labels=self.num_labels,
            pad_token_id=0,
            **self.fields,
        )

    def prepare_config_and_inputs_for_common(self) -> tuple[RecurrentConfig, dict[str, Any]]:
        mask = torch.tril(torch.ones(3, 7, dtype=torch.long)).to(torch_device)
        if self.frames:
            features = floats_tensor([3, 7, self.num_channels])
            return self.get_config(), {"input_features": features, "attention_mask": mask}
        return self.get_config(), {"input_ids": ids_tensor([3, 7], 99), "attention_mask": mask}


class _Family(ModelTesterMixin):
    all_model_classes = (
        RecurrentModel,
        RecurrentForSequenceClassification,
        RecurrentForTokenClassification,
    )
    pipeline_model_mapping: dict[str, Any] = {}  # noqa: RUF012 - as the common tests have it
    has_attentions = False
    cell_type, bidirectional, pooling, crf, frames = "lstm", False, "last", False, False
    tied, hidden_size = False, 32

    def setUp(self) -> None:
        self.model_tester = _Inputs(
            self.cell_type,
            self.bidirectional,
            self.pooling,
            self.crf,
            self.frames,
            self.tied,
            self.hidden_size,
        )
        self.config_tester = ConfigTester(
            self,
            config_class=RecurrentConfig,
            hidden_size=37,
            common_properties=["hidden_size", "num_hidden_layers"],
        )

    def test_config(self) -> None:
        self.config_tester.run_common_tests()

    def test_hidden_states_output(self) -> None:
        if self.bidirectional:
            self.skipTest("hidden_size is the width of one direction")
        if self.hidden_size != 32:
            self.skipTest("embeddings have their own width")
        super().test_hidden_states_output()


class _LanguageModel(GenerationTesterMixin, _Family):
    all_model_classes = all_generative_model_classes = (RecurrentForCausalLM,)


for _cell in CELL_TYPES:
    for _both, _pooling in ((False, "last"), (True, "attention")):
        _name = f"{_cell}_{'both' if _both else 'forward'}"
        _fields = {"cell_type": _cell, "bidirectional": _both, "pooling": _pooling}
        globals()[_name] = require_torch(type(_name, (_Family, unittest.TestCase), _fields))
        _fields |= {"crf": True, "all_model_classes": (RecurrentForTokenClassification,)}
        _name += "_crf"
        globals()[_name] = require_torch(type(_name, (_Family, unittest.TestCase), _fields))

    # Language models read in one direction; tied weights alone, and through a projection.
    for _tied, _width in ((False, 32), (True, 32), (True, 24)):
        _name = f"{_cell}_language_model_{_width}" + ("_tied" if _tied else "")
        _fields = {"cell_type": _cell, "tied": _tied, "hidden_size": _width}
        globals()[_name] = require_torch(type(_name, (_LanguageModel, unittest.TestCase), _fields))


class _Frames(_Family):
    frames = True


for _name in (
    "test_inputs_embeds",
    "test_inputs_embeds_matches_input_ids",
    "test_load_with_mismatched_shapes",
    "test_model_get_set_embeddings",
    "test_resize_tokens_embeddings",
):
    setattr(_Frames, _name, unittest.skip("there are no token ids")(getattr(_Family, _name)))

lstm_frames = require_torch(type("lstm_frames", (_Frames, unittest.TestCase), {}))
