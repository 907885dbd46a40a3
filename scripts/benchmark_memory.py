"""Compare networks on all memory tasks at several lengths, and print one table.

    python scripts/benchmark_memory.py --lengths 50 200 --output memory.md

Each comparison is that of `hf-recurrent benchmark`, with a folder of its own below --results; what
is done is not run again, so a stopped run goes on where it was. A cell has the figure on test and
the training steps until the task was solved, or a dash if it was not solved within the budget.
"""

import argparse
import re
import sys
from pathlib import Path

import datasets

from hf_recurrent._whole import write_whole
from hf_recurrent.benchmark import BenchmarkSettings
from hf_recurrent.benchmark.lock import sole_use
from hf_recurrent.benchmark.outcome import Outcome
from hf_recurrent.benchmark.run import run
from hf_recurrent.tasks.memory.data import BATCH_SIZE, MEMORY_DATASETS, STEPS
from hf_recurrent.tasks.memory.models import MODELS

SOLVED = re.compile(r"solved after ([\d,]+) steps")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--datasets", nargs="+", default=[*MEMORY_DATASETS], choices=MEMORY_DATASETS)
    add("--lengths", nargs="+", type=int, default=[50, 200], help="default: 50 200")
    add("--models", nargs="+", default=[*MODELS], choices=MODELS, metavar="MODEL")
    add("--steps", type=int, default=STEPS, help=f"the budget (default: {STEPS})")
    add("--threads", type=int, default=1, help="of each network (default: 1)")
    add("--results", type=Path, default=Path("benchmark-results/memory"), metavar="FOLDER")
    add("--output", type=Path, default=Path("memory.md"), metavar="FILE", help="of the table")
    arguments = parser.parse_args()
    datasets.disable_progress_bars()
    columns = {}
    for length in arguments.lengths:  # the short ones of all tasks first
        for name in arguments.datasets:
            settings = BenchmarkSettings(
                dataset=name,
                models=tuple(arguments.models),
                seeds=1,
                threads=arguments.threads,
                options={"length": str(length), "steps": str(arguments.steps)},
            )
            folder = arguments.results / f"{name}-{length}"
            with sole_use(folder):
                columns[f"{name} {length}"] = cells(run(settings, folder))
            write_whole(arguments.output, table(arguments, columns))
    print(table(arguments, columns))


def cells(outcome: Outcome) -> dict[str, str]:
    """Return the figure of each model, and after how many steps it solved the task."""
    metric = outcome.prepared.task.chooser
    told = {}
    for line in outcome.lines:
        result = line.runs[0]["result"]
        found = SOLVED.match(result["note"])
        steps = f" ({found[1] if found else '–'})" if result["note"] else ""
        told[line.contender.model] = metric.write(result["test"][metric.key]) + steps
    return told


def table(arguments: argparse.Namespace, columns: dict[str, dict[str, str]]) -> str:
    """Return the table in Markdown: a row for each model, a column for each task and length."""
    rows = [
        ["", *columns],
        ["---"] * (len(columns) + 1),
        *(
            [MODELS[model].title, *(told.get(model, "") for told in columns.values())]
            for model in arguments.models
        ),
    ]
    head = (
        "Copying: symbols right on test, in percent; adding: RMSE. In brackets: training steps of "
        f"{BATCH_SIZE} rows until solved, of {arguments.steps:,}.\n\n"
    )
    return head + "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
