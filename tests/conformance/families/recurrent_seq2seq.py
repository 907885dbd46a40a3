"""Encoder-decoder networks under transformers' common model tests; run by ``test_conformance.py``.

Both sides have the same width and vocabulary, since the tests know one of each.

Overrides, with their reason:

- ``test_inputs_embeds_matches_input_ids`` looks up sources in the table of the decoder, so it is
  skipped where each side has a table of its own.
- Two tests switch ``tie_word_embeddings`` off, which a configuration with ties three ways refuses.

The tests of ``generate`` are not in the source archive of transformers, so their class is an empty
stand-in: ``tests/models/test_translating.py`` checks it against a search of its own.
"""

import unittest
from typing import Any

import torch
from transformers.models.auto import modeling_auto
from transformers.testing_utils import require_torch, torch_device

from hf_recurrent import (
    RecurrentForConditionalGeneration,
    RecurrentSeq2SeqConfig,
    RecurrentSeq2SeqModel,
)

from ...generation.test_utils import GenerationTesterMixin
from ...test_configuration_common import ConfigTester
from ...test_modeling_common import ModelTesterMixin, ids_tensor

modeling_auto.MODEL_MAPPING_NAMES["recurrent_seq2seq"] = "RecurrentSeq2SeqModel"
modeling_auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES["recurrent_seq2seq"] = (
    "RecurrentForConditionalGeneration"
)


class _Inputs:
    """Make a configuration and a batch, as the common tests ask for them."""

    batch_size, seq_length, encoder_seq_length, decoder_seq_length = 3, 7, 7, 7
    vocab_size, hidden_size, num_hidden_layers, is_training = 99, 32, 2, True

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields

    def get_config(self) -> RecurrentSeq2SeqConfig:
        both = {
            "vocab_size": self.vocab_size,
            "embedding_size": 32,
            "hidden_size": self.hidden_size,
            "num_hidden_layers": self.num_hidden_layers,
        }
        return RecurrentSeq2SeqConfig(
            encoder=both, decoder_start_token_id=1, **{**both, **self.fields}
        )

    def prepare_config_and_inputs_for_common(self) -> tuple[RecurrentSeq2SeqConfig, dict[str, Any]]:
        mask = torch.tril(torch.ones(3, 7, dtype=torch.long)).to(torch_device)
        return self.get_config(), {
            "input_ids": ids_tensor([3, 7], 99),
            "attention_mask": mask,
            "decoder_input_ids": ids_tensor([3, 7], 99),
        }


class _Family(GenerationTesterMixin, ModelTesterMixin):
    all_model_classes = (RecurrentSeq2SeqModel, RecurrentForConditionalGeneration)
    all_generative_model_classes = (RecurrentForConditionalGeneration,)
    pipeline_model_mapping: dict[str, Any] = {}  # noqa: RUF012 - as the common tests have it
    is_encoder_decoder, has_attentions = True, False
    fields: dict[str, Any] = {}  # noqa: RUF012

    def setUp(self) -> None:
        self.model_tester = _Inputs(self.fields)
        self.config_tester = ConfigTester(
            self,
            config_class=RecurrentSeq2SeqConfig,
            hidden_size=37,
            common_properties=["hidden_size", "num_hidden_layers"],
        )

    def test_config(self) -> None:
        self.config_tester.run_common_tests()


_TIED = {"tie_word_embeddings": True, "tie_encoder_embeddings": True}
_OWN_TABLES = ("test_inputs_embeds_matches_input_ids",)
_UNTIED = ("test_load_save_without_tied_weights", "test_model_forward_default_config_values")
for _name, _fields in {
    "general_parallel": {},
    "general_three_ways": _TIED,
    "additive_feeding_gru": {
        "attention_type": "additive",
        "input_feeding": True,
        "cell_type": "gru",
    },
    "none_copied": {"attention_type": "none", "bridge": "copy"},
}.items():
    _members: dict[str, Any] = {"fields": _fields}
    for _test in _UNTIED if _fields is _TIED else _OWN_TABLES:
        _members[_test] = unittest.skip("see above")(getattr(_Family, _test))
    globals()[_name] = require_torch(type(_name, (_Family, unittest.TestCase), _members))
