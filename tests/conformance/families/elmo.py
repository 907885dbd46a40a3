"""ELMo under transformers' common model tests; run by ``test_conformance.py``.

Overrides, with their reason:

- ``test_hidden_states_output`` is skipped: its layers are as wide as both directions, and
  ``hidden_size`` is the width of one, as in torch.
- ``test_resize_tokens_embeddings`` and ``test_model_get_set_embeddings`` are skipped: words are
  read by their characters, so there is no table of them.
- ``test_inputs_embeds`` and ``test_inputs_embeds_matches_input_ids`` are skipped, since they call
  the input layer with token ids alone.
- Labels are added for training, which the common tests do for families of their own only.
"""

import unittest
from typing import Any

import torch
from transformers.models.auto import modeling_auto
from transformers.testing_utils import require_torch, torch_device

from hf_recurrent import ElmoConfig, ElmoForPreTraining, ElmoModel

from ...test_configuration_common import ConfigTester
from ...test_modeling_common import ModelTesterMixin, ids_tensor

modeling_auto.MODEL_MAPPING_NAMES["elmo"] = "ElmoModel"
modeling_auto.MODEL_FOR_PRETRAINING_MAPPING_NAMES["elmo"] = "ElmoForPreTraining"


class _Inputs:
    """Make a configuration and a batch, as the common tests ask for them."""

    batch_size, seq_length, is_training = 3, 7, True
    vocab_size, hidden_size, num_hidden_layers = 99, 16, 2

    def get_config(self) -> ElmoConfig:
        return ElmoConfig(
            vocab_size=self.vocab_size,
            character_size=4,
            max_characters_per_token=8,
            filters=[[1, 8], [2, 16]],
            num_highway_layers=1,
            hidden_size=self.hidden_size,
            cell_size=32,
            num_hidden_layers=self.num_hidden_layers,
            pad_token_id=0,
        )

    def prepare_config_and_inputs_for_common(self) -> tuple[ElmoConfig, dict[str, Any]]:
        mask = torch.tril(torch.ones(3, 7, dtype=torch.long)).to(torch_device)
        characters = ids_tensor([3, 7, 8], 260) + 1
        inputs = {"input_ids": ids_tensor([3, 7], self.vocab_size), "attention_mask": mask}
        return self.get_config(), {**inputs, "char_ids": characters}


@require_torch
class ElmoTest(ModelTesterMixin, unittest.TestCase):
    all_model_classes = (ElmoModel, ElmoForPreTraining)
    pipeline_model_mapping: dict[str, Any] = {}  # noqa: RUF012 - as the common tests have it
    has_attentions = False

    def setUp(self) -> None:
        self.model_tester = _Inputs()
        self.config_tester = ConfigTester(
            self,
            config_class=ElmoConfig,
            hidden_size=37,
            common_properties=["hidden_size", "num_hidden_layers"],
        )

    def test_config(self) -> None:
        self.config_tester.run_common_tests()

    @unittest.skip("hidden_size is the width of one direction")
    def test_hidden_states_output(self) -> None: ...

    @unittest.skip("there is no table of words")
    def test_resize_tokens_embeddings(self) -> None: ...

    @unittest.skip("there is no table of words")
    def test_model_get_set_embeddings(self) -> None: ...

    def _prepare_for_class(
        self, inputs_dict: dict[str, Any], model_class: type, return_labels: bool = False
    ) -> dict[str, Any]:
        prepared = super()._prepare_for_class(inputs_dict, model_class, return_labels)
        if return_labels and model_class is ElmoForPreTraining:
            prepared["labels"] = torch.zeros(3, 7, dtype=torch.long, device=torch_device)
        return prepared

    @unittest.skip("it calls the input layer with token ids alone")
    def test_inputs_embeds(self) -> None: ...

    @unittest.skip("it calls the input layer with token ids alone")
    def test_inputs_embeds_matches_input_ids(self) -> None: ...
