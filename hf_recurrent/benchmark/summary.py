"""Make the lines of the table: mean and spread of each figure over the seeds."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .._wording import counted
from ..tasks.base import Task
from ..tasks.metric import Metric
from ..tasks.model_rows import ModelRow
from ..tasks.network_rows import OWN_VECTOR_COST, VECTOR_COST
from ..tasks.word_vectors import OWN, Embedding
from .outcome import Line, Outcome
from .results import Row
from .settings import INFERENCE_BATCH
from .threads import changes_text, is_row_crowded

# If fewer running words than this share have a vector, the vectors hardly fit the texts.
_LEAST_COVERAGE = 0.6
_COSTS = (
    *("training_seconds", "training_rate", "inference_rate", "epochs"),
    *("size_mib", "peak_mib", "imported_mib"),
)


@dataclass(frozen=True)
class Figure:
    """A mean and, for several runs, the sample standard deviation."""

    mean: float
    spread: float | None

    @classmethod
    def of(cls, values: Sequence[float]) -> "Figure":
        """Return mean and spread of the values of the runs."""
        return cls(statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None)

    def written(self, metric: Metric) -> str:
        """Return the figure in the metric's unit, as in "78.4 ± 0.3"."""
        return metric.write(self.mean, self.spread)


@dataclass(frozen=True)
class TableLine:
    """One line of the table: figures of one model over its seeds.

    Attributes:
        number: Its number, from 1.
        title: Name of the model, without word vectors that all lines share.
        full_title: The same with its word vectors.
        short: Its name for a narrow column.
        row: The model.
        chooser: The main metric.
        figures: The metrics on test by their keys.
        error: Standard error of the main metric on the test rows, if it is known.
        quality: The cells of the metrics of :func:`shown_metrics`, by their keys.
        validation: The main metric on validation.
        costs: Means of the times and sizes, by their names in a result.
        results: The results of its runs; ``first`` has what is equal in all of them.
        available: Number of rows to train on before a limit.
        trials: Values that were tried, each with the main metric on validation.
        values: The values of training.
        threads: Numbers of threads.
    """

    number: int
    title: str
    full_title: str
    short: str
    row: ModelRow
    chooser: Metric
    figures: dict[str, Figure]
    error: float | None
    quality: dict[str, str]
    validation: Figure
    costs: dict[str, float]
    results: list[dict[str, Any]]
    available: int
    trials: list[dict[str, Any]]
    values: dict[str, Any]
    threads: str

    @property
    def first(self) -> dict[str, Any]:
        """The result of the first run."""
        return self.results[0]

    @property
    def curves(self) -> list[list[float]]:
        """The main metric on validation after each epoch, for each run that has epochs."""
        return [result["curve"] for result in self.results if result["curve"]]

    @property
    def score(self) -> Figure:
        """The main metric on test."""
        return self.figures[self.chooser.key]

    @property
    def time_mark(self) -> str:
        """Return the mark of times that were measured while other programs ran."""
        return "*" if any(map(is_row_crowded, self.results)) else ""

    @property
    def runs_text(self) -> str:
        """Return the number of runs, marked if one of them is not exactly repeatable."""
        return f"{len(self.results)}{'†' if any(map(changes_text, self.results)) else ''}"

    @property
    def rows_text(self) -> str:
        """Return the number of training rows as text."""
        rows = self.first["trained_on"]
        return f"{rows:,}" if rows == self.available else f"{rows:,} of {self.available:,}"

    @property
    def epochs_text(self) -> str:
        """Return the mean number of epochs as text."""
        mean = self.costs.get("epochs")
        return "" if mean is None else f"{mean:.1f}".removesuffix(".0")


def summarize(outcome: Outcome) -> list[TableLine]:
    """Return the table lines in their order."""
    shared = shared_vectors(outcome)
    return [_line(number, line, outcome, shared) for number, line in enumerate(outcome.lines, 1)]


def shown_metrics(task: Task) -> list[Metric]:
    """Return the metrics that have a column: ends of an interval are beside their figure."""
    return [metric for metric in task.metrics if not metric.is_bound]


