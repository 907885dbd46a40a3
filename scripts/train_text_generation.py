r"""Train a recurrent language model, with the states carried from window to window.

    python scripts/train_text_generation.py --dataset wikitext-2 --files_dir data --output_dir my-lm
    python scripts/train_text_generation.py --recipe awd --dataset my-text.txt --output_dir my-lm
    python scripts/train_text_generation.py --dataset my-text.txt --output_dir my-lm \
        --output_loss sampled_softmax --negatives 2048 --row_updates adam --learning_rate 0.002

Copy it and change it. The best epoch by validation is kept, the test part is judged once, and the
same command goes on where it was stopped. Every option of transformers' TrainingArguments is taken.
The curve is in ``curve.jsonl``. Losses that only rank (bpr_max, top1_max) have no perplexity.
On two processes: ``torchrun --nproc_per_node 2`` in place of ``python``.
"""

import argparse
import json
import math
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from transformers import HfArgumentParser, ProgressCallback, Trainer, TrainingArguments, set_seed

from hf_recurrent import RecurrentConfig, RecurrentForCausalLM
from hf_recurrent.benchmark.recipe import run_recipe
from hf_recurrent.models.output_loss_fields import LOSS_FIELDS, RANKING
from hf_recurrent.tasks.text_generation.data import load_texts
from hf_recurrent.training import (
    AverageWeights,
    FiniteLoss,
    LearningCurve,
    RowAdagrad,
    RowAdam,
    RowSGD,
    SparseGradients,
    StateCarrier,
    TextStreams,
    TimeBudget,
    TokenProgress,
    WindowLearningRate,
    cache_evaluation,
    checkpoint_to_resume,
    collate_windows,
    count_tokens,
    dynamic_evaluation,
    gradient_squares,
    open_token_ids,
    train_or_resume,
    write_token_ids,
)
from hf_recurrent.vectors.language_tokenizer import language_model_tokenizer

# Values in common: the best epoch by validation is kept.
_COMMON: dict[str, Any] = {
    "train_sampling_strategy": "sequential",
    "eval_strategy": "epoch",
    "save_strategy": "epoch",
    "save_total_limit": 1,
    "load_best_model_at_end": True,
    "metric_for_best_model": "eval_loss",
    "greater_is_better": False,
    "logging_steps": 100,
    "report_to": "none",
    "per_device_eval_batch_size": 10,
}
RECIPES: dict[str, dict[str, Any]] = {
    # An LSTM of 2 x 200, as in the example of PyTorch: the rate is divided by 4 where validation is
    # no better.
    "plain": _COMMON
    | {
        "embedding_size": 200,
        "hidden_size": 200,
        "num_hidden_layers": 2,
        "embedding_dropout": 0.2,
        "hidden_dropout": 0.2,
        "output_dropout": 0.2,
        "window": 35,
        "per_device_train_batch_size": 20,
        "num_train_epochs": 12,
        "optim": "sgd",
        "learning_rate": 20.0,
        "max_grad_norm": 0.25,
        "lr_scheduler_type": "reduce_lr_on_plateau",
        "lr_scheduler_kwargs": {"mode": "min", "factor": 0.25, "patience": 0},
    },
    # AWD-LSTM (Merity et al. 2018), with their values; their layers are 1,150 wide and the last one
    # 400, and they take 750 epochs. With fewer epochs take less dropout.
    "awd": _COMMON
    | {
        "embedding_size": 400,
        "hidden_size": 1150,
        "num_hidden_layers": 3,
        "tie_word_embeddings": True,
        "variational_dropout": True,
        "word_dropout": 0.1,
        "embedding_dropout": 0.65,
        "hidden_dropout": 0.2,
        "output_dropout": 0.4,
        "weight_dropout": 0.5,
        "activation_regularization": 2.0,
        "temporal_activation_regularization": 1.0,
        "window": 70,
        "random_windows": True,
        "average": True,
        "per_device_train_batch_size": 80,
        "num_train_epochs": 750,
        "optim": "sgd",
        "learning_rate": 30.0,
        "lr_scheduler_type": "constant",
        "weight_decay": 1.2e-6,
        "max_grad_norm": 0.25,
    },
}
# With --seconds training ends within an epoch, so no epoch is chosen, and the rate falls to 0 then.
_TIMED: dict[str, Any] = {
    "num_train_epochs": 100_000,
    "eval_strategy": "no",
    "save_strategy": "no",
    "load_best_model_at_end": False,
    "lr_scheduler_type": "constant",
    "lr_scheduler_kwargs": None,
}
# Tokens of training from which dynamic evaluation takes the mean squared gradients.
_SQUARES_TOKENS = 100_000
ADAPTIVE = {
    "dynamic": lambda model, ids: dynamic_evaluation(
        model,
        ids["test"],
        window=32,
        decay=1e-3,
        squares=gradient_squares(model, ids["train"][:_SQUARES_TOKENS]),
    ),
    "cache": lambda model, ids: cache_evaluation(model, ids["test"]),
}
ROW_UPDATES = {"adagrad": RowAdagrad, "adam": RowAdam, "sgd": RowSGD}


