"""The search of the number of threads, with a clock and steps that the tests make."""

import copy
import json
import logging
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from transformers import Trainer, TrainerCallback, TrainingArguments

from hf_recurrent.training import (
    LengthGroupedDataset,
    ThreadSearch,
    thread_changes,
    threads,
    threads_in_use,
)
from hf_recurrent.training.threads import find_threads, most_threads

from .test_trainer import StopAt, make_model, make_rows, make_trainer


class Machine:
    """A machine whose steps take as long as a test says, and its clock."""

    def __init__(self, seconds: Callable[[int, int], float]) -> None:
        self.now, self.threads, self.seconds = 0.0, 8, seconds
        self.tried: list[int] = []
        self.used: list[int] = []

    def clock(self) -> float:
        return self.now

    def use(self, number: int) -> None:
        self.threads = number
        self.used.append(number)

    def step(self) -> None:
        self.tried.append(self.threads)
        self.now += self.seconds(self.threads, self.tried.count(self.threads))

    def find(self, most: int) -> int:
        found = find_threads(self.step, most, self.use, self.clock)
        assert self.threads == found, "the number that was found is not in use"
        return found


def test_more_threads_are_taken_where_they_are_faster() -> None:
    machine = Machine(lambda threads, _: 0.01 / threads)
    assert machine.find(6) == 6
    assert sorted(set(machine.tried)) == [1, 2, 4, 6]
    assert machine.now < 1.2


def test_a_gain_within_the_noise_does_not_choose_more_threads() -> None:
    assert Machine(lambda threads, _: 0.01 if threads == 1 else 0.0095).find(2) == 1
    assert Machine(lambda threads, _: 0.01 if threads == 1 else 0.0085).find(2) == 2
    # A single slow step of one thread, and a single quick step of two.
    assert Machine(lambda threads, turn: 0.5 if (threads, turn) == (1, 4) else 0.01).find(2) == 1
    assert Machine(lambda threads, turn: 1e-5 if (threads, turn) == (2, 4) else 0.01).find(2) == 1


def test_steps_that_are_quick_mostly_and_very_slow_at_times_do_not_win() -> None:
    machine = Machine(lambda threads, turn: 0.4 if threads == 2 and turn % 4 == 0 else 0.01)
    assert machine.find(2) == 1
    assert Machine(lambda threads, turn: 0.01 / threads).find(2) == 2


def test_a_trial_is_short_where_threads_wait_for_each_other() -> None:
    machine = Machine(lambda threads, _: 0.007 if threads == 1 else 2.0)
    assert machine.find(64) == 1
    # One step with two threads says enough, and four are not tried.
    assert machine.tried.count(2) == 1
    assert set(machine.tried) == {1, 2}
    assert machine.now < 3


def test_of_a_heavy_step_each_number_gets_one() -> None:
    machine = Machine(lambda threads, _: 30 / threads)
    assert machine.find(8) == 8
    assert machine.tried == [1, 2, 4, 8]


def test_one_core_needs_no_trial() -> None:
    machine = Machine(lambda threads, _: 1.0)
    assert machine.find(1) == 1
    assert machine.tried == []


