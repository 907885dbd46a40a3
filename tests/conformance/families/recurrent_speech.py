"""The family over sound under transformers' common model tests; run by ``test_conformance.py``.

Overrides, with their reason:

- What looks for token ids, a table of them or ``vocab_size`` is skipped, as for other frames.
- ``test_hidden_states_output`` is skipped for convolutions, which give fewer steps than they read.
- ``test_model_outputs_equivalence`` subtracts outputs, and ``mask`` is true or false.
- A recogniser gets labels that are not the blank, which is what the tests' zeros are.
"""

import unittest
from typing import Any

import torch
from transformers.models.auto import modeling_auto
from transformers.testing_utils import require_torch, torch_device

from hf_recurrent import (
    RecurrentForAudioClassification,
    RecurrentForCTC,
    RecurrentSpeechConfig,
    RecurrentSpeechModel,
)

from ...test_configuration_common import ConfigTester
from ...test_modeling_common import ModelTesterMixin, floats_tensor

modeling_auto.MODEL_MAPPING_NAMES["recurrent_speech"] = "RecurrentSpeechModel"
modeling_auto.MODEL_FOR_CTC_MAPPING_NAMES["recurrent_speech"] = "RecurrentForCTC"
modeling_auto.MODEL_FOR_AUDIO_CLASSIFICATION_MAPPING_NAMES["recurrent_speech"] = (
    "RecurrentForAudioClassification"
)


class _Inputs:
    """Make a configuration and a batch, as the common tests ask for them."""

    batch_size, seq_length, encoder_seq_length, is_training = 3, 7, 7, True
    vocab_size, hidden_size, num_hidden_layers, num_labels = 99, 32, 2, 3

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields

    def get_config(self) -> RecurrentSpeechConfig:
        return RecurrentSpeechConfig(
            vocab_size=self.vocab_size,
            hidden_size=self.hidden_size,
            num_hidden_layers=self.num_hidden_layers,
            num_labels=self.num_labels,
            embedding_size=32,
            embedding_config={"kind": "frames", "num_channels": 5, "projection": True},
            **self.fields,
        )

    def prepare_config_and_inputs_for_common(self) -> tuple[RecurrentSpeechConfig, dict[str, Any]]:
        mask = torch.tril(torch.ones(3, 7, dtype=torch.long)).to(torch_device)
        return self.get_config(), {
            "input_features": floats_tensor([3, 7, 5]),
            "attention_mask": mask,
        }


class _Family(ModelTesterMixin):
    all_model_classes = (RecurrentSpeechModel, RecurrentForCTC, RecurrentForAudioClassification)
    pipeline_model_mapping: dict[str, Any] = {}  # noqa: RUF012 - as the common tests have it
    has_attentions = False
    fields: dict[str, Any] = {}  # noqa: RUF012

    def setUp(self) -> None:
        self.model_tester = _Inputs(self.fields)
        self.config_tester = ConfigTester(
            self,
            config_class=RecurrentSpeechConfig,
            hidden_size=37,
            common_properties=["hidden_size", "num_hidden_layers"],
        )

    def test_config(self) -> None:
        self.config_tester.run_common_tests()

    def _prepare_for_class(
        self, inputs_dict: Any, model_class: Any, return_labels: bool = False
    ) -> Any:
        inputs = super()._prepare_for_class(inputs_dict, model_class, return_labels=return_labels)
        if return_labels and model_class is RecurrentForCTC:
            inputs["labels"] = torch.ones((3, 1), dtype=torch.long, device=torch_device)
        return inputs

    def test_hidden_states_output(self) -> None:
        if self.fields.get("conv_dim"):
            self.skipTest("convolutions give fewer steps than they read")
        super().test_hidden_states_output()


for _name in (
    "test_inputs_embeds",
    "test_inputs_embeds_matches_input_ids",
    "test_load_with_mismatched_shapes",
    "test_model_get_set_embeddings",
    "test_resize_embeddings_untied",
    "test_resize_embeddings_untied_no_reinit_on_post_init",
    "test_resize_tokens_embeddings",
):
    setattr(_Family, _name, unittest.skip("there are no token ids")(getattr(_Family, _name)))

_Family.test_model_outputs_equivalence = unittest.skip("a mask is true or false")(
    _Family.test_model_outputs_equivalence
)

for _name, _fields in {
    "lstm": {},
    "gru_subsampled": {
        "cell_type": "gru",
        "conv_dim": [8],
        "conv_kernel": [3],
        "conv_stride": [2],
    },
}.items():
    globals()[_name] = require_torch(type(_name, (_Family, unittest.TestCase), {"fields": _fields}))
