"""Train a small text classifier by each method of hard training, where they help and where not.

    python scripts/benchmark_hard_training.py --output docs/results/hard-training.jsonl

One row a data set, method and seed; a command that was stopped goes on, and one whose rows are all
there prints the table alone. The whole table takes about 95 minutes of one core.

The data: spam mails with 2 % of spam in the training part, where validation and test part keep all
their spam and rows are weighted as if it were 2 %; 20 newsgroups; movie snippets with their own
labels, and with 20 % of the training labels flipped (validation and test keep theirs). Every text
is cut after 100 words. The model is a bidirectional LSTM, 64 wide, over tuned GloVe vectors. A
metric is measured on the test part with the epoch that is best by the same metric on validation.
The limit and the warm-up of self-paced learning were chosen on the validation part of the flipped
movie snippets, with seed 0; the other methods have the values of their papers.
"""

import argparse
import json
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import torch
from transformers import (
    DataCollatorWithPadding,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)

from hf_recurrent import RecurrentConfig, RecurrentForSequenceClassification, load_text_dataset
from hf_recurrent.metrics import classification_metrics, rare_class_metrics
from hf_recurrent.tasks.labels import label_fields
from hf_recurrent.tasks.text_classification.encoding import encode_texts, label_names
from hf_recurrent.training import (
    RECIPE,
    CurriculumDataset,
    SelfPacedLearning,
    TuneRows,
    balanced_class_weights,
    make_trainer,
    row_losses,
)
from hf_recurrent.training.defaults import DROPOUTS, VECTOR_SCALE
from hf_recurrent.vectors import load_vectors, word_inputs

MAX_WORDS, WIDTH, BATCH, RARE = 100, 64, 64, 0.02
METHODS = {
    "plain": "plain cross-entropy",
    "balanced": "class-balanced weights (beta 0.999)",
    "focal": "focal loss (gamma 2)",
    "hard-examples": "hard examples (share 0.5)",
    "self-paced": "self-paced (limit 2 log k, growth 1.3, 2 epochs of warm-up)",
    "short-first": "curriculum by length (from 0.3, half the epochs)",
    "easy-first": "curriculum by the plain model's loss (likewise)",
}


@dataclass(frozen=True)
class Data:
    """A training set as the table has it.

    Attributes:
        title: as the table names it.
        source: name for ``load_text_dataset``.
        epochs: of training.
        metrics: those that judge.
        rare: share of spam in the training part.
        flipped: share of the training labels that are changed to another class.
    """

    title: str
    source: str
    epochs: int
    metrics: tuple[str, ...] = ("accuracy",)
    rare: float | None = None
    flipped: float = 0.0


DATA = {
    "spam": Data("spam mails, 2 % spam", "spam-assassin", 8, ("average_precision", "f1"), RARE),
    "news": Data("20 newsgroups", "20-newsgroups", 6),
    "movies": Data("movie snippets", "movie-snippets", 6),
    "flipped": Data("movie snippets, 20 % flipped", "movie-snippets", 6, flipped=0.2),
}


