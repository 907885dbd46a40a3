"""The processors that this process may use, and how much other work shares them.

Nothing heavy is imported here.
"""

import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The load that the helpers of a run (its parent, its progress bars) may add.
_SLACK = 0.25


def usable_cores(root: Path = Path("/")) -> int:
    """Return the number of cores that affinity and the quota of the control group allow.

    A quota of one core and a half counts as two.

    Args:
        root: Folder that holds ``proc`` and ``sys``.
    """
    cores = len(_affinity())
    quota = _quota(root)
    return cores if quota is None else max(1, min(cores, math.ceil(quota)))


def _affinity() -> set[int]:
    """Return the numbers of the processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return set(os.sched_getaffinity(0))
    return set(range(os.cpu_count() or 1))


def _quota(root: Path) -> float | None:
    """Return the smallest quota of this process's control groups, in cores, or ``None``."""
    quotas = []
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if controllers and "cpu" not in controllers.split(","):
            continue
        # Version 2 has one tree and no controller names; version 1 has a tree for each controller.
        trees = [controllers, "cpu"] if controllers else ["", "unified"]
        for tree in trees:
            top = root / "sys/fs/cgroup" / tree
            group = top / path.strip("/")
            # A group's parents bound it as well. Inside a container the path may be that of the
            # host, which is not mounted: then the top is the group itself.
            while True:
                quotas.append(_group_quota(group))
                if group == top or top not in group.parents:
                    break
                group = group.parent
    return min((quota for quota in quotas if quota is not None), default=None)


def _group_quota(group: Path) -> float | None:
    words = _read(group / "cpu.max").split() or [
        *_read(group / "cpu.cfs_quota_us").split(),
        *_read(group / "cpu.cfs_period_us").split(),
    ]
    try:
        quota, period = map(float, words)
    except ValueError:  # "max", or no such file
        return None
    return quota / period if quota > 0 and period > 0 else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


@dataclass(frozen=True)
class _Times:
    """Seconds since some start: by the clock, of the processors, and of this process."""

    clock: float
    busy: float | None
    own: float


class LoadWatch:
    """Measures the load before and after some work, and what others computed in between.

    Args:
        root: Folder that holds ``proc``.
        average: Returns the load averages, as ``os.getloadavg`` does.
        clock: Returns seconds.
    """

    def __init__(
        self,
        root: Path = Path("/"),
        average: Callable[[], tuple[float, float, float]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._root, self._clock = root, clock
        self._average = average or getattr(os, "getloadavg", None)
        self._processors = _affinity()
        self._before = self._load()
        self._start = self._times()

    def told(self) -> dict[str, Any]:
        """Return the measurements until now, for a row of results.

        Returns:
            ``before`` and ``after``: the load average of the last minute, of the whole machine.
            ``others``: how many of the usable processors other programs kept busy on average.
            ``cpus``: processors of the machine. ``usable``: processors that this process may use.
            A value that the system does not provide is ``None``.
        """
        end = self._times()
        seconds = end.clock - self._start.clock
        others = None
        if end.busy is not None and self._start.busy is not None and seconds > 0:
            # If the system counts nothing, the processors seem less busy than this process.
            busy, own = end.busy - self._start.busy, end.own - self._start.own
            others = round(max(0.0, busy - own) / seconds, 2) if busy > 0 else None
        return {
            "before": self._before,
            "after": self._load(),
            "others": others,
            "cpus": os.cpu_count() or 1,
            "usable": len(self._processors),
        }

    def _load(self) -> float | None:
        try:
            return round(self._average()[0], 2) if self._average is not None else None
        except OSError:
            return None

    def _times(self) -> _Times:
        return _Times(self._clock(), self._busy(), time.process_time())

    def _busy(self) -> float | None:
        """Return the seconds for which the usable processors were busy, with any program."""
        ticks, found = 0.0, False
        for line in _read(self._root / "proc/stat").splitlines():
            name, *fields = line.split() or [""]
            if not (name.startswith("cpu") and name[3:].isdigit()):
                continue
            if int(name[3:]) in self._processors and len(fields) >= 5:
                # user, nice, system, idle, iowait, irq, softirq, steal; the guests' time is in
                # the first two already.
                values = [float(field) for field in fields[:8]]
                ticks += sum(values) - values[3] - values[4]
                found = True
        return ticks / os.sysconf("SC_CLK_TCK") if found else None


def is_crowded(load: dict[str, Any] | None, threads: int) -> bool:
    """Check whether work was measured at a load above the processors.

    Args:
        load: The result of ``LoadWatch.told``; ``None`` if unknown.
        threads: Number of threads of the work.
    """
    if not load:
        return False
    averages = [load.get(name) for name in ("before", "after")]
    if any(average is not None and average > load["cpus"] + _SLACK for average in averages):
        return True
    others = load.get("others")
    return others is not None and others + threads > load["usable"] + _SLACK


def parse_threads(text: str) -> int | None:
    """Return the number of threads given by an option; ``None`` for ``auto``.

    Raises:
        ValueError: If it is neither ``auto`` nor an integer above 0.
    """
    if text == "auto":
        return None
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise ValueError(f"threads is {text!r}, expected auto or a number above 0.")
    return number