def test_a_step_that_fails_leaves_one_thread() -> None:
    used: list[int] = []
    with pytest.raises(ZeroDivisionError):
        find_threads(lambda: 1 // 0, 4, used.append)
    assert used[-1] == 1


@pytest.mark.parametrize(
    ("variables", "most"),
    [
        ({}, 12),
        ({"OMP_NUM_THREADS": "3"}, 3),
        ({"OMP_NUM_THREADS": "5,2"}, 5),
        ({"OMP_NUM_THREADS": "many"}, 12),
        ({"OMP_NUM_THREADS": "64"}, 12),
        ({"LOCAL_WORLD_SIZE": "4"}, 3),
        ({"LOCAL_WORLD_SIZE": "40"}, 1),
    ],
)
def test_the_largest_number_is_that_of_the_cores_that_may_be_used(
    variables: dict[str, str], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "usable_cores", lambda: 12)
    for name in ("OMP_NUM_THREADS", "LOCAL_WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert most_threads() == most


def test_a_fixed_number_is_at_least_one() -> None:
    with pytest.raises(ValueError, match="threads is 0, expected at least 1"):
        ThreadSearch(0)


class Clock(TrainerCallback):
    """A clock that only the steps of a trainer move."""

    def __init__(self, seconds: Callable[[int], float]) -> None:
        self.now, self.seconds = 0.0, seconds

    def __call__(self) -> float:
        return self.now

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.now += self.seconds(state.global_step)


def run(
    folder: Path,
    search: ThreadSearch | None,
    callbacks: tuple[TrainerCallback, ...] = (),
    grouped: bool = False,
    resume: bool = False,
    model: nn.Module | None = None,
    **arguments: Any,
) -> Trainer:
    """Train on 40 rows in batches of four."""
    rows: Any = make_rows(40)
    if grouped:
        rows = LengthGroupedDataset(rows, 4, seed=3)
        arguments["train_sampling_strategy"] = "sequential"
    found = [search, *callbacks] if search is not None else list(callbacks)
    trainer = make_trainer(model or make_model(), folder, rows, found, **arguments)
    trainer.train(resume_from_checkpoint=resume)
    return trainer


def state_of(trainer: Trainer) -> dict[str, torch.Tensor]:
    return {name: t.clone() for name, t in trainer.model.state_dict().items()}


def assert_equal(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> None:
    assert first.keys() == second.keys()
    for name in first:
        assert torch.equal(first[name], second[name]), name


def trials_of(steps: int, numbers: list[int], calls: list[Any]) -> Callable[..., int]:
    """Return a search that runs some real steps in each trial, and finds what the test says."""

    def find(step: Callable[[], None], most: int, use: Any, clock: Any) -> int:
        for _ in range(steps):
            step()
        # What a data set or a model may do in a trial.
        random.random(), np.random.rand(), torch.rand(1)
        calls.append(most)
        return numbers[min(len(calls), len(numbers)) - 1]

    return find


@pytest.mark.parametrize("grouped", [False, True], ids=["shuffled", "grouped"])
@pytest.mark.parametrize("accumulated", [1, 2])
def test_a_trial_changes_no_bit_of_training(
    grouped: bool, accumulated: int, tmp_path: Path
) -> None:
    arguments: dict[str, Any] = {"grouped": grouped, "num_train_epochs": 2}
    arguments["gradient_accumulation_steps"] = accumulated
    fixed = run(tmp_path / "fixed", ThreadSearch(1), **arguments)
    chance = random.random(), np.random.rand(), torch.rand(1)
    calls: list[Any] = []
    search = ThreadSearch(most=2, find=trials_of(3, [1], calls))
    searched = run(tmp_path / "searched", search, **arguments)
    assert (random.random(), np.random.rand(), torch.rand(1)) == chance
    assert calls == [2]
    assert_equal(state_of(fixed), state_of(searched))
    without = run(tmp_path / "without", None, **arguments)
    assert_equal(state_of(without), state_of(searched))
    assert threads_in_use(searched.state.log_history) == 1
    assert not searched.model._forward_pre_hooks


def test_a_trial_touches_a_copy_of_the_model_only(tmp_path: Path) -> None:
    """Buffers that a forward pass changes, as those of a batch normalisation, stay."""

    class Counting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = make_model()
            self.config = self.inner.config
            self.register_buffer("forwards", torch.zeros(1))

        def forward(self, input_ids: Any, attention_mask: Any, labels: Any = None) -> Any:
            self.forwards += 1
            return self.inner(input_ids, attention_mask, labels=labels)

    calls: list[Any] = []
    search = ThreadSearch(most=2, find=trials_of(5, [1], calls))
    trainer = run(tmp_path, search, model=Counting(), max_steps=3)
    assert calls == [2]
    assert trainer.model.forwards.item() == 3


def test_frozen_weights_are_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    twins: list[nn.Module] = []
    deepcopy = copy.deepcopy

    def keep(value: Any, memo: Any = None) -> Any:
        made = deepcopy(value, memo)
        if isinstance(value, nn.Module):
            twins.append(made)
        return made

    model = make_model(freeze_embeddings=True)
    monkeypatch.setattr(threads.copy, "deepcopy", keep)
    run(tmp_path, ThreadSearch(most=2, find=trials_of(1, [1], [])), model=model, max_steps=1)
    (twin,) = twins
    shared = {id(p) for p in model.parameters()} & {id(p) for p in twin.parameters()}
    assert shared == {id(p) for p in model.parameters() if not p.requires_grad} != set()


def test_the_batch_of_a_trial_is_of_median_length(tmp_path: Path) -> None:
    shapes: list[tuple[int, ...]] = []

    def find(step: Callable[[], None], most: int, use: Any, clock: Any) -> int:
        forward = type(model).forward

        def seen(self: Any, **inputs: Any) -> Any:
            shapes.append(tuple(inputs["input_ids"].shape))
            return forward(self, **inputs)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(model), "forward", seen)
            step()
        return 1

    model = make_model()
    rows = make_rows(40)
    grouped = LengthGroupedDataset(rows, 4, seed=3)
    lengths = [max(len(grouped[i]["input_ids"]) for i in range(s, s + 4)) for s in range(0, 40, 4)]
    run(tmp_path, ThreadSearch(most=2, find=find), grouped=True, model=model, max_steps=1)
    ((rows_tried, width),) = shapes
    assert rows_tried == 4
    assert sorted(lengths)[3] <= width <= sorted(lengths)[6]
    assert sorted(lengths)[0] < width < sorted(lengths)[-1]


def fall_at(step: int) -> Callable[[int], float]:
    return lambda done: 1.0 if done < step else 4.0


def test_a_trial_is_made_again_when_throughput_falls_by_half(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock, calls, used = Clock(fall_at(40)), [], []
    search = ThreadSearch(most=4, clock=clock, use=used.append, find=trials_of(2, [2, 1], calls))
    with caplog.at_level(logging.WARNING, "hf_recurrent.training.threads"):
        trainer = run(tmp_path, search, (clock,), num_train_epochs=10)
    assert calls == [4, 4]
    assert used == [2, 1]
    # Windows are of ten steps.
    assert thread_changes(trainer.state.log_history) == [{"step": 50, "before": 2, "after": 1}]
    assert search.threads == threads_in_use(trainer.state.log_history) == 1
    assert "from 2 to 1 after step 50" in caplog.text
    assert "not exactly repeatable" in caplog.text


def test_what_is_a_little_slower_is_no_fall(tmp_path: Path) -> None:
    calls: list[Any] = []
    clock = Clock(lambda done: 1.0 if done < 40 else 1.7)
    search = ThreadSearch(most=4, clock=clock, find=trials_of(0, [1], calls))
    run(tmp_path, search, (clock,), num_train_epochs=10)
    assert calls == [4]


def test_longer_batches_are_no_fall_of_throughput(tmp_path: Path) -> None:
    """Steps take as long as their batches are wide: the rate of tokens stays."""
    widths: list[int] = []
    clock, calls = Clock(lambda done: widths[-1] * 0.5), []
    rows = [{"input_ids": [2] * (2 if i < 80 else 20), "labels": i % 2} for i in range(160)]
    search = ThreadSearch(most=4, clock=clock, find=trials_of(0, [1], calls))
    model = make_model()
    model.register_forward_pre_hook(
        lambda m, a, inputs: widths.append(inputs["input_ids"].shape[1]), with_kwargs=True
    )
    trainer = make_trainer(
        model, tmp_path, rows, [search, clock], train_sampling_strategy="sequential"
    )
    trainer.train()
    assert set(widths) == {2, 20}
    assert calls == [4]


def test_trials_keep_a_distance(tmp_path: Path) -> None:
    """Throughput falls after three seconds; half a minute after the first trial is the second."""
    clock, calls, used = Clock(lambda done: 0.3125 if done < 10 else 0.75), [], []
    search = ThreadSearch(most=4, clock=clock, use=used.append, find=trials_of(0, [1, 2], calls))
    trainer = run(tmp_path, search, (clock,), num_train_epochs=6)
    # Windows end after 3, 10, 18, 25 and 33 seconds.
    assert thread_changes(trainer.state.log_history) == [{"step": 50, "before": 1, "after": 2}]


def test_evaluations_are_no_fall_of_throughput(tmp_path: Path) -> None:
    clock, calls = Clock(lambda done: 1.0), []

    class Slow(TrainerCallback):
        def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            clock.now += 1000

    search = ThreadSearch(most=4, clock=clock, find=trials_of(0, [1], calls))
    run(tmp_path, search, (clock, Slow()), num_train_epochs=8, eval_strategy="epoch")
    assert calls == [4]


@pytest.mark.parametrize("restored", [False, True], ids=["plain", "callbacks-restored"])
def test_a_resumed_run_takes_the_number_of_its_checkpoint(restored: bool, tmp_path: Path) -> None:
    arguments: dict[str, Any] = {"num_train_epochs": 3, "save_strategy": "epoch"}
    arguments["restore_callback_states_from_checkpoint"] = restored
    calls: list[Any] = []
    find = trials_of(2, [1], calls)
    straight = run(tmp_path / "straight", ThreadSearch(most=2, find=find), **arguments)
    run(tmp_path / "stopped", ThreadSearch(most=2, find=find), (StopAt(10),), **arguments)
    saved = json.loads((tmp_path / "stopped/checkpoint-10/trainer_state.json").read_text())
    assert {"threads": 1, "step": 0} in saved["log_history"]
    assert calls == [2, 2]
    used: list[int] = []
    search = ThreadSearch(most=2, use=used.append, find=find)
    resumed = run(tmp_path / "stopped", search, resume=True, **arguments)
    assert calls == [2, 2], "a resumed run made a trial"
    assert used == [1]
    assert search.threads == 1
    assert_equal(state_of(straight), state_of(resumed))
    assert thread_changes(resumed.state.log_history) == []


def test_a_fixed_number_is_set_and_never_searched(tmp_path: Path) -> None:
    clock, calls, used = Clock(fall_at(20)), [], []
    search = ThreadSearch(3, clock=clock, use=used.append, find=trials_of(0, [1], calls))
    trainer = run(tmp_path, search, (clock,), num_train_epochs=6)
    assert used == [3]
    assert calls == []
    assert threads_in_use(trainer.state.log_history) == 3


def test_where_no_trial_can_be_made_training_goes_on_with_one_thread(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def find(*arguments: Any) -> int:
        raise RuntimeError("out of\nmemory")

    used: list[int] = []
    trainer = run(tmp_path, ThreadSearch(most=2, use=used.append, find=find), max_steps=2)
    assert used == [1]
    assert threads_in_use(trainer.state.log_history) == 1
    assert "No trial of the number of threads could be made: out of memory" in caplog.text


def test_nothing_is_done_beside_the_processor(tmp_path: Path) -> None:
    search = ThreadSearch(most=2, find=trials_of(0, [2], []))
    model = make_model()
    arguments = TrainingArguments(str(tmp_path), use_cpu=True, report_to="none")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainingArguments, "device", torch.device("cuda"))
        search.on_train_begin(arguments, None, None, model=model)  # type: ignore[arg-type]
    assert not model._forward_pre_hooks


def test_the_step_of_a_trial_runs_forward_and_backward_for_any_output() -> None:
    class Plain(nn.Linear):
        kind = "tensor"

        def forward(self, x: torch.Tensor) -> Any:
            y = super().forward(x)
            return {"tensor": y, "tuple": (y, None), "logits": {"logits": y}}[self.kind]

    for kind in ("tensor", "tuple", "logits"):
        model = Plain(2, 3)
        model.kind = kind
        threads._trial_step(model, (torch.ones(1, 2),), {})()
        assert model.weight.grad is None
