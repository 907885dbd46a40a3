"""Averaged weights: evaluation and checkpoints use the mean of the weights of many steps."""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save
from torch import Tensor, nn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from .._whole import write_whole

_KEY = "averaged_from_step"
_FILE = "weights_in_training.safetensors"


def stands_still(losses: list[float], patience: int) -> bool:
    """Check whether the last loss is worse than the best one of more than ``patience`` before it.

    This is the non-monotonic criterion of Merity et al. 2018.
    """
    *before, last = losses
    return len(before) > patience and last > min(before[: len(before) - patience])


class AverageWeights(TrainerCallback):
    """Average the weights of all steps from some step on, for evaluation and for checkpoints.

    Averaging begins when the loss of validation stands still, and with plain gradient descent this
    is NT-ASGD (Merity et al. 2018). Training itself goes on with its own weights. The model holds
    the mean from the end of a step at which ``Trainer`` evaluates or saves to the next step, and at
    the end. So checkpoints and the final model have the mean; a file beside them,
    ``weights_in_training.safetensors``, has the weights with which a resumed run goes on.

    Give it to ``Trainer`` after callbacks that ask for an evaluation or a checkpoint.

    Args:
        patience: Number of evaluations that the loss may be no better than the best before them.
        metric: The loss of evaluation that is looked at.
        from_step: A step at which averaging begins in any case; ``None`` for the criterion alone.
    """

    def __init__(
        self, patience: int = 5, metric: str = "eval_loss", from_step: int | None = None
    ) -> None:
        self.patience, self.metric, self.from_step = patience, metric, from_step
        self.since: int | None = None
        self._average: list[Tensor] = []
        self._own: list[Tensor] = []
        self._is_in_place = False

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Go on from a checkpoint if there is one.

        Raises:
            ValueError: If the weights of training are missing in the checkpoint.
        """
        self.since = next((int(log[_KEY]) for log in state.log_history if _KEY in log), None)
        self._is_in_place = False
        if self.since is None or not state.global_step:
            self.since = None
            return
        parameters = _trained(kwargs["model"])
        self._average = [value.detach().clone() for value in parameters.values()]
        path = Path(_checkpoint(args, state)) / _FILE
        try:
            own = load_file(path)
            # The model holds the mean, and keeps it if no step follows.
            self._own, self._is_in_place = [own[name] for name in parameters], True
        except (OSError, KeyError) as error:
            raise ValueError(
                f"{path} cannot be read ({error}), and without the weights of training the run "
                "cannot go on: resume from a checkpoint of the output folder, or start anew"
            ) from error

    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Put the weights of training back."""
        if self._is_in_place:
            _copy(self._own, kwargs["model"])
            self._is_in_place = False

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Add the weights of this step to the mean."""
        model = kwargs["model"]
        if self.since is None and self.from_step is not None:
            if state.global_step >= self.from_step:
                self._begin(model, state)
        elif self.since is not None:
            weights = [value.detach() for value in _trained(model).values()]
            share = 1 / (state.global_step - self.since)
            torch._foreach_lerp_(self._average, weights, share)
        if control.should_evaluate or control.should_save:
            self._show(model)

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Put the mean in place, for an evaluation, a checkpoint, and the end of training."""
        self._show(kwargs["model"])

    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Begin to average if the loss stands still."""
        losses = [log[self.metric] for log in state.log_history if self.metric in log]
        if self.since is None and losses and stands_still(losses, self.patience):
            self._begin(kwargs["model"], state)

    def on_save(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Write the weights of training beside the mean."""
        if self.since is None or not state.is_world_process_zero:
            return
        named = _trained(kwargs["model"])
        own = self._own if self._is_in_place else [value.detach() for value in named.values()]
        tensors = dict(zip(named, own, strict=True))
        content = save({name: value.cpu().contiguous() for name, value in tensors.items()})
        write_whole(Path(_checkpoint(args, state)) / _FILE, content)

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Let the memory go; the model keeps the mean, or the best checkpoint."""
        self._average, self._own, self._is_in_place = [], [], False

    def _begin(self, model: nn.Module, state: TrainerState) -> None:
        self.since = state.global_step
        self._average = [value.detach().clone() for value in _trained(model).values()]
        state.log_history.append({_KEY: self.since, "step": self.since})

    def _show(self, model: nn.Module) -> None:
        if self.since is None or self._is_in_place:
            return
        self._own = [value.detach().clone() for value in _trained(model).values()]
        _copy(self._average, model)
        self._is_in_place = True


def _trained(model: nn.Module) -> dict[str, nn.Parameter]:
    return {name: value for name, value in model.named_parameters() if value.requires_grad}


def _copy(source: list[Tensor], model: nn.Module) -> None:
    with torch.no_grad():
        for parameter, value in zip(_trained(model).values(), source, strict=True):
            parameter.copy_(value)


def _checkpoint(args: TrainingArguments, state: TrainerState) -> str:
    return f"{args.output_dir}/checkpoint-{state.global_step}"
