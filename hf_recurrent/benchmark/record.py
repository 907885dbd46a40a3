"""Make the records of saved models; their model cards are written from these."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer

from ..hub.citations import citations
from ..hub.record import Plot, Record, RecordedAnswer
from ..tasks.base import Task
from ..tasks.records import (
    coverage_text,
    cut_limits,
    data_record,
    judged_limits,
    learning_curve,
    may_be_shown,
    public_example,
    recorded_latency,
    recorded_results,
    vectors_text,
)
from ..tasks.word_vectors import Embedding
from .command_line import command_line
from .costs import fixed
from .outcome import Outcome
from .plots import against, points
from .results import Row
from .summary import TableLine, notices
from .threads import changes_text, is_row_crowded
from .verdict import error_text

# Values of training; the other values are in the model's configuration.
_TRAINING = (
    "learning_rate",
    "epochs",
    "seconds",
    "patience",
    "batch_size",
    "weight_decay",
    "warmup_steps",
)


def kept_records(outcome: Outcome, lines: Sequence[TableLine]) -> list[tuple[Path, Record]]:
    """Return folder and record of each saved model of this table.

    A better model of an earlier comparison keeps its own record.
    """
    return [
        (kept.folder, kept_record(outcome, lines, kept.row, kept.folder))
        for kept in outcome.kept
        if kept.folder is not None and outcome.has(kept.row)
    ]


def kept_record(outcome: Outcome, lines: Sequence[TableLine], row: Row, folder: Path) -> Record:
    """Return the record of a model.

    Its results are of this one model; the lines of the comparison are means over the seeds.

    Args:
        outcome: The comparison that it was trained in.
        lines: The table of the comparison.
        row: Row of the model.
        folder: Folder of the model.
    """
    job, result = row["job"], row["result"]
    task, test = outcome.prepared.task, outcome.prepared.data["test"]
    embedding = Embedding.parse(job["embedding"]) if job["embedding"] else None
    names = embedding.sets if embedding else []
    prepared, dataset = outcome.prepared, outcome.settings.chosen_dataset
    started = f", {embedding.vectors} embeddings" if embedding else ""
    coverage, latency = result.get("coverage"), result["latency"]
    answers = result.get("answers", ()) if may_be_shown(task, dataset) else ()
    on_test = _vocabulary_on(task.texts(test), folder, job["max_length"])
    return Record(
        title=f"{task.models[job['model']].title}{started}",
        task=task.id,
        data=data_record(task, dataset, prepared.data, prepared.digest),
        vectors=vectors_text(embedding),
        coverage=coverage_text(coverage),
        test_coverage=on_test and f"{on_test[0]:.1%} of the running words are in the vocabulary",
        settings=_settings(task, job, result.get("epochs")),
        seed=job["seed"],
        seconds=result["training_seconds"],
        machine=_machine(result),
        results=recorded_results(task, result["test"]),
        comparison=tuple(_line(line) for line in lines),
        comparison_command=command_line(outcome.settings),
        latency=recorded_latency(task, latency),
        latency_threads=latency.get("threads"),
        size_mib=result["size_mib"],
        parameters=result["parameters"],
        plots=tuple(_plots(outcome, lines, result["curve"])),
        limits=(
            *notices(outcome),
            *_own_notices(result),
            *_limits(outcome, job, on_test and on_test[1]),
        ),
        citations=citations([*names, dataset]),
        example=public_example(task, dataset, test),
        answers=tuple(RecordedAnswer(**each) for each in answers),
        version=job.get("version"),
    )


def _machine(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the machine with the threads of training and, if known, its load."""
    told = dict(result["machine"])
    threads, load = result.get("threads"), result.get("load")
    if threads:
        told["threads"] = threads["training"]
    if load and load["before"] is not None:
        told["load before"], told["load after"] = load["before"], load["after"]
    return told


def _own_notices(result: dict[str, Any]) -> list[str]:
    """Return warnings about the times of one model and about its repeatability."""
    told = []
    if is_row_crowded(result):
        told.append("Its own times were measured beside other work, and would be shorter without.")
    if changes := changes_text(result):
        told.append(
            f"The number of threads changed in its training, {changes}: it cannot be repeated "
            "exactly."
        )
    return told


def _settings(task: Task, job: Mapping[str, Any], epochs: int | None) -> dict[str, Any]:
    """Return the values of training and, if known, the number of epochs that were run."""
    told: dict[str, Any] = {}
    for name in _TRAINING:
        if job["values"].get(name) is not None:
            told["epochs, at most" if name == "epochs" else name] = job["values"][name]
        if name == "epochs" and epochs is not None:
            told["epochs, run"] = epochs
    return told | ({"max_length": job["max_length"]} if task.cuts_rows else {})


def _vocabulary_on(
    texts: Sequence[str], folder: Path, max_length: int
) -> tuple[float, float] | None:
    """Return the share of running words in the vocabulary and the share of texts that are cut."""
    if not (folder / "tokenizer_config.json").is_file():
        return None
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    rows = tokenizer(list(texts), add_special_tokens=False)["input_ids"]
    tokens = sum(map(len, rows))
    unknown = sum(row.count(tokenizer.unk_token_id) for row in rows)
    cut = sum(len(row) > max_length for row in rows)
    return 1 - unknown / max(tokens, 1), cut / max(len(rows), 1)


def _plots(outcome: Outcome, lines: Sequence[TableLine], curve: Sequence[float]) -> list[Plot]:
    plots: list[Plot] = []
    if not lines:
        return plots
    metric, bars = lines[0].chooser, error_text(outcome, lines)
    if len(lines) > 1:
        plots.append(
            Plot(
                f"{metric.key}_latency.svg",
                f"{against(metric)} latency",
                "latency at batch 1, ms",
                metric.axis("test"),
                points=tuple(points(lines, "median_ms")),
                note=f"Bars are {bars}." if bars else None,
            )
        )
    return [*plots, *learning_curve(outcome.prepared.task, curve)]


def _line(line: TableLine) -> dict[str, str]:
    return {
        "model": line.full_title,
        line.chooser.axis("test"): line.score.written(line.chooser),
        "runs": line.runs_text,
        "latency, ms": f"{fixed(line.costs['median_ms'], 1)}{line.time_mark}",
        "on disk, MiB": fixed(line.costs["size_mib"], 1),
    }


def _limits(outcome: Outcome, job: Mapping[str, Any], cut: float | None) -> list[str]:
    task, units = outcome.prepared.task, outcome.prepared.task.units
    share = None if cut is None else f"{cut:.1%} of the test {units.many}"
    row = task.models[job["model"]]
    runs = sum(
        task.models[run["job"]["model"]].keep == row.keep
        for line in outcome.lines
        for run in line.runs
    )
    choice = (
        f"It was chosen by its validation {task.chooser.title} among {runs} runs of "
        f"{row.family}: its validation figures flatter, and those on test had no part in it."
    )
    return [
        *cut_limits(task, job["max_length"], share),
        *task.data_limits(outcome.prepared.data),
        *judged_limits(
            task, outcome.settings.chosen_dataset, job["max_length"], choice if runs > 1 else None
        ),
    ]
