"""Training of networks for all tasks: over word vectors, or a pretrained encoder."""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from math import ceil
from typing import Any

import datasets
import transformers
from tqdm import tqdm
from transformers import (
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)

from ..training import RECIPE, ThreadSearch, TuneRows, make_trainer, thread_changes
from .encoders import encoder_length, load_encoder
from .fitted import Fitted, save_whole, truncation
from .input_layers import frozen_fields, load_inputs
from .labels import label_fields
from .metric import Metric
from .model_rows import Work


def _lengths_of_ids(rows: Any) -> list[int]:
    return [len(ids) for ids in rows["input_ids"]]


@dataclass(frozen=True)
class NetworkRecipe:
    """How a task trains its networks.

    A model without a tokenizer has ``None`` in the place of one.

    Attributes:
        labels: Returns the names of the labels of some rows, in the order of their ids.
        encode: Takes rows, a tokenizer and a number of tokens after which to cut; returns the
            rows from which batches are made, with the inputs of a model.
        collator: Takes a tokenizer; returns the function that makes batches of these inputs.
        metrics: Takes the training rows; returns the function that measures an evaluation, with the
            metrics of the task by their keys.
        answer: Takes a model, its tokenizer, a batch of inputs and a number of tokens after which
            to cut; returns the answers.
        lengths: Returns the lengths of encoded rows; by default the numbers of their ids.
        arguments: Further arguments of ``TrainingArguments``.
        target: The value of the metric that chooses at which training ends; ``None`` for none.
        arrange: Returns encoded training rows changed, or as another class in an order of their
            own; batches of a ``Dataset`` have rows of similar lengths.
        trainer: Further arguments of ``Trainer``.
        callbacks: Callbacks of one training.
    """

    labels: Callable[[datasets.Dataset], Sequence[str]]
    encode: Callable[[datasets.Dataset, Any, int], datasets.Dataset]
    collator: Callable[[Any], Any]
    metrics: Callable[[datasets.Dataset], Callable[[Any], dict[str, float]]]
    answer: Callable[[PreTrainedModel, Any, Sequence[Any], int], Sequence[Any]]
    lengths: Callable[[Any], Sequence[int]] = _lengths_of_ids
    arguments: Mapping[str, Any] = field(default_factory=dict)
    target: float | None = None
    arrange: Callable[[datasets.Dataset], Any] | None = None
    trainer: Mapping[str, Any] = field(default_factory=dict)
    callbacks: Sequence[TrainerCallback] = ()


def labelled_batch(
    recipe: NetworkRecipe,
    rows: datasets.Dataset,
    tokenizer: PreTrainedTokenizerBase | None,
    max_length: int,
) -> tuple[dict[str, Any], Sequence[str]]:
    """Return rows as one batch of a model; see ``Task.labelled_batch``."""
    encoded = recipe.encode(rows, tokenizer, max_length)
    return {**recipe.collator(tokenizer)([*encoded])}, recipe.labels(rows)


def fit_encoder(work: Work, recipe: NetworkRecipe) -> Fitted:
    """Train a fresh head on a pretrained encoder, and the encoder too, unless it is frozen.

    It is frozen where the value "tuned" is false.
    """
    set_seed(work.seed)
    model, tokenizer = load_encoder(
        work.baseline,
        work.trust_remote_code,
        auto_class(work),
        **label_fields(recipe.labels(work.data["train"])),
    )
    if not work.values.get("tuned", True):
        model.base_model.requires_grad_(False)
    max_length = encoder_length(model, tokenizer, work.max_length)
    return fit_network(work, recipe, model, tokenizer, max_length, "word pieces")


