"""Runs pieces of work that let go of the interpreter's lock."""

import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["run_in_threads", "usable_cores"]

T = TypeVar("T")


def usable_cores() -> int:
    """Gives the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_in_threads(tasks: Sequence[Callable[[], T]], threads: int) -> Generator[T, None, None]:
    """Yields what the tasks give, in their order; one thread runs them one after the other.

    Close the generator (`contextlib.closing`): tasks that wait are given up, and those that run are
    waited for.
    """
    if threads == 1:
        for task in tasks:
            yield task()
        return
    with ThreadPoolExecutor(threads) as executor:
        futures = [executor.submit(task) for task in tasks]
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()
