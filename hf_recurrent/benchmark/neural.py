"""Models that Trainer trains: over word vectors, and the fine-tuned encoder."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import datasets
import torch
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

from .. import (
    RecurrentConfig,
    RecurrentForSequenceClassification,
    StaticEmbeddingConfig,
    StaticEmbeddingForSequenceClassification,
)
from ..training import (
    RECIPE,
    ThreadSearch,
    encode_texts,
    label_names,
    make_trainer,
    merge_rows,
    thread_changes,
    tune_rows,
)
from .encoders import encoder_length, load_encoder
from .fitted import Fitted, truncation
from .input_layers import load_inputs
from .jobs import Job
from .prediction import word_weights
from .settings import MODELS, Embedding

__all__ = ["fit_encoder", "fit_word_model"]


def fit_word_model(job: Job, data: datasets.DatasetDict, vocabulary: Path) -> Fitted:
    """Train a model over word vectors.

    Args:
        job: What to train.
        data: The splits.
        vocabulary: Folder of the tokenizer and, where there are vectors, of the input layer.

    Raises:
        ValueError: If a value is out of range, or tokenizer and input layer do not fit.
    """
    set_seed(job.seed)
    tokenizer, inputs = load_inputs(vocabulary)
    assert job.embedding is not None
    static = MODELS[job.model].kind == "static"
    config_class: Any = StaticEmbeddingConfig if static else RecurrentConfig
    known = {f.name for f in fields(config_class)} - ({"hidden_size"} if static else set())
    layer = {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id}
    if inputs is not None:
        layer |= inputs.config
    layer["freeze_embeddings"] = not Embedding.parse(job.embedding).tuned
    config = config_class(
        **{name: value for name, value in job.values.items() if name in known} | layer,
        **label_names(data["train"]),
    )
    model_class: Any = (
        StaticEmbeddingForSequenceClassification if static else RecurrentForSequenceClassification
    )
    model = model_class(config)
    if inputs is not None:
        inputs.fill(model)
    fitted = _train(job, model, tokenizer, data, job.max_length, "words")
    if getattr(config, "pooling", None) == "attention":
        fitted.explain = lambda text: word_weights(model, tokenizer, text, job.max_length)
    return fitted


def fit_encoder(
    job: Job, data: datasets.DatasetDict, baseline: str, trust_remote_code: bool = False
) -> Fitted:
    """Fine-tunes a pretrained encoder, all its parameters and a fresh classifier."""
    set_seed(job.seed)
    model, tokenizer = load_encoder(baseline, trust_remote_code, **label_names(data["train"]))
    max_length = encoder_length(model, tokenizer, job.max_length)
    return _train(job, model, tokenizer, data, max_length, "word pieces")


def _train(
    job: Job,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    data: datasets.DatasetDict,
    max_length: int,
    unit: str,
) -> Fitted:
    """Train with the plain Trainer; the best epoch on validation is kept."""
    train, validation = (
        encode_texts(data[part], tokenizer, max_length) for part in ("train", "validation")
    )
    if job.embedding is not None and Embedding.parse(job.embedding).tuned:
        tune_rows(model, train["input_ids"])
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    with tempfile.TemporaryDirectory() as checkpoints:
        values = job.values
        arguments = TrainingArguments(
            **RECIPE
            | {
                "output_dir": checkpoints,
                "learning_rate": values["learning_rate"],
                "num_train_epochs": values["epochs"],
                "per_device_train_batch_size": values["batch_size"],
                "weight_decay": values["weight_decay"],
                "warmup_steps": values["warmup_steps"],
                "seed": job.seed,
                "save_only_model": True,
                "disable_tqdm": True,
                "use_cpu": True,
            }
        )
        search = ThreadSearch(values.get("threads"))
        callbacks = [_Progress(job), search]
        trainer = make_trainer(
            model, tokenizer, arguments, train, validation, values["patience"], callbacks
        )
        trainer.remove_callback(PrinterCallback)
        start = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - start - search.trial_seconds
    merge_rows(model)
    evaluations = [log for log in trainer.state.log_history if "eval_accuracy" in log]
    pauses = sum(log["eval_runtime"] for log in evaluations)
    epochs = trainer.state.epoch or 0.0
    model.eval()

    @torch.inference_mode()
    def predict(batch: Sequence[str]) -> Sequence[int]:
        inputs = tokenizer(
            list(batch), truncation=True, max_length=max_length, padding=True, return_tensors="pt"
        )
        return model(**inputs).logits.argmax(-1).tolist()

    def save(folder: Path) -> None:
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)

    return Fitted(
        predict=predict,
        save=save,
        validation_accuracy=_best(trainer),
        parameters=model.num_parameters(),
        trainable_parameters=trainable,
        training_seconds=seconds,
        training_rate=len(train) * epochs / (seconds - pauses),
        truncation=truncation(train["input_ids"], max_length, unit),
        epochs=epochs,
        curve=[log["eval_accuracy"] for log in evaluations],
        threads=search.threads or 1,
        thread_changes=thread_changes(trainer.state.log_history),
    )


def _best(trainer: Trainer) -> float:
    assert trainer.state.best_metric is not None
    return float(trainer.state.best_metric)


class _Progress(TrainerCallback):
    """One progress bar a run, with the last validation accuracy beside it."""

    def __init__(self, job: Job) -> None:
        self.job = job

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.bar = tqdm(
            total=state.max_steps, desc=str(self.job), unit="step", disable=None, leave=False
        )

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.bar.update()

    def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.bar.set_postfix_str(f"validation {kwargs['metrics']['eval_accuracy']:.3f}")

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.bar.close()
