"""The number of threads of each measurement."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from ..training.threads import find_threads, most_threads


def use_threads(number: int) -> None:
    """Set the number of threads of torch, and of matrix products in numpy and scipy."""
    torch.set_num_threads(number)
    threadpool_limits(number, user_api="blas")


def fastest(step: Callable[[], object], fixed: int | None) -> int:
    """Return and set the number of threads for measuring a piece of work.

    Args:
        step: The work, or a part of it that takes milliseconds.
        fixed: The number, if it was fixed; ``None`` to find it by a trial.
    """
    number = fixed if fixed is not None else find_threads(step, most_threads())
    use_threads(number)
    return number


def typical(inputs: Sequence[Any], count: int) -> list[Any]:
    """Return ``count`` inputs of about median length, or all if there are fewer."""
    order = sorted(inputs, key=len)
    start = max(0, (len(order) - count) // 2)
    return order[start : start + count]