def _cell(metric: Metric, figures: dict[str, Figure], runs: int) -> str:
    """Return a figure as text: with its spread over runs or, for one run, with its interval."""
    if metric.key not in figures:
        return "–"
    text = figures[metric.key].written(metric)
    ends = [figures.get(f"{metric.key}_{end}") for end in ("low", "high")]
    if runs > 1 or None in ends:
        return text
    return f"{text} ({' to '.join(end.written(metric) for end in ends if end is not None)})"


def shared_vectors(outcome: Outcome) -> str | None:
    """Return the word vectors of all models that use any, or ``None`` if they differ."""
    found = {line.contender.embedding for line in outcome.lines} - {None}
    return found.pop() if len(found) == 1 else None


def _line(number: int, line: Line, outcome: Outcome, shared: str | None) -> TableLine:
    results = [row["result"] for row in line.runs]
    task = outcome.prepared.task
    spec = task.models[line.contender.model]

    def mean(name: str, place: str | None = None) -> float:
        return statistics.fmean((r[place] if place else r)[name] for r in results)

    first = results[0]
    named = line.contender.embedding
    vectors = f", {named.replace(':', ' ')}" if named else ""
    own = "" if named == shared else vectors
    encoder = f" ({first['encoder']})" if first["encoder"] else ""
    trials = [
        {"values": row["job"]["values"], "validation": row["result"]["validation"]}
        for row in line.trials
    ]
    costs = {name: mean(name) for name in _COSTS if first[name] is not None}
    # A figure that the test part lacks, such as accuracy on unseen words, has an empty cell.
    figures = {
        metric.key: Figure.of([result["test"][metric.key] for result in results])
        for metric in task.metrics
        if all(metric.key in result["test"] for result in results)
    }
    return TableLine(
        number=number,
        title=spec.title + own + encoder,
        full_title=spec.title + vectors + encoder,
        short=str(line.contender) if own else line.contender.model,
        row=spec,
        chooser=task.chooser,
        figures=figures,
        error=_standard_error(task.chooser, figures, results, len(outcome.prepared.data["test"])),
        quality={
            metric.key: _cell(metric, figures, len(results)) for metric in shown_metrics(task)
        },
        validation=Figure.of([result["validation"] for result in results]),
        costs=costs | {name: mean(name, "latency") for name in ("median_ms", "p95_ms")},
        results=results,
        # Rows of earlier versions lack the number.
        available=outcome.prepared.available + first.get("added_rows", 0),
        trials=_shown(trials) or first["trials"],
        values=line.runs[0]["job"]["values"],
        threads=_threads_text(results),
    )


def _standard_error(
    metric: Metric, figures: dict[str, Figure], results: Sequence[dict[str, Any]], rows: int
) -> float | None:
    """Return the standard error of the main metric; rows of earlier versions may lack it."""
    if metric.is_share:
        return metric.standard_error(figures[metric.key].mean, rows)
    errors = [result.get("standard_error") for result in results]
    known = [error for error in errors if error is not None]
    return statistics.fmean(known) if known and len(known) == len(errors) else None


def _threads_text(results: Sequence[dict[str, Any]]) -> str:
    """Return the threads of training, inference and latency, as in "1/2/1" or "1-2/2/1"."""
    parts = []
    for name in ("training", "inference", "latency"):
        numbers = sorted({_threads(result, name) for result in results} - {None})
        parts.append("-".join(map(str, dict.fromkeys([*numbers[:1], *numbers[-1:]]))) or "?")
    return "/".join(parts)


def _threads(result: dict[str, Any], name: str) -> Any:
    """Return a number of threads; rows of earlier versions have one for all parts."""
    told = result["latency"] if name == "latency" else result.get("threads") or {}
    number = told.get("threads" if name == "latency" else name)
    return result["machine"].get("threads") if number is None else number


