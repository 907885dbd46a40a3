"""How long a comparison will take: from rates measured before, and then from its own runs."""

import time
from collections.abc import Callable, Sequence

from .jobs import Contender, Job
from .prepare import Prepared

__all__ = ["Estimate", "estimate_seconds"]

_RATE_WORDS = 20.0
# Even empty rows cost this share of those.
_LEAST_WORDS = 0.3
# Starting a child, reading its data, measuring its latency.
_OVERHEAD_SECONDS = 10.0


def estimate_seconds(jobs: Sequence[Job], prepared: Prepared) -> float:
    """Return the time of jobs that use all their epochs, roughly.

    It rests on rates of rows of 20 words on two cores, and takes time to grow with the number of
    words.
    """
    words = min(prepared.mean_words, jobs[0].max_length) if jobs else 0.0
    rows = len(prepared.data["train"])
    others = len(prepared.data["validation"]) + len(prepared.data["test"])
    total = 0.0
    for job in jobs:
        total += _OVERHEAD_SECONDS
        row = prepared.task.models[job.model]
        if not row.rate:
            continue
        examples = rows + others if row.reads_once else rows * job.values.get("epochs", 1)
        total += examples / row.rate * max(words / _RATE_WORDS, _LEAST_WORDS)
    return total


class Estimate:
    """What is left of a comparison, estimated again after each of its runs.

    A run is expected to take what the runs of the same line of the table took; where there are none
    yet, what the rates say, times the ratio by which they were wrong so far.

    Args:
        jobs: What is to be done.
        prepared: Its data.
        clock: Returns seconds.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        prepared: Prepared,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._start = self._last = clock()
        self._total = len(jobs)
        self._open = [(job, estimate_seconds([job], prepared)) for job in jobs]
        # Seconds that were expected and that it took, run by run.
        self._done: list[tuple[Job, float, float]] = []

    def done(self, job: Job) -> None:
        """Take note that a job is done, now."""
        now = self._clock()
        # The values that trials chose may differ from those that were expected.
        alike = [entry for entry in self._open if _same(entry[0], job)]
        if alike:
            self._open.remove(alike[0])
            self._done.append((job, alike[0][1], now - self._last))
        self._last = now

    def dropped(self, contender: Contender) -> None:
        """Take note that what is left of a line of the table is not done, since a job failed."""
        left = [entry for entry in self._open if entry[0].contender != contender]
        self._total -= len(self._open) - len(left)
        self._open = left
        self._last = self._clock()

    def seconds_left(self) -> float:
        """Return the time that the open jobs take, roughly."""
        expected = sum(seconds for _, seconds, _ in self._done)
        ratio = sum(seconds for _, _, seconds in self._done) / expected if expected else 1.0
        total = 0.0
        for job, seconds in self._open:
            own = [took for done, _, took in self._done if done.contender == job.contender]
            total += sum(own) / len(own) if own else seconds * ratio
        return total

    def told(self) -> str:
        """Say how far the comparison is: runs, time since its start, and time left."""
        elapsed = _time(self._clock() - self._start)
        text = f"{len(self._done)} of {self._total} runs in {elapsed}"
        return f"{text}, about {_time(self.seconds_left())} left" if self._open else text


def _same(one: Job, other: Job) -> bool:
    return (one.kind, one.contender, one.seed) == (other.kind, other.contender, other.seed)


def _time(seconds: float) -> str:
    """Write a time in seconds below a minute and a half, else in minutes."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
