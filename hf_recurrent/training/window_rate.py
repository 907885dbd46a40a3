"""The learning rate of a step, scaled by the length of its windows (Merity et al. 2018)."""

from typing import Any

from torch import nn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


class WindowLearningRate(TrainerCallback):
    """Multiply the learning rate by the length of a step's windows over the usual length.

    Without it the tokens of a short window weigh more than those of a long one, as the loss of a
    step is a mean. The scheduler sees the rate as it was.

    Args:
        window: The usual length, that of ``TextStreams(..., random_windows=True)``.
    """

    def __init__(self, window: int) -> None:
        self.window = window
        self._lengths: list[int] = []
        self._rates: list[float] = []
        self._handle: Any = None

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Look at the batches of training from now on."""
        self._lengths = []
        self._handle = kwargs["model"].register_forward_pre_hook(self._before, with_kwargs=True)

    def on_pre_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Scale the rate."""
        groups = kwargs["optimizer"].param_groups
        self._rates = [group["lr"] for group in groups]
        if self._lengths:
            share = sum(self._lengths) / len(self._lengths) / self.window
            for group in groups:
                group["lr"] *= share
        self._lengths = []

    def on_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Put the rate back, before the scheduler sees it."""
        for group, rate in zip(kwargs["optimizer"].param_groups, self._rates, strict=True):
            group["lr"] = rate

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Leave the model alone."""
        if self._handle is not None:
            self._handle.remove()
        self._handle = None

    def _before(self, model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if model.training and "input_ids" in kwargs:
            self._lengths.append(kwargs["input_ids"].shape[1])
