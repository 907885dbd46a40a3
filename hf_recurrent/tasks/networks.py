"""Training of networks, whatever their task: over word vectors, or a pretrained encoder."""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import datasets
from tqdm import tqdm
from transformers import (
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from ..training import RECIPE, ThreadSearch, TuneRows, make_trainer, thread_changes
from .fitted import Fitted, truncation
from .input_layers import frozen_fields, load_inputs
from .metric import Metric
from .model_rows import Work

__all__ = ["Encoded", "fit_network", "word_network"]


@dataclass(frozen=True)
class Encoded:
    """What a task makes of its rows for the trainer.

    Attributes:
        train: Encoded training rows, each with ``input_ids``.
        validation: Encoded validation rows.
        collator: Makes a batch of them.
        compute_metrics: The metrics of an evaluation, those of the task by their keys.
        max_length: Tokens after which a row was cut.
        token: What that length is counted in.
        rows: What rows are called, many of them.
    """

    train: datasets.Dataset
    validation: datasets.Dataset
    collator: Callable[[list[dict[str, Any]]], dict[str, Any]]
    compute_metrics: Callable[[Any], dict[str, float]]
    max_length: int
    token: str
    rows: str


def word_network(
    work: Work,
    config_class: Any,
    model_class: Any,
    labels: Mapping[str, Any],
    left_out: Sequence[str] = (),
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Make a model over word vectors, with fresh weights but for them, and its tokenizer.

    Args:
        work: Its values give the fields of the configuration.
        config_class: Class of the configuration.
        model_class: Class of the model.
        labels: Further fields, such as ``id2label``.
        left_out: Fields that the configuration has and the values do not mean.

    Raises:
        ValueError: If a value is out of range, or tokenizer and input layer do not fit.
    """
    assert work.inputs is not None
    assert work.embedding is not None
    tokenizer, inputs = load_inputs(work.inputs)
    known = {f.name for f in fields(config_class)} - set(left_out)
    layer: dict[str, Any] = {
        "vocab_size": len(tokenizer),
        "pad_token_id": tokenizer.pad_token_id,
    }
    if inputs is not None:
        layer |= inputs.config
    layer |= frozen_fields(layer, not work.embedding.tuned)
    values = {name: value for name, value in work.values.items() if name in known}
    model = model_class(config_class(**values | layer, **labels))
    if inputs is not None:
        inputs.fill(model)
    return model, tokenizer


def fit_network(
    work: Work,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    encoded: Encoded,
    metric: Metric,
    predict: Callable[[Sequence[Any]], Sequence[Any]],
) -> Fitted:
    """Train with the plain Trainer; the best epoch on validation is kept.

    Args:
        work: What to train.
        model: It, with the weights that it starts from.
        tokenizer: Its tokenizer.
        encoded: The rows.
        metric: Chooses the epoch.
        predict: Answers inputs with the trained model.
    """
    train, values = encoded.train, work.values
    callbacks: list[TrainerCallback] = []
    if work.embedding is not None and work.embedding.tuned:
        callbacks.append(TuneRows(train["input_ids"]))
    with tempfile.TemporaryDirectory() as checkpoints:
        arguments = TrainingArguments(
            **RECIPE
            | {
                "metric_for_best_model": metric.key,
                "greater_is_better": metric.higher_is_better,
                "output_dir": checkpoints,
                "learning_rate": values["learning_rate"],
                "num_train_epochs": values["epochs"],
                "per_device_train_batch_size": values["batch_size"],
                "weight_decay": values["weight_decay"],
                "warmup_steps": values["warmup_steps"],
                "seed": work.seed,
                "save_only_model": True,
                "disable_tqdm": True,
                "use_cpu": True,
            }
        )
        search = ThreadSearch(work.threads)
        callbacks += [_Progress(work.name, metric), search]
        trainer = make_trainer(
            model,
            tokenizer,
            arguments,
            train,
            encoded.validation,
            data_collator=encoded.collator,
            compute_metrics=encoded.compute_metrics,
            patience=values["patience"],
            callbacks=callbacks,
        )
        trainer.remove_callback(PrinterCallback)
        # Rows that are tuned apart are in place since the trainer was made.
        trainable = _trainable(model)
        start = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - start - search.trial_seconds
    key = f"eval_{metric.key}"
    evaluations = [log for log in trainer.state.log_history if key in log]
    pauses = sum(log["eval_runtime"] for log in evaluations)
    epochs = trainer.state.epoch or 0.0
    model.eval()

    def save(folder: Path) -> None:
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)

    return Fitted(
        predict=predict,
        save=save,
        validation=_best(trainer),
        parameters=model.num_parameters(),
        trainable_parameters=trainable,
        training_seconds=seconds,
        training_rate=len(train) * epochs / (seconds - pauses),
        truncation=truncation(train["input_ids"], encoded.max_length, encoded.token, encoded.rows),
        epochs=epochs,
        curve=[log[key] for log in evaluations],
        threads=search.threads or 1,
        thread_changes=thread_changes(trainer.state.log_history),
    )


def _trainable(model: PreTrainedModel) -> int:
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def _best(trainer: Trainer) -> float:
    assert trainer.state.best_metric is not None
    return float(trainer.state.best_metric)


class _Progress(TrainerCallback):
    """One progress bar a run, with the last figure on validation beside it."""

    def __init__(self, name: str, metric: Metric) -> None:
        self.name, self.metric = name, metric

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.bar = tqdm(
            total=state.max_steps, desc=self.name, unit="step", disable=None, leave=False
        )

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.bar.update()

    def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        value = kwargs["metrics"][f"eval_{self.metric.key}"]
        self.bar.set_postfix_str(f"validation {self.metric.with_unit(value)}")

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.bar.close()