class KeepBest(TrainerCallback):
    """Keeps the weights of the best epoch by each metric, in memory."""

    def __init__(self, metrics: tuple[str, ...]) -> None:
        self.metrics = metrics
        self.best: dict[str, tuple[float, float, dict[str, torch.Tensor]]] = {}

    def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Compare an epoch with the best before."""
        for metric in self.metrics:
            value = kwargs["metrics"][f"eval_{metric}"]
            if metric not in self.best or value > self.best[metric][0]:
                weights = {n: v.clone() for n, v in kwargs["model"].state_dict().items()}
                self.best[metric] = (value, state.epoch, weights)


@cache
def loaded(source: str) -> datasets.DatasetDict:
    return load_text_dataset(source, progress=False)


def training_rows(data: Data, seed: int) -> tuple[datasets.Dataset, np.ndarray]:
    """Return the training rows, and which of them have a wrong label."""
    rows, chance = loaded(data.source)["train"], np.random.default_rng(seed)
    labels = np.asarray(rows["label"][:])
    if data.rare is not None:
        spam, ham = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
        number = round(data.rare / (1 - data.rare) * len(ham))
        kept = np.sort(np.concatenate([ham, chance.choice(spam, number, replace=False)]))
        rows, labels = rows.select(kept), labels[kept]
    wrong = np.zeros(len(labels), dtype=bool)
    if data.flipped:
        wrong[chance.choice(len(labels), round(data.flipped * len(labels)), replace=False)] = True
        classes = len(label_names(rows))
        others = (labels + chance.integers(1, classes, len(labels))) % classes
        features = rows.features
        rows = rows.remove_columns("label")
        rows = rows.add_column("label", np.where(wrong, others, labels)).cast(features)
    return rows, wrong


class Run:
    """One training: its rows, its model, and what it is judged by."""

    def __init__(self, data: Data, method: str, seed: int, folder: Path) -> None:
        self.data, self.method, self.seed = data, method, seed
        set_seed(seed)
        rows, self.wrong = training_rows(data, seed)
        inputs = word_inputs(
            [load_vectors("glove")], rows["text"][:], extra_words=0, scale=VECTOR_SCALE, seed=seed
        )
        self.tokenizer, names = inputs.tokenizer, label_names(rows)
        fields: dict[str, Any] = {}
        if method == "balanced":
            weights = balanced_class_weights(rows["label"][:], len(names), beta=0.999)
            fields["class_weights"] = weights
        elif method == "focal":
            fields["focal_gamma"] = 2.0
        elif method == "hard-examples":
            fields["hard_example_share"] = 0.5
        config = RecurrentConfig(
            cell_type="lstm", hidden_size=WIDTH, bidirectional=True, pooling="max",
            **DROPOUTS, **fields, **label_fields(names), **inputs.config,
        )  # fmt: skip
        self.model = RecurrentForSequenceClassification(config)
        inputs.fill(self.model)
        self.train = encode_texts(rows, self.tokenizer, MAX_WORDS)
        self.collator = DataCollatorWithPadding(self.tokenizer)
        self.keep = KeepBest(data.metrics)
        changes: dict[str, Any] = {"output_dir": str(folder), "seed": seed, "use_cpu": True}
        changes |= {"num_train_epochs": data.epochs, "per_device_train_batch_size": BATCH}
        changes |= {"save_strategy": "no", "load_best_model_at_end": False, "disable_tqdm": True}
        self.arguments = TrainingArguments(**RECIPE | changes)

    def trainer(self, easiness: Callable[[], list[float]]) -> Trainer:
        """Return the trainer of the method; ``easiness`` returns a teacher's loss of each row."""
        epochs = self.data.epochs // 2
        rows: Any = self.train
        callbacks: list[TrainerCallback] = [self.keep, TuneRows(self.train["input_ids"])]
        if self.method == "self-paced":
            limit = 2 * math.log(self.model.config.num_labels)
            callbacks.append(SelfPacedLearning(limit, growth=1.3, warmup_epochs=2))
        elif self.method == "short-first":
            rows = CurriculumDataset(rows, BATCH, self.seed, epochs=epochs)
        elif self.method == "easy-first":
            rows = CurriculumDataset(rows, BATCH, self.seed, difficulty=easiness(), epochs=epochs)
        rare = self.data.rare
        trainer = make_trainer(
            self.model, self.tokenizer, self.arguments, rows, self.encoded("validation"),
            data_collator=self.collator, callbacks=callbacks,
            compute_metrics=classification_metrics if rare is None else rare_class_metrics(1, rare),
        )  # fmt: skip
        trainer.remove_callback(PrinterCallback)
        return trainer

    def encoded(self, part: str) -> datasets.Dataset:
        """Return the inputs of a part of the data."""
        return encode_texts(loaded(self.data.source)[part], self.tokenizer, MAX_WORDS)

    def use_best(self, metric: str) -> tuple[float, float]:
        """Load the weights of the best epoch; return its value on validation, and the epoch."""
        value, epoch, weights = self.keep.best[metric]
        self.model.load_state_dict(weights)
        return value, epoch


def measure(data: Data, method: str, seed: int, teachers: dict[Any, Run]) -> dict[str, Any]:
    """Train once, and return what the row of it holds.

    Args:
        data: what to train on.
        method: one of ``METHODS``.
        seed: of everything that is random.
        teachers: plain models that were trained in this process, by data and seed.
    """
    start = time.process_time()
    with tempfile.TemporaryDirectory() as folder:

        def easiness() -> list[float]:
            if (data, seed) not in teachers:
                measure(data, "plain", seed, teachers)
            teacher = teachers[data, seed]
            teacher.use_best(data.metrics[0])
            return row_losses(teacher.model, teacher.train, teacher.collator)

        run = Run(data, method, seed, Path(folder))
        trainer = run.trainer(easiness)
        set_seed(seed)
        trainer.train()
        if method == "plain":
            teachers.clear()
            teachers[data, seed] = run
        found: dict[str, Any] = {"rows": len(run.train), "validation": {}, "test": {}, "epoch": {}}
        if run.wrong.any():
            answers = trainer.predict(run.train).predictions.argmax(-1)
            given = np.asarray(run.train["labels"][:])
            found["wrong_labels_learnt"] = float((answers == given)[run.wrong].mean())
        test = run.encoded("test")
        for metric in data.metrics:
            found["validation"][metric], found["epoch"][metric] = run.use_best(metric)
            found["test"][metric] = trainer.predict(test).metrics[f"test_{metric}"]
    return {**found, "cpu_seconds": round(time.process_time() - start, 1)}


