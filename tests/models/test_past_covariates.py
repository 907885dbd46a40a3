"""Covariates of the past alone: read a step late, carried on over gaps and the future, scaled."""

from typing import Any

import pytest
import torch
from torch import Tensor

from hf_recurrent import RecurrentForTimeSeriesPrediction, RecurrentTimeSeriesConfig
from hf_recurrent.models.past_covariates import carried_on, read_covariates
from tests.common.bad_input import assert_one_sentence

NAN = torch.nan
FIELDS: dict[str, Any] = {
    "prediction_length": 3,
    "lags_sequence": [1, 2],
    "num_hidden_layers": 1,
}


def make(**fields: Any) -> RecurrentForTimeSeriesPrediction:
    torch.manual_seed(0)
    fields = {"hidden_size": 4, "num_past_dynamic_real_features": 1, **FIELDS, **fields}
    config = RecurrentTimeSeriesConfig(**fields)
    return RecurrentForTimeSeriesPrediction(config).eval()


def column(*values: float) -> Tensor:
    return torch.tensor(values).view(1, -1, 1)


def test_gaps_by_hand() -> None:
    given = torch.tensor([[[9.0, 8], [1, 2], [3, NAN], [NAN, 4], [5, NAN]]])
    exists = torch.tensor([[False, True, True, True, True]])
    found = read_covariates("mean", given, exists, context=4, lag=1)
    # Means of the known ones: 3 and 3; those of the padding are not known.
    assert (found[0, :, :2] * 3).round(decimals=4).tolist() == [
        *([0, 0], [1, 2], [3, 2], [3, 4], [5, 4])
    ]
    assert found[0, :, 2:].tolist() == [[0, 0], [1, 1], [1, 0], [0, 1], [1, 0]]
    assert (carried_on(found, 2)[0, 5:] * 3).round(decimals=4).tolist() == [[5, 4, 0, 0]] * 2


def test_each_is_scaled_by_itself() -> None:
    given = torch.randn(2, 6, 3)
    exists = torch.ones(2, 6, dtype=torch.bool)
    sizes = torch.tensor([[1.0, 64, 0.5], [1024, 1, 2]]).unsqueeze(1)
    for kind in ("mean", "std", "change"):
        expected = read_covariates(kind, given, exists, 5, 1)
        found = read_covariates(kind, given * sizes, exists, 5, 1)
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    raw = read_covariates(None, given * sizes, exists, 5, 1)
    assert torch.equal(raw[..., :3], given * sizes)


def test_a_step_reads_those_of_the_step_before() -> None:
    """So the future reads the last of the past, and no step reads its own."""
    model, values = make(scaling=None), torch.arange(6.0).unsqueeze(0)
    given = column(1, 2, 3, 4, 5, 6)
    vectors = model.model.read(
        values, past_dynamic_real_features=given, future_values=torch.ones(1, 3), future_steps=3
    ).vectors
    # Behind two lags and the mark of the value: of three steps of the context, and of the future.
    assert vectors[0, :, 3].tolist() == [3, 4, 5, 6, 6, 6]
    assert vectors[0, :, 4].tolist() == [1, 1, 1, 1, 0, 0]


def test_rows_that_differ_in_them_alone_differ() -> None:
    model, values = make(), torch.arange(6.0).repeat(2, 1)
    given = torch.cat([column(1, 2, 3, 4, 5, 6), column(1, 2, 3, 4, 5, NAN)])
    params = model(values, past_dynamic_real_features=given).params
    assert all((one != other).all() for one, other in params)


def test_the_network_learns_from_them() -> None:
    """A value that is the covariate of a step before can be told for one step, and no further."""
    torch.manual_seed(0)
    model = make(distribution_output="normal", scaling=None, hidden_size=8).train()
    optimizer = torch.optim.Adam(model.parameters(), 0.03)

    def batch() -> dict[str, Tensor]:
        known = torch.randn(64, 9)
        values = torch.cat([torch.randn(64, 1), known], 1)[:, :9]
        past = {"past_values": values[:, :6], "future_values": values[:, 6:]}
        return past | {"past_dynamic_real_features": known[:, :6].unsqueeze(-1)}

    for _ in range(100):
        optimizer.zero_grad()
        model(**batch()).loss.backward()
        optimizer.step()
    given = batch()
    loc, scale = model.eval()(**given).params
    errors = (given["future_values"] - loc).abs().mean(0)
    assert errors[0] < 0.2
    assert (errors[1:] > 0.6).all()
    assert scale[:, 0].mean() < 0.3 < 0.8 < scale[:, 1:].mean()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (None, ["is missing", "(2, 5, 1)", "num_past_dynamic_real_features"]),
        (torch.zeros(2, 4, 1), ["(2, 4, 1)", "(2, 5, 1)"]),
    ],
)
def test_bad_input(given: Tensor | None, named: list[str]) -> None:
    for call in (make(), make().generate):
        with pytest.raises(ValueError) as caught:  # noqa: PT011
            call(torch.ones(2, 5), past_dynamic_real_features=given)
        assert_one_sentence(caught.value, "past_dynamic_real_features", *named)
    with pytest.raises(ValueError, match=r"shape \(2, 5, 1\), expected \(2, 5, 0\)"):
        RecurrentForTimeSeriesPrediction(RecurrentTimeSeriesConfig(**FIELDS))(
            torch.ones(2, 5), past_dynamic_real_features=torch.zeros(2, 5, 1)
        )
