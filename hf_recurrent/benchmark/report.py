"""The report: one HTML page in a single file."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup

from .. import __version__
from .._templates import render
from .._whole import write_whole
from .._wording import capital, counted
from .command_line import command_line
from .costs import fixed, rate
from .outcome import Outcome
from .plots import learning_curves, scatter
from .steps import best_name, has_tokenizer, next_steps
from .summary import (
    TableLine,
    coverages,
    limits,
    machines,
    notices,
    processors,
    shared_vectors,
    shown_metrics,
    threads_text,
)
from .verdict import error_text, leading, verdict

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
    name = capital(task.chooser.title)
    folder = best.folder.absolute() if best and best.folder else None
    shared = shared_vectors(outcome)
    page = render(
        __package__,
        "report.html.j2",
        html=True,
        heading=_heading(outcome, lines),
        verdict=verdict(outcome, lines),
        bars=error_text(outcome, lines),
        description=outcome.prepared.title,
        vectors=shared and shared.replace(":", ", "),
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        version=__version__,
        task=task,
        metrics=shown_metrics(task),
        lines=lines,
        # A task's own speed of training, such as tokens a second, stands for that of its rows.
        rows_a_second=not any(m.is_speed and m.title == "training" for m in task.metrics),
        processors=processors(outcome),
        rate=rate,
        fixed=fixed,
        spreads=any(line.score.spread is not None for line in lines),
        top=leading(lines),
        sizes={part: len(rows) for part, rows in outcome.prepared.data.items()},
        plots=[
            (f"{name} and latency", Markup(scatter(lines, "median_ms", "latency at batch 1, ms"))),
            (f"{name} and size", Markup(scatter(lines, "size_mib", "size on disk, MiB"))),
            ("Learning curves", Markup(learning_curves(lines, task.curve_step))),
        ],
        sections=[(*head, Markup(html)) for *head, html in task.sections(_results(outcome))],
        coverages=coverages(outcome),
        warnings=notices(outcome),
        best=best,
        best_name=best_name(outcome) if best else "",
        folder=folder,
        steps=next_steps(task, folder) if folder else [],
        usage=task.usage(repr(str(folder)), None, has_tokenizer(folder)) if folder else "",
        failures=outcome.failures,
        limits=limits(outcome, lines),
        settings=outcome.settings.as_dict() | {"dataset": outcome.prepared.name},
        command=command_line(outcome.settings),
        machines=machines(outcome),
        threads_text=threads_text(outcome),
    )
    write_whole(path, page)


def _heading(outcome: Outcome, lines: Sequence[TableLine]) -> str:
    """Return what ran, as in "Text classification on trec: 6 models compared"."""
    title, name = outcome.prepared.task.title, outcome.prepared.name
    models = lines[0].title if len(lines) == 1 else f"{counted(len(lines), 'model')} compared"
    return f"{capital(title)} on {name}: {models}"


def _results(outcome: Outcome) -> list[dict[str, Any]]:
    """Return the results of all runs with the names of their models, the best first."""
    chooser = outcome.prepared.task.chooser
    runs = [
        row["result"] | {"model": f"{line.contender}, seed {row['job']['seed']}"}
        for line in outcome.lines
        for row in line.runs
    ]
    sign = -1 if chooser.higher_is_better else 1
    return sorted(runs, key=lambda result: sign * result["validation"])