@dataclass
class DataArguments:
    """What to train on."""

    recipe: str = field(default="plain", metadata={"help": f"One of {', '.join(RECIPES)}."})
    dataset: str = field(
        default="state-of-the-union",
        metadata={"help": "Name, text file, folder of text files, or id of the Hub."},
    )
    files_dir: str | None = field(
        default=None, metadata={"help": "Folder of the files of named data sets."}
    )
    tokenizer: str | None = field(
        default=None,
        metadata={"help": "whitespace, words, bpe, unigram, characters or bytes."},
    )
    vocab_size: int | None = field(default=None, metadata={"help": "Largest number of tokens."})
    min_frequency: int = field(
        default=1, metadata={"help": "How often a word must occur in training to be known."}
    )
    end_of_text: bool = field(
        default=False,
        metadata={
            "help": "Let the end of a text, </s>, follow each text of a data set of many. A model "
            "learns what comes after it, and predict begins each text with it."
        },
    )
    window: int = field(default=35, metadata={"help": "Tokens through which gradients flow."})
    random_windows: bool = field(default=False, metadata={"help": "Draw their lengths anew."})
    seconds: float | None = field(
        default=None, metadata={"help": "End training after this time; no epoch is chosen then."}
    )
    processor_time: bool = field(
        default=False,
        metadata={"help": "Count these seconds in processor time, as beside other work."},
    )
    row_updates: str | None = field(
        default=None,
        metadata={
            "help": f"Update only the rows that a step reads, by {', '.join(ROW_UPDATES)}; it pays "
            "for sampled losses over many words."
        },
    )
    adaptive_evaluations: list[str] = field(
        default_factory=list,
        metadata={
            "help": f"Figures of the test part beside the plain one: {', '.join(ADAPTIVE)}. The "
            "model then learns from the text that it is judged on, after it has predicted it."
        },
    )


@dataclass
class ModelArguments:
    """What to train."""

    cell_type: str = field(
        default="lstm", metadata={"help": "rnn_tanh, rnn_relu, lstm, gru, mingru or minlstm."}
    )
    embedding_size: int = field(default=200, metadata={"help": "Width of the embedding."})
    hidden_size: int = field(default=200, metadata={"help": "Width of each layer."})
    num_hidden_layers: int = field(default=2, metadata={"help": "Number of layers."})
    tie_word_embeddings: bool = field(
        default=False, metadata={"help": "Share the weights of embedding and output layer."}
    )
    variational_dropout: bool = field(default=False, metadata={"help": "One mask for all steps."})
    embedding_dropout: float = field(default=0.2, metadata={"help": "On the embeddings."})
    hidden_dropout: float = field(default=0.2, metadata={"help": "Between the layers."})
    output_dropout: float = field(default=0.2, metadata={"help": "Before the output layer."})
    word_dropout: float = field(default=0.0, metadata={"help": "On whole words of a batch."})
    weight_dropout: float = field(default=0.0, metadata={"help": "On the recurrent weights."})
    activation_regularization: float = field(default=0.0, metadata={"help": "Factor of AR."})
    temporal_activation_regularization: float = field(
        default=0.0, metadata={"help": "Factor of TAR."}
    )
    output_loss: str = field(
        default="cross_entropy",
        metadata={"help": f"One of {', '.join(LOSS_FIELDS)}; see docs/output-losses.md."},
    )
    negatives: int | None = field(default=None, metadata={"help": "Negatives of a step."})
    sampler: str | None = field(
        default=None, metadata={"help": "unigram, log_uniform, uniform or in_batch."}
    )
    alpha: float | None = field(default=None, metadata={"help": "Exponent of unigram."})
    cutoffs: list[int] | None = field(
        default=None, metadata={"help": "Ranks at which the clusters of adaptive begin."}
    )
    unigram_bias: bool = field(
        default=False, metadata={"help": "Let the output layer begin with the words' shares."}
    )
    initializer_range: float = field(
        default=0.1, metadata={"help": "Standard deviation of fresh embeddings."}
    )
    average: bool = field(
        default=False, metadata={"help": "Average the weights where validation stands still."}
    )
    patience: int = field(
        default=5, metadata={"help": "Evaluations that may be no better before averaging begins."}
    )
    threads: int = field(default=1, metadata={"help": "Threads of each process on the CPU."})


