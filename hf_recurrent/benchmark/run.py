"""Run a comparison: each job in its own child process, finished jobs never again."""

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
from ..tasks.base import Task
from ..tasks.encoders import reach_encoder
from ..tasks.word_vectors import Embedding
from .estimate import Estimate
from .jobs import Contender, Job, contenders, make_job
from .lock import WORK_PREFIX
from .outcome import Kept, Line, Outcome
from .places import put_in_place
from .prepare import prepare
from .record import kept_record
from .results import ResultsFile, Row
from .settings import BenchmarkSettings
from .summary import summarize
from .threads import changes_text
from .worker import Workplace, serve

RESULTS_FILE = "results.jsonl"
# File in the folder of a saved model, with its result row.
_BEST_ROW = "benchmark_row.json"


class _JobError(Exception):
    """A job failed; the message gives the reason."""


class _Runner:
    """Run jobs in child processes and store their rows."""

    def __init__(self, settings: BenchmarkSettings, output: Path, work: Path) -> None:
        self.settings, self.output, self.work = settings, output, work
        self.prepared = prepare(settings)
        self.task = self.prepared.task
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            self.results = ResultsFile(output / RESULTS_FILE)
        self.prepared.warnings += [str(warning.message) for warning in caught]
        self.failures: list[str] = []
        self.lines: list[Line] = []
        self._estimate = Estimate(self.open_jobs(), self.prepared)
        self._data: Path | None = None
        self._vocabularies: dict[str, tuple[Path, dict[str, Any] | None]] = {}

    def run_line(self, contender: Contender) -> None:
        """Run the trials of a table line, and then all seeds with the best values.

        If a job fails, the rest of the line is skipped and the message is stored.
        """
        self.lines.append(Line(contender))
        try:
            self._fill(self.lines[-1])
        except _JobError as failure:
            self.failures.append(str(failure))
            self._estimate.dropped(contender)
            _say(f"Failed: {failure}")

    def outcome(self) -> Outcome:
        """Return the outcome of all finished runs so far."""
        lines = [line for line in self.lines if line.runs]
        kept = [_best(self.task, lines, name, self.output) for name in _kept_names(self.task)]
        return Outcome(
            self.settings,
            self.prepared,
            lines,
            self.failures,
            [each for each in kept if each is not None],
        )

    def _fill(self, line: Line) -> None:
        contender = line.contender
        values = self.settings.trial_values(contender.model)
        if len(values) > 1:
            line.trials = [self._row(self._job("trial", contender, 0, each)) for each in values]
        best = self._chosen(values, line.trials)
        for seed in range(self._seeds(contender)):
            line.runs.append(self._row(self._job("run", contender, seed, best)))

    def open_jobs(self) -> list[Job]:
        """Return the jobs that are not done; runs after open trials get the default values."""
        jobs = []
        for each in contenders(self.settings):
            values = self.settings.trial_values(each.model)
            tried = [self._job("trial", each, 0, v) for v in values] if len(values) > 1 else []
            done = [row for row in map(self.results.get, tried) if row is not None]
            best = self._chosen(values, done if len(done) == len(tried) else [])
            jobs += tried
            jobs += [self._job("run", each, seed, best) for seed in range(self._seeds(each))]
        return [job for job in jobs if self.results.get(job) is None]

    def _chosen(self, values: Sequence[Any], trials: Sequence[Row]) -> Any:
        """Return the values of the best trial on validation, or the defaults without trials."""
        figures = [row["result"]["validation"] for row in trials]
        return values[self.task.chooser.best(figures)] if figures else values[0]

    def seconds_left(self) -> float:
        """Return a rough time of the open jobs, in seconds."""
        return self._estimate.seconds_left()

    def _seeds(self, contender: Contender) -> int:
        return (
            1 if self.task.models[contender.model].is_deterministic else self.settings.chosen_seeds
        )

    def _job(self, kind: Any, contender: Contender, seed: int, values: Any) -> Job:
        return make_job(kind, contender, seed, values, self.settings, self.prepared.digest)

    def _row(self, job: Job) -> Row:
        """Return the row of a job, and run it first if needed."""
        row = self.results.get(job)
        if row is not None:
            return row
        model = self.work / f"model-{job.key}"
        model.mkdir()
        vocabulary, coverage = self._vocabulary(job)
        encoder = (self.settings.encoder_of(job.model), self.settings.trust_remote_code)
        module = type(self.task).__module__
        place = Workplace(self._data_folder(), vocabulary, model, *encoder, module)
        result = _in_child(job, place) | {"coverage": coverage}
        # The model is saved before its row: a row in the file means that the job is complete.
        name = self.task.models[job.model].keep
        if job.kind == "run" and name:
            made = {"key": job.key, "job": asdict(job), "result": result}
            self._keep_if_best(made, model, self.output / name)
        shutil.rmtree(model, ignore_errors=True)
        row = self.results.append(job, result)
        chooser = self.task.chooser
        test = result.get("test", {}).get(chooser.key)
        self._estimate.done(job)
        _say(
            f"{job}: {chooser.title} on validation {chooser.with_unit(result['validation'])}"
            + (f", on test {chooser.with_unit(test)}" if test is not None else "")
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
        """Return the folder of a job's vocabulary and the coverage of the texts by the vectors."""
        if job.embedding is None:
            return None, None
        vectors = Embedding.parse(job.embedding).vectors
        characters = self.task.models[job.model].characters
        name = f"vocabulary-{vectors}-{characters or 'words'}"
        if name not in self._vocabularies:
            folder = self.work / name
            folder.mkdir()
            coverage = self.prepared.save_vocabulary(
                vectors, folder, characters, self.settings.vectors
            )
            self._vocabularies[name] = folder, coverage
        return self._vocabularies[name]

    def _keep_if_best(self, row: Row, model: Path, folder: Path) -> None:
        """Save a model as the best one if it is better on validation.

        Its record describes the comparison so far; it is updated when the comparison ends.
        """
        held = _held_row(folder)
        if held is not None and _is_as_good(self.task, held, row):
            return
        (model / _BEST_ROW).write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
        self._save_record(row, model)
        if held is not None and held["job"]["data"] != row["job"]["data"]:
            # It belongs to other data, so it cannot be called worse.
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
    """Run all open jobs and return the whole outcome.

    A failed job is reported and the others continue. Call it inside ``lock.sole_use(output)``.

    Args:
        settings: Settings of the comparison.
        output: Folder for the results file and the best models.

    Raises:
        ValueError: If the data cannot be used, or another file is at the place of the best model.
        OSError: If the folder cannot be written, or the data or the baseline cannot be read.
    """
    work = _work_folder(output)
    models = settings.chosen_task.models
    try:
        encoders = map(settings.encoder_of, settings.chosen_models)
        for encoder in dict.fromkeys(filter(None, encoders)):
            reach_encoder(encoder, settings.trust_remote_code)
        runner = _Runner(settings, output, work)
        jobs = runner.open_jobs()
        for name in {models[job.model].keep for job in jobs if job.kind == "run"} - {""}:
            _check_place(output / name)
        minutes = max(1, round(runner.seconds_left() / 60))
        _say(
            f"{counted(len(jobs), 'run')} to do, at most about {counted(minutes, 'minute')}: an "
            f"estimate from rates that were measured on two cores, made again after each run."
            if jobs
            else f"All runs stand in {output / RESULTS_FILE} already."
        )
        for contender in contenders(settings):
            runner.run_line(contender)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return runner.outcome()


def _kept_names(task: Task) -> list[str]:
    """Return the folder names of a task's saved models, in the order of the models."""
    return list(dict.fromkeys(row.keep for row in task.models.values() if row.keep))


def _best(task: Task, lines: Sequence[Line], name: str, output: Path) -> Kept | None:
    """Return the best model of a folder, or ``None`` if no table row belongs to it."""
    rows = [row for line in lines for row in line.runs]
    rows = [row for row in rows if task.models[row["job"]["model"]].keep == name]
    if not rows:
        return None
    best = rows[task.chooser.best([row["result"]["validation"] for row in rows])]
    family = task.models[best["job"]["model"]].family
    held = _held_row(output / name)
    if held is not None and _is_as_good(task, held, best):
        is_earlier = all(held["key"] != row["key"] for row in rows)
        return Kept(name, family, held, output / name, is_earlier)
    return Kept(name, family, best, None)


def _is_as_good(task: Task, held: Row, best: Row) -> bool:
    """Check whether the model on disk is at least as good as ``best``, on the same data."""
    return held["job"]["data"] == best["job"]["data"] and not task.chooser.is_better(
        best["result"]["validation"], held["result"]["validation"]
    )


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
    """Check that the folder of the best model is free or holds an earlier best model.

    Raises:
        ValueError: If something else is there.
    """
    if os.path.lexists(folder) and _held_row(folder) is None:
        raise ValueError(
            f"{folder} is where the best model of its kind goes, and what lies there is none that "
            f"this command made: move it away, or name another --output."
        )


def _held_row(folder: Path) -> Row | None:
    """Return the row of the model on disk, or ``None`` if there is none."""
    try:
        row = json.loads((folder / _BEST_ROW).read_text(encoding="utf-8"))
        row["key"], row["job"]["data"], row["result"]["validation"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return row


def _in_child(job: Job, place: Workplace) -> dict[str, Any]:
    """Run a job in a new process, which ends with this one.

    Raises:
        _JobError: With the message of the child.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=serve, args=(job, place, sender), daemon=True)
    # With several threads: long spinning makes a small model many times slower if another program
    # uses the same cores; no spinning makes it two to four times slower on an idle machine.
    # OpenMP reads this value when torch is loaded.
    os.environ.setdefault("GOMP_SPINCOUNT", "20000")
    # The child inherits the mask: only this process receives Ctrl-C, and it ends the child.
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
