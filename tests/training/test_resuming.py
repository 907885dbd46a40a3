"""A run goes on with what it was begun with, and with nothing else."""

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import Trainer, TrainerCallback
from transformers.trainer_utils import get_last_checkpoint

from hf_recurrent import RecurrentForSequenceClassification
from hf_recurrent.benchmark.recipe import run_recipe
from hf_recurrent.training import checkpoint_to_resume, train_or_resume
from hf_recurrent.training.resuming import SETTINGS_FILE
from tests.training.test_trainer import make_model, make_rows, make_trainer

SETTINGS = {"learning_rate": 1e-3, "layers": (0, 1), "output_dir": "one"}


def begun(folder: Path) -> Path:
    assert checkpoint_to_resume(folder, SETTINGS) is None
    (folder / "checkpoint-5").mkdir()
    (folder / "checkpoint-10").mkdir()
    return folder


def test_the_last_checkpoint_of_the_same_settings_is_taken(tmp_path: Path) -> None:
    folder = begun(tmp_path / "new" / "out")
    last = str(folder / "checkpoint-10")
    assert checkpoint_to_resume(folder, SETTINGS) == last
    assert checkpoint_to_resume(folder, {**SETTINGS, "output_dir": "another way to it"}) == last


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"learning_rate": 2e-3}, "learning_rate 0.001, which cannot go on with 0.002"),
        ({"dropout": 0.5}, "dropout None, which cannot go on with 0.5"),
    ],
)
def test_other_settings_are_one_sentence(changes: dict, sentence: str, tmp_path: Path) -> None:
    folder = begun(tmp_path)
    with pytest.raises(ValueError, match=sentence) as caught:
        checkpoint_to_resume(folder, {**SETTINGS, **changes})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [None, "{", "[1]"])
def test_unknown_settings_are_one_sentence(content: str | None, tmp_path: Path) -> None:
    folder = begun(tmp_path)
    (folder / SETTINGS_FILE).unlink()
    if content is not None:
        (folder / SETTINGS_FILE).write_text(content)
    with pytest.raises(ValueError, match=r"no run_settings\.json says of which run"):
        checkpoint_to_resume(folder, SETTINGS)


def test_results_without_a_checkpoint_are_not_replaced_by_those_of_another_run(
    tmp_path: Path,
) -> None:
    assert checkpoint_to_resume(tmp_path, SETTINGS) is None
    (tmp_path / "test_results.json").write_text("{}")
    assert checkpoint_to_resume(tmp_path, SETTINGS) is None
    with pytest.raises(ValueError, match=r"holds the results of a run with learning_rate 0\.001"):
        checkpoint_to_resume(tmp_path, {**SETTINGS, "learning_rate": 2e-3})
    (tmp_path / SETTINGS_FILE).unlink()
    with pytest.raises(ValueError, match=r"holds the results of a run, but no run_settings"):
        checkpoint_to_resume(tmp_path, SETTINGS)


@pytest.mark.parametrize(
    ("strategy", "told"),
    [
        ("no", "no checkpoints were kept, so the same command begins anew"),
        ("steps", "after step 9"),
    ],
)
def test_what_ctrl_c_says_depends_on_what_is_kept(
    strategy: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Stop(TrainerCallback):
        def on_step_end(self, *args: Any, **kwargs: Any) -> None:
            raise KeyboardInterrupt

    model = make_model()
    trainer = make_trainer(model, tmp_path, make_rows(8), [Stop()], save_strategy=strategy)
    with pytest.raises(SystemExit) as caught:
        run_recipe(lambda: train_or_resume(trainer, None), "step 9")
    assert caught.value.code == 130
    assert told in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"output folder .*out cannot be written \(Not a directory"):
        checkpoint_to_resume(tmp_path / "file" / "out", SETTINGS)


@pytest.fixture(scope="module")
def model() -> RecurrentForSequenceClassification:
    return make_model(num_hidden_layers=1, embedding_size=4, hidden_size=4)


class Ended(TrainerCallback):
    """End the run after the first evaluation, as early stopping may, and have a say at its end."""

    ended = 0

    def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        control.should_training_stop = True

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.ended += 1


@pytest.mark.parametrize(
    ("arguments", "steps"),
    [
        ({"max_steps": 3, "save_strategy": "steps", "save_steps": 3}, 3),
        ({"num_train_epochs": 2, "save_strategy": "epoch", "eval_strategy": "epoch"}, 8),
    ],
    ids=["within an epoch", "by a callback"],
)
def test_a_run_that_has_ended_is_not_trained_further(model, arguments, steps, tmp_path) -> None:
    def trainer(watch: Ended) -> Trainer:
        return make_trainer(copy.deepcopy(model), tmp_path, make_rows(32), [watch], **arguments)

    whole, watch = trainer(Ended()), Ended()
    train_or_resume(whole, None)
    assert whole.state.global_step == steps
    again = trainer(watch)
    train_or_resume(again, get_last_checkpoint(str(tmp_path)))
    assert watch.ended == 1
    expected = whole.model.state_dict()
    for name, value in again.model.state_dict().items():
        assert torch.equal(value, expected[name]), name
    for name in ("global_step", "max_steps", "num_train_epochs", "epoch"):
        assert getattr(again.state, name) == getattr(whole.state, name)
    for name in ("max_steps", "num_train_epochs"):
        assert getattr(again.args, name) == getattr(whole.args, name)
