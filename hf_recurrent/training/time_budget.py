"""Training for a given time, so that models of any speed can be compared at equal cost."""

import time
from collections.abc import Callable
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

_WARM_UP = 0.05


class TimeBudget(TrainerCallback):
    """End training after some seconds, with a learning rate that falls to 0 in this time.

    The rate rises for the first twentieth of the time, and then falls in a straight line. Give
    ``TrainingArguments`` the scheduler "constant" and more epochs than there is time for. A run
    cannot be repeated exactly, since the number of its steps depends on the machine.

    Args:
        seconds: The time of training.
        paused: Returns seconds since the beginning that do not count, such as those of
            trials.
        clock: Returns seconds.
        evaluations: The number of evaluations, after equal parts of the time, the last at the end;
            the time that they take does not count. They need no ``eval_strategy``.

    Attributes:
        used: The share of the time that is used, at most 1.

    Raises:
        ValueError: If there is no time.
    """

    def __init__(
        self,
        seconds: float,
        paused: Callable[[], float] = lambda: 0.0,
        clock: Callable[[], float] = time.perf_counter,
        evaluations: int = 0,
    ) -> None:
        if not seconds > 0:
            raise ValueError(f"seconds is {seconds}, expected more than 0.")
        self.seconds, self.used = seconds, 0.0
        self._paused, self._clock, self._evaluations = paused, clock, evaluations
        self._done, self._evaluating, self._evaluated = 0, 0.0, 0.0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Start the clock."""
        self.used, self._start = 0.0, self._clock()
        self._done, self._evaluating, self._evaluated = 0, 0.0, 0.0

    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Set the learning rate of the step."""
        if self._evaluating:
            self._evaluated += self._clock() - self._evaluating
            self._evaluating = 0.0
        factor = min(1 - self.used, (self.used + 0.1 * _WARM_UP) / _WARM_UP)
        for group in kwargs["optimizer"].param_groups:
            group["lr"] = args.learning_rate * factor

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """End training when the time is used, and evaluate where a part of it is."""
        now = self._clock()
        passed = now - self._start - self._evaluated - self._paused()
        self.used = min(passed / self.seconds, 1.0)
        control.should_training_stop |= self.used >= 1
        if int(self.used * self._evaluations) > self._done:
            self._done = int(self.used * self._evaluations)
            self._evaluating = now
            control.should_evaluate = True
