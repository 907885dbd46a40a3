"""Clipping of gradients, by norm or by value, with a record of it in the logs of ``Trainer``."""

import math
import statistics
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_callback import ExportableState

# So many norms are compared, and at least so many are needed before a step can be called exploding.
_WINDOW = 100
_LEAST_WINDOW = 10
# Logs of training have one of these; those of an evaluation have neither.
_OF_TRAINING = ("loss", "train_loss")


class ClipGradients(TrainerCallback, ExportableState):
    """Clip the gradients of a ``Trainer``, and record norms, clipping and exploding steps.

    ``Trainer`` clips by norm only, before a callback can see the gradients, and logs the norm of
    the last step alone. So clipping is left to this callback: give ``max_grad_norm=0`` to
    ``TrainingArguments``. Clipping by norm is then the same, bit for bit.

    Each log of training gets figures of the steps since the log before, in ``log_history``, and so
    in ``trainer_state.json``. A step is one of the optimizer, after the accumulation of gradients.
    Norms are those of the whole gradient before clipping, without the scale of fp16:

    - ``grad_norm_mean`` and ``grad_norm_max``, of the steps with a finite norm. ``grad_norm``, of
      the last step, is ``Trainer``'s own;
    - ``clipped_steps``, the share of steps whose gradient was clipped, and ``clip_factor``, the
      mean factor by which that changed their norm (1 if none was clipped);
    - ``exploding_steps``, how many norms were more than ``explosion`` times the median of the 100
      finite norms before (10 at least);
    - ``nonfinite_steps``, how many norms were infinite or NaN. With fp16 the optimizer skips them.

    Callbacks behind this one get the figures too, such as the printed log. Those that ``Trainer``
    adds by ``report_to`` come before it. A resumed run goes on as if it had not been interrupted,
    with ``restore_callback_states_from_checkpoint=True``.

    Args:
        max_norm: The largest norm of the whole gradient; a longer one is shortened to it (Pascanu,
            Mikolov and Bengio 2013).
        max_value: The largest absolute value of each number of the gradient, in place of
            ``max_norm``. It changes the direction of the gradient.
        explosion: How many times the usual norm is an explosion.

    Raises:
        ValueError: If a number is not greater than 0, both limits are given, or ``explosion`` is
            not greater than 1; in training, if ``max_grad_norm`` is not 0, or DeepSpeed or FSDP is
            used, which clip by themselves.

    Example:
        >>> from transformers import Trainer, TrainingArguments
        >>> from hf_recurrent.training import ClipGradients
        >>> arguments = TrainingArguments("out", max_grad_norm=0)
        >>> # Trainer(model, arguments, train_dataset=rows, callbacks=[ClipGradients(max_norm=1.0)])
    """

    def __init__(
        self,
        max_norm: float | None = None,
        max_value: float | None = None,
        *,
        explosion: float = 10.0,
    ) -> None:
        for name, limit in (("max_norm", max_norm), ("max_value", max_value)):
            if limit is not None and not 0 < limit < math.inf:
                raise ValueError(f"{name} is {limit}, expected a number greater than 0.")
        if max_norm is not None and max_value is not None:
            raise ValueError("max_norm and max_value are both given, expected one of them.")
        if not explosion > 1:
            raise ValueError(f"explosion is {explosion}, expected more than 1.")
        self.max_norm, self.max_value, self.explosion = max_norm, max_value, explosion
        # The finite norms of the last steps, and norm and factor of each step since the last log.
        self.norms: list[float] = []
        self.pending: list[Any] = []

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint has to keep, as values for JSON."""
        return {
            "args": {
                "max_norm": self.max_norm,
                "max_value": self.max_value,
                "explosion": self.explosion,
            },
            "attributes": {"norms": list(self.norms), "pending": self._steps()},
        }

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Check that nobody else clips, and forget an earlier training."""
        if args.max_grad_norm:
            raise ValueError(
                f"max_grad_norm is {args.max_grad_norm}, so Trainer would clip gradients before "
                "ClipGradients can see them: give max_grad_norm=0 to TrainingArguments, and "
                "max_norm to ClipGradients."
            )
        if args.deepspeed or args.fsdp:
            raise ValueError(
                "DeepSpeed and FSDP hold the gradients in parts and clip them by themselves: leave "
                "ClipGradients out, and give max_grad_norm to TrainingArguments."
            )
        if not state.global_step:
            self.norms, self.pending = [], []

    def on_pre_optimizer_step(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        model: nn.Module | None = None,
        **kwargs: Any,
    ) -> None:
        """Clip the gradient, and keep its norm and the factor of the clipping."""
        assert model is not None
        parameters = [each for each in model.parameters() if each.grad is not None]
        limit = math.inf if self.max_norm is None else self.max_norm
        norm = nn.utils.clip_grad_norm_(parameters, limit)
        factor = torch.ones_like(norm)
        if self.max_norm is not None:
            factor = (limit / (norm + 1e-6)).clamp(max=1.0)  # as torch does
        elif self.max_value is not None and parameters:
            nn.utils.clip_grad_value_(parameters, self.max_value)
            after = nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])
            factor = torch.where(norm > 0, after / norm, factor)
        # Reading them now would make a GPU wait in each step.
        self.pending.append(torch.stack([norm.detach(), factor.detach()]))

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Add the figures of the steps since the last log."""
        if logs is None or not self.pending or not any(name in logs for name in _OF_TRAINING):
            return
        figures = self._figures()
        logs.update(figures)
        state.log_history[-1].update(figures)

    def _steps(self) -> list[list[float]]:
        """Return norm and factor of each step since the last log."""
        return [step.tolist() if isinstance(step, Tensor) else list(step) for step in self.pending]

    def _figures(self) -> Mapping[str, float]:
        """Return the figures of the steps since the last log, and begin anew."""
        steps, self.pending = self._steps(), []
        exploding = 0
        finite, factors = [], []
        for norm, factor in steps:
            if not math.isfinite(norm):
                continue
            usual = statistics.median(self.norms) if len(self.norms) >= _LEAST_WINDOW else math.inf
            exploding += norm > self.explosion * usual
            self.norms = [*self.norms[1 - _WINDOW :], norm]
            finite.append(norm)
            if factor < 1:
                factors.append(factor)
        figures: dict[str, float] = {}
        if finite:
            figures = {"grad_norm_mean": statistics.fmean(finite), "grad_norm_max": max(finite)}
        return figures | {
            "clipped_steps": len(factors) / len(steps),
            "clip_factor": statistics.fmean(factors) if factors else 1.0,
            "exploding_steps": exploding,
            "nonfinite_steps": len(steps) - len(finite),
        }
