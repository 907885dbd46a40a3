"""Run pieces of work that release the interpreter's lock, in threads."""

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["run_in_threads"]

T = TypeVar("T")


def run_in_threads(tasks: Sequence[Callable[[], T]], threads: int) -> Generator[T, None, None]:
    """Yield the results of tasks in their order; one thread runs them one after the other.

    Close the generator (``contextlib.closing``): then waiting tasks are cancelled, and running ones
    are finished.
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
