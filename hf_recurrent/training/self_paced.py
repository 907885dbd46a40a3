"""Self-paced learning with the plain ``Trainer``: easy units first (Kumar et al. 2010)."""

import math
from typing import Any

from transformers import TrainerCallback

from ..models.heads import LabelHead


class SelfPacedLearning(TrainerCallback):
    """A callback that leaves out of the loss what the model still finds too hard.

    A unit counts while its plain loss is below a limit, which rises during training. A unit is a
    row, a label of several, a token, or with a CRF a sentence, whose loss is that of a tag
    (``hf_recurrent.models.hard_training``). After the warm-up, in which all units count, the limit
    is ``limit`` and grows by the factor ``growth`` each epoch, little by little. It follows from
    the progress of training alone, so a resumed run goes on with the right one. The loss of a
    batch is divided by the number of all its labels, so it is exact under gradient accumulation
    and on several devices.

    Wrong labels keep a high loss, so they are left out for long; so are rare and difficult rows.
    A low limit harms: a model that learns only what it gets right already keeps its errors.

    Args:
        limit: The first limit. A model that guesses among k labels has a loss of log(k);
            ``2 * math.log(k)`` leaves out what it gets far more wrong than a guess.
        growth: Factor of the limit each epoch, 1 or more.
        warmup_epochs: Epochs, or a part of one, before the limit acts. Fresh weights know nothing
            of easy and hard.

    Raises:
        ValueError: If an argument is out of its range; when training begins, if the model is no
            classifier or tagger of this package, or mines hard examples at the same time.

    Example:
        ``Trainer(..., callbacks=[SelfPacedLearning(limit=2 * math.log(2))])``
    """

    def __init__(self, limit: float, growth: float = 1.3, warmup_epochs: float = 2.0) -> None:
        if not limit > 0:
            raise ValueError(f"limit is {limit}, expected a loss above 0")
        if not 1 <= growth < math.inf:
            raise ValueError(f"growth is {growth}, expected a factor of at least 1")
        if not warmup_epochs >= 0:
            raise ValueError(f"warmup_epochs is {warmup_epochs}, expected at least 0")
        self.limit, self.growth, self.warmup_epochs = limit, growth, warmup_epochs

    def limit_at(self, epoch: float) -> float:
        """Return the limit after so many epochs, and parts of one; infinity in the warm-up."""
        if epoch < self.warmup_epochs:
            return math.inf
        return self.limit * self.growth ** (epoch - self.warmup_epochs)

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Check that the model can leave units out."""
        heads = _heads(kwargs["model"])
        if not heads:
            raise ValueError(
                f"SelfPacedLearning is for classifiers and taggers of hf_recurrent, and the model "
                f"is a {type(kwargs['model']).__name__}"
            )
        for head in heads:
            share = head.config.hard_example_share
            if share < 1:
                raise ValueError(
                    f"hard_example_share is {share}, which keeps the hardest units, and "
                    "SelfPacedLearning leaves them out: use one of the two"
                )

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Set the limit of this step."""
        for head in _heads(kwargs["model"]):
            head.loss_limit = self.limit_at(state.epoch or 0.0)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Take the limit away."""
        for head in _heads(kwargs["model"]):
            head.loss_limit = math.inf


def _heads(model: Any) -> list[LabelHead]:
    """Return the heads with labels in a model, which an adapter may have wrapped."""
    return [module for module in model.modules() if isinstance(module, LabelHead)]
