"""Averaged weights, the rate of random windows, and what is watched of a run."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import TrainerCallback
from transformers.trainer_utils import get_last_checkpoint

from hf_recurrent.training import (
    AverageWeights,
    FiniteLoss,
    LearningCurve,
    TextStreams,
    TokenProgress,
    WindowLearningRate,
    train_or_resume,
)
from hf_recurrent.training.averaging import stands_still
from tests.training.test_state_carrier import STREAMS, TEXT, WINDOW, make_model, make_trainer
from tests.training.test_trainer import StopAt


def weights(model: Any) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in model.named_parameters()}


class Watch(TrainerCallback):
    """Record the weights after each step of the optimizer, and those of each evaluation."""

    def __init__(self) -> None:
        self.trained: list[dict[str, Tensor]] = []
        self.evaluated: list[dict[str, Tensor]] = []

    def on_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.trained.append(weights(kwargs["model"]))

    def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.evaluated.append(weights(kwargs["model"]))


def assert_mean(found: dict[str, Tensor], several: list[dict[str, Tensor]]) -> None:
    for name, value in found.items():
        mean = torch.stack([one[name] for one in several]).mean(0)
        torch.testing.assert_close(value, mean, rtol=0, atol=1e-6, msg=name)


def test_the_loss_stands_still() -> None:
    """It is compared with the best of those before the last ``patience`` ones."""
    assert not stands_still([3.0], 1)
    assert not stands_still([3.0, 4.0], 1)
    assert stands_still([3.0, 2.0, 4.0], 1)
    assert not stands_still([3.0, 2.0, 2.5], 1)
    assert stands_still([2.0, 3.0, 2.5], 1)
    assert not stands_still([2.0, 3.0, 2.5], 2)


def test_evaluation_has_the_mean_and_training_its_own_weights(tmp_path: Path) -> None:
    plain, watch = Watch(), Watch()
    make_trainer(make_model(), tmp_path, [plain]).train()
    model = make_model()
    make_trainer(model, tmp_path, [watch, AverageWeights(from_step=3)]).train()
    for one, other in zip(plain.trained, watch.trained, strict=True):
        for name, value in one.items():
            assert torch.equal(value, other[name]), name
    for step in (1, 2, 3):
        assert_mean(watch.evaluated[step - 1], watch.trained[step - 1 : step])
    for step in range(4, 9):
        assert_mean(watch.evaluated[step - 1], watch.trained[3:step])
    assert_mean(weights(model), watch.trained[3:])


def test_averaging_begins_where_the_loss_stands_still(tmp_path: Path) -> None:
    trainer = make_trainer(make_model(), tmp_path, [AverageWeights(1)], learning_rate=30.0)
    trainer.train()
    logs = trainer.state.log_history
    begun = [log["averaged_from_step"] for log in logs if "averaged_from_step" in log]
    losses = [log["eval_loss"] for log in logs if "eval_loss" in log]
    assert begun == [min(n for n in range(1, 9) if stands_still(losses[:n], 1))]


@pytest.mark.parametrize("stop", [2, *(pytest.param(n, marks=pytest.mark.slow) for n in (4, 5))])
def test_resumed_averages_are_equal_to_the_bit(stop: int, tmp_path: Path) -> None:
    settings = {"save_strategy": "steps", "save_steps": stop}

    def trainer(model: Any, name: str, *others: TrainerCallback) -> Any:
        return make_trainer(
            model, tmp_path / name, [*others, AverageWeights(from_step=3)], **settings
        )

    whole, resumed = make_model(), make_model()
    trainer(whole, "whole").train()
    trainer(make_model(), "parts", StopAt(stop)).train()
    trainer(resumed, "parts").train(resume_from_checkpoint=True)
    for name, value in weights(whole).items():
        assert torch.equal(value, weights(resumed)[name]), name
    ended = make_model()  # of a run after whose last step nothing is left
    last = get_last_checkpoint(str(tmp_path / "whole"))
    train_or_resume(trainer(ended, "whole"), last)
    for name, value in weights(whole).items():
        assert torch.equal(value, weights(ended)[name]), name
    if stop > 3:
        file = tmp_path / "parts" / f"checkpoint-{stop}" / "weights_in_training.safetensors"
        file.unlink()
        with pytest.raises(ValueError, match=r"weights_in_training\.safetensors cannot be read"):
            trainer(make_model(), "parts").train(resume_from_checkpoint=str(file.parent))


class Rates(TrainerCallback):
    """Record the rates at each step of the optimizer, and after it."""

    def __init__(self) -> None:
        self.during: list[float] = []
        self.after: list[float] = []

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.during.append(kwargs["optimizer"].param_groups[0]["lr"])

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.after.append(kwargs["optimizer"].param_groups[0]["lr"])


def test_the_rate_follows_the_windows(tmp_path: Path) -> None:
    rows, rates = TextStreams(TEXT, STREAMS, WINDOW, random_windows=True), Rates()
    expected = []
    for epoch in (0, 1):
        rows.set_epoch(epoch)
        lengths = [len(rows[i]["input_ids"]) for i in range(0, len(rows), STREAMS)]
        pairs = [lengths[i : i + 2] for i in range(0, len(lengths), 2)]
        expected += [0.5 * sum(pair) / len(pair) / WINDOW for pair in pairs]
    callbacks = [WindowLearningRate(WINDOW), rates]
    make_trainer(make_model(), tmp_path, callbacks, train=rows).train()
    assert rates.during == pytest.approx(expected)
    assert len(set(rates.during)) > 1
    assert rates.after == [0.5] * len(expected)


def test_logs_have_tokens_a_second_and_a_file(tmp_path: Path) -> None:
    callbacks = [TokenProgress(), LearningCurve(tmp_path / "curve.jsonl")]
    settings = {"save_strategy": "steps", "save_steps": 3}
    make_trainer(make_model(), tmp_path, [*callbacks, StopAt(3)], **settings).train()
    callbacks = [TokenProgress(), LearningCurve(tmp_path / "curve.jsonl")]
    trainer = make_trainer(make_model(), tmp_path, callbacks, **settings)
    trainer.train(resume_from_checkpoint=True)
    logs = [json.loads(line) for line in (tmp_path / "curve.jsonl").read_text().splitlines()]
    assert logs == trainer.state.log_history
    assert [log["step"] for log in logs if "loss" in log] == list(range(1, 9))
    assert all(log["tokens_per_second"] > 0 for log in logs if "loss" in log)
    seconds = [log["seconds"] for log in logs]
    assert seconds == sorted(seconds)


def test_the_bar_has_tokens_a_second(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_trainer(make_model(), tmp_path, [TokenProgress()], disable_tqdm=False).train()
    assert "tokens/s" in capsys.readouterr().err


def test_a_loss_that_is_no_number_stops_the_run(tmp_path: Path) -> None:
    class Spoil(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if state.global_step == 3:
                kwargs["model"].lm_head.bias.data.fill_(float("nan"))

    settings = {"save_strategy": "steps", "save_steps": 2, "eval_strategy": "no"}
    trainer = make_trainer(make_model(), tmp_path, [FiniteLoss(), Spoil()], **settings)
    with pytest.raises(ValueError, match=r"loss is nan after step 3.*good checkpoint is .*point-2"):
        trainer.train()
    # What was saved after the weights were spoilt is not named.
    for steps, told in ((1, "good checkpoint is .*point-2"), (3, "the weights in .*-3 are not")):
        folder = tmp_path / str(steps)
        settings["save_steps"] = steps
        with pytest.raises(ValueError, match=rf"loss is nan after step 3.*{told}"):
            make_trainer(make_model(), folder, [Spoil(), FiniteLoss()], **settings).train()
        assert (folder / "checkpoint-3").is_dir()
    model = make_model()
    model.lm_head.bias.data.fill_(float("nan"))
    with pytest.raises(ValueError, match=r"loss is nan after step 0.*there is no checkpoint yet"):
        make_trainer(model, tmp_path / "none", [FiniteLoss()]).train()
