"""Runs a comparison: every job in a child process of its own, what is done never again."""

import json
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from .._wording import counted
from .encoders import reach_encoder
from .estimate import Estimate
from .jobs import Job, Task, make_job, tasks
from .lock import WORK_PREFIX
from .outcome import BAG_OF_VECTORS, BEST_MODEL, Line, Outcome
from .places import put_in_place
from .prepare import prepare
from .record import kept_record
from .results import ResultsFile, Row
from .settings import MODELS, BenchmarkSettings, Embedding, Values
from .summary import summarize
from .threads import changes_text
from .worker import Workplace, serve

__all__ = ["RESULTS_FILE", "run"]

RESULTS_FILE = "results.jsonl"
# Of these kinds the best model by validation is kept, each in a folder of its own.
_KEPT = {"recurrent": BEST_MODEL, "static": BAG_OF_VECTORS}
# Lies beside a model that is kept: the row of results that it belongs to.
_BEST_ROW = "benchmark_row.json"


class _JobError(Exception):
    """A job failed; the sentence says why."""


class _Runner:
    """Runs jobs in child processes and keeps their rows."""

    def __init__(self, settings: BenchmarkSettings, output: Path, work: Path) -> None:
        self.settings, self.output, self.work = settings, output, work
        self.prepared = prepare(settings)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            self.results = ResultsFile(output / RESULTS_FILE)
        self.prepared.warnings += [str(warning.message) for warning in caught]
        self.failures: list[str] = []
        self.lines: list[Line] = []
        self._estimate = Estimate(self.open_jobs(), self.prepared)
        self._data: Path | None = None
        self._vocabularies: dict[str, tuple[Path, dict[str, Any] | None]] = {}

    def run_task(self, task: Task) -> None:
        """Run the trials of a task, and then its seeds with the values that won.

        Where a job fails the rest of its line is left out, and the sentence kept.
        """
        self.lines.append(Line(task))
        try:
            self._fill(self.lines[-1])
        except _JobError as failure:
            self.failures.append(str(failure))
            self._estimate.dropped(task)
            _say(f"Failed: {failure}")

    def outcome(self) -> Outcome:
        """Gather what is done so far."""
        lines = [line for line in self.lines if line.runs]
        return Outcome(
            self.settings,
            self.prepared,
            lines,
            self.failures,
            *_best(lines, "recurrent", self.output),
            *_best(lines, "static", self.output),
        )

    def _fill(self, line: Line) -> None:
        task, values = line.task, self._values(line.task)
        best = values[0]
        if len(values) > 1:
            line.trials = [self._row(self._job("trial", task, 0, each)) for each in values]
            accuracies = [row["result"]["validation_accuracy"] for row in line.trials]
            best = values[accuracies.index(max(accuracies))]
        for seed in range(self._seeds(task)):
            line.runs.append(self._row(self._job("run", task, seed, best)))

    def open_jobs(self) -> list[Job]:
        """Gives the jobs that are not done; of runs after trials those with the defaults."""
        jobs = []
        for task in tasks(self.settings):
            values = self._values(task)
            if len(values) > 1:
                jobs += [self._job("trial", task, 0, each) for each in values]
            jobs += [self._job("run", task, seed, values[0]) for seed in range(self._seeds(task))]
        return [job for job in jobs if self.results.get(job) is None]

    def seconds_left(self) -> float:
        """Return the time that the open jobs take, roughly."""
        return self._estimate.seconds_left()

    def _values(self, task: Task) -> Sequence[Values | None]:
        """Gives what is tried; logistic regression chooses its values itself, in one run."""
        if MODELS[task.model].is_deterministic:
            return [None]
        return self.settings.trial_values(task.model)

    def _seeds(self, task: Task) -> int:
        return 1 if MODELS[task.model].is_deterministic else self.settings.seeds

    def _job(self, kind: Any, task: Task, seed: int, values: Values | None) -> Job:
        return make_job(kind, task, seed, values, self.settings, self.prepared.digest)

    def _row(self, job: Job) -> Row:
        """Return the row of a job, running it if it is not done."""
        row = self.results.get(job)
        if row is not None:
            return row
        model = self.work / f"model-{job.key}"
        model.mkdir()
        vocabulary, coverage = self._vocabulary(job)
        encoder = (self.settings.baseline, self.settings.trust_remote_code)
        place = Workplace(self._data_folder(), vocabulary, model, *encoder)
        result = _in_child(job, place) | {"coverage": coverage}
        # First the model and then its row: a row in the file means that all of it is done.
        name = _KEPT.get(MODELS[job.model].kind)
        if job.kind == "run" and name is not None:
            made = {"key": job.key, "job": asdict(job), "result": result}
            self._keep_if_best(made, model, self.output / name)
        shutil.rmtree(model, ignore_errors=True)
        row = self.results.append(job, result)
        test = result.get("test", {}).get("accuracy")
        self._estimate.done(job)
        _say(
            f"{job}: validation {result['validation_accuracy']:.3f}"
            + (f", test {test:.3f}" if test is not None else "")
            + f", trained in {result['training_seconds']:.0f} s; {self._estimate.told()}"
        )
        changes = changes_text(result)
        if changes:
            _say(f"Note: {job}: threads changed {changes}; it is not exactly repeatable.")
        return row

    def _data_folder(self) -> Path:
        if self._data is None:
            self._data = self.work / "data"
            self.prepared.data.save_to_disk(str(self._data))
        return self._data

    def _vocabulary(self, job: Job) -> tuple[Path | None, dict[str, Any] | None]:
        """Gives the folder of a job's vocabulary and what the vectors cover of the texts."""
        if job.embedding is None:
            return None, None
        vectors = Embedding.parse(job.embedding).vectors
        if vectors not in self._vocabularies:
            folder = self.work / f"vocabulary-{vectors}"
            folder.mkdir()
            self._vocabularies[vectors] = folder, self.prepared.save_vocabulary(vectors, folder)
        return self._vocabularies[vectors]

    def _keep_if_best(self, row: Row, model: Path, folder: Path) -> None:
        """Put a model into the best one's place if its validation accuracy is higher.

        Its record goes with it, and tells of the comparison as far as it has come; the end of the
        comparison brings it up to date.
        """
        held = _held_row(folder)
        if held is not None and _is_as_good(held, row):
            return
        (model / _BEST_ROW).write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
        self._save_record(row, model)
        if held is not None and held["job"]["data"] != row["job"]["data"]:
            # It is for something else, not worse.
            aside = self.output / f"{folder.name}-{held['key']}"
            shutil.rmtree(aside, ignore_errors=True)
            os.replace(folder, aside)
            _say(f"The best model of other data, which lay in {folder}, now lies in {aside}.")
        put_in_place(model, folder, self.work)

    def _save_record(self, row: Row, model: Path) -> None:
        so_far = self.outcome()
        line = self.lines[-1]
        with_it = replace(line, runs=[*line.runs, row])
        lines = [*(done for done in so_far.lines if done is not line), with_it]
        so_far = replace(so_far, lines=lines)
        kept_record(so_far, summarize(so_far), row, model).save(model)


