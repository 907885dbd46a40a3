"""The lines of the table: mean and spread over the seeds of what the runs measured."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .outcome import Line, Outcome
from .results import Row
from .settings import LINEAR_TRIALS, MODELS
from .threads import changes_text, is_row_crowded

__all__ = [
    "Figure",
    "TableLine",
    "coverages",
    "leading",
    "limits",
    "machines",
    "notices",
    "summarize",
    "threads_text",
]

# Below this share of running words with a vector the vectors hardly fit the texts.
_LEAST_COVERAGE = 0.6


@dataclass(frozen=True)
class Figure:
    """A mean and, of several runs, the sample standard deviation."""

    mean: float
    spread: float | None

    @classmethod
    def of(cls, values: Sequence[float]) -> "Figure":
        """Summarizes the values of the runs."""
        return cls(statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None)

    def percent(self) -> str:
        """Writes it in percent, as in "78.4 ± 0.3"."""
        spread = "" if self.spread is None else f" ± {self.spread * 100:.1f}"
        return f"{self.mean * 100:.1f}{spread}"


@dataclass(frozen=True)
class TableLine:
    """What the table says of one model; each figure over its seeds."""

    number: int
    title: str
    short: str
    kind: str
    runs: int
    accuracy: Figure
    f1: Figure
    matthews: Figure
    validation: Figure
    parameters: int
    trainable: int
    training_seconds: Figure
    training_rate: Figure
    inference_rate: Figure
    median_ms: Figure
    p95_ms: Figure
    peak_mib: Figure
    imported_mib: Figure
    size_mib: Figure
    epochs: Figure | None
    trained_on: int
    available: int
    truncation: str
    note: str
    curves: list[list[float]]
    trials: list[dict[str, Any]]
    values: dict[str, Any]
    threads: str
    crowded: bool
    changed: bool

    @property
    def time_mark(self) -> str:
        """Return the mark of times that were measured beside other work."""
        return "*" if self.crowded else ""

    @property
    def runs_text(self) -> str:
        """Return the number of runs, marked where one of them is not exactly repeatable."""
        return f"{self.runs}†" if self.changed else str(self.runs)

    @property
    def rows_text(self) -> str:
        """Says on how many rows it was trained."""
        if self.trained_on == self.available:
            return f"{self.trained_on:,}"
        return f"{self.trained_on:,} of {self.available:,}"

    @property
    def epochs_text(self) -> str:
        """Says how many epochs were run."""
        return "" if self.epochs is None else f"{self.epochs.mean:.1f}".removesuffix(".0")


def summarize(outcome: Outcome) -> list[TableLine]:
    """Gives the lines of the table in their order."""
    available = outcome.prepared.available
    return [_line(number, line, available) for number, line in enumerate(outcome.lines, 1)]


def _line(number: int, line: Line, available: int) -> TableLine:
    results = [row["result"] for row in line.runs]
    spec = MODELS[line.task.model]

    def figure(name: str, *path: str) -> Figure:
        values = [r[name] for r in results]
        for key in path:
            values = [value[key] for value in values]
        return Figure.of(values)

    first = results[0]
    vectors = f", {line.task.embedding.replace(':', ' ')}" if line.task.embedding else ""
    encoder = f" ({first['encoder']})" if first["encoder"] else ""
    trials = [
        {
            "values": row["job"]["values"],
            "validation_accuracy": row["result"]["validation_accuracy"],
        }
        for row in line.trials
    ]
    return TableLine(
        number=number,
        title=spec.title + vectors + encoder,
        short=str(line.task),
        kind=spec.kind,
        runs=len(results),
        accuracy=figure("test", "accuracy"),
        f1=figure("test", "f1_macro"),
        matthews=figure("test", "matthews_correlation"),
        validation=figure("validation_accuracy"),
        parameters=first["parameters"],
        trainable=first["trainable_parameters"],
        training_seconds=figure("training_seconds"),
        training_rate=figure("training_rate"),
        inference_rate=figure("inference_rate"),
        median_ms=figure("latency", "median_ms"),
        p95_ms=figure("latency", "p95_ms"),
        peak_mib=figure("peak_mib"),
        imported_mib=figure("imported_mib"),
        size_mib=figure("size_mib"),
        epochs=None if first["epochs"] is None else figure("epochs"),
        trained_on=first["trained_on"],
        available=available,
        truncation=first["truncation"],
        note=first["note"],
        curves=[result["curve"] for result in results if result["curve"]],
        trials=_shown(trials) or first["trials"],
        values=line.runs[0]["job"]["values"],
        threads=_threads_text(results),
        crowded=any(map(is_row_crowded, results)),
        changed=any(map(changes_text, results)),
    )


def _threads_text(results: Sequence[dict[str, Any]]) -> str:
    """Return the threads of training, inference and latency, as in "1/2/1" or "1-2/2/1"."""
    parts = []
    for name in ("training", "inference", "latency"):
        numbers = sorted({_threads(result, name) for result in results} - {None})
        parts.append("-".join(map(str, dict.fromkeys([*numbers[:1], *numbers[-1:]]))) or "?")
    return "/".join(parts)


def _threads(result: dict[str, Any], name: str) -> Any:
    """Return a number of threads; rows of earlier versions had one for all."""
    told = result["latency"] if name == "latency" else result.get("threads") or {}
    number = told.get("threads" if name == "latency" else name)
    return result["machine"].get("threads") if number is None else number


def _shown(trials: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leaves of the values of trials those that differ among them."""
    names = trials[0]["values"] if trials else ()
    varied = [n for n in names if any(t["values"][n] != trials[0]["values"][n] for t in trials)]
    return [trial | {"values": {n: trial["values"][n] for n in varied}} for trial in trials]


