import math

import pytest

from hf_recurrent.tasks import Metric
from hf_recurrent.tasks.choosing import choose

SCORES = {0.1: 0.5, 0.3: 0.9, 1.0: 0.9, 3.0: 0.5, 10.0: 0.7}


@pytest.mark.parametrize(("higher_is_better", "best"), [(True, 0.3), (False, 0.1)])
def test_the_first_of_the_best_is_kept(higher_is_better: bool, best: float) -> None:
    fitted = []

    def fit(c: float) -> float:
        fitted.append(c)
        return c

    metric = Metric("score", "score", higher_is_better=higher_is_better)
    chosen = choose([{"c": c} for c in SCORES], fit, SCORES.__getitem__, metric, "Trying")
    assert (chosen.model, chosen.validation) == (best, SCORES[best])
    assert fitted == [*SCORES]
    assert chosen.trials == [{"values": {"c": c}, "validation": s} for c, s in SCORES.items()]


@pytest.mark.parametrize("higher_is_better", [True, False])
def test_nan_is_worse_than_any_number(higher_is_better: bool) -> None:
    metric, values = Metric("score", "score", higher_is_better=higher_is_better), [math.nan, 2.0]
    chosen = choose([{"c": 0}, {"c": 1}], lambda c: c, values.__getitem__, metric, "Trying")
    assert chosen.model == metric.best(values) == 1
    assert metric.best([*reversed(values)]) == metric.best([math.nan] * 2) == 0
