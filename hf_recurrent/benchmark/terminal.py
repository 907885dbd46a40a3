"""Show the outcome in the terminal."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from ..tasks.base import Task
from .command_line import interpreter, program
from .outcome import Outcome
from .summary import TableLine, machines, notices, threads_text

__all__ = ["format_best", "format_outcome", "format_table"]


def format_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table as text: first column aligned to the left, the others to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(header, *rows, strict=True)]
    lines = []
    for cells in (header, ["-" * width for width in widths], *rows):
        first, *rest = zip(cells, widths, strict=True)
        lines.append("  ".join([first[0].ljust(first[1]), *(c.rjust(w) for c, w in rest)]))
    return "\n".join(lines)


def format_outcome(outcome: Outcome, lines: Sequence[TableLine]) -> str:
    """Return the tables of quality and cost, with the notes on them."""
    task = outcome.prepared.task
    quality = format_table(
        [
            "model",
            *(metric.title for metric in task.metrics),
            "validation",
            "runs",
            "trained on",
        ],
        [
            [
                line.title,
                *line.quality,
                line.validation.written(line.chooser),
                line.runs_text,
                line.rows_text,
            ]
            for line in lines
        ],
    )
    cost = format_table(
        [
            "model",
            "parameters",
            "training",
            "train/s",
            "infer/s",
            "latency ms",
            "p95",
            "peak MiB",
            "disk MiB",
            "threads",
        ],
        [
            [
                line.short,
                _count(line.parameters),
                f"{line.training_seconds.mean:.1f} s{line.time_mark}",
                f"{line.training_rate.mean:,.0f}{line.time_mark}",
                f"{line.inference_rate.mean:,.0f}{line.time_mark}",
                f"{line.median_ms.mean:.2f}{line.time_mark}",
                f"{line.p95_ms.mean:.2f}{line.time_mark}",
                f"{line.peak_mib.mean:,.0f}",
                f"{line.size_mib.mean:.1f}",
                line.threads,
            ]
            for line in lines
        ],
    )
    notes = [f"Note: {warning}" for warning in notices(outcome)]
    heading = f"{outcome.prepared.title}\n{_figures_text(task)}, mean ± standard deviation."
    machine = machines(outcome)[0]
    measured = (
        f"Measured on {machine.get('usable cpus', machine['cpus'])} CPUs; threads are those of "
        f"training / inference / latency, {threads_text(outcome)}. Latency is "
        f"{task.units.answer}, one {task.units.one} at a time: median and 95th percentile."
    )
    return "\n\n".join([heading, quality, cost, measured, *notes])


def format_best(outcome: Outcome) -> str:
    """Return the folder of the best recurrent model and how to load it; empty without one."""
    best, task = outcome.best, outcome.prepared.task
    if best is None:
        return ""
    job, value = best.row["job"], best.row["result"]["validation"]
    name = " ".join(filter(None, (job["model"], job["embedding"]))) + f", seed {job['seed']}"
    what = f"Best of the {best.family} by validation ({task.chooser.with_unit(value)}): {name}"
    if best.is_earlier:
        what += ", of an earlier comparison on the same data"
    folder = best.folder
    if folder is None:
        return (
            f"{what}. It is no longer on disk: the same command with another --output trains it "
            f"again.\n"
        )
    return f"""{what}
It lies in {folder}. To load it in Python ({interpreter()}):
    import hf_recurrent
    from transformers import {task.auto_class}, AutoTokenizer
    model = {task.auto_class}.from_pretrained({str(folder)!r})
    tokenizer = AutoTokenizer.from_pretrained({str(folder)!r})
To try it:
    {program()} predict {shlex.quote(_path(folder))} "a text"
"""


def _figures_text(task: Task) -> str:
    """Return a phrase with the units of the test figures."""
    units = {metric.unit for metric in task.metrics}
    if units == {"%"}:
        return "Test figures in percent"
    told = ", ".join(f"{m.title} in {m.unit}" for m in task.metrics if m.unit)
    return f"Test figures ({told})" if told else "Test figures"


def _path(folder: Path) -> str:
    """Return a path that cannot be mistaken for an option."""
    return f"./{folder}" if str(folder).startswith("-") else str(folder)


def _count(number: int) -> str:
    if number >= 1_000_000:
        return f"{number / 1e6:.1f}M"
    return f"{number / 1000:.0f}k" if number >= 1000 else str(number)
