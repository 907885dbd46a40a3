"""Self-paced learning with the plain Trainer: the limit, resumed runs, and what is refused."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification, TrainerCallback

from hf_recurrent.training import SelfPacedLearning

from .test_trainer import StopAt, make_model, make_rows, make_trainer

STEPS = {"num_train_epochs": 3, "gradient_accumulation_steps": 2, "save_strategy": "steps"}
PLAIN = {"embedding_dropout": 0.0, "hidden_dropout": 0.0, "classifier_dropout": 0.0}


class Limits(TrainerCallback):
    """Notes the limit of each step."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.seen.append(kwargs["model"].loss_limit)


def test_the_limit_follows_the_epochs(tmp_path: Path) -> None:
    model, limits = make_model(), Limits()
    paced = SelfPacedLearning(0.5, growth=2.0, warmup_epochs=0.5)
    make_trainer(model, tmp_path, make_rows(32), [paced, limits], **STEPS).train()
    # Four steps an epoch.
    wanted = [math.inf if n < 2 else 0.5 * 2 ** (n / 4 - 0.5) for n in range(12)]
    assert limits.seen == pytest.approx(wanted)
    assert model.loss_limit == math.inf


@pytest.mark.parametrize("stop", [4, 7], ids=["after-an-epoch", "within-an-epoch"])
def test_resumed_equals_uninterrupted(stop: int, tmp_path: Path) -> None:
    def trainer(model: Any, folder: str, *callbacks: Any) -> Any:
        callbacks = [SelfPacedLearning(0.65, growth=1.02, warmup_epochs=1), *callbacks]
        arguments = {**STEPS, "save_steps": stop}
        return make_trainer(model, tmp_path / folder, make_rows(32), callbacks, **arguments)

    whole, resumed, plain = make_model(), make_model(), make_model()
    trainer(whole, "whole").train()
    trainer(make_model(), "parts", StopAt(stop)).train()
    trainer(resumed, "parts").train(resume_from_checkpoint=True)
    make_trainer(plain, tmp_path / "plain", make_rows(32), **STEPS).train()
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name
    assert not torch.equal(whole.classifier.weight, plain.classifier.weight)


def test_full_pace_is_plain_training(tmp_path: Path) -> None:
    models = [make_model(**PLAIN), make_model(**PLAIN)]
    for model, callbacks in zip(models, ([], [SelfPacedLearning(1e6)]), strict=True):
        make_trainer(model, tmp_path, make_rows(16), callbacks, **STEPS).train()
    for name, value in models[0].state_dict().items():
        torch.testing.assert_close(models[1].state_dict()[name], value, rtol=1e-5, atol=1e-6)


def test_accumulated_equals_whole(tmp_path: Path) -> None:
    """One step on eight rows, at once and in four parts."""
    weights = []
    for batch in (8, 2):
        model = make_model(**PLAIN)
        arguments = {
            "per_device_train_batch_size": batch, "gradient_accumulation_steps": 8 // batch,
            "max_steps": 1, "optim": "sgd", "learning_rate": 1.0, "max_grad_norm": 0.0,
            "lr_scheduler_type": "constant", "train_sampling_strategy": "sequential",
        }  # fmt: skip
        paced = SelfPacedLearning(0.7, warmup_epochs=0)
        make_trainer(model, tmp_path, make_rows(8), [paced], **arguments).train()
        weights.append(model.state_dict())
    for name, value in weights[0].items():
        torch.testing.assert_close(weights[1][name], value, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"limit": 0.0}, "limit is 0.0, expected a loss above 0"),
        ({"limit": float("nan")}, "limit is nan"),
        ({"limit": 1.0, "growth": 0.9}, "growth is 0.9, expected a factor of at least 1"),
        ({"limit": 1.0, "warmup_epochs": -1}, "warmup_epochs is -1, expected at least 0"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        SelfPacedLearning(**arguments)


def test_models_that_cannot_leave_units_out(tmp_path: Path) -> None:
    sizes = {"hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 1}
    other = BertForSequenceClassification(BertConfig(vocab_size=13, intermediate_size=4, **sizes))
    for model, named in (
        (other, "the model is a BertForSequenceClassification"),
        (make_model(hard_example_share=0.5), "hard_example_share is 0.5, which keeps the hardest"),
    ):
        trainer = make_trainer(model, tmp_path, make_rows(8), [SelfPacedLearning(1.0)])
        with pytest.raises(ValueError, match=named):
            trainer.train()


def test_labels_that_trainer_takes_away(tmp_path: Path) -> None:
    paced = SelfPacedLearning(1.0, warmup_epochs=0)
    arguments = {"label_smoothing_factor": 0.1}
    trainer = make_trainer(make_model(), tmp_path, make_rows(8), [paced], **arguments)
    with pytest.raises(ValueError, match="the model's loss_limit would be ignored"):
        trainer.train()
