"""Clipping by a callback: the same training as by Trainer, and its figures in the logs."""

import json
import statistics
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn
from transformers import Trainer, TrainerCallback, TrainerState

from hf_recurrent.training import ClipGradients

from .test_trainer import StopAt, make_model, make_rows, make_trainer

FIGURES = {
    "grad_norm_mean",
    "grad_norm_max",
    "clipped_steps",
    "clip_factor",
    "exploding_steps",
    "nonfinite_steps",
}


class Gradients(TrainerCallback):
    """Keep the gradient of each step, as the callbacks before and behind this one leave it."""

    def __init__(self) -> None:
        self.seen: list[torch.Tensor] = []

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        parts = [p.grad.flatten() for p in kwargs["model"].parameters() if p.grad is not None]
        self.seen.append(torch.cat(parts).clone())

    @property
    def norms(self) -> list[float]:
        return [float(gradient.norm()) for gradient in self.seen]


def run(folder: Path, callbacks: list[Any], **arguments: Any) -> Trainer:
    settings = {
        "num_train_epochs": 2,
        "logging_strategy": "steps",
        "logging_steps": 3,
        "max_grad_norm": 0,
        **arguments,
    }
    trainer = make_trainer(make_model(), folder, make_rows(48), callbacks, **settings)
    trainer.train()
    return trainer


def logs(trainer: Trainer) -> list[dict[str, float]]:
    return [log for log in trainer.state.log_history if "grad_norm_mean" in log]


@pytest.mark.parametrize("accumulated", [1, 3])
def test_by_norm_training_is_that_of_trainer(accumulated: int, tmp_path: Path) -> None:
    arguments = {"gradient_accumulation_steps": accumulated}
    plain = run(tmp_path / "a", [], max_grad_norm=0.2, **arguments)
    ours = run(tmp_path / "b", [ClipGradients(max_norm=0.2)], **arguments)
    other = run(tmp_path / "c", [ClipGradients()], **arguments)
    for name, value in plain.model.state_dict().items():
        assert torch.equal(value, ours.model.state_dict()[name]), name
    assert any(
        not torch.equal(value, other.model.state_dict()[name])
        for name, value in plain.model.state_dict().items()
    )
    # What Trainer logs is still the norm before clipping, of the last step.
    norms = [
        [log["grad_norm"] for log in each.state.log_history if "grad_norm" in log]
        for each in (plain, ours)
    ]
    assert norms[0] == norms[1]
    assert len(norms[0]) >= 2


@pytest.mark.parametrize("arguments", [{}, {"gradient_accumulation_steps": 2}, {"bf16": True}])
def test_each_log_has_the_figures_of_its_steps(arguments, tmp_path: Path) -> None:
    before, after = Gradients(), Gradients()
    callbacks = [before, ClipGradients(max_norm=0.7), after]
    trainer = run(tmp_path, callbacks, **arguments)
    steps = trainer.state.max_steps
    assert len(before.norms) == steps
    found = logs(trainer)
    ends = [log["step"] for log in found]
    assert ends == [*range(3, steps + 1, 3)]
    clipped = 0
    for end, log in zip(ends, found, strict=True):
        norms, left = before.norms[end - 3 : end], after.norms[end - 3 : end]
        assert log["grad_norm_mean"] == pytest.approx(statistics.fmean(norms), rel=1e-5)
        assert log["grad_norm_max"] == pytest.approx(max(norms), rel=1e-5)
        assert log["grad_norm"] == pytest.approx(norms[-1], rel=1e-5)
        factors = [b / a for a, b in zip(norms, left, strict=True) if a > 0.7]
        assert log["clipped_steps"] == pytest.approx(len(factors) / 3)
        assert log["clip_factor"] == pytest.approx(statistics.fmean(factors or [1]), rel=1e-5)
        assert log["nonfinite_steps"] == 0
        clipped += len(factors)
    assert 0 < clipped < steps
    assert max(after.norms) <= 0.7 * (1 + 1e-6)


def test_by_value_no_number_is_larger(tmp_path: Path) -> None:
    before, after = Gradients(), Gradients()
    trainer = run(tmp_path, [before, ClipGradients(max_value=0.05), after], logging_steps=1)
    for first, second, log in zip(before.seen, after.seen, logs(trainer), strict=True):
        assert torch.equal(second, first.clamp(-0.05, 0.05))
        assert log["grad_norm_max"] == pytest.approx(first.norm().item(), rel=1e-5)
        changed = bool((first != second).any())
        assert log["clipped_steps"] == changed
        factor = (second.norm() / first.norm()).item()
        assert log["clip_factor"] == pytest.approx(factor, rel=1e-4)
    assert any(log["clipped_steps"] for log in logs(trainer))


def test_the_steps_behind_the_last_log_are_in_the_log_of_the_end(tmp_path: Path) -> None:
    trainer = run(tmp_path, [ClipGradients()], logging_steps=10)
    ends = [log for log in trainer.state.log_history if log.keys() >= FIGURES]
    assert [log["step"] for log in ends] == [10, 20, 24]
    assert "train_loss" in ends[-1]


def test_logs_of_an_evaluation_are_left_alone(tmp_path: Path) -> None:
    trainer = run(tmp_path, [ClipGradients()], eval_strategy="steps", eval_steps=2)
    evaluations = [log for log in trainer.state.log_history if "eval_loss" in log]
    assert evaluations
    assert not any(FIGURES & log.keys() for log in evaluations)
    assert len(logs(trainer)) == 8