def _shown(trials: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return trials with only those values that differ between them."""
    names = trials[0]["values"] if trials else ()
    varied = [n for n in names if any(t["values"][n] != trials[0]["values"][n] for t in trials)]
    return [trial | {"values": {n: trial["values"][n] for n in varied}} for trial in trials]


def threads_text(outcome: Outcome) -> str:
    """Return a phrase that says how the numbers of threads were chosen."""
    fixed = outcome.settings.threads
    return "the fastest by a short trial" if fixed is None else f"fixed to {fixed}"


def machines(outcome: Outcome) -> list[dict[str, Any]]:
    """Return the different machines of the runs."""
    return _different([row["result"]["machine"] for row in _all_runs(outcome)])


def processors(outcome: Outcome) -> str:
    """Return how many processors the first machine gave the runs, as in "2 CPUs"."""
    machine = machines(outcome)[0]
    return counted(machine.get("usable cpus", machine["cpus"]), "CPU")


def limits(outcome: Outcome, lines: Sequence[TableLine]) -> list[str]:
    """Return sentences on figures that cannot be compared, or only with care."""
    task = outcome.prepared.task
    units = task.units
    means = [line.score.mean for line in lines]
    error = lines[task.chooser.best(means)].error
    or_error = (
        ""
        if error is None
        else f", or than about {task.chooser.difference(error)} (the standard error on so few test "
        f"{units.many}),"
    )
    notes = [
        f"One data set, one split: a difference smaller than the spread{or_error} says nothing.",
        "Training time leaves out reading the data, making the vocabulary, and the trials of "
        "values and of threads. That of networks includes evaluation on validation, but not the "
        f"conversion of {units.many} to ids; their {units.many} a second leave evaluation out.",
        "Peak memory is that of the whole process, with its libraries and training; the second "
        "figure is its memory right after the imports.",
        f"Latency and inference run {units.answer}, a tokenizer included: latency one {units.one} "
        f"at a time, inference in batches of {INFERENCE_BATCH} {units.many} of like lengths.",
        "Size on disk is that of the saved folder, a tokenizer included.",
        "The number of threads was found by a short trial for training, inference and latency "
        "each, unless --threads fixed it; sums of floating-point numbers, and so the figures, may "
        "differ in their last digits with it. The same number, fixed, repeats a run exactly.",
    ]
    notes += _vector_limits(outcome, lines)
    notes += dict.fromkeys(limit for line in lines for limit in line.row.limits)
    if task.keeps_best and any(len(line.curves) for line in lines):
        notes.append("The best epoch on validation is kept, so validation figures flatter.")
    notes += task.limits()
    notes += task.data_limits(outcome.prepared.data)
    return notes


def _vector_limits(outcome: Outcome, lines: Sequence[TableLine]) -> list[str]:
    """Return sentences on the cost of the word vectors in the table."""
    named = {outcome.lines[line.number - 1].contender.embedding for line in lines}
    sets = {name for text in named if text for name in Embedding.parse(text).sets}
    packaged = [VECTOR_COST] if sets - {OWN} else []
    return packaged + ([OWN_VECTOR_COST] if OWN in sets else [])


def notices(outcome: Outcome) -> list[str]:
    """Return warnings about the data, the vectors and the measurements."""
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
            "not compare their times, and their other figures with care."
        )
    crowded = [
        str(line.contender)
        for line in outcome.lines
        if any(is_row_crowded(row["result"]) for row in line.runs)
    ]
    if crowded:
        which = "all models" if len(crowded) == len(outcome.lines) > 1 else ", ".join(crowded)
        found.append(
            "Times marked * were measured beside other work: the load was above the number of "
            f"processors ({which}). Do not compare them."
        )
    changed = [
        f"{line.contender}, seed {row['job']['seed']}: {changes_text(row['result'])}"
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
    """Return the coverage of the training texts by each set of vectors."""
    return _different([row["result"]["coverage"] for row in _all_runs(outcome)])


def _different(values: Sequence[dict[str, Any] | None]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for value in values:
        if value is not None and value not in found:
            found.append(value)
    return found


def _all_runs(outcome: Outcome) -> list[Row]:
    return [row for line in outcome.lines for row in line.runs]