def key_of(row: dict[str, Any]) -> tuple[str, str, int]:
    return row["data"], row["method"], row["seed"]


def read(path: Path) -> dict[tuple[str, str, int], dict[str, Any]]:
    """Return the rows of a file; a last line that was cut off is left out."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
    whole = [json.loads(line) for line in lines if line.endswith("\n")]
    if len(whole) < len(lines):
        path.write_text("".join(lines[:-1]), encoding="utf-8")
    return {key_of(row): row for row in whole}


def methods_of(data: str, asked: list[str]) -> list[str]:
    """Return the methods that a data set is trained with: weights of classes change spam only."""
    return [m for m in METHODS if m in asked and (m != "balanced" or DATA[data].rare is not None)]


def table(rows: dict[tuple[str, str, int], dict[str, Any]]) -> str:
    """Return a Markdown table: mean and spread over seeds, and the mean difference to plain."""
    lines = []
    for name, data in DATA.items():
        own = [row for row in rows.values() if row["data"] == name]
        if not own:
            continue
        lines += [f"\n{data.title}", ""]
        learnt = any("wrong_labels_learnt" in row for row in own)
        head = [f"test {metric.replace('_', ' ')}, % | to plain" for metric in data.metrics]
        head += ["wrong labels learnt, %"] if learnt else []
        lines.append(f"| method | {' | '.join(head)} | seeds |")
        lines.append("|---" * (2 * len(data.metrics) + learnt + 2) + "|")
        for method, title in METHODS.items():
            found = {row["seed"]: row for row in own if row["method"] == method}
            if not found:
                continue
            cells = []
            for metric in data.metrics:
                cells.append(spread([100 * row["test"][metric] for row in found.values()]))
                cells.append(
                    spread(
                        [
                            100 * (row["test"][metric] - plain["test"][metric])
                            for seed, row in found.items()
                            if (plain := rows.get((name, "plain", seed)))
                        ],
                        "+",
                    )
                )
            if learnt:
                cells.append(spread([100 * r["wrong_labels_learnt"] for r in found.values()]))
            lines.append(f"| {title} | {' | '.join(cells)} | {len(found)} |")
    return "\n".join(lines).lstrip("\n")


def spread(values: list[float], sign: str = "") -> str:
    """Return mean and standard deviation, as the table writes them."""
    if not values:
        return ""
    if len(values) == 1:
        return f"{values[0]:{sign}.1f}"
    return f"{statistics.mean(values):{sign}.1f} ± {statistics.stdev(values):.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--data", nargs="+", choices=DATA, default=list(DATA), help="default: all")
    add("--methods", nargs="+", choices=METHODS, default=list(METHODS), help="default: all")
    add("--seeds", type=int, default=3, help="runs of each (default: 3)")
    add("--output", type=Path, default=Path("runs/hard-training.jsonl"), help="file of the rows")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    datasets.disable_progress_bars()
    rows = read(arguments.output)
    jobs = [
        (data, method, seed)
        for seed in range(arguments.seeds)
        for data in arguments.data
        for method in methods_of(data, arguments.methods)
    ]
    teachers: dict[Any, Run] = {}
    missing = [job for job in jobs if job not in rows]
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    for number, (data, method, seed) in enumerate(missing, 1):
        print(f"{number} of {len(missing)}: {data}, {method}, seed {seed}", flush=True)
        row = {"data": data, "method": method, "seed": seed}
        row |= measure(DATA[data], method, seed, teachers)
        print(f"  {row['test']}, {row['cpu_seconds']} s", flush=True)
        with arguments.output.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
            file.flush()
            os.fsync(file.fileno())
        rows[key_of(row)] = row
    print(table({job: rows[job] for job in jobs}))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("\nStopped: the same command goes on with the next row.", file=sys.stderr)
        sys.exit(130)
    except (OSError, ValueError) as error:
        sys.exit(f"error: {' '.join(str(error).split())}")
