"""Figures of forecasts against hand-computed cases, and against gluonts."""

import math

import numpy as np
import pytest

from hf_recurrent.metrics import (
    IntervalCoverage,
    MeanAbsoluteScaledError,
    SymmetricPercentageError,
    WeightedQuantileLoss,
)
from hf_recurrent.metrics.forecasting import (
    LEVELS,
    coverage,
    scaled_error,
    symmetric_error,
    weighted_quantile_loss,
)

NAN = float("nan")


def test_mase_by_hand() -> None:
    metric = MeanAbsoluteScaledError()
    given = {"predictions": [[5.0, 5.0], [1.0, 1.0]], "references": [[4.0, 8.0], [1.0, 3.0]]}
    # Changes over two steps are 2, 1 and 3: a mean of 2; the second series never changes.
    histories = [[1.0, 2.0, 3.0, 1.0, 0.0], [7.0, 7.0, 7.0]]
    assert metric.compute(**given, histories=histories, season=2) == {"mase": pytest.approx(1.0)}
    assert np.isnan(scaled_error([[1.0]], [[2.0]], [[3.0]], 1))
    assert scaled_error([[NAN, 8.0]], [[5.0, 5.0]], [[1.0, NAN, 2.0, 4.0]], 1) == 1.5


@pytest.mark.parametrize("steps", [5, 11, 12])
def test_mase_of_a_past_no_longer_than_a_season(steps: int) -> None:
    past = 2.0 * np.arange(steps)
    assert scaled_error([[3.0]], [[2.0]], [past], 12) == 0.5


def test_quantile_loss_by_hand() -> None:
    metric = WeightedQuantileLoss()
    # Above the lower quantile by 2: .1 * 2; below the upper by 3: .1 * 3; twice each, over |-10|.
    found = metric.compute(predictions=[[[-12.0], [-7.0]]], references=[[-10.0]], levels=[0.1, 0.9])
    assert found == {"mean_weighted_quantile_loss": pytest.approx((0.04 + 0.06) / 2)}
    missing = weighted_quantile_loss([[-10.0, NAN]], [[[-12.0, 5], [-7.0, 6]]], [0.1, 0.9])
    assert missing == pytest.approx(0.05)


def test_smape_and_coverage_by_hand() -> None:
    given = {"predictions": [[5.0, 0.0], [3.0, 1.0]], "references": [[15.0, 0.0], [NAN, -1.0]]}
    assert SymmetricPercentageError().compute(**given) == {"smape": pytest.approx((1 + 0 + 2) / 3)}
    bounds = [[[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]]
    found = IntervalCoverage().compute(predictions=bounds, references=[[1.0, 2.0, NAN]])
    assert found == {"coverage": 0.5}


def test_a_forecast_that_is_no_number_is_no_good_one() -> None:
    """It would have no error, and the lowest loss of all."""
    right, nan = [[1.0, np.nan, 3.0]], np.nan
    assert math.isfinite(scaled_error(right, [[1.0, nan, 3.0]], [[1.0, 2.0]]))
    assert math.isnan(scaled_error(right, [[1.0, 1.0, nan]], [[1.0, 2.0]]))
    assert math.isnan(weighted_quantile_loss(right, [[[nan, 1.0, 1.0]]], [0.5]))
    assert math.isnan(symmetric_error(right, [[nan, 1.0, 1.0]]))
    assert math.isnan(coverage(right, [[[nan, 0.0, 0.0], [9.0, 9.0, 9.0]]]))
    assert symmetric_error(right, [[1.0, nan, 3.0]]) == 0
    assert coverage(right, [[[0.0, nan, 0.0], [9.0, nan, 1.0]]]) == 0.5
    for metric, given, expected in (
        (symmetric_error, [[1.0]], r"\(3,\)"),
        (weighted_quantile_loss, [[[1.0] * 3]], r"\(9, 3\): .* there are 9 levels"),
        (coverage, [[[1.0] * 3]], r"\(2, 3\)"),
    ):
        with pytest.raises(ValueError, match=rf"have shape \([13, ]+\), expected {expected}"):
            metric(right, given)


def test_equal_to_gluonts() -> None:
    pytest.importorskip("gluonts", reason="gluonts is not installed")
    import pandas as pd
    from gluonts.ev.metrics import MASE, SMAPE, Coverage, MeanWeightedSumQuantileLoss
    from gluonts.model import evaluate_forecasts
    from gluonts.model.forecast import QuantileForecast

    random = np.random.default_rng(0)
    start = pd.Period("2020-01-01", freq="B")
    pasts = [random.normal(3, 2, 60) for _ in range(5)]
    right = [random.normal(3, 2, 7) for _ in range(5)]
    found = [np.sort(random.normal(3, 2, (9, 7)), axis=0) for _ in range(5)]

    class Data:
        """What gluonts' evaluation reads of a split data set."""

        input = [{"target": p, "start": start, "item_id": str(n)} for n, p in enumerate(pasts)]  # noqa: RUF012
        label = [{"target": r, "start": start + 60, "item_id": str(n)} for n, r in enumerate(right)]  # noqa: RUF012

        def __iter__(self):
            return iter(zip(self.input, self.label, strict=True))

        def __len__(self):
            return 5

    forecasts = [
        QuantileForecast(q, start_date=start + 60, forecast_keys=[str(level) for level in LEVELS])
        for q in found
    ]
    metrics = [
        MASE(),
        SMAPE(),
        MeanWeightedSumQuantileLoss(list(LEVELS)),
        Coverage(0.9),
        Coverage(0.1),
    ]
    table = evaluate_forecasts(forecasts, test_data=Data(), metrics=metrics, seasonality=5)
    told = {name: float(table[name].iloc[0]) for name in table.columns}
    medians = [q[4] for q in found]
    assert scaled_error(right, medians, pasts, 5) == pytest.approx(told["MASE[0.5]"])
    assert weighted_quantile_loss(right, found) == pytest.approx(
        told["mean_weighted_sum_quantile_loss"]
    )
    band = told["coverage[0.9]"] - told["coverage[0.1]"]
    assert coverage(right, [q[[0, -1]] for q in found]) == pytest.approx(band)
    assert symmetric_error(right, medians) == pytest.approx(told["sMAPE[0.5]"])
