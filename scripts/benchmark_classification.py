r"""Measure classifiers of clips or of sound, and sum the figures up.

    python scripts/benchmark_classification.py run --files-dir data \
        --output docs/results/video.jsonl --datasets grid-lips-commands utkinect-all
    python scripts/benchmark_classification.py run --task audio-classification --files-dir data \
        --output docs/results/sound.jsonl --datasets spoken-digits-all --models bigru
    python scripts/benchmark_classification.py table docs/results/video.jsonl

`utkinect-all` stands for the ten sets `utkinect-s01` to `utkinect-s10`, each of which leaves one
person out, and `spoken-digits-all` for the six that leave one speaker out. Each row of the output
is one run on one thread: a model, a trial (the changes of `Search.trials`), its best accuracy on
validation, and its right answers on test. The table chooses the trial by the mean accuracy on
validation, and then reads the test figures of that trial alone, with the interval of Clopper and
Pearson; the rows of persons left out are added up, and `--by-set` shows each of them too. Runs that
are in the output already are not run again.
"""

import argparse
import json
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import torch
from scipy.stats import beta
from transformers.utils import logging

from hf_recurrent.tasks import Task, Work, get_task

TASKS = ("video-classification", "audio-classification")
# Names that stand for data sets, of which each leaves one person out: their prefix and the persons.
LEFT_OUT = {
    "utkinect-all": ("utkinect-s", "utkinect, one person left out"),
    "spoken-digits-all": ("spoken-digits-", "spoken-digits, one speaker left out"),
}
KEY = ("task", "dataset", "model", "trial", "seed")


def main() -> None:
    arguments = parse()
    if arguments.verb == "table":
        for line in table(read(arguments.file), arguments.by_set):
            print(line)
        return
    datasets.disable_progress_bars()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    torch.set_num_threads(1)
    task = get_task(arguments.task)
    models = arguments.models or [*task.models]
    check(task, arguments.datasets, models)
    done = {tuple(row[name] for name in KEY) for row in read(arguments.output)}
    for name in expanded(task, arguments.datasets):
        data = None
        for model in models:
            search = task.models[model].search
            trials = min(arguments.trials, len(search.trials)) if search else 1
            for trial in range(trials):
                if (task.id, name, model, trial, arguments.seed) in done:
                    continue
                if data is None:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore", UserWarning)  # the table says it
                        data = task.load(name, arguments.files_dir)
                row = {"task": task.id, "dataset": name, "model": model, "trial": trial}
                row |= {"seed": arguments.seed}
                row |= run(task, model, trial, arguments.seed, arguments.epochs, data)
                arguments.output.parent.mkdir(parents=True, exist_ok=True)
                with arguments.output.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")
                print(json.dumps(row), flush=True)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    add = verbs.add_parser("run").add_argument
    add("--task", choices=TASKS, default=TASKS[0], help=f"default: {TASKS[0]}")
    add("--datasets", nargs="+", required=True, metavar="NAME", help="of the task")
    add("--models", nargs="+", metavar="NAME", help="of the task (default: all)")
    add("--files-dir", metavar="FOLDER", help="folder of the files of named data sets")
    add("--output", type=Path, required=True, metavar="FILE", help="rows are added to it")
    add("--trials", type=int, default=2, metavar="N", help="default: 2")
    add("--epochs", type=int, metavar="N", help="default: that of each model")
    add("--seed", type=int, default=0, metavar="N", help="default: 0")
    add = verbs.add_parser("table").add_argument
    add("file", type=Path, metavar="FILE")
    add("--by-set", action="store_true", help="a line for each person left out too")
    return parser.parse_args()


def check(task: Task, names: Iterable[str], models: Iterable[str]) -> None:
    """Raise a ``ValueError`` if a data set or a model is none of the task."""
    for option, given, known in (
        ("--datasets", [*expanded(task, names)], [*task.datasets]),
        ("--models", models, [*task.models]),
    ):
        for name in given:
            if name not in known:
                raise ValueError(f"{option} has '{name}', expected names of {', '.join(known)}")


