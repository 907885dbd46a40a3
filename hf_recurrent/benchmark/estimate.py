"""Estimate how long a comparison takes, from known rates first and then from its own runs."""

import time
from collections.abc import Callable, Sequence

from .jobs import Contender, Job
from .prepare import Prepared

_RATE_WORDS = 20.0
# Even empty rows take this share of the time of rows of 20 words.
_LEAST_WORDS = 0.3
# Starting a child, reading its data, measuring its latency.
_OVERHEAD_SECONDS = 10.0


def estimate_seconds(jobs: Sequence[Job], prepared: Prepared) -> float:
    """Return a rough time, in seconds, of jobs that use all their epochs.

    It uses rates of rows of 20 words on two cores, and assumes that time grows with the number
    of words.
    """
    words = prepared.mean_length if jobs else 0.0
    if jobs and prepared.task.cuts_rows:
        words = min(words, jobs[0].max_length)
    rows = len(prepared.data["train"])
    others = len(prepared.data["validation"]) + len(prepared.data["test"])
    total = 0.0
    for job in jobs:
        total += _OVERHEAD_SECONDS
        if job.values.get("seconds") and not job.values.get("epochs"):
            total += job.values["seconds"]
            continue
        row = prepared.task.models[job.model]
        if not row.rate:
            continue
        examples = rows + others if row.reads_once else rows * job.values.get("epochs", 1)
        total += examples / row.rate * max(words / _RATE_WORDS, _LEAST_WORDS)
    return total


class Estimate:
    """Estimate the time that is left, again after each run.

    A run is expected to take as long as finished runs of the same table line. Without such runs,
    it is the time by the rates, times the ratio by which they were wrong so far.

    Args:
        jobs: The open jobs.
        prepared: Data of the comparison.
        clock: Function that returns seconds.
    """

    def __init__(
        self, jobs: Sequence[Job], prepared: Prepared, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._start = self._last = clock()
        self._total = len(jobs)
        self._open = [(job, estimate_seconds([job], prepared)) for job in jobs]
        # For each run: the job, its expected and its real seconds.
        self._done: list[tuple[Job, float, float]] = []

    def done(self, job: Job) -> None:
        """Record that a job has ended now."""
        now = self._clock()
        # The values that trials chose may differ from those that were expected.
        alike = [entry for entry in self._open if _same(entry[0], job)]
        if alike:
            self._open.remove(alike[0])
            self._done.append((job, alike[0][1], now - self._last))
        self._last = now

    def dropped(self, contender: Contender) -> None:
        """Drop the open jobs of a table line after one of them failed."""
        left = [entry for entry in self._open if entry[0].contender != contender]
        self._total -= len(self._open) - len(left)
        self._open = left
        self._last = self._clock()

    def seconds_left(self) -> float:
        """Return a rough time of the open jobs, in seconds."""
        expected = sum(seconds for _, seconds, _ in self._done)
        ratio = sum(seconds for _, _, seconds in self._done) / expected if expected else 1.0
        total = 0.0
        for job, seconds in self._open:
            own = [took for done, _, took in self._done if done.contender == job.contender]
            total += sum(own) / len(own) if own else seconds * ratio
        return total

    def told(self) -> str:
        """Return the progress as text: finished runs, time since the start and time left."""
        elapsed = _time(self._clock() - self._start)
        text = f"{len(self._done)} of {self._total} runs in {elapsed}"
        return f"{text}, about {_time(self.seconds_left())} left" if self._open else text


def _same(one: Job, other: Job) -> bool:
    return (one.kind, one.contender, one.seed) == (other.kind, other.contender, other.seed)


def _time(seconds: float) -> str:
    """Return a time as text, in seconds below 90 s, else in minutes."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
