r"""Measure classifiers of clips, and sum the figures up.

    python scripts/benchmark_video.py run --files-dir data --output docs/results/video.jsonl \
        --datasets grid-lips-commands utkinect-all
    python scripts/benchmark_video.py table docs/results/video.jsonl

`utkinect-all` stands for the ten sets `utkinect-s01` to `utkinect-s10`, each of which leaves one
person out. Each row of the output is one run on one thread: a model, a trial (the changes of
`Search.trials`), its best accuracy on validation, and its right answers on test. The table chooses
the trial by the mean accuracy on validation, and then reads the test figures of that trial alone,
with the interval of Clopper and Pearson; the rows of persons left out are added up. Runs that are
in the output already are not run again.
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

from hf_recurrent.tasks import Work, get_task
from hf_recurrent.tasks.video_classification.named import CLIPS

TASK = get_task("video-classification")
ALL_PERSONS = "utkinect-all"
KEY = ("dataset", "model", "trial", "seed")


def main() -> None:
    arguments = parse()
    if arguments.verb == "table":
        for line in table(read(arguments.file)):
            print(line)
        return
    datasets.disable_progress_bars()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    torch.set_num_threads(1)
    done = {tuple(row[name] for name in KEY) for row in read(arguments.output)}
    for name in expanded(arguments.datasets):
        data = None
        for model in arguments.models:
            search = TASK.models[model].search
            trials = min(arguments.trials, len(search.trials)) if search else 1
            for trial in range(trials):
                if (name, model, trial, arguments.seed) in done:
                    continue
                if data is None:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore", UserWarning)  # the table says it
                        data = TASK.load(name, arguments.files_dir)
                row = {"dataset": name, "model": model, "trial": trial, "seed": arguments.seed}
                row |= run(model, trial, arguments.seed, arguments.epochs, data)
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
    known = [*CLIPS, ALL_PERSONS]
    add("--datasets", nargs="+", choices=known, default=["basic-motions"], metavar="NAME")
    add("--models", nargs="+", choices=[*TASK.models], default=[*TASK.models], metavar="NAME")
    add("--files-dir", metavar="FOLDER", help="folder of the files of named data sets")
    add("--output", type=Path, default=Path("docs/results/video.jsonl"), metavar="FILE")
    add("--trials", type=int, default=2, metavar="N", help="default: 2")
    add("--epochs", type=int, metavar="N", help="default: that of each model")
    add("--seed", type=int, default=0, metavar="N", help="default: 0")
    verbs.add_parser("table").add_argument("file", type=Path, metavar="FILE")
    return parser.parse_args()


def expanded(names: Iterable[str]) -> Iterator[str]:
    """Yield the names of data sets, those of all persons in place of their name."""
    for name in names:
        if name == ALL_PERSONS:
            yield from (each for each in CLIPS if each.startswith("utkinect-s"))
        else:
            yield name


def read(file: Path) -> list[dict[str, Any]]:
    """Return the rows of a file, none if it is missing."""
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def run(
    model: str, trial: int, seed: int, epochs: int | None, data: datasets.DatasetDict
) -> dict[str, Any]:
    """Return the figures of a run."""
    row = TASK.models[model]
    values = row.search.values(trial + 1, epochs)[trial] if row.search else {}
    work = Work(model, TASK, row, {**values, **row.config, "threads": 1}, seed, 0, data)
    fitted = row.fit(work)
    test = data["test"]
    right = np.asarray(fitted.predict(TASK.inputs(test))) == np.asarray(test["label"][:])
    measured = fitted.measure() if fitted.measure else {}
    return {
        "validation": round(fitted.validation, 4),
        "validation_clips": len(data["validation"]),
        "right": int(right.sum()),
        "test_clips": len(test),
        "parameters": fitted.parameters,
        "training_seconds": round(fitted.training_seconds, 1),
        **{name: round(value) for name, value in measured.items()},
    }


def table(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of a table in Markdown."""
    yield "| data | model | test accuracy, 95 % interval | validation | parameters | frames/s |"
    yield "|---|---|---|---|---|---|"
    groups: dict[tuple[str, str], dict[int, list[dict[str, Any]]]] = {}
    for row in rows:
        name = row["dataset"]
        name = "utkinect, one person left out" if name.startswith("utkinect-s") else name
        groups.setdefault((name, row["model"]), {}).setdefault(row["trial"], []).append(row)
    for (name, model), by_trial in groups.items():
        most = max(map(len, by_trial.values()))
        whole = {trial: own for trial, own in by_trial.items() if len(own) == most}
        means = {
            trial: float(np.mean([r["validation"] for r in own])) for trial, own in whole.items()
        }
        trial = max(means, key=lambda each: (means[each], -each))
        own = whole[trial]
        right, clips = (sum(row[key] for row in own) for key in ("right", "test_clips"))
        low, high = interval(right, clips)
        rate = float(np.median([row.get("frames_per_second", 0) for row in own]))
        yield (
            f"| {name} | {TASK.models[model].title} | {100 * right / clips:.1f} % of {clips} "
            f"({100 * low:.1f} to {100 * high:.1f}) | {100 * means[trial]:.1f} % | "
            f"{own[0]['parameters']:,} | {f'{rate:,.0f}' if rate else ''} |"
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
