"""Show the outcome in the terminal."""

import shutil
import textwrap
from collections.abc import Sequence

from .._wording import shortened
from ..tasks.base import Task
from .command_line import interpreter
from .costs import fixed, rate
from .outcome import Outcome
from .steps import best_name, has_tokenizer, next_steps
from .summary import TableLine, notices, processors, shared_vectors, shown_metrics
from .verdict import error_text, verdict

_MOST_COLUMNS = 100
_LONGEST_NAME = 36


def format_table(header: Sequence[str], rows: Sequence[Sequence[str]], most: int = 100) -> str:
    """Return a table as text: first column aligned to the left, the others to the right.

    Args:
        header: The heads of the columns.
        rows: The cells of each row.
        most: Characters of a line. Columns that do not fit follow in a table below, again with the
            first column.
    """
    columns = list(zip(header, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    parts: list[list[int]] = [[]]
    room = most - widths[0]
    for place, width in enumerate(widths[1:], 1):
        if parts[-1] and sum(widths[i] + 2 for i in parts[-1]) + width + 2 > room:
            parts.append([])
        parts[-1].append(place)
    lines: list[str] = []
    for part in parts:
        lines += [""] if lines else []
        for cells in (header, ["-" * width for width in widths], *rows):
            first = cells[0].ljust(widths[0])
            lines.append("  ".join([first, *(cells[i].rjust(widths[i]) for i in part)]))
    return "\n".join(lines)


def format_outcome(outcome: Outcome, lines: Sequence[TableLine]) -> str:
    """Return the verdict and the tables of quality and cost, with the notes on them."""
    task, most = outcome.prepared.task, _columns()
    quality = {
        "model": [shortened(line.short, _LONGEST_NAME) for line in lines],
        **{
            metric.title: [line.quality[metric.key] for line in lines]
            for metric in shown_metrics(task)
        },
        "validation": [line.validation.written(line.chooser) for line in lines],
        "runs": [line.runs_text for line in lines],
    }
    if any(line.first["trained_on"] < line.available for line in lines):
        quality["trained on"] = [line.rows_text for line in lines]
    cost = {
        "model": quality["model"],
        "training": [
            f"{fixed(line.costs['training_seconds'], 1)} s{line.time_mark}" for line in lines
        ],
        "infer/s": [f"{rate(line.costs['inference_rate'])}{line.time_mark}" for line in lines],
        "ms": [f"{fixed(line.costs['median_ms'], 2)}{line.time_mark}" for line in lines],
        "MiB": [fixed(line.costs["size_mib"], 1) for line in lines],
        "peak MiB": [f"{line.costs['peak_mib']:,.0f}" for line in lines],
        "parameters": [_count(line.first["parameters"]) for line in lines],
    }
    shared, error = shared_vectors(outcome), error_text(outcome, lines)
    of_verdict = f"\n± is {error}." if error else ""
    vectors = f"\nWord vectors of all models that use any: {shared}." if shared else ""
    return "\n\n".join(
        [
            _wrapped(outcome.prepared.title),
            _wrapped(verdict(outcome, lines) + of_verdict),
            _wrapped(f"{_figures_text(task)}, mean ± standard deviation.{vectors}"),
            _table(quality, most),
            _table(cost, most),
            _wrapped(
                f"Measured on {processors(outcome)}. Latency is "
                f"{task.units.answer}, one {task.units.one} at a time: ms is the median. MiB is "
                "the size on disk, peak MiB the most memory, libraries and training included."
            ),
            "\n".join(
                _wrapped(f"{name}: {line.title}")
                for name, line in zip(quality["model"], lines, strict=True)
            ),
            *(_wrapped(f"Note: {notice}") for notice in notices(outcome)),
        ]
    )


def format_best(outcome: Outcome) -> str:
    """Return the folder of the best recurrent model and how to use it; empty without one."""
    best, task = outcome.best, outcome.prepared.task
    if best is None:
        return ""
    if best.folder is None:
        return _wrapped(
            f"{best_name(outcome)}. It is no longer on disk: the same command with another "
            "--output trains it again.\n"
        )
    steps = "".join(
        f"{words}:\n    {step}\n" for words, step in next_steps(task, best.folder.absolute())
    )
    source = f".from_pretrained({str(best.folder)!r})"
    classes, loads = task.auto_class, f"model = {task.auto_class}{source}"
    if has_tokenizer(best.folder):
        classes += ", AutoTokenizer"
        loads += f"\n    tokenizer = AutoTokenizer{source}"
    return f"""{_wrapped(best_name(outcome))}
It is in {best.folder}. To load it in Python ({interpreter()}):
    import hf_recurrent
    from transformers import {classes}
    {loads}
{steps}"""


def _columns() -> int:
    return min(shutil.get_terminal_size().columns, _MOST_COLUMNS)


def _wrapped(text: str) -> str:
    """Return text in lines no longer than the terminal is wide; words and paths stay whole."""
    width = _columns()
    return "\n".join(
        textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False)
        for line in text.split("\n")
    )


def _table(columns: dict[str, list[str]], most: int) -> str:
    return format_table(list(columns), list(zip(*columns.values(), strict=True)), most)


def _figures_text(task: Task) -> str:
    """Return a phrase with the units of the test figures."""
    metrics = shown_metrics(task)
    units = {metric.unit for metric in metrics}
    if units == {"%"}:
        return "Test figures in percent"
    named = ", ".join(f"{m.title} in {m.unit}" for m in metrics if m.unit)
    return f"Test figures ({named})" if named else "Test figures"


def _count(number: int) -> str:
    if number >= 1_000_000:
        return f"{number / 1e6:.1f}M"
    return f"{number / 1000:.0f}k" if number >= 1000 else str(number)