def expanded(task: Task, names: Iterable[str]) -> Iterator[str]:
    """Yield the names of data sets, those of all persons in place of their name."""
    for name in names:
        if name in LEFT_OUT and (own := persons(task, name)):
            yield from own
        else:
            yield name


def persons(task: Task, name: str) -> list[str]:
    """Return the data sets that leave one person out, for the name that stands for all."""
    return [each for each in task.datasets if each.startswith(LEFT_OUT[name][0])]


def read(file: Path) -> list[dict[str, Any]]:
    """Return the rows of a file, none if it is missing."""
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def run(
    task: Task, model: str, trial: int, seed: int, epochs: int | None, data: datasets.DatasetDict
) -> dict[str, Any]:
    """Return the figures of a run."""
    row = task.models[model]
    values = row.search.values(trial + 1, epochs)[trial] if row.search else {}
    work = Work(model, task, row, {**values, **row.config, "threads": 1}, seed, 0, data)
    fitted = row.fit(work)
    test = data["test"]
    right = np.asarray(fitted.predict(task.inputs(test))) == np.asarray(test["label"][:])
    measured = fitted.measure() if fitted.measure else {}
    return {
        "validation": round(fitted.validation, 4),
        "validation_rows": len(data["validation"]),
        "right": int(right.sum()),
        "test_rows": len(test),
        "parameters": fitted.parameters,
        "training_seconds": round(fitted.training_seconds, 1),
        **{name: round(value) for name, value in measured.items()},
    }


def table(rows: list[dict[str, Any]], by_set: bool) -> Iterator[str]:
    """Yield the lines of a table in Markdown."""
    yield "| data | model | test accuracy, 95 % interval | validation | parameters | frames/s |"
    yield "|---|---|---|---|---|---|"
    groups: dict[tuple[str, str, str], dict[int, list[dict[str, Any]]]] = {}
    for row in rows:
        groups.setdefault((row["task"], group_of(row["dataset"]), row["model"]), {}).setdefault(
            row["trial"], []
        ).append(row)
    for (task, name, model), by_trial in groups.items():
        title = get_task(task).models[model].title
        most = max(map(len, by_trial.values()))
        whole = {trial: own for trial, own in by_trial.items() if len(own) == most}
        means = {
            trial: float(np.mean([r["validation"] for r in own])) for trial, own in whole.items()
        }
        trial = max(means, key=lambda each: (means[each], -each))
        own = whole[trial]
        yield told(name, title, own)
        if by_set and len(own) > 1:
            yield from (told(row["dataset"], title, [row]) for row in own)


def group_of(dataset: str) -> str:
    """Return the name under which the rows of a data set are added up."""
    return next((title for start, title in LEFT_OUT.values() if dataset.startswith(start)), dataset)


def told(name: str, title: str, rows: list[dict[str, Any]]) -> str:
    """Return a line of the table: some rows, added up."""
    right, number = (sum(row[key] for row in rows) for key in ("right", "test_rows"))
    low, high = interval(right, number)
    validation = np.mean([row["validation"] for row in rows])
    rate = float(np.median([row.get("frames_per_second", 0) for row in rows]))
    return (
        f"| {name} | {title} | {100 * right / number:.1f} % of {number} "
        f"({100 * low:.1f} to {100 * high:.1f}) | {100 * validation:.1f} % | "
        f"{rows[0]['parameters']:,} | {f'{rate:,.0f}' if rate else ''} |"
    )


def interval(right: int, number: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Clopper and Pearson 1934).

    Example:
        >>> [round(end, 3) for end in interval(9, 10)]
        [0.555, 0.997]
    """
    low = beta.ppf(0.025, right, number - right + 1) if right else 0.0
    high = beta.ppf(0.975, right + 1, number - right) if right < number else 1.0
    return float(low), float(high)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("\nStopped: the same command goes on with the next run.", file=sys.stderr)
        sys.exit(130)
    except (ImportError, OSError, ValueError) as error:
        sys.exit(f"error: {' '.join(str(error).split())}")
