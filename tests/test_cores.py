"""The cores that a process may use, and the load beside it."""

import os
import time
from pathlib import Path

import pytest

from hf_recurrent import _cores
from hf_recurrent._cores import LoadWatch, is_crowded, parse_threads, usable_cores


@pytest.fixture(autouse=True)
def eight_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_cores, "_affinity", lambda: set(range(8)))
    monkeypatch.setattr(os, "cpu_count", lambda: 8)


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


V2, V1 = "sys/fs/cgroup", "sys/fs/cgroup/cpu,cpuacct"


@pytest.mark.parametrize(
    ("groups", "files", "cores"),
    [
        ("", {}, 8),
        ("0::/\n", {f"{V2}/cpu.max": "max 100000\n"}, 8),
        ("0::/\n", {f"{V2}/cpu.max": "200000 100000\n"}, 2),
        ("0::/\n", {f"{V2}/cpu.max": "150000 100000\n"}, 2),
        ("0::/\n", {f"{V2}/cpu.max": "10000 100000\n"}, 1),
        ("0::/\n", {f"{V2}/cpu.max": "6400000 100000\n"}, 8),
        # The group's parent bounds it too.
        ("0::/a/b\n", {f"{V2}/a/b/cpu.max": "max 100000", f"{V2}/a/cpu.max": "300000 100000"}, 3),
        # The path of the host, of which a container sees the last folder only.
        ("0::/kubepods/pod7\n", {f"{V2}/cpu.max": "400000 100000"}, 4),
        (
            "4:memory:/m\n3:cpu,cpuacct:/job\n0::/\n",
            {
                f"{V1}/job/cpu.cfs_quota_us": "250000\n",
                f"{V1}/job/cpu.cfs_period_us": "50000\n",
                f"{V1}/cpu.cfs_quota_us": "-1\n",
                f"{V1}/cpu.cfs_period_us": "100000\n",
            },
            5,
        ),
        (
            "1:cpu:/\n",
            {
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "200000",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            },
            2,
        ),
        ("0::/\n", {f"{V2}/cpu.max": "nonsense"}, 8),
        ("nonsense\n", {}, 8),
    ],
)
def test_the_quota_of_the_control_group_bounds_the_cores(
    groups: str, files: dict[str, str], cores: int, tmp_path: Path
) -> None:
    assert usable_cores(write(tmp_path, {"proc/self/cgroup": groups} | files)) == cores


def test_affinity_bounds_the_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_cores, "_affinity", lambda: {3})
    assert usable_cores(write(tmp_path, {"sys/fs/cgroup/cpu.max": "200000 100000"})) == 1
    assert usable_cores() == 1


def stat(first: int, second: int) -> str:
    """Return the file after some seconds of user time on each of two processors, 100 ticks each."""
    return (
        f"cpu {first + second} 0 0 0 0 0 0 0 0 0\n"
        f"cpu0 {100 * first} 0 0 700 30 0 0 0 5 0\ncpu1 {50 * second} 0 0 7 7 0 0 {50 * second}\n"
        "intr 1 2\n"
    )


def test_the_work_of_others_is_what_this_process_did_not_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_cores, "_affinity", lambda: {0, 1})
    monkeypatch.setattr(os, "sysconf", lambda name: 100)
    own = iter([1.0, 9.0])
    monkeypatch.setattr(time, "process_time", lambda: next(own))
    now, averages = iter([100.0, 110.0]), iter([(0.5, 9.0, 9.0), (2.5, 9.0, 9.0)])
    write(tmp_path, {"proc/stat": stat(3, 4)})
    watch = LoadWatch(tmp_path, lambda: next(averages), lambda: next(now))
    # 17 seconds of two processors in 10 seconds, 8 of them by this process.
    write(tmp_path, {"proc/stat": stat(13, 11)})
    assert watch.told() == {"before": 0.5, "after": 2.5, "others": 0.9, "cpus": 8, "usable": 2}


def test_what_the_system_does_not_tell_is_left_open(tmp_path: Path) -> None:
    def no_average() -> tuple[float, float, float]:
        raise OSError("no load average")

    told = LoadWatch(tmp_path, no_average).told()
    assert (told["before"], told["after"], told["others"]) == (None, None, None)
    assert not is_crowded(told, 8)
    # A system that counts nothing, as some sandboxes have it.
    write(tmp_path, {"proc/stat": "cpu0 0 0 0 0 0 0 0 0\n"})
    assert LoadWatch(tmp_path).told()["others"] is None


@pytest.mark.parametrize(
    ("changes", "threads", "crowded"),
    [
        ({}, 1, False),
        ({"after": 2.0}, 2, False),
        ({"before": 9.0}, 1, True),
        ({"after": 2.6}, 2, True),
        ({"others": 1.0}, 1, False),
        ({"others": 0.9}, 2, True),
        ({"others": 1.4}, 1, True),
        # A process that may use one of the processors only, which another uses too.
        ({"others": 0.5, "usable": 1}, 1, True),
        ({"before": None, "after": None, "others": None}, 2, False),
    ],
)
def test_work_beside_others_is_told(changes: dict, threads: int, crowded: bool) -> None:
    load = {"before": 0.1, "after": 1.0, "others": 0.0, "cpus": 2, "usable": 2} | changes
    assert is_crowded(load, threads) is crowded
    assert not is_crowded(None, threads)


def test_what_an_option_may_say() -> None:
    assert parse_threads("auto") is None
    assert parse_threads("3") == 3
    for text in ("0", "-1", "two", "1.5", ""):
        with pytest.raises(ValueError, match=r"threads is '.*', expected auto or a number above 0"):
            parse_threads(text)
