"""Tasks come back in order, and those that wait are given up."""

import functools
import threading
from contextlib import closing

import pytest

from hf_recurrent.vectors.training._epochs import run_in_threads


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_the_tasks(threads):
    tasks = [functools.partial(pow, number, 2) for number in range(20)]
    assert list(run_in_threads(tasks, threads)) == [number**2 for number in range(20)]


def test_what_waits_is_given_up_when_the_generator_is_closed():
    go_on, run = threading.Event(), []

    def task(number: int) -> None:
        run.append(number)
        if number:
            go_on.wait(10)

    with closing(run_in_threads([functools.partial(task, n) for n in range(50)], 2)) as results:
        next(results)
        # Let the running tasks end while the others are given up.
        threading.Timer(0.5, go_on.set).start()
    assert len(run) <= 3


def test_an_error_of_a_task_is_raised():
    with pytest.raises(ZeroDivisionError):
        list(run_in_threads([lambda: 1 // 0] * 3, 2))
