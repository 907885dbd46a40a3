"""The number of threads with which training is fastest, found by a trial.

Not all cores of a machine are free. The threads of a matrix product wait for each other, and keep
their cores busy while they wait. So if another program uses one of the cores, two threads can be
many times slower than one. Small layers gain nothing from a second thread in any case.
"""

import copy
import logging
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from .._cores import usable_cores
from .batching import LengthGroupedDataset

logger = logging.getLogger(__name__)

# More threads are used only if they shorten a step by this share: less is within the noise.
_GAIN = 0.1
# A trial of a light step ends after about this time; each number is tried with one step at least.
_TRIAL_SECONDS = 1.0
_TRIAL_STEPS = 5
# A rate is measured over at least so many seconds and steps.
_WINDOW_SECONDS = 3.0
_WINDOW_STEPS = 10
# The shortest time between two trials.
_PAUSE_SECONDS = 30.0
# Another trial follows if throughput falls to this share of its earlier value.
_FALL = 0.5
_KEY = "threads"


def most_threads() -> int:
    """Return the largest number of threads to try.

    It is the number of cores that affinity and control group allow, divided by the ranks on this
    machine, and at most ``OMP_NUM_THREADS`` if that is set.
    """
    cores = usable_cores() // max(1, _number("LOCAL_WORLD_SIZE") or 1)
    return max(1, min(cores, _number("OMP_NUM_THREADS") or cores))


def _number(variable: str) -> int | None:
    """Return the first number in an environment variable; ``None`` if there is none."""
    first = os.environ.get(variable, "").split(",")[0].strip()
    return int(first) if first.isdigit() and int(first) > 0 else None


def find_threads(
    step: Callable[[], object],
    most: int,
    use: Callable[[int], object] = torch.set_num_threads,
    clock: Callable[[], float] = time.perf_counter,
) -> int:
    """Return and set the number of threads with which a step is fastest.

    It tries 1, 2, 4, ... and ``most``, until more threads are slower. More threads win only if they
    are at least 10 % faster both by the median and by the mean. So they are not chosen by noise, or
    if most steps are fast and some very slow.

    Args:
        step: The work; called a few times with each number.
        most: Largest number of threads.
        use: Sets the number of threads.
        clock: Returns seconds.
    """
    numbers = [*_powers_of_two(most), most]
    end = clock() + _TRIAL_SECONDS
    share = _TRIAL_SECONDS / (2 * len(numbers))
    seconds: dict[int, list[float]] = {}
    try:
        for number in numbers if most > 1 else ():
            use(number)
            fastest = min(map(statistics.median, seconds.values()), default=float("inf"))
            seconds[number] = _time_steps(step, share, clock)
            if statistics.median(seconds[number]) > fastest:
                break
        # Measure again, as a disturbance seldom affects the same number twice.
        for number in seconds if len(seconds) > 1 else ():
            if clock() < end:
                use(number)
                seconds[number] += _time_steps(step, share, clock)
        best = _choose(seconds)
    except BaseException:
        use(1)
        raise
    use(best)
    return best


def _powers_of_two(end: int) -> Iterator[int]:
    number = 1
    while number < end:
        yield number
        number *= 2


def _time_steps(
    step: Callable[[], object], share: float, clock: Callable[[], float]
) -> list[float]:
    """Time a few steps after one to warm up, which counts only if there is no time for more."""
    start = now = clock()
    found: list[float] = []
    while len(found) <= _TRIAL_STEPS and (not found or now - start < share):
        step()
        before, now = now, clock()
        found.append(now - before)
    return found[1:] or found


def _choose(seconds: Mapping[int, Sequence[float]]) -> int:
    best = 1
    for number in sorted(seconds):
        if all(
            typical(seconds[number]) <= (1 - _GAIN) * typical(seconds[best])
            for typical in (statistics.median, statistics.fmean)
        ):
            best = number
    return best


def threads_in_use(log_history: Sequence[Mapping[str, Any]]) -> int | None:
    """Return the last number of threads in the history of a trainer's state, or ``None``."""
    return next((int(log[_KEY]) for log in reversed(log_history) if _KEY in log), None)


