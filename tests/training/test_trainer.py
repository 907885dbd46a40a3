"""The plain Trainer with our models: resuming, early stopping, ranks, predictions, precision."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import (
    AutoModelForSequenceClassification,
    DataCollatorWithPadding,
    EarlyStoppingCallback,
    PreTrainedModel,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)

from hf_recurrent import (
    RecurrentConfig,
    RecurrentForSequenceClassification,
    StaticEmbeddingConfig,
    StaticEmbeddingForSequenceClassification,
)
from hf_recurrent.training import LengthGroupedDataset
from tests.common.checkpoints import outside
from tests.common.tokenizer import word_tokenizer

TOKENIZER = word_tokenizer()
# Plain gradient descent: Adam would blow up rounding where a gradient is almost 0.
BY_RANKS = {
    "num_train_epochs": 2,
    "train_sampling_strategy": "sequential",
    "optim": "sgd",
    "learning_rate": 0.5,
}
SCRIPT = Path(__file__).with_name("train_ranks.py")

# transformers 5.23 gave it a new name
CHECKPOINTING = next(
    f.name
    for f in dataclasses.fields(TrainingArguments)
    if f.name in ("activation_checkpointing", "gradient_checkpointing")
)


def make_rows(count: int, seed: int = 0) -> list[dict[str, Any]]:
    """Return rows whose label says whether token 2 stands in them; one of them is empty."""
    chance = np.random.default_rng(seed)
    texts = [chance.integers(2, 13, size=n).tolist() for n in chance.integers(1, 12, count - 1)]
    return [{"input_ids": ids, "labels": int(2 in ids)} for ids in [*texts, []]]


def make_model(**fields: Any) -> RecurrentForSequenceClassification:
    set_seed(0)
    settings = {
        "vocab_size": len(TOKENIZER),
        "embedding_size": 8,
        "hidden_size": 6,
        "num_hidden_layers": 2,
        "bidirectional": True,
        "pooling": "attention",
        "embedding_dropout": 0.2,
        "hidden_dropout": 0.2,
        "classifier_dropout": 0.2,
        "variational_dropout": True,
    }
    return RecurrentForSequenceClassification(RecurrentConfig(**{**settings, **fields}))


def make_trainer(
    model: PreTrainedModel, folder: Path, rows: Any, callbacks: Any = None, **arguments: Any
) -> Trainer:
    settings: dict[str, Any] = {
        "per_device_train_batch_size": 4,
        "learning_rate": 0.02,
        "report_to": "none",
        "disable_tqdm": True,
        "use_cpu": True,
        "save_strategy": "no",
        "logging_strategy": "no",
        "seed": 3,
    }
    return Trainer(
        model,
        TrainingArguments(str(folder), **{**settings, **arguments}),
        train_dataset=rows,
        eval_dataset=make_rows(30, seed=1),
        data_collator=DataCollatorWithPadding(TOKENIZER),
        callbacks=callbacks,
    )


class StopAt(TrainerCallback):
    """Stop a run, as Ctrl-C would, after some steps."""

    def __init__(self, step: int) -> None:
        self.step = step

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        control.should_training_stop = state.global_step >= self.step


@pytest.mark.parametrize("grouped", [False, True], ids=["shuffled", "grouped"])
@pytest.mark.parametrize("stop", [6, 13], ids=["after-an-epoch", "within-an-epoch"])
def test_resumed_equals_uninterrupted(grouped: bool, stop: int, tmp_path: Path) -> None:
    """Three epochs of six steps, each of two accumulated batches."""
    arguments: dict[str, Any] = {
        "num_train_epochs": 3,
        "gradient_accumulation_steps": 2,
        "save_strategy": "steps",
        "save_steps": stop,
    }
    if grouped:
        arguments["train_sampling_strategy"] = "sequential"

    def rows() -> Any:
        return LengthGroupedDataset(make_rows(48), 8, seed=5) if grouped else make_rows(48)

    whole = make_model()
    make_trainer(whole, tmp_path / "whole", rows(), **arguments).train()
    broken = make_trainer(make_model(), tmp_path / "parts", rows(), [StopAt(stop)], **arguments)
    broken.train()
    resumed = make_model()
    trainer = make_trainer(resumed, tmp_path / "parts", rows(), **arguments)
    trainer.train(resume_from_checkpoint=True)
    assert trainer.state.global_step == 18
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name
        assert not torch.equal(value, broken.model.state_dict()[name]) or "bias" in name


def test_each_epoch_has_an_order_of_its_own(tmp_path: Path) -> None:
    grouped = LengthGroupedDataset(make_rows(16), 4)
    epochs: list[int] = []
    take = grouped.set_epoch
    grouped.set_epoch = lambda epoch: (epochs.append(epoch), take(epoch))[1]  # type: ignore
    arguments = {"num_train_epochs": 3, "train_sampling_strategy": "sequential"}
    make_trainer(make_model(), tmp_path, grouped, **arguments).train()
    assert sorted(set(epochs)) == [0, 1, 2]


def test_early_stopping_keeps_the_best(tmp_path: Path) -> None:
    model = make_model()
    trainer = make_trainer(
        model,
        tmp_path,
        make_rows(40),
        [EarlyStoppingCallback(early_stopping_patience=2)],
        num_train_epochs=60,
        learning_rate=0.1,
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=1,
        load_best_model_at_end=True,
        metric_for_best_model="eval_loss",
        greater_is_better=False,
    )
    trainer.train()
    losses = [entry["eval_loss"] for entry in trainer.state.log_history if "eval_loss" in entry]
    assert len(losses) < 60
    assert trainer.state.best_metric == min(losses)
    assert min(losses[-2:]) > min(losses)
    assert trainer.evaluate()["eval_loss"] == pytest.approx(min(losses), rel=1e-6)
    trainer.save_model(str(tmp_path / "best"))
    best = AutoModelForSequenceClassification.from_pretrained(tmp_path / "best")
    for name, value in model.state_dict().items():
        assert torch.equal(value, best.state_dict()[name])


def test_it_learns(tmp_path: Path) -> None:
    model = make_model(embedding_dropout=0.0, hidden_dropout=0.0)
    trainer = make_trainer(model, tmp_path, make_rows(120), num_train_epochs=12)
    trainer.train()
    predicted = trainer.predict(make_rows(60, seed=2))
    assert (predicted.predictions.argmax(1) == predicted.label_ids).mean() > 0.95


@pytest.mark.parametrize("pooling", ["attention", "last"])
def test_predictions_are_no_tuple(pooling: str, tmp_path: Path) -> None:
    model = make_model(pooling=pooling, output_attentions=True, output_hidden_states=True)
    trainer = make_trainer(model, tmp_path, make_rows(8))
    rows = make_rows(9)
    for part in (rows, [{"input_ids": row["input_ids"]} for row in rows]):
        assert trainer.predict(part).predictions.shape == (9, 2)


def test_predictions_of_the_static_model_are_no_tuple(tmp_path: Path) -> None:
    config = StaticEmbeddingConfig(vocab_size=13, embedding_size=4, output_hidden_states=True)
    trainer = make_trainer(StaticEmbeddingForSequenceClassification(config), tmp_path, make_rows(8))
    assert trainer.predict(make_rows(9)).predictions.shape == (9, 2)


@pytest.mark.parametrize("arguments", [{"bf16": True}, {CHECKPOINTING: True}], ids=str)
def test_training_arguments(arguments: dict[str, Any], tmp_path: Path) -> None:
    model = make_model()
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    trainer = make_trainer(model, tmp_path, make_rows(16), num_train_epochs=1, **arguments)
    trainer.train()
    assert np.isfinite(trainer.evaluate()["eval_loss"])
    for name, parameter in model.named_parameters():
        assert parameter.dtype == torch.float32
        assert parameter.isfinite().all()
        assert not torch.equal(parameter, before[name]), name


@pytest.mark.parametrize(
    "fields",
    [
        {"class_weights": [1.0, 2.0]},
        {"label_smoothing": 0.1},
        {"problem_type": "regression"},
        {"num_labels": 1},
    ],
    ids=str,
)
def test_label_smoothing_of_trainer_is_refused(fields: dict[str, Any], tmp_path: Path) -> None:
    model = make_model(**fields)
    trainer = make_trainer(model, tmp_path, make_rows(8), label_smoothing_factor=0.1)
    for act in (trainer.train, trainer.evaluate):
        with pytest.raises(ValueError, match="use the config field label_smoothing instead of"):
            act()


def test_label_smoothing_of_trainer_for_several_labels(tmp_path: Path) -> None:
    """Trainer itself says so and leaves the labels to the model."""
    model = make_model(problem_type="multi_label_classification")
    with pytest.warns(UserWarning, match="Label smoothing is not compatible with multi-label"):
        make_trainer(model, tmp_path, make_rows(8), label_smoothing_factor=0.1)


def test_label_smoothing_of_trainer_alone_works(tmp_path: Path) -> None:
    """It gives what our own field gives."""
    steps = []
    for fields, arguments in (
        ({}, {"label_smoothing_factor": 0.2}),
        ({"label_smoothing": 0.2}, {}),
    ):
        model = make_model(**fields)
        trainer = make_trainer(model, tmp_path, make_rows(16), max_steps=3, **arguments)
        trainer.train()
        steps.append(model.state_dict())
    for name, value in steps[0].items():
        torch.testing.assert_close(value, steps[1][name], rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_two_ranks_share_each_grouped_batch(tmp_path: Path) -> None:
    """Two ranks read the batches that one process reads, and end with its weights."""
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    done = subprocess.run(
        [sys.executable, *launch, SCRIPT, tmp_path / "ranks"],
        env=outside(tmp_path) | {"PYTHONPATH": str(SCRIPT.parents[2])},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    model = make_model(embedding_dropout=0.0, hidden_dropout=0.0, classifier_dropout=0.0)
    rows = LengthGroupedDataset(make_rows(32), 8, seed=5)
    make_trainer(model, tmp_path, rows, per_device_train_batch_size=8, **BY_RANKS).train()
    found = load_file(tmp_path / "ranks" / "model.safetensors")
    for name, value in model.state_dict().items():
        torch.testing.assert_close(found[name], value, rtol=0, atol=1e-4, msg=name)
    seen = [json.loads((tmp_path / "ranks" / f"seen{rank}.json").read_text()) for rank in (0, 1)]
    for epoch in (0, 1):
        rows.set_epoch(epoch)
        order = [rows[i]["input_ids"] for i in range(len(rows))]
        read = [seen[rank][epoch * 4 + batch] for batch in range(4) for rank in (0, 1)]
        assert [ids for batch in read for ids in batch] == order
