"""Forecasts are made where the model is."""

from typing import Any

import numpy as np
import torch
from transformers.modeling_outputs import SampleTSPredictionOutput

from hf_recurrent import RecurrentForTimeSeriesPrediction, RecurrentTimeSeriesConfig
from hf_recurrent.forecasting import Series, forecast


def test_the_batch_goes_to_the_device_of_the_model(monkeypatch: Any) -> None:
    config = RecurrentTimeSeriesConfig(prediction_length=2, hidden_size=4)
    model = RecurrentForTimeSeriesPrediction(config).to("meta")
    seen = set()

    def generate(**given: Any) -> SampleTSPredictionOutput:
        seen.update(v.device.type for v in given.values() if isinstance(v, torch.Tensor))
        return SampleTSPredictionOutput(sequences=torch.zeros(1, 3, 2))

    monkeypatch.setattr(model, "generate", generate)
    forecast(model, [Series("a", np.ones(9, np.float32))], samples=3)
    assert seen == {"meta"}
