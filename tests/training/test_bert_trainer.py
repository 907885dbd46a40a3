"""BERT's losses: equal to transformers' own, however a step is divided; resumed runs are equal."""

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch.utils.data import Subset
from transformers import (
    BertConfig,
    BertForPreTraining,
    DataCollatorForTokenClassification,
    TrainingArguments,
)

from hf_recurrent.training import BertTrainer, SentencePairs, masked_perplexity, pretraining_sums
from hf_recurrent.vectors import word_piece_tokenizer
from tests.common.checkpoints import outside
from tests.training.test_trainer import StopAt

SCRIPT = Path(__file__).with_name("bert_on_ranks.py")
DOCUMENTS = [
    [" ".join(words[place : place + size]) + " ." for place in range(0, 14, 2)]
    for words, size in (("abcdefghijklmn", 2), ("nopqrstuvwxyza", 4), ("aeioubcdfghjkl", 3))
]
TOKENIZER = word_piece_tokenizer(
    (sentence for document in DOCUMENTS for sentence in document), vocab_size=60
)
COLLATE = DataCollatorForTokenClassification(TOKENIZER)
# Of few pieces, so that rows differ much in the number of masks.
ROWS = SentencePairs(DOCUMENTS, TOKENIZER, longest=11, seed=5, share=0.4)


def make_model(dropout: float = 0.0) -> BertForPreTraining:
    torch.manual_seed(0)
    return BertForPreTraining(
        BertConfig(
            vocab_size=len(TOKENIZER),
            hidden_size=8,
            intermediate_size=12,
            num_hidden_layers=1,
            num_attention_heads=2,
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=dropout,
            max_position_embeddings=16,
            initializer_range=0.3,
        )
    )


def make_trainer(
    folder: Path,
    size: int,
    rows: Any = None,
    model: Any = None,
    callbacks: Any = None,
    evaluated: Any = None,
    **given: Any,
) -> BertTrainer:
    """Return a trainer that by default takes one step over 8 rows, by the gradient itself."""
    rows = Subset(ROWS, range(8)) if rows is None else rows
    arguments = {
        "per_device_train_batch_size": size,
        "optim": "sgd",
        "learning_rate": 1.0,
        "lr_scheduler_type": "constant",
        "max_grad_norm": 0.0,
        "max_steps": 1,
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "use_cpu": True,
        **given,
    }
    return BertTrainer(
        make_model() if model is None else model,
        TrainingArguments(str(folder), **arguments),
        measure=lambda model, rows: masked_perplexity(model, rows, COLLATE),
        train_dataset=rows,
        eval_dataset=evaluated,
        data_collator=COLLATE,
        callbacks=callbacks,
    )


def whole_step() -> tuple[dict[str, torch.Tensor], dict[str, float]]:
    """Return the weights after a step by transformers' own loss of the whole batch, and figures."""
    model, batch = make_model(), COLLATE([ROWS[index] for index in range(8)])
    output = model(**batch)
    output.loss.backward()
    chosen = batch["labels"] != -100
    logits, pairs = output.prediction_logits[chosen], output.seq_relationship_logits
    right = (logits.argmax(-1) == batch["labels"][chosen]).float().mean()
    paired = (pairs.argmax(-1) == batch["next_sentence_label"]).float().mean()
    figures = {"loss": float(output.loss), "mlm_accuracy": float(right)}
    figures |= {"nsp_accuracy": float(paired)}
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= parameter.grad
    return model.state_dict(), figures


def check(weights: Any, log: dict[str, Any]) -> None:
    expected, figures = whole_step()
    for name, value in weights.items():
        torch.testing.assert_close(value, expected[name], rtol=0, atol=2e-5, msg=name)
    for name, value in figures.items():
        if name != "loss":
            assert log[name] == pytest.approx(value, abs=1e-5)
    assert log["mlm_loss"] + log["nsp_loss"] == pytest.approx(figures["loss"], abs=1e-4)
    assert log["loss"] == pytest.approx(figures["loss"], abs=1e-4)


