"""The learning rate and the evaluations of training for a given time."""

from types import SimpleNamespace

import pytest

from hf_recurrent.training import TimeBudget


def run(seconds: float, step: float, pause: float, **settings) -> tuple[list[float], list[int]]:
    """Run steps of some seconds; return the rates, and the steps that were evaluated."""
    now = [100.0]
    budget = TimeBudget(seconds, clock=lambda: now[0], **settings)
    args, group = SimpleNamespace(learning_rate=1.0), {"lr": 0.0}
    optimizer = SimpleNamespace(param_groups=[group])
    control = SimpleNamespace(should_training_stop=False, should_evaluate=False)
    budget.on_train_begin(args, None, control)
    rates, evaluated = [], []
    while not control.should_training_stop:
        budget.on_step_begin(args, None, control, optimizer=optimizer)
        rates.append(group["lr"])
        now[0] += step
        control.should_evaluate = False
        budget.on_step_end(args, None, control)
        if control.should_evaluate:
            evaluated.append(len(rates))
            now[0] += pause
    return rates, evaluated


def test_rates_rise_and_fall_to_the_end_of_the_time() -> None:
    rates, evaluated = run(10, 0.1, 0)
    assert len(rates) == pytest.approx(100, abs=1)
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == pytest.approx(0.95)
    assert rates[50] == pytest.approx(0.5, abs=0.01)
    assert rates[-1] < 0.02
    assert evaluated == []


def test_evaluations_take_no_time_of_training() -> None:
    rates, evaluated = run(10, 0.1, 7, evaluations=4)
    assert len(rates) == pytest.approx(100, abs=1)
    assert evaluated == pytest.approx([25, 50, 75, 100], abs=1)
    # Steps that are longer than a part of the time: each is followed by one evaluation.
    assert run(10, 6, 1, evaluations=4)[1] == [1, 2]


def test_pauses_take_no_time_of_training() -> None:
    now, paused = [0.0], [0.0]
    budget = TimeBudget(10, paused=lambda: paused[0], clock=lambda: now[0])
    control = SimpleNamespace(should_training_stop=False)
    budget.on_train_begin(None, None, control)
    now[0], paused[0] = 9.0, 6.0
    budget.on_step_end(None, None, control)
    assert budget.used == pytest.approx(0.3)
    assert not control.should_training_stop
    now[0] = 16.0
    budget.on_step_end(None, None, control)
    assert control.should_training_stop


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_no_time(seconds: float) -> None:
    with pytest.raises(ValueError, match=f"seconds is {seconds}, expected more than 0"):
        TimeBudget(seconds)
