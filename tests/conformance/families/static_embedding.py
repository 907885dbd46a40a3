"""The static family under transformers' common model tests; run by ``test_conformance.py``.

Overrides, with their reason:

- ``test_hidden_states_output`` is skipped: there are no layers whose states could be returned.
- ``test_retain_grad_hidden_states_attentions`` is skipped for the same reason.
"""

import unittest
from typing import Any

import torch
from transformers.models.auto import modeling_auto
from transformers.testing_utils import require_torch, torch_device

from hf_recurrent import (
    StaticEmbeddingConfig,
    StaticEmbeddingForSequenceClassification,
    StaticEmbeddingModel,
)

from ...test_configuration_common import ConfigTester
from ...test_modeling_common import ModelTesterMixin, ids_tensor

modeling_auto.MODEL_MAPPING_NAMES["static_embedding"] = "StaticEmbeddingModel"
modeling_auto.MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES["static_embedding"] = (
    "StaticEmbeddingForSequenceClassification"
)


class _Inputs:
    batch_size, seq_length, is_training = 3, 7, True
    vocab_size, hidden_size, num_hidden_layers, num_labels = 99, 32, 0, 3

    def get_config(self) -> StaticEmbeddingConfig:
        return StaticEmbeddingConfig(
            vocab_size=99, embedding_size=32, num_labels=self.num_labels, pad_token_id=0
        )

    def prepare_config_and_inputs_for_common(self) -> tuple[StaticEmbeddingConfig, dict[str, Any]]:
        mask = torch.tril(torch.ones(3, 7, dtype=torch.long)).to(torch_device)
        return self.get_config(), {"input_ids": ids_tensor([3, 7], 99), "attention_mask": mask}


@require_torch
class StaticEmbeddingTest(ModelTesterMixin, unittest.TestCase):
    all_model_classes = (StaticEmbeddingModel, StaticEmbeddingForSequenceClassification)
    pipeline_model_mapping: dict[str, Any] = {}  # noqa: RUF012 - as the common tests have it
    has_attentions = False

    def setUp(self) -> None:
        self.model_tester = _Inputs()
        self.config_tester = ConfigTester(
            self, config_class=StaticEmbeddingConfig, embedding_size=37, common_properties=[]
        )

    def test_config(self) -> None:
        self.config_tester.run_common_tests()

    @unittest.skip("there are no layers")
    def test_hidden_states_output(self) -> None: ...

    @unittest.skip("there are no layers")
    def test_retain_grad_hidden_states_attentions(self) -> None: ...