def main() -> None:
    data_arguments, model_arguments, arguments = _parse()
    torch.set_num_threads(model_arguments.threads)
    settings = asdict(data_arguments) | asdict(model_arguments) | arguments.to_dict()
    wanted = settings.pop("adaptive_evaluations")
    if unknown := [name for name in wanted if name not in ADAPTIVE]:
        raise ValueError(
            f"adaptive_evaluations has {unknown[0]!r}, expected {' or '.join(ADAPTIVE)}"
        )
    if wanted and model_arguments.output_loss in RANKING:
        raise ValueError(
            f"adaptive_evaluations are perplexities, and {model_arguments.output_loss} has none"
        )
    checkpoint = checkpoint_to_resume(arguments.output_dir, settings)
    folder = Path(arguments.output_dir)
    results = folder / "test_results.json"
    if results.exists():
        told = results.read_text()
        if all(f"test_perplexity_{name}" in json.loads(told) for name in wanted):
            print(told)
            return
        if checkpoint is None:
            raise ValueError(
                f"{folder} holds the results of a run without checkpoints, which would be trained "
                "anew for other adaptive_evaluations: name another output folder"
            )
    # Before anything random: the fresh weights depend on the seed.
    set_seed(arguments.seed)

    texts = load_texts(
        data_arguments.dataset,
        data_dir=data_arguments.files_dir,
        tokenizer=data_arguments.tokenizer,
    )
    tokenizer = language_model_tokenizer(
        texts["train"]["text"],
        texts["train"][0]["tokenizer_kind"],
        vocab_size=data_arguments.vocab_size,
        min_frequency=data_arguments.min_frequency,
    )
    ids = {}
    for part in ("train", "validation", "test"):
        path = folder / f"{part}_ids.npy"
        with arguments.main_process_first(desc="token ids"):
            if arguments.process_index == 0:
                write_token_ids(
                    path, texts[part]["text"], tokenizer, end_of_text=data_arguments.end_of_text
                )
        ids[part] = open_token_ids(path)
    streams = arguments.train_batch_size * arguments.world_size
    train = TextStreams(
        ids["train"],
        streams,
        data_arguments.window,
        random_windows=data_arguments.random_windows,
        seed=arguments.seed,
    )
    evaluated = arguments.eval_batch_size * arguments.world_size
    validation, test = (
        TextStreams(ids[part], evaluated, data_arguments.window) for part in ("validation", "test")
    )

    model = RecurrentForCausalLM(_config(model_arguments, tokenizer))
    counts = count_tokens(ids["train"], len(tokenizer))
    model.set_token_counts(counts, set_bias=model_arguments.unigram_bias)
    callbacks: list[Any] = [StateCarrier(), FiniteLoss()]
    optimizer = None
    if data_arguments.row_updates is not None:
        optimizer = _row_optimizer(data_arguments.row_updates, arguments)
        callbacks.append(SparseGradients())
    if data_arguments.seconds is not None:
        clock = time.process_time if data_arguments.processor_time else time.perf_counter
        callbacks.append(TimeBudget(data_arguments.seconds, clock=clock))
    if data_arguments.random_windows:
        callbacks.append(WindowLearningRate(data_arguments.window))
    if model_arguments.average:
        callbacks.append(AverageWeights(model_arguments.patience))
    trainer = Trainer(
        model,
        arguments,
        train_dataset=train,
        eval_dataset=validation,
        processing_class=tokenizer,
        data_collator=collate_windows,
        callbacks=callbacks,
        optimizer_cls_and_kwargs=optimizer,
    )
    trainer.remove_callback(ProgressCallback)
    trainer.add_callback(TokenProgress())
    trainer.add_callback(LearningCurve(folder / "curve.jsonl"))
    train_or_resume(trainer, checkpoint)
    trainer.save_model()
    found = trainer.evaluate(validation) | trainer.evaluate(test, metric_key_prefix="test")
    metrics = {
        "validation_loss": found["eval_loss"],
        "test_loss": found["test_loss"],
        "test_tokens": test.predicted,
        "steps": trainer.state.global_step,
        "parameters": model.num_parameters(),
    }
    # The scores of a loss that only ranks are no probabilities.
    if model_arguments.output_loss not in RANKING:
        for part in ("validation", "test"):
            metrics[f"{part}_perplexity"] = math.exp(metrics[f"{part}_loss"])
    if trainer.is_world_process_zero():
        for name in wanted:
            metrics[f"test_perplexity_{name}"] = math.exp(ADAPTIVE[name](model, ids))
        trainer.save_metrics("test", metrics, combined=False)
        print(json.dumps(metrics, indent=2))