@pytest.mark.parametrize("size", [8, 2, pytest.param(1, marks=pytest.mark.slow)])
def test_a_step_in_batches_is_that_of_the_whole(size: int, tmp_path: Path) -> None:
    trainer = make_trainer(tmp_path, size, gradient_accumulation_steps=8 // size)
    trainer.train()
    log = next(log for log in trainer.state.log_history if "loss" in log)
    check(trainer.model.state_dict(), log)


@pytest.mark.slow
def test_two_ranks(tmp_path: Path) -> None:
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    done = subprocess.run(
        [sys.executable, *launch, SCRIPT, tmp_path],
        env=outside(tmp_path) | {"PYTHONPATH": str(SCRIPT.parents[2])},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    logs = json.loads((tmp_path / "logs.json").read_text())
    # The loss that Trainer logs is the mean over ranks of each rank's share times the ranks.
    check(load_file(tmp_path / "model.safetensors"), logs[0])


@pytest.mark.parametrize("stop", [pytest.param(2, marks=pytest.mark.slow), 5])
def test_resumed_equals_uninterrupted(stop: int, tmp_path: Path) -> None:
    given: dict[str, Any] = {"rows": ROWS, "max_steps": -1, "num_train_epochs": 2}
    given |= {
        "learning_rate": 0.1,
        "save_strategy": "steps",
        "save_steps": stop,
        "optim": "adamw_torch",
    }
    given |= {"gradient_accumulation_steps": 2, "seed": 7}
    whole = make_trainer(tmp_path / "whole", 2, model=make_model(0.2), **given)
    whole.train()
    assert whole.state.global_step > stop
    make_trainer(
        tmp_path / "parts", 2, model=make_model(0.2), callbacks=[StopAt(stop)], **given
    ).train()
    resumed = make_trainer(tmp_path / "parts", 2, model=make_model(0.2), **given)
    resumed.train(resume_from_checkpoint=True)
    assert resumed.state.global_step == whole.state.global_step
    expected = whole.model.state_dict()
    for name, value in resumed.model.state_dict().items():
        assert torch.equal(value, expected[name]), name


def test_nothing_hidden_is_no_nan_and_labels_are_needed() -> None:
    batch = COLLATE([ROWS[0], ROWS[1]])
    for name in ("labels", "next_sentence_label"):
        with pytest.raises(ValueError, match=f"the batch has no {name}"):
            pretraining_sums(make_model(), {k: v for k, v in batch.items() if k != name})
    batch["labels"] = torch.full_like(batch["labels"], -100)
    sums = pretraining_sums(make_model(), batch)
    assert float(sums["masked_loss"]) == 0
    assert int(sums["pairs"]) == 2
    (sums["masked_loss"] + sums["pair_loss"]).backward()


def test_perplexity_is_that_of_transformers_loss() -> None:
    model = make_model(0.3)
    found = masked_perplexity(model, ROWS, COLLATE, batch_size=3)
    assert model.training
    batch = COLLATE([*ROWS])
    with torch.no_grad():
        output = model.eval()(**batch)
    assert math.log(found["perplexity"]) + found["nsp_loss"] == pytest.approx(float(output.loss))
    assert found["loss"] == pytest.approx(float(output.loss))
    assert found["masked"] == int((batch["labels"] != -100).sum())
    assert found["pairs"] == len(ROWS)
    with pytest.raises(ValueError, match="there are no rows"):  # they would be certain
        masked_perplexity(model, Subset(ROWS, []), COLLATE)
    with torch.no_grad():
        model.cls.predictions.bias[0] = 1e4
    assert masked_perplexity(model, ROWS, COLLATE)["perplexity"] == math.exp(700)


def test_predictions_are_those_of_the_model_and_no_part_of_the_logs(tmp_path: Path) -> None:
    trainer = make_trainer(tmp_path, 8)
    found, batch = trainer.predict(Subset(ROWS, range(8))), COLLATE([ROWS[n] for n in range(8)])
    with torch.no_grad():
        output = trainer.model(**batch)
    for given, wanted in zip(found.predictions, output[1:3], strict=True):
        torch.testing.assert_close(torch.from_numpy(given), wanted)
    assert found.metrics["test_loss"] == pytest.approx(float(output.loss))
    assert not trainer._sums.any()


def test_another_loss_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="label_smoothing_factor is set, and BertTrainer computes"):
        make_trainer(tmp_path, 8, label_smoothing_factor=0.1)


def test_a_loss_that_is_no_number_stops_the_run(tmp_path: Path) -> None:
    model = make_model()
    with torch.no_grad():
        model.cls.seq_relationship.bias[0] = float("nan")
    with pytest.raises(ValueError, match=r"loss is nan after step 0.*there is no checkpoint yet"):
        make_trainer(tmp_path, 4, model=model).train()


def test_evaluations_are_in_the_logs(tmp_path: Path) -> None:
    trainer = make_trainer(tmp_path, 4)
    found = trainer.evaluate(ROWS)
    assert trainer.state.log_history[-1]["eval_perplexity"] == found["eval_perplexity"] > 1


def test_the_best_evaluation_is_kept_without_a_word_about_it(tmp_path: Path) -> None:
    steps = {"eval_strategy": "steps", "eval_steps": 1, "save_strategy": "steps", "save_steps": 1}
    parts = {"first": Subset(ROWS, range(2)), "other": Subset(ROWS, range(2, 4))}
    for evaluated, name in ((ROWS, "eval_loss"), (parts, "eval_first_loss")):
        more = {"load_best_model_at_end": True, "max_steps": 2, **steps}
        if evaluated is parts:
            more["metric_for_best_model"] = name
        trainer = make_trainer(tmp_path / name, 8, evaluated=evaluated, **more)
        trainer.train()
        logs = [log[name] for log in trainer.state.log_history if name in log]
        assert len(logs) == 2
        assert min(logs) == trainer.state.best_metric
    found = {each.split("_")[1] for each in trainer.evaluate() if each.startswith("eval_")}
    assert found == {"first", "other"}