def word_network(
    work: Work,
    recipe: NetworkRecipe,
    config_class: Any,
    *,
    left_out: Sequence[str] = (),
    **more: Any,
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Make a model over word vectors, with fresh weights except for the vectors, and its tokenizer.

    Args:
        work: Its values are the fields of the configuration.
        recipe: Has the names of the labels.
        config_class: Class of the configuration.
        left_out: Fields of the configuration that are not set from the values.
        **more: Further fields.

    Raises:
        ValueError: If a value is out of range, or tokenizer and input layer do not fit together.
    """
    assert work.inputs is not None
    assert work.embedding is not None
    set_seed(work.seed)
    inputs = load_inputs(work.inputs)
    values = config_values(work, config_class, left_out)
    values |= inputs.config | frozen_fields(inputs.config, not work.embedding.tuned)
    values |= label_fields(recipe.labels(work.data["train"]))
    model = auto_class(work).from_config(config_class(**values | more))
    inputs.fill(model)
    return model, inputs.tokenizer


def config_values(work: Work, config_class: Any, left_out: Sequence[str] = ()) -> dict[str, Any]:
    """Return the values that are fields of a configuration, without some."""
    known = {f.name for f in fields(config_class)} - set(left_out)
    return {name: value for name, value in work.values.items() if name in known}


def auto_class(work: Work) -> Any:
    """Return the Auto class of transformers that makes the models of a task."""
    return getattr(transformers, work.task.auto_class)


def fit_network(
    work: Work,
    recipe: NetworkRecipe,
    model: PreTrainedModel,
    tokenizer: Any,
    max_length: int | None = None,
    token: str | None = None,
) -> Fitted:
    """Train with the plain Trainer, and keep the best evaluation on validation.

    A model is evaluated after each epoch, or as often as the value "evaluations" says. Without a
    value "patience", training ends after the last epoch.

    Args:
        work: What to train.
        recipe: How its task trains networks.
        model: The model, with its initial weights.
        tokenizer: Its tokenizer, or another class that makes its inputs and is saved beside it;
            ``None`` for none.
        max_length: Tokens after which a row is cut; by default that of ``work``.
        token: The unit of this length; by default that of the task.
    """
    most = work.max_length if max_length is None else max_length
    metric, values = work.task.chooser, work.values
    train, validation = (
        recipe.encode(work.data[part], tokenizer, most) for part in ("train", "validation")
    )
    if recipe.arrange is not None:
        train = recipe.arrange(train)
    callbacks: list[TrainerCallback] = [*recipe.callbacks]
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
            | _evaluated(values, len(train))
            | dict(recipe.arguments)
        )
        search = ThreadSearch(work.threads)
        callbacks += [_Progress(work.name, metric), search]
        if recipe.target is not None:
            callbacks.append(StopAt(metric, recipe.target))
        trainer = make_trainer(
            model,
            tokenizer,
            arguments,
            train,
            validation,
            data_collator=recipe.collator(tokenizer),
            compute_metrics=recipe.metrics(work.data["train"]),
            lengths=recipe.lengths,
            patience=values.get("patience"),
            callbacks=callbacks,
            **recipe.trainer,
        )
        trainer.remove_callback(PrinterCallback)
        # Making the trainer has set up the rows that are tuned separately.
        trainable = _trainable(model)
        start = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - start - search.trial_seconds
    key = f"eval_{metric.key}"
    evaluations = [log for log in trainer.state.log_history if key in log]
    pauses = sum(log["eval_runtime"] for log in evaluations)
    epochs = trainer.state.epoch or 0.0
    model.eval()
    units, cut = work.task.units, "not cut"
    if work.task.cuts_rows:
        cut = truncation(recipe.lengths(train), most, token or units.token, units.many)
    return Fitted(
        predict=lambda inputs: recipe.answer(model, tokenizer, inputs, most),
        save=partial(save_whole, model, tokenizer),
        validation=_best(trainer),
        parameters=model.num_parameters(),
        trainable_parameters=trainable,
        training_seconds=seconds,
        # An encoded row may be a step of streams or a piece of a row.
        training_rate=len(work.data["train"]) * epochs / (seconds - pauses),
        truncation=cut,
        epochs=epochs,
        curve=[log[key] for log in evaluations],
        curve_steps=[int(log["step"]) for log in evaluations],
        threads=search.threads or 1,
        thread_changes=thread_changes(trainer.state.log_history),
    )


def _evaluated(values: Mapping[str, Any], rows: int) -> dict[str, Any]:
    """Return the arguments for a number of evaluations; none for one after each epoch."""
    if "evaluations" not in values:
        return {}
    steps = ceil(rows / values["batch_size"]) * values["epochs"]
    every = max(1, steps // values["evaluations"])
    told: dict[str, Any] = {}
    for what in ("eval", "save", "logging"):
        told |= {f"{what}_strategy": "steps", f"{what}_steps": every}
    return told


def _trainable(model: PreTrainedModel) -> int:
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def _best(trainer: Trainer) -> float:
    assert trainer.state.best_metric is not None
    return float(trainer.state.best_metric)


class StopAt(TrainerCallback):
    """Ends training at the first evaluation whose metric reaches a value.

    Args:
        metric: The metric, by the key of which an evaluation is logged.
        target: The value.
    """

    def __init__(self, metric: Metric, target: float) -> None:
        self.metric, self.target = metric, target

    def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Stop where the value is reached."""
        if not self.metric.is_better(self.target, kwargs["metrics"][f"eval_{self.metric.key}"]):
            control.should_training_stop = True


class _Progress(TrainerCallback):
    """A progress bar for a run, with the last figure on validation."""

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