def _parse() -> tuple[DataArguments, ModelArguments, TrainingArguments]:
    """Return the arguments, with the values of the recipe where the user gives none."""
    kinds: Any = (DataArguments, ModelArguments, TrainingArguments)
    parser = HfArgumentParser(kinds)
    first = HfArgumentParser(DataArguments, add_help=False, allow_abbrev=False)
    known = first.parse_known_args()[0]
    if known.recipe not in RECIPES:
        raise ValueError(f"recipe is {known.recipe!r}, expected {' or '.join(RECIPES)}")
    recipe = RECIPES[known.recipe]
    parser.set_defaults(**recipe)
    # The options of one scheduler are not those of another.
    scheduler = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    scheduler.add_argument("--lr_scheduler_type", default=recipe["lr_scheduler_type"])
    if scheduler.parse_known_args()[0].lr_scheduler_type != recipe["lr_scheduler_type"]:
        parser.set_defaults(lr_scheduler_kwargs=None)
    if known.seconds is not None:
        parser.set_defaults(**_TIMED)
    return parser.parse_args_into_dataclasses()


def _row_optimizer(name: str, arguments: TrainingArguments) -> tuple[Any, dict[str, Any]]:
    """Return the optimizer and its numbers; it clips in place of Trainer."""
    if name not in ROW_UPDATES:
        raise ValueError(f"row_updates is {name!r}, expected {' or '.join(ROW_UPDATES)}")
    numbers: dict[str, Any] = {"lr": arguments.learning_rate}
    numbers["max_norm"] = arguments.max_grad_norm or None
    if name == "adam":
        numbers["betas"] = arguments.adam_beta1, arguments.adam_beta2
    arguments.max_grad_norm = 0
    return ROW_UPDATES[name], numbers


def _config(arguments: ModelArguments, tokenizer: Any) -> RecurrentConfig:
    fields = asdict(arguments)
    for name in ("average", "patience", "threads", "unigram_bias"):
        del fields[name]
    of_loss = {name: fields.pop(name) for name in ("negatives", "sampler", "alpha", "cutoffs")}
    of_loss = {name: value for name, value in of_loss.items() if value is not None}
    return RecurrentConfig(
        vocab_size=len(tokenizer),
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        classifier_dropout=fields.pop("output_dropout"),
        output_loss_config=of_loss or None,
        **fields,
    )


if __name__ == "__main__":
    run_recipe(main, "the last checkpoint")