def threads_text(outcome: Outcome) -> str:
    """Say where the numbers of threads come from."""
    fixed = outcome.settings.threads
    return "the fastest by a short trial" if fixed is None else f"fixed to {fixed}"


def machines(outcome: Outcome) -> list[dict[str, Any]]:
    """Gives the different machines that the runs were measured on."""
    return _different([row["result"]["machine"] for row in _all_runs(outcome)])


def limits(outcome: Outcome, lines: Sequence[TableLine]) -> list[str]:
    """Says what of the table must not be compared, or only with care."""
    kinds = {line.kind for line in lines}
    notes = [
        "One data set, one split: a difference smaller than the spread, or than about "
        f"{_sampling_error(outcome, lines):.1f} points (the standard error of an accuracy on so "
        "few test texts), says nothing.",
        "Training time leaves out reading the data, making the vocabulary, the trials of values "
        "and those of threads. That of "
        "networks holds their evaluations on validation, which examples a second in training leave "
        "out, but not the turning of texts into ids; that of logistic regression holds the making "
        "of its features.",
        "Peak memory is that of the whole process, libraries and training included; what they took "
        "right after the imports stands beside it.",
        "Latency and inference run from text to label, tokenizer included: latency one text at a "
        "time, inference in batches of 32 texts of like lengths.",
        "Size on disk is the saved folder with its tokenizer.",
        "The number of threads was found by a short trial for training, inference and latency "
        "each, unless --threads fixed it; sums of floating-point numbers, and so the figures, may "
        "differ in their last digits with it. The same number, fixed, repeats a run exactly.",
    ]
    if kinds & {"static", "recurrent"}:
        notes.append(
            "Word vectors were trained on billions of words, and that cost stands nowhere in this "
            "table. The vocabulary holds all training words and the most frequent words of the "
            "vectors; of random embeddings only the training words that stand at least twice."
        )
    if kinds & {"frozen-encoder", "tuned-encoder"}:
        notes.append(
            "The encoder was pretrained on far more text than the word vectors, and that cost "
            "stands nowhere in this table. Its texts are cut by word pieces, the others' by words."
        )
    if any(len(line.curves) for line in lines):
        notes.append("The best epoch on validation is kept, so validation figures flatter.")
    if kinds & {"linear", "frozen-encoder"}:
        notes.append(
            f"Logistic regression always chooses its penalty among {len(LINEAR_TRIALS)} values on "
            "validation, as it takes seconds; it leaves nothing to chance, so one run says all."
        )
    return notes


def leading(outcome: Outcome, lines: Sequence[TableLine]) -> TableLine | None:
    """Return the line whose test accuracy is ahead of all others; None if no lead says anything.

    A lead says something where it is more than the two spreads together, and more than twice the
    standard error of an accuracy on so many test texts.
    """
    first, *others = sorted(lines, key=lambda line: -line.accuracy.mean)
    error = _sampling_error(outcome, lines) / 100

    def is_ahead(other: TableLine) -> bool:
        spreads = (first.accuracy.spread or 0) + (other.accuracy.spread or 0)
        return first.accuracy.mean - other.accuracy.mean > max(spreads, 2 * error)

    return first if others and all(map(is_ahead, others)) else None


def notices(outcome: Outcome) -> list[str]:
    """Says what is doubtful in the data, the vectors and the measurements."""
    found = list(outcome.prepared.warnings)
    found += [
        f"Only {coverage['share']:.0%} of the running words of the training texts have a vector in "
        f"{coverage['vectors']}: try --embeddings random."
        for coverage in coverages(outcome)
        if coverage["share"] < _LEAST_COVERAGE
    ]
    if len(machines(outcome)) > 1:
        found.append(
            "The runs were made on different machines, or by different versions of the code: do "
            "not compare their times, and their accuracies with care."
        )
    crowded = [
        str(line.task)
        for line in outcome.lines
        if any(is_row_crowded(row["result"]) for row in line.runs)
    ]
    if crowded:
        found.append(
            "Times marked * were measured beside other work: the load was above the number of "
            f"processors ({', '.join(crowded)}). Do not compare them."
        )
    changed = [
        f"{line.task}, seed {row['job']['seed']}: {changes_text(row['result'])}"
        for line in outcome.lines
        for row in line.runs
        if changes_text(row["result"])
    ]
    if changed:
        found.append(
            "Runs marked † are not exactly repeatable: the number of threads changed in mid-run "
            f"({'; '.join(changed)})."
        )
    return found


def coverages(outcome: Outcome) -> list[dict[str, Any]]:
    """Gives what each set of vectors covers of the training texts."""
    return _different([row["result"]["coverage"] for row in _all_runs(outcome)])


def _different(values: Sequence[dict[str, Any] | None]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for value in values:
        if value is not None and value not in found:
            found.append(value)
    return found


def _sampling_error(outcome: Outcome, lines: Sequence[TableLine]) -> float:
    best = max(line.accuracy.mean for line in lines)
    return 100 * (best * (1 - best) / len(outcome.prepared.data["test"])) ** 0.5


def _all_runs(outcome: Outcome) -> list[Row]:
    return [row for line in outcome.lines for row in line.runs]
