"""Forecasters under transformers' common model tests; run by ``test_conformance.py``.

Overrides, with their reason:

- ``test_hidden_states_output`` wants states of the width ``hidden_size`` of the input of the first
  layer too, which is as wide as the lags and features.
- ``test_retain_grad_hidden_states_attentions`` wants the gradient of what the first layer reads,
  which is made of values alone.
- What looks for token ids, a table of them or ``vocab_size`` is skipped: there are only values.
"""

import unittest
from typing import Any

from transformers.models.auto import modeling_auto
from transformers.testing_utils import require_torch

from hf_recurrent import (
    RecurrentForTimeSeriesPrediction,
    RecurrentTimeSeriesConfig,
    RecurrentTimeSeriesModel,
)

from ...test_configuration_common import ConfigTester
from ...test_modeling_common import ModelTesterMixin, floats_tensor

modeling_auto.MODEL_MAPPING_NAMES["recurrent_time_series"] = "RecurrentTimeSeriesModel"


class _Inputs:
    """Make a configuration and a batch, as the common tests ask for them."""

    batch_size, seq_length, encoder_seq_length, is_training = 3, 7, 7, True
    hidden_size, num_hidden_layers = 32, 2

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields

    def get_config(self) -> RecurrentTimeSeriesConfig:
        return RecurrentTimeSeriesConfig(
            prediction_length=4,
            context_length=7,
            hidden_size=self.hidden_size,
            num_hidden_layers=self.num_hidden_layers,
            **self.fields,
        )

    def prepare_config_and_inputs_for_common(
        self,
    ) -> tuple[RecurrentTimeSeriesConfig, dict[str, Any]]:
        inputs = {"past_values": floats_tensor([3, 14]), "future_values": floats_tensor([3, 4])}
        return self.get_config(), inputs


class _Family(ModelTesterMixin):
    all_model_classes = (RecurrentTimeSeriesModel, RecurrentForTimeSeriesPrediction)
    pipeline_model_mapping: dict[str, Any] = {}  # noqa: RUF012 - as the common tests have it
    has_attentions, test_resize_embeddings = False, False
    fields: dict[str, Any] = {}  # noqa: RUF012

    def setUp(self) -> None:
        self.model_tester = _Inputs(self.fields)
        self.config_tester = ConfigTester(
            self,
            config_class=RecurrentTimeSeriesConfig,
            has_text_modality=False,
            hidden_size=37,
            common_properties=["hidden_size", "num_hidden_layers"],
        )

    def test_config(self) -> None:
        self.config_tester.run_common_tests()


_SKIPPED = (
    "test_hidden_states_output",
    "test_retain_grad_hidden_states_attentions",
    "test_inputs_embeds",
    "test_inputs_embeds_matches_input_ids",
    "test_model_get_set_embeddings",
)
for _name, _fields in {
    "lstm_student_t": {},
    "gru_quantiles_change": {
        "cell_type": "gru",
        "distribution_output": "quantiles",
        "scaling": "change",
        "anchor_lag": 1,
    },
}.items():
    _members: dict[str, Any] = {"fields": _fields}
    for _test in _SKIPPED:
        _members[_test] = unittest.skip("see above")(getattr(_Family, _test))
    globals()[_name] = require_torch(type(_name, (_Family, unittest.TestCase), _members))
