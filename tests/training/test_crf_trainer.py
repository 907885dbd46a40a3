"""A tagger with a CRF in the plain Trainer: two ranks, accumulation, resuming, the best epoch."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import (
    DataCollatorForTokenClassification,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)

from hf_recurrent import RecurrentConfig, RecurrentForTokenClassification
from hf_recurrent.metrics import tagging_metrics
from tests.common.checkpoints import outside
from tests.training.test_trainer import BY_RANKS, TOKENIZER, StopAt

SCRIPT = Path(__file__).with_name("train_crf_ranks.py")
TAGS = ["O", "B-X", "I-X"]


def make_rows(count: int, seed: int = 0) -> list[dict[str, Any]]:
    """Return rows of different lengths, where token 2 opens a span that the next one ends."""
    chance = np.random.default_rng(seed)
    rows = []
    for length in chance.integers(1, 12, count):
        ids = chance.integers(2, 13, size=length).tolist()
        tags = [1 if i == 2 else 2 if at and ids[at - 1] == 2 else 0 for at, i in enumerate(ids)]
        if len(rows) % 5 == 0:
            tags[-1] = -100  # this token has no tag
        rows.append({"input_ids": ids, "labels": tags})
    return rows


def make_tagger(dropout: float = 0.0) -> RecurrentForTokenClassification:
    set_seed(0)
    return RecurrentForTokenClassification(
        RecurrentConfig(
            vocab_size=len(TOKENIZER),
            embedding_size=8,
            hidden_size=6,
            bidirectional=True,
            hidden_dropout=dropout,
            classifier_dropout=dropout,
            crf=True,
            tag_scheme="BIO",
            id2label=dict(enumerate(TAGS)),
            label2id={tag: i for i, tag in enumerate(TAGS)},
        )
    )


def make_trainer(
    model: RecurrentForTokenClassification, folder: Path, callbacks: Any = None, **arguments: Any
) -> Trainer:
    settings: dict[str, Any] = {
        "per_device_train_batch_size": 4,
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
        train_dataset=make_rows(32),
        eval_dataset=make_rows(20, seed=1),
        data_collator=DataCollatorForTokenClassification(TOKENIZER),
        compute_metrics=tagging_metrics(TAGS, True),
        callbacks=callbacks,
    )


def assert_same(found: dict[str, Any], expected: dict[str, Any], **tolerance: float) -> None:
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, **tolerance, msg=name)


@pytest.mark.slow
def test_two_ranks_and_accumulation_end_with_the_weights_of_one_batch(tmp_path: Path) -> None:
    whole = make_tagger()
    make_trainer(whole, tmp_path, per_device_train_batch_size=16, **BY_RANKS).train()
    parts = make_tagger()
    make_trainer(parts, tmp_path, gradient_accumulation_steps=4, **BY_RANKS).train()
    assert_same(parts.state_dict(), whole.state_dict(), rtol=0, atol=1e-4)
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    done = subprocess.run(
        [sys.executable, *launch, SCRIPT, tmp_path / "ranks"],
        env=outside(tmp_path) | {"PYTHONPATH": str(SCRIPT.parents[2])},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    found = load_file(tmp_path / "ranks" / "model.safetensors")
    assert_same(found, whole.state_dict(), rtol=0, atol=1e-4)


@pytest.mark.parametrize("stop", [4, 7], ids=["after-an-epoch", "within-an-epoch"])
def test_resumed_equals_uninterrupted(stop: int, tmp_path: Path) -> None:
    arguments: dict[str, Any] = {
        "num_train_epochs": 3,
        "gradient_accumulation_steps": 2,
        "learning_rate": 0.02,
        "save_strategy": "steps",
        "save_steps": stop,
    }
    whole = make_tagger(0.2)
    make_trainer(whole, tmp_path / "whole", **arguments).train()
    make_trainer(make_tagger(0.2), tmp_path / "parts", [StopAt(stop)], **arguments).train()
    resumed = make_tagger(0.2)
    trainer = make_trainer(resumed, tmp_path / "parts", **arguments)
    trainer.train(resume_from_checkpoint=True)
    assert trainer.state.global_step == 12
    assert_same(resumed.state_dict(), whole.state_dict(), rtol=0, atol=0)


class SpoilLastEpoch(TrainerCallback):
    """Make the model forget everything before the last evaluation."""

    def on_epoch_end(self, args: Any, state: Any, control: Any, model: Any, **kwargs: Any) -> None:
        if state.epoch == args.num_train_epochs:
            torch.nn.init.zeros_(model.classifier.weight)


def test_the_best_epoch_by_the_score_of_the_path_is_kept(tmp_path: Path) -> None:
    trainer = make_trainer(
        make_tagger(),
        tmp_path,
        [SpoilLastEpoch()],
        num_train_epochs=3,
        learning_rate=0.1,
        eval_strategy="epoch",
        save_strategy="epoch",
        load_best_model_at_end=True,
        metric_for_best_model="f1",
    )
    trainer.train()
    scores = [log["eval_f1"] for log in trainer.state.log_history if "eval_f1" in log]
    assert max(scores) > 0.5 > scores[-1]
    assert trainer.evaluate()["eval_f1"] == max(scores)
