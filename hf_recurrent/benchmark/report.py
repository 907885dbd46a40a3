"""The report: one HTML page that needs nothing but itself."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup

from .. import __version__
from .._templates import render
from .._whole import write_whole
from .command_line import command_line
from .outcome import BEST_MODEL, Outcome
from .plots import learning_curves, scatter
from .summary import TableLine, coverages, leading, limits, machines, notices, threads_text

__all__ = ["REPORT_FILE", "write_report"]

REPORT_FILE = "report.html"


def write_report(outcome: Outcome, lines: Sequence[TableLine], path: Path) -> None:
    """Writes the page, whole or not at all.

    Args:
        outcome: What was run.
        lines: Its table, at least one line.
        path: The file.

    Raises:
        OSError: If it cannot be written.
    """
    page = render(
        __package__,
        "report.html.j2",
        html=True,
        title=outcome.prepared.title,
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        version=__version__,
        lines=lines,
        top=leading(outcome, lines),
        sizes={part: len(rows) for part, rows in outcome.prepared.data.items()},
        plots=[
            ("Accuracy and latency", Markup(scatter(lines, _latency, "latency at batch 1, ms"))),
            ("Accuracy and size", Markup(scatter(lines, _size, "size on disk, MiB"))),
            ("Learning curves", Markup(learning_curves(lines))),
        ],
        examples=_examples(outcome),
        coverages=coverages(outcome),
        warnings=notices(outcome),
        best=outcome.best if outcome.best_folder else None,
        best_folder=BEST_MODEL,
        best_is_earlier=outcome.best_is_earlier,
        failures=outcome.failures,
        limits=limits(outcome, lines),
        settings=outcome.settings.as_dict() | {"dataset": outcome.prepared.title.split(":")[0]},
        command=command_line(outcome.settings),
        machines=machines(outcome),
        threads_text=threads_text(outcome),
    )
    write_whole(path, page)


def _latency(line: TableLine) -> float:
    return line.median_ms.mean


def _size(line: TableLine) -> float:
    return line.size_mib.mean


def _examples(outcome: Outcome) -> list[dict[str, Any]]:
    """Gives the examples of the best model with attention, their weights from 0 to 1."""
    runs = [row["result"] for line in outcome.lines for row in line.runs]
    explained = [result for result in runs if result["examples"]]
    if not explained:
        return []
    best = max(explained, key=lambda result: result["validation_accuracy"])
    examples = []
    for example in best["examples"]:
        most = max((weight for _, weight in example["words"]), default=1.0)
        words = [(word, round(weight / most, 3), weight) for word, weight in example["words"]]
        examples.append(example | {"words": words})
    return examples
