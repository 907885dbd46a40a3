"""A Trainer whose evaluation is a function of the model."""

from collections.abc import Callable, Mapping
from typing import Any

from transformers import Trainer

Measure = Callable[[Any, Any], Mapping[str, float]]


class MeasuringTrainer(Trainer):
    """The plain ``Trainer``, but an evaluation calls a function.

    The evaluation of ``Trainer`` averages the losses of batches, which is no mean over tokens, and
    hence no perplexity. With a ``TimeBudget`` of several ``evaluations`` the logs have a curve.

    Args:
        *args: As for ``Trainer``.
        measure: Takes the model, without wrappers, and ``eval_dataset``; returns figures, which
            are logged with "eval_" before their names: "loss" among them, if the best model is to
            be found by it, as it is by default. It must leave the model in its mode.
        **kwargs: As for ``Trainer``.
    """

    def __init__(self, *args: Any, measure: Measure, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.measure = measure

    def evaluate(
        self, eval_dataset: Any = None, ignore_keys: Any = None, metric_key_prefix: str = "eval"
    ) -> dict[str, float]:
        """Call the function, and log what it returns; of several data sets for each by its name."""
        rows = self.eval_dataset if eval_dataset is None else eval_dataset
        if isinstance(rows, dict):
            of_all: dict[str, float] = {}
            for name, part in rows.items():
                of_all |= self.evaluate(part, ignore_keys, f"{metric_key_prefix}_{name}")
            return of_all
        model = self.accelerator.unwrap_model(self.model)
        found = {f"{metric_key_prefix}_{name}": v for name, v in self.measure(model, rows).items()}
        self.log(found)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, found)
        return found
