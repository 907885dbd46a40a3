"""The two losses of BERT's pretraining as sums, computed only where something is predicted."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import BertForPreTraining

from .masking import IGNORED

# What ``pretraining_sums`` returns, in this order.
SUMS = ("masked_loss", "masked_correct", "masked", "pair_loss", "pair_correct", "pairs")


@contextmanager
def predicted_only(model: BertForPreTraining, chosen: Tensor) -> Iterator[None]:
    """Let the output layer compute only the places that are predicted.

    They are about one of seven, and the output layer over the vocabulary is a large part of the
    work of a small model. Logits are then (places, vocabulary), in the order of the places.

    Args:
        model: The model, without wrappers.
        chosen: Which places are predicted (batch, time).
    """

    def select(module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return (inputs[0][chosen], *inputs[1:])

    handle = model.cls.predictions.register_forward_pre_hook(select)
    try:
        yield
    finally:
        handle.remove()


def pretraining_sums(
    model: nn.Module, inputs: Mapping[str, Any], unwrapped: BertForPreTraining | None = None
) -> dict[str, Tensor]:
    """Return the sums of both losses over a batch, with the right answers and the numbers.

    The loss of transformers' own forward is None unless both labels are given, NaN where nothing is
    masked, and a mean of the batch at hand, whose sum over batches is no mean over all of them.

    Args:
        model: A ``BertForPreTraining``, or what wraps it.
        inputs: The batch, with ``labels`` and ``next_sentence_label``.
        unwrapped: The model without its wrappers; ``model`` by default.

    Returns:
        ``masked_loss`` and ``pair_loss`` in nats, with gradients; ``masked_correct`` and
        ``pair_correct``, how often the most probable answer is right; ``masked`` and ``pairs``, how
        many predictions there are.

    Raises:
        ValueError: If a label is missing.
    """
    given = dict(inputs)
    labels, following = given.pop("labels", None), given.pop("next_sentence_label", None)
    if labels is None or following is None:
        missing = "labels" if labels is None else "next_sentence_label"
        raise ValueError(f"the batch has no {missing}, expected rows of SentencePairs")
    core: Any = model if unwrapped is None else unwrapped
    chosen = labels != IGNORED
    with predicted_only(core, chosen):
        output = model(**given)
    logits, wanted = output.prediction_logits.float(), labels[chosen]
    pair_logits, following = output.seq_relationship_logits.float(), following.reshape(-1)
    with torch.no_grad():
        right = (logits.argmax(-1) == wanted).sum(), (pair_logits.argmax(-1) == following).sum()
    return {
        "masked_loss": cross_entropy(logits, wanted, reduction="sum"),
        "masked_correct": right[0],
        "masked": chosen.sum(),
        "pair_loss": cross_entropy(pair_logits, following, reduction="sum"),
        "pair_correct": right[1],
        "pairs": torch.tensor(len(following), device=labels.device),
    }


def pretraining_figures(sums: Mapping[str, float]) -> dict[str, float]:
    """Return the mean losses and the accuracies of sums, by the names that the logs have."""
    masked, pairs = max(sums["masked"], 1), max(sums["pairs"], 1)
    return {
        "mlm_loss": sums["masked_loss"] / masked,
        "mlm_accuracy": sums["masked_correct"] / masked,
        "nsp_loss": sums["pair_loss"] / pairs,
        "nsp_accuracy": sums["pair_correct"] / pairs,
    }
