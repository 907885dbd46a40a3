"""What can be watched of the training of a language model: tokens a second, a curve, a bad loss."""

import json
import math
import os
import time
from pathlib import Path
from typing import Any

from torch import nn
from transformers import (
    ProgressCallback,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from .._whole import write_whole
from .resuming import checkpoints, is_finite_checkpoint


class TokenProgress(ProgressCallback):
    """The progress bar of ``Trainer``, with the tokens a second of training on all ranks.

    The logs of training have them too, as ``tokens_per_second``, with a bar or without one. Time
    for evaluations and checkpoints does not count.

    Example:
        >>> trainer.remove_callback(ProgressCallback)  # doctest: +SKIP
        >>> trainer.add_callback(TokenProgress())  # doctest: +SKIP
    """

    def __init__(self, max_str_len: int = 100) -> None:
        super().__init__(max_str_len)
        self._handle: Any = None
        self._tokens, self._seconds, self._start = 0, 0.0, 0.0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Make the bar, and count tokens from now on."""
        if not args.disable_tqdm:
            super().on_train_begin(args, state, control, **kwargs)
        self._tokens, self._seconds = 0, 0.0
        self._handle = kwargs["model"].register_forward_pre_hook(self._before, with_kwargs=True)

    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Start the clock."""
        self._start = time.perf_counter()

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Stop the clock, and show the rate."""
        self._seconds += time.perf_counter() - self._start
        if self.training_bar is not None:
            super().on_step_end(args, state, control, **kwargs)
            self.training_bar.set_postfix_str(f"{self._rate(args):,.0f} tokens/s", refresh=False)

    def on_prediction_step(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        eval_dataloader: Any = None,
        **kwargs: Any,
    ) -> None:
        """Go on with the bar of an evaluation."""
        if not args.disable_tqdm:
            super().on_prediction_step(args, state, control, eval_dataloader, **kwargs)

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Add the rate since the last log of training."""
        if logs is not None and "loss" in logs and self._seconds:
            for record in (logs, state.log_history[-1]):
                record["tokens_per_second"] = round(self._rate(args), 1)
            self._tokens, self._seconds = 0, 0.0
        super().on_log(args, state, control, logs=logs, **kwargs)

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Close the bar."""
        if self._handle is not None:
            self._handle.remove()
        self._handle = None
        if self.training_bar is not None:
            super().on_train_end(args, state, control, **kwargs)

    def _rate(self, args: TrainingArguments) -> float:
        return self._tokens * args.world_size / max(self._seconds, 1e-9)

    def _before(self, model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if model.training and "input_ids" in kwargs:
            self._tokens += kwargs["input_ids"].numel()


class LearningCurve(TrainerCallback):
    """Write the logs of a run into a file of JSON lines, with the seconds since its start.

    The file has what the state of ``Trainer`` has: a run that is resumed goes on after the last
    checkpoint, in the lines and in the seconds.

    Args:
        path: The file.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._start = time.perf_counter()

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Go on from the seconds of the last log."""
        before = max((log.get("seconds", 0.0) for log in state.log_history), default=0.0)
        self._start = time.perf_counter() - before

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Write all logs so far."""
        history = state.log_history
        if not history:
            return
        history[-1]["seconds"] = round(time.perf_counter() - self._start, 1)
        if state.is_world_process_zero:
            write_whole(self.path, "".join(f"{json.dumps(log)}\n" for log in history))


class FiniteLoss(TrainerCallback):
    """Stop training at a loss that is not a number or infinite, which ``Trainer`` hides.

    The loss is that of the model's forward; ``BertTrainer``, which computes it, checks it itself.
    """

    def __init__(self) -> None:
        self._handle: Any = None
        self._args: TrainingArguments | None = None
        self._state: TrainerState | None = None

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Look at each loss of training from now on."""
        self._args, self._state = args, state
        self._handle = kwargs["model"].register_forward_hook(self._after)

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Leave the model alone."""
        if self._handle is not None:
            self._handle.remove()
        self._handle = None

    def _after(self, model: nn.Module, args: tuple[Any, ...], outputs: Any) -> None:
        loss = outputs.get("loss") if hasattr(outputs, "get") else None
        if loss is None or not model.training:
            return
        assert self._args is not None
        assert self._state is not None
        check_finite(float(loss.detach()), self._args, self._state)


def check_finite(loss: float, args: TrainingArguments, state: TrainerState) -> None:
    """Check a loss of training, for a ``Trainer`` that does not take it from its model.

    Raises:
        ValueError: If it is not a number or infinite; the message names the last checkpoint whose
            weights are finite.
    """
    if math.isfinite(loss):
        return
    folders = checkpoints(str(args.output_dir))
    good = next(filter(is_finite_checkpoint, reversed(folders)), None)
    kept = f"the last good checkpoint is {good}" if good else "there is no checkpoint yet"
    if folders and not good:
        kept = f"the weights in {folders[-1]} are not finite either"
    raise ValueError(
        f"the loss is {loss} after step {state.global_step}, so training stopped; {kept}: try a "
        "smaller learning rate or a smaller max_grad_norm"
    )
