"""What comparisons at equal cost share: models of one size, and a bar of the share of the time."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from tqdm import tqdm
from transformers import PreTrainedModel, TrainerCallback

from ..training import TimeBudget

# More epochs than there is time for.
ENDLESS = 10_000
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
        share = self.timing[0].used if self.timing else state.global_step / state.max_steps
        self.bar.update(int(100 * share) - self.bar.n)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Close it."""
        self.bar.close()
