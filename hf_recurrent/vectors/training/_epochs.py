"""Run the epochs of a training in threads, with a bar, the loss of each epoch, and Ctrl-C."""

import math
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from gensim.models import KeyedVectors
from tqdm.auto import tqdm

from ..._cores import usable_cores
from ..._wording import counted

if TYPE_CHECKING:
    from .result import Trainable, TrainedVectors

T = TypeVar("T")
# Returns the units for the bar, the sum of the losses, and the number of losses.
Task: TypeAlias = Callable[[], tuple[int, float, int]]


class TrainingStopped(KeyboardInterrupt):
    """Ctrl-C ended a training; the vectors so far are kept.

    Attributes:
        vectors: The vectors at that moment.
        epochs: Number of whole epochs.
        result: The vectors and how they were trained; only ``train_vectors`` sets it.
    """

    def __init__(
        self, vectors: "Trainable", epochs: int, result: "TrainedVectors | None" = None
    ) -> None:
        super().__init__(f"The training was stopped after {counted(epochs, 'whole epoch')}.")
        self.vectors = vectors
        self.epochs = epochs
        self.result = result


def usable_workers(workers: int | None) -> int:
    """Return the number of threads: that of the cores that this process may use for None.

    Raises:
        ValueError: If it is below 1.
    """
    if workers is not None and workers < 1:
        raise ValueError(f"workers is {workers}, expected at least 1.")
    return workers or usable_cores()


def progress_bar(doing: str, unit: str, progress: bool, total: int | None = None) -> tqdm:
    """Return a bar that is shown only if ``progress`` is true, and only on a terminal."""
    return tqdm(
        total=total, desc=doing, unit=f" {unit}", unit_scale=True, leave=False,
        disable=None if progress else True,
    )  # fmt: skip


def run_epochs(
    tasks: Callable[[int], Sequence[Task]],
    vectors: Callable[[], KeyedVectors],
    *,
    compile_tasks: Callable[[], object],
    epochs: int,
    workers: int,
    bar: tqdm,
    rate: str,
    on_epoch: Callable[[int, float], None] | None,
) -> KeyedVectors:
    """Train for some epochs, and return the vectors.

    Args:
        tasks: Returns the tasks of an epoch, counted from 0; each releases the interpreter's lock.
        vectors: Returns the vectors at any time.
        compile_tasks: Called once before the training.
        epochs: Number of epochs.
        workers: Number of threads.
        bar: A bar over the units of all epochs.
        rate: Name of the learning rate, for the message if the training diverges.
        on_epoch: Called after each epoch with its number, from 1 on, and its mean loss.

    Raises:
        ValueError: If the loss is no longer finite.
        TrainingStopped: If Ctrl-C ends the training.
    """
    with bar:
        bar.set_description("compiling")
        compile_tasks()
        bar.set_description("training")
        bar.unpause()
        epoch = 0
        try:
            while epoch < epochs:
                total, count = 0.0, 0
                with closing(run_in_threads(tasks(epoch), workers)) as results:
                    for units, loss, losses in results:
                        total, count = total + loss, count + losses
                        bar.update(units)
                epoch += 1
                mean = total / max(count, 1)
                if not math.isfinite(mean):
                    raise ValueError(
                        f"The loss of epoch {epoch} is not finite: choose a smaller {rate}."
                    )
                bar.set_postfix(loss=f"{mean:.4f}", refresh=False)
                if on_epoch is not None:
                    on_epoch(epoch, mean)
        except KeyboardInterrupt:
            raise TrainingStopped(vectors(), epoch) from None
    return vectors()


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
                # A wait without an end cannot be interrupted on every system.
                while not wait([future], timeout=0.5).done:
                    pass
                yield future.result()
        finally:
            for future in futures:
                future.cancel()
