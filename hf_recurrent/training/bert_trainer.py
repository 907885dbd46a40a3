"""The Trainer of BERT's pretraining, whose loss does not depend on how a step is divided."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from .bert_losses import SUMS, pretraining_figures, pretraining_sums
from .measuring import MeasuringTrainer
from .progress import check_finite


class BertTrainer(MeasuringTrainer):
    """Trains ``BertForPreTraining`` on rows of ``SentencePairs``.

    The loss of a step is the mean over its masked pieces plus the mean over its pairs, whatever
    number of batches and of ranks the step is divided into: the two have different units, and
    ``num_items_in_batch`` counts the first one only. The forward of the model takes that number and
    does not use it, so the plain ``Trainer`` would add up the losses of the batches.

    Logs have both losses and accuracies (``mlm_loss``, ``mlm_accuracy``, ``nsp_loss``,
    ``nsp_accuracy``) over all ranks since the last log, or since the run was resumed.

    Training stops at a loss that is not a number or infinite, as with ``FiniteLoss``, which would
    not see it: the model's own forward returns none.

    Args:
        *args: As for ``Trainer``.
        **kwargs: As for ``MeasuringTrainer``.

    Raises:
        ValueError: If one process would use several GPUs, or an option asks for another loss; in
            training, if a loss is not finite.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.args.n_gpu > 1:
            raise ValueError(
                f"one process has {self.args.n_gpu} GPUs, expected one: start one process a GPU "
                "with torchrun"
            )
        other = "label_smoothing_factor" if self.args.label_smoothing_factor else None
        other = "compute_loss_func" if self.compute_loss_func is not None else other
        if other is not None:
            raise ValueError(
                f"{other} is set, and BertTrainer computes the losses of masked pieces and of "
                "pairs itself: leave it out"
            )
        self.loss_is_scaled_for_ga = True
        self._pairs = torch.ones(())
        self._sums = torch.zeros(len(SUMS), dtype=torch.float64)

    def get_batch_samples(
        self, epoch_iterator: Iterator[Any], num_batches: int, device: torch.device
    ) -> tuple[list[Any], Any]:
        """Return the batches of a step and the number of its masked pieces; note that of pairs."""
        batches, items = super().get_batch_samples(epoch_iterator, num_batches, device)
        pairs = torch.tensor(sum(len(each["next_sentence_label"]) for each in batches))
        if self.args.average_tokens_across_devices and self.args.world_size > 1:
            pairs = self.accelerator.gather(pairs.to(device)).sum()
        self._pairs = pairs.to(device)
        return batches, items

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """Return this batch's share of the loss of the whole step.

        Outside of training, as in ``predict``, it is the loss of the model itself, with its logits.
        """
        if not model.training:
            return super().compute_loss(model, inputs, return_outputs)
        sums = pretraining_sums(model, inputs, self.accelerator.unwrap_model(model))
        found = torch.stack([sums[name].detach().double() for name in SUMS]).cpu()
        check_finite(float(found.sum()), self.args, self.state)
        self._sums += found
        masked = sums["masked"] if num_items_in_batch is None else num_items_in_batch
        pairs = sums["pairs"] if num_items_in_batch is None else self._pairs
        loss: Tensor = sums["masked_loss"] / max(float(masked), 1.0)
        loss = loss + sums["pair_loss"] / max(float(pairs), 1.0)
        if self.args.average_tokens_across_devices:
            loss = loss * self.args.world_size  # the gradients of ranks are averaged
        return (loss, {}) if return_outputs else loss

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Add both losses and accuracies to the logs of training."""
        if "loss" in logs:
            sums = self._sums
            if self.args.world_size > 1:
                sums = self.accelerator.gather(sums.to(self.args.device)[None]).sum(0).cpu()
            logs |= pretraining_figures(dict(zip(SUMS, sums.tolist(), strict=True)))
            self._sums = torch.zeros_like(self._sums)
        super().log(logs, start_time)