def test_the_printed_log_has_the_figures(tmp_path: Path, capsys) -> None:
    run(tmp_path, [ClipGradients(max_norm=1.0)])
    assert "'clipped_steps'" in capsys.readouterr().out


@pytest.mark.parametrize("stop", [6, 7], ids=["at-a-log", "between-logs"])
def test_a_resumed_run_logs_what_an_uninterrupted_one_does(stop: int, tmp_path: Path) -> None:
    arguments = {
        "save_strategy": "steps",
        "save_steps": stop,
        "restore_callback_states_from_checkpoint": True,
    }
    whole = run(tmp_path / "whole", [ClipGradients(0.7)], **arguments)
    run(tmp_path / "parts", [ClipGradients(0.7), StopAt(stop)], **arguments)
    for checkpoint in (tmp_path / "parts").glob("checkpoint-*"):
        json.loads((checkpoint / "trainer_state.json").read_text())
    settings = {"num_train_epochs": 2, "logging_strategy": "steps", "logging_steps": 3}
    resumed = make_trainer(
        make_model(),
        tmp_path / "parts",
        make_rows(48),
        [ClipGradients(0.7)],
        max_grad_norm=0,
        **settings,
        **arguments,
    )
    resumed.train(resume_from_checkpoint=True)
    assert len(logs(whole)) == 8
    for one, other in zip(logs(whole), logs(resumed), strict=True):
        assert {n: one[n] for n in FIGURES} == {n: other[n] for n in FIGURES}


def feed(callback: ClipGradients, norms: list[float]) -> dict[str, float]:
    """Let steps with gradients of these norms pass, and return the log after them."""
    model = nn.Linear(1, 1, bias=False)
    state = TrainerState(log_history=[{}], global_step=1)
    for norm in norms:
        model.weight.grad = torch.tensor([[norm]])
        callback.on_pre_optimizer_step(SimpleNamespace(), state, None, model=model)
    log = {"loss": 1.0}
    callback.on_log(SimpleNamespace(), state, None, logs=log)
    assert state.log_history[-1].items() <= log.items()
    return log


def test_a_step_explodes_by_the_median_of_those_before() -> None:
    callback = ClipGradients(max_norm=1.0, explosion=5.0)
    # Too few norms to say what is usual.
    assert feed(callback, [1.0, 100.0, *[2.0] * 8])["exploding_steps"] == 0
    assert feed(callback, [9.9, 10.1, 2.0, 50.0])["exploding_steps"] == 2
    # The usual norm is that of the last 100 steps.
    assert feed(callback, [40.0] * 100)["exploding_steps"] > 0
    assert feed(callback, [40.0, 190.0, 210.0])["exploding_steps"] == 1
    assert len(callback.norms) == 100


def test_norms_that_are_not_finite_are_counted_apart() -> None:
    callback = ClipGradients(max_norm=1.0)
    log = feed(callback, [float("inf"), float("nan"), 0.5, 2.0])
    assert log["nonfinite_steps"] == 2
    assert log["grad_norm_max"] == 2.0
    assert log["grad_norm_mean"] == 1.25
    assert log["clipped_steps"] == 0.25
    assert log["clip_factor"] == pytest.approx(0.5)
    assert feed(callback, [float("inf")]).keys() == {
        *("loss", "clipped_steps", "clip_factor", "exploding_steps", "nonfinite_steps")
    }


def test_a_gradient_of_zero_is_not_clipped() -> None:
    for callback in (ClipGradients(max_norm=1.0), ClipGradients(max_value=1.0), ClipGradients()):
        log = feed(callback, [0.0])
        assert (log["clipped_steps"], log["clip_factor"]) == (0, 1)


def test_a_second_training_begins_anew(tmp_path: Path) -> None:
    trainer = run(tmp_path, [ClipGradients(0.7)], logging_steps=100)
    first = logs(trainer)[-1]
    trainer.train()
    assert logs(trainer)[-1]["nonfinite_steps"] == 0
    assert first["step"] == logs(trainer)[-1]["step"] == 24
    (callback,) = (c for c in trainer.callback_handler.callbacks if isinstance(c, ClipGradients))
    assert len(callback.norms) == 24


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"max_norm": 0.0}, "max_norm is 0.0, expected a number greater than 0"),
        ({"max_value": -1.0}, "max_value is -1.0, expected a number greater than 0"),
        ({"max_norm": float("nan")}, "max_norm is nan, expected"),
        ({"max_norm": 1.0, "max_value": 1.0}, "max_norm and max_value are both given"),
        ({"explosion": 1.0}, "explosion is 1.0, expected more than 1"),
    ],
)
def test_wrong_limits_are_one_sentence(arguments, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        ClipGradients(**arguments)


def test_another_clipping_is_refused_before_the_first_step(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"max_grad_norm is 1\.0, so Trainer would clip"):
        run(tmp_path, [ClipGradients(max_norm=1.0)], max_grad_norm=1.0)
    arguments = SimpleNamespace(max_grad_norm=0, deepspeed=None, fsdp="full_shard")
    with pytest.raises(ValueError, match="DeepSpeed and FSDP hold the gradients in parts"):
        ClipGradients().on_train_begin(arguments, TrainerState(), None)
