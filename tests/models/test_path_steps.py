"""Steps of sampled paths: the faster ones equal those of the layers, and are left where needed."""

from typing import Any

import pytest
import torch
from torch import nn

from hf_recurrent.models.path_steps import LstmPathSteps
from tests.models.test_forecasting import make, series


def plain(model: Any) -> Any:
    """Return the model with a hook that does nothing, so that its layers are called."""
    model.model.layers[0].register_forward_hook(lambda *given: None)
    return model


def count_fast(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    steps, run = [], LstmPathSteps.run

    def watched(self: Any, path: Any, step: int) -> Any:
        steps.append(step)
        return run(self, path, step)

    monkeypatch.setattr(LstmPathSteps, "run", watched)
    return steps


@pytest.mark.parametrize(
    "fields",
    [
        {"lags_sequence": [3, 1, 9, 5], "anchor_lag": 2, "num_hidden_layers": 3},
        {"lags_sequence": [1], "num_hidden_layers": 1, "distribution_output": "quantiles"},
        {"lags_sequence": [20], "distribution_output": "negative_binomial"},
    ],
)
def test_equals_the_layers(fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    fields |= {"num_time_features": 2, "num_past_dynamic_real_features": 1}
    model, steps = make(**fields).double(), count_fast(monkeypatch)
    values = series()
    values[1, -1] = values[2, 4] = torch.nan
    given = {
        "past_values": values.double(),
        "past_time_features": torch.rand(3, 11, 2).double(),
        "future_time_features": torch.rand(3, 8, 2).double(),
        "past_dynamic_real_features": torch.rand(3, 11, 1).double(),
        "seeds": torch.arange(3),
        "num_parallel_samples": 4,
    }
    fast = model.generate(**given).sequences
    assert steps == [*range(8)]
    expected = plain(model).generate(**given).sequences
    assert len(steps) == 8
    torch.testing.assert_close(fast, expected, rtol=1e-9, atol=1e-9)


class Doubled(nn.Module):
    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        return 2 * weight


@pytest.mark.parametrize("kind", ["hook", "torch", "parametrised", "dropout", "residual", "gru"])
def test_other_layers_are_called(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {"residual": {"residual": True}, "gru": {"cell_type": "gru"}}
    model, steps = make(**fields.get(kind, {})), count_fast(monkeypatch)
    layers = model.model.layers
    if kind == "hook":
        plain(model)
    elif kind == "torch":
        layers[1] = layers[1].to_torch()
    elif kind == "parametrised":
        nn.utils.parametrize.register_parametrization(layers[0], "weight_hh_l0", Doubled())
    elif kind == "dropout":
        model.train()
        layers[0].weight_dropout = 0.5
    assert model.generate(series(), num_parallel_samples=2).sequences.isfinite().all()
    assert not steps
