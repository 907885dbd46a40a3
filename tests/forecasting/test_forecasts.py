"""Forecasts are made where the model is, and leave it and torch as they were."""

from typing import Any

import numpy as np
import pytest
import torch
from transformers import TimeSeriesTransformerConfig, TimeSeriesTransformerForPrediction
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


def test_neither_the_mode_nor_torchs_generator_is_changed() -> None:
    config = RecurrentTimeSeriesConfig(prediction_length=2, hidden_size=4, hidden_dropout=0.5)
    model = RecurrentForTimeSeriesPrediction(config)
    given = [Series("a", np.arange(9, dtype=np.float32))]
    before = torch.get_rng_state()
    for training in (True, False):
        model.train(training)
        quantiles = [forecast(model, given, samples=5)[0].quantiles for _ in range(2)]
        np.testing.assert_array_equal(*quantiles)
        assert model.training is training
    assert torch.equal(torch.get_rng_state(), before)


def test_nothing_to_forecast() -> None:
    model = RecurrentForTimeSeriesPrediction(RecurrentTimeSeriesConfig(hidden_size=4))
    assert forecast(model, []) == []
    for horizon in (2.5, float("inf")):
        with pytest.raises(ValueError, match=rf"horizon is {horizon}, expected a whole number"):
            forecast(model, [Series("a", [1.0])], horizon=horizon)
    (found,) = forecast(model, [Series("a", [1.0])], horizon=2.0)
    assert found.quantiles.shape[1] == 2


def test_what_a_transformer_cannot_forecast() -> None:
    config = TimeSeriesTransformerConfig(prediction_length=2, context_length=3, d_model=8)
    model = TimeSeriesTransformerForPrediction(config)
    given = [Series("a", np.ones(9, np.float32))]
    with pytest.raises(ValueError, match=r"horizon is 5, .* always forecasts 2 steps"):
        forecast(model, given, horizon=5)
    with pytest.raises(ValueError, match="number of samples is 0"):
        forecast(model, given, samples=0)