def run(settings: BenchmarkSettings, output: Path) -> Outcome:
    """Run what is not done yet and gather all that was asked for.

    A job that fails is told of, and the others go on. Call it inside ``lock.sole_use(output)``.

    Args:
        settings: What to compare.
        output: Folder of the results file, of the best recurrent model and the best bag of vectors.

    Raises:
        ValueError: If the data cannot be used, or something else lies where the best model goes.
        OSError: If the folder cannot be written, or the data or the baseline cannot be read.
    """
    work = _work_folder(output)
    try:
        if any(MODELS[name].kind.endswith("encoder") for name in settings.models):
            reach_encoder(settings.baseline, settings.trust_remote_code)
        runner = _Runner(settings, output, work)
        jobs = runner.open_jobs()
        for kind in {MODELS[job.model].kind for job in jobs if job.kind == "run"} & _KEPT.keys():
            _check_place(output / _KEPT[kind])
        minutes = max(1, round(runner.seconds_left() / 60))
        _say(
            f"{counted(len(jobs), 'run')} to do, at most about {counted(minutes, 'minute')}: an "
            f"estimate from rates that were measured on two cores, made again after each run."
            if jobs
            else f"All runs stand in {output / RESULTS_FILE} already."
        )
        for task in tasks(settings):
            runner.run_task(task)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return runner.outcome()


def _best(lines: Sequence[Line], kind: str, output: Path) -> tuple[Row | None, Path | None]:
    """Gives the row of the best model of a kind, and its folder if it lies there."""
    rows = [row for line in lines for row in line.runs if _kind(row) == kind]
    best = max(rows, key=lambda row: row["result"]["validation_accuracy"], default=None)
    folder = output / _KEPT[kind]
    held = _held_row(folder)
    if best is not None and held is not None and _is_as_good(held, best):
        return held, folder
    return best, None


def _is_as_good(held: Row, best: Row) -> bool:
    """Tells whether the model on disk is the table's best, or a better one of the same data."""
    return held["job"]["data"] == best["job"]["data"] and (
        held["result"]["validation_accuracy"] >= best["result"]["validation_accuracy"]
    )


def _kind(row: Row) -> str:
    return MODELS[row["job"]["model"]].kind


def _work_folder(output: Path) -> Path:
    try:
        output.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=WORK_PREFIX, dir=output))
    except OSError as error:
        raise OSError(
            f"The output folder {output} cannot be written ({error.strerror}): name another one "
            f"by --output."
        ) from error


def _check_place(folder: Path) -> None:
    """Checks that the best model takes no place but that of an earlier one.

    Raises:
        ValueError: If something else lies there.
    """
    if os.path.lexists(folder) and _held_row(folder) is None:
        raise ValueError(
            f"{folder} is where the best model of its kind goes, and what lies there is none that "
            f"this command made: move it away, or name another --output."
        )


def _held_row(folder: Path) -> Row | None:
    """Gives the row that belongs to the model on disk."""
    try:
        row = json.loads((folder / _BEST_ROW).read_text(encoding="utf-8"))
        row["key"], row["job"]["data"], row["result"]["validation_accuracy"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return row


def _in_child(job: Job, place: Workplace) -> dict[str, Any]:
    """Runs a job in a fresh process; it dies with this one.

    Raises:
        _JobError: With the child's sentence.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=serve, args=(job, place, sender), daemon=True)
    # The number of threads is found in the child. Where it is more than one: threads that spin long
    # while they wait make a small model many times slower where another program wants the same
    # cores; threads that sleep at once make it two to four times slower where none does. OpenMP
    # reads this when torch is loaded.
    os.environ.setdefault("GOMP_SPINCOUNT", "20000")
    # The child inherits the mask: Ctrl-C reaches this process alone, which then ends the child.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    sender.close()
    try:
        kind, value = receiver.recv()
    except EOFError:
        process.join()
        raise _JobError(
            f"{job}: its process ended with exit status {process.exitcode} before it was done "
            f"(-9 is mostly a lack of memory)."
        ) from None
    except BaseException:
        process.terminate()
        raise
    finally:
        receiver.close()
        process.join()
    if kind == "error":
        raise _JobError(value)
    return value


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
