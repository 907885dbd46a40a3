"""The number of threads that each measurement of the comparison runs with."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from .._cores import is_crowded
from ..training.threads import find_threads, most_threads

__all__ = ["changes_text", "fastest", "is_row_crowded", "typical", "use_threads"]


def use_threads(number: int) -> None:
    """Set the number of threads of torch, and of the products of numpy and scipy."""
    torch.set_num_threads(number)
    threadpool_limits(number, user_api="blas")


def fastest(step: Callable[[], object], fixed: int | None) -> int:
    """Return the number of threads to measure a piece of work with; it is in use afterwards.

    Args:
        step: The work, or a part of it that takes milliseconds.
        fixed: The number if it was fixed; None to find it by a trial.
    """
    number = fixed if fixed is not None else find_threads(step, most_threads())
    use_threads(number)
    return number


def typical(texts: Sequence[str], count: int) -> list[str]:
    """Return texts of about median length, ``count`` of them where there are as many."""
    order = sorted(texts, key=len)
    start = max(0, (len(order) - count) // 2)
    return order[start : start + count]


def is_row_crowded(result: dict[str, Any]) -> bool:
    """Check whether the times of a result were measured beside other work.

    Results of earlier versions do not tell the load.
    """
    threads = result.get("threads") or {}
    latency = result.get("latency") or {}
    numbers = [threads.get("training"), threads.get("inference"), latency.get("threads")]
    return is_crowded(result.get("load"), max((n for n in numbers if n), default=1))


def changes_text(result: dict[str, Any]) -> str:
    """Return how the number of threads changed in mid-run; empty if it did not."""
    changes = (result.get("threads") or {}).get("changes") or ()
    return ", ".join(
        f"from {change['before']} to {change['after']} after step {change['step']}"
        for change in changes
    )