def thread_changes(log_history: Sequence[Mapping[str, Any]]) -> list[dict[str, int]]:
    """Return the changes of the number of threads during a run, in order.

    Sums of floating-point numbers depend on the number of threads, so a run with a change cannot
    be repeated exactly.

    Args:
        log_history: The history of a trainer's state.

    Returns:
        For each change its ``step`` (the number of steps before it), ``before`` and ``after``.
    """
    logs = [log for log in log_history if _KEY in log]
    return [
        {"step": int(log["step"]), "before": int(last[_KEY]), "after": int(log[_KEY])}
        for last, log in pairwise(logs)
        if last[_KEY] != log[_KEY]
    ]


class ThreadSearch(TrainerCallback):
    """Set the number of threads with which a ``Trainer`` on the CPU is fastest.

    A trial of about a second before the first step runs the model forward and backward with 1, 2,
    ... threads. It is repeated if throughput falls to half of its value after the last trial, for
    example because another program has started; at most once in 30 seconds. A trial works on a copy
    of the model and restores the states of all random generators. So the result of training is bit
    for bit that of a run with this number fixed from the start, unless the number changes during
    the run.

    The number is in ``trainer.state.log_history``, and so in ``trainer_state.json`` of each
    checkpoint (``{"threads": 1, "step": 0}``, with another entry for each change; see
    ``thread_changes``). A resumed run reads it from there. On devices other than the CPU the
    callback does nothing.

    Args:
        threads: A fixed number, which switches the search off; ``None`` to search.
        most: Largest number to try; ``None`` for ``most_threads()``.
        use: Sets the number of threads.
        clock: Returns seconds.
        find: Finds the number, with the arguments of ``find_threads``.

    Attributes:
        threads: The number in use; ``None`` before the first step of a search.
        trial_seconds: Total time of the trials in this training.

    Raises:
        ValueError: If ``threads`` is less than 1.

    Example:
        >>> from transformers import Trainer, TrainingArguments
        >>> search = ThreadSearch()
        >>> # Trainer(model, arguments, train_dataset=rows, callbacks=[search])
    """

    def __init__(
        self,
        threads: int | None = None,
        *,
        most: int | None = None,
        use: Callable[[int], object] = torch.set_num_threads,
        clock: Callable[[], float] = time.perf_counter,
        find: Callable[..., int] = find_threads,
    ) -> None:
        if threads is not None and threads < 1:
            raise ValueError(f"threads is {threads}, expected at least 1.")
        self.fixed, self.threads, self.most = threads, threads, most
        self.trial_seconds = 0.0
        self._use, self._clock, self._find = use, clock, find
        self._hook: Any = None

    def on_train_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        model: nn.Module | None = None,
        train_dataloader: Any = None,
        **kwargs: Any,
    ) -> None:
        """Use the fixed or saved number, or prepare a trial in the first step."""
        self._remove_hook()
        if model is None or args.device.type != "cpu":
            return
        self._state = state
        self._loader = train_dataloader
        self._batch_size = args.train_batch_size
        self.trial_seconds = 0.0
        self._rate: float | None = None
        self._may_try_at = float("-inf")
        self._start_window()
        self._step_start: float | None = None
        self.threads = self.fixed or threads_in_use(state.log_history)
        self._is_due = self.threads is None
        if self.threads is not None:
            self._use(self.threads)
            self._log(self.threads)
        if self.fixed is None:
            self._hook = model.register_forward_pre_hook(self._before_forward, with_kwargs=True)

    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Start measuring a step."""
        if self._hook is not None:
            self._step_start = self._clock()

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Measure the throughput, and request another trial if it has fallen by half."""
        if self._hook is None or self._step_start is None:
            return
        self._seconds += self._clock() - self._step_start
        self._steps += 1
        self._step_start = None
        if self._steps < _WINDOW_STEPS or self._seconds < _WINDOW_SECONDS:
            return
        rate = self._units / self._seconds
        if self._rate is None:
            self._rate = rate
        elif rate <= _FALL * self._rate and self._clock() >= self._may_try_at:
            self._is_due = True
        self._start_window()

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Remove the hook from the model; the number of threads does not change."""
        self._remove_hook()

    def _start_window(self) -> None:
        self._units, self._seconds, self._steps = 0, 0.0, 0

    def _remove_hook(self) -> None:
        if self._hook is not None:
            self._hook.remove()
        self._hook = None

    def _before_forward(
        self, model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """Run a trial if one is due, and count the inputs of the model in training."""
        if not model.training or self._step_start is None:
            return
        if self._is_due:
            self._is_due = False
            start = self._clock()
            self._try(model, args, kwargs)
            now = self._step_start = self._clock()
            self.trial_seconds += now - start
            self._may_try_at = now + _PAUSE_SECONDS
            self._rate = None
            self._start_window()
        self._units += _size((args, kwargs))

    def _try(self, model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Find the number of threads and log it; keep the number if a trial is not possible."""
        before = self.threads
        # If the first trial fails, use one thread, which is never very slow.
        found = before or 1
        most = self.most or most_threads()
        if most == 1:
            found = 1
        else:
            # The copy must not call this callback's own hook.
            self._remove_hook()
            try:
                with _kept_random_states():
                    step = _trial_step(model, args, kwargs | self._typical_batch())
                    found = self._find(step, most, self._use, self._clock)
            except Exception as error:  # models, collators and data sets may raise anything
                reason = " ".join(str(error).split()) or type(error).__name__
                logger.warning("No trial of the number of threads could be made: %s", reason)
            self._hook = model.register_forward_pre_hook(self._before_forward, with_kwargs=True)
        self.threads = found
        self._use(found)
        if before is None:
            logger.info("Training with %d threads", found)
        elif before != found:
            logger.warning(
                "The number of threads changed from %d to %d after step %d, as training had become "
                "slower: the run is not exactly repeatable.",
                before,
                found,
                self._state.global_step,
            )
        self._log(found)

    def _log(self, threads: int) -> None:
        history = self._state.log_history
        if threads_in_use(history) != threads:
            history.append({_KEY: threads, "step": self._state.global_step})

    def _typical_batch(self) -> dict[str, Any]:
        """Return the batch of median length if batches have similar lengths, otherwise nothing.

        Without such batches rows are shuffled, and the current batch is as typical as any.
        """
        dataset = getattr(self._loader, "dataset", None)
        if not isinstance(dataset, LengthGroupedDataset):
            return {}
        starts = range(0, max(1, len(dataset) - self._batch_size + 1), self._batch_size)
        lengths = {start: dataset.lengths[dataset.order[start]] for start in starts}
        start = sorted(starts, key=lengths.__getitem__)[len(starts) // 2]
        rows = [dataset[i] for i in range(start, min(start + self._batch_size, len(dataset)))]
        return {**self._loader.collate_fn(rows)}


def _trial_step(
    model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Callable[[], None]:
    """Return a function that runs a copy of the model forward and backward.

    The copy shares the weights that training does not change, as they can be large.
    """
    renormed = any(getattr(module, "max_norm", None) for module in model.modules())
    frozen = () if renormed else (p for p in model.parameters() if not p.requires_grad)
    twin = copy.deepcopy(model, {id(parameter): parameter for parameter in frozen})
    twin.train()

    def step() -> None:
        with torch.enable_grad():
            _loss(twin(*args, **kwargs)).backward()
        twin.zero_grad()

    return step


def _loss(outputs: Any) -> Tensor:
    """Return the loss, or the sum of the first output if the model computes no loss."""
    if isinstance(outputs, Tensor):
        return outputs.float().sum()
    loss = outputs.get("loss") if isinstance(outputs, Mapping) else None
    if loss is None:
        loss = next(iter(outputs.values())) if isinstance(outputs, Mapping) else outputs[0]
    return loss.float().sum()


def _size(inputs: Any) -> int:
    """Return the number of entries of the largest tensor: tokens, padding included, or pixels."""
    if isinstance(inputs, Tensor):
        return inputs.numel()
    if isinstance(inputs, Mapping):
        inputs = inputs.values()
    elif not isinstance(inputs, list | tuple):
        return 0
    return max(map(_size, inputs), default=0)


@contextmanager
def _kept_random_states() -> Iterator[None]:
    """Restore the states of all random generators of this process at the end."""
    plain, of_numpy = random.getstate(), np.random.get_state()
    of_torch = torch.get_rng_state()
    try:
        yield
    finally:
        random.setstate(plain)
        np.random.set_state(of_numpy)
        torch.set_rng_state(of_torch)
