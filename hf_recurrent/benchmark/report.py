"""The report: one HTML page in a single file."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup

from .. import __version__
from .._templates import render
from .._whole import write_whole
from .command_line import command_line
from .outcome import Outcome
from .plots import learning_curves, scatter
from .summary import TableLine, coverages, leading, limits, machines, notices, threads_text

__all__ = ["REPORT_FILE", "write_report"]

REPORT_FILE = "report.html"


def write_report(outcome: Outcome, lines: Sequence[TableLine], path: Path) -> None:
    """Write the page; an error leaves an old page unchanged.

    Args:
        outcome: The comparison.
        lines: Its table, at least one line.
        path: File of the page.

    Raises:
        OSError: If it cannot be written.
    """
    task, best = outcome.prepared.task, outcome.best
    name = task.chooser.title[:1].upper() + task.chooser.title[1:]
    page = render(
        __package__,
        "report.html.j2",
        html=True,
        title=outcome.prepared.title,
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        version=__version__,
        task=task,
        lines=lines,
        top=leading(outcome, lines),
        sizes={part: len(rows) for part, rows in outcome.prepared.data.items()},
        plots=[
            (f"{name} and latency", Markup(scatter(lines, _latency, "latency at batch 1, ms"))),
            (f"{name} and size", Markup(scatter(lines, _size, "size on disk, MiB"))),
            ("Learning curves", Markup(learning_curves(lines))),
        ],
        sections=[(*head, Markup(html)) for *head, html in task.sections(_results(outcome))],
        coverages=coverages(outcome),
        warnings=notices(outcome),
        best=best if best and best.folder else None,
        best_usage=task.usage(repr(best.name), None, True) if best else "",
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


def _results(outcome: Outcome) -> list[dict[str, Any]]:
    """Return the results of all runs, the best on validation first."""
    sign = -1 if outcome.prepared.task.chooser.higher_is_better else 1
    runs = [row["result"] for line in outcome.lines for row in line.runs]
    return sorted(runs, key=lambda result: sign * result["validation"])
