"""What comparisons at equal cost share: models of one size, arguments, the share of the time."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from tqdm import tqdm
from transformers import PreTrainedModel, TrainerCallback, TrainerState

from ..training import TimeBudget

# More epochs than there is time for.
_ENDLESS = 10_000
_WIDTHS = 8


def widest(make: Callable[[int], PreTrainedModel], parameters: int, multiple: int = _WIDTHS) -> int:
    """Return the width at which a model has about a number of parameters.

    Args:
        make: Returns the model of a width.
        parameters: The number of parameters that is aimed at.
        multiple: Widths are multiples of this number.
    """

    def count(width: int) -> int:
        with torch.device("meta"):
            return make(width).num_parameters()

    width = multiple
    while count(width + multiple) <= parameters:
        width += multiple
    over, under = count(width + multiple) - parameters, parameters - count(width)
    return width + multiple if over < under else width


def equal_arguments(values: Mapping[str, Any], seed: int, folder: str) -> dict[str, Any]:
    """Return the training arguments that all networks of a comparison at equal cost have.

    Args:
        values: The values of a row; with no "epochs" the time is limited, and the rate is constant.
        seed: The seed.
        folder: A folder for checkpoints.
    """
    return {
        "output_dir": folder,
        "learning_rate": values["learning_rate"],
        "lr_scheduler_type": "linear" if values["epochs"] else "constant",
        "num_train_epochs": values["epochs"] or _ENDLESS,
        "per_device_train_batch_size": values["batch_size"],
        "train_sampling_strategy": "sequential",
        "logging_strategy": "no",
        "seed": seed,
        "disable_tqdm": True,
        "use_cpu": True,
        "report_to": "none",
    }


def share_done(state: TrainerState, timing: Sequence[TimeBudget]) -> float:
    """Return the share of the time that is used, if it is limited, else that of the steps."""
    return timing[0].used if timing else state.global_step / state.max_steps


class BudgetProgress(TrainerCallback):
    """A progress bar of the share of the time, or of the steps.

    Args:
        name: The text before the bar.
        timing: The time of training, if it is limited: one budget, or none.
    """

    def __init__(self, name: str, timing: Sequence[TimeBudget] = ()) -> None:
        self.name, self.timing = name, timing

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Make the bar."""
        self.bar = tqdm(total=100, desc=self.name, unit="%", disable=None, leave=False)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Move it on."""
        self.bar.update(int(100 * share_done(state, self.timing)) - self.bar.n)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Close it."""
        self.bar.close()
