"""The perplexity of a masked language model on held-out text."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch.utils.data import DataLoader, Subset
from transformers import BertForPreTraining

from .bert_losses import SUMS, pretraining_figures, pretraining_sums
from .sentence_pairs import SentencePairs


def masked_perplexity(
    model: BertForPreTraining,
    rows: SentencePairs | Subset[Any],
    collate: Callable[[list[Any]], dict[str, torch.Tensor]],
    batch_size: int = 32,
) -> dict[str, float]:
    """Return the perplexity of the masked pieces of some rows, and what else is predicted there.

    The perplexity is the exponential of the mean loss, in nats, of the pieces that the rows'
    ``labels`` name, each given all pieces of its row that are not hidden. So it depends on the
    share of pieces that is hidden, on the vocabulary of pieces, and on whether whole words are
    hidden; the same rows have the same masks, which follow from their seed. It is no perplexity of
    a text, which is the probability of all its words one after the other, and it cannot be compared
    with that of a language model that reads in one direction.

    Args:
        model: The model; it is left in the mode that it was in.
        rows: The rows, in the epoch that they are in, or a ``Subset`` of them.
        collate: The collator of the rows.
        batch_size: Number of rows that are read at a time.

    Returns:
        ``perplexity``, ``mlm_loss``, ``mlm_accuracy``, ``nsp_loss``, ``nsp_accuracy``; ``loss``,
        the sum of both losses; ``masked`` and ``pairs``, the numbers of predictions.

    Raises:
        ValueError: If there are no rows.
    """
    totals, was_training = dict.fromkeys(SUMS, 0.0), model.training
    model.eval()
    try:
        for batch in DataLoader(rows, batch_size, collate_fn=collate):
            moved = {name: value.to(model.device) for name, value in batch.items()}
            with torch.no_grad():
                found = pretraining_sums(model, moved)
            for name in SUMS:
                totals[name] += float(found[name])
    finally:
        model.train(was_training)
    if not totals["pairs"]:
        raise ValueError("there are no rows, expected some to predict")
    figures = pretraining_figures(totals)
    # Above 700 is a model whose training went wrong; its exponential would be an error.
    perplexity = math.exp(min(figures["mlm_loss"], 700.0))
    numbers = {name: int(totals[name]) for name in ("masked", "pairs")}
    loss = figures["mlm_loss"] + figures["nsp_loss"]
    return {"perplexity": perplexity, "loss": loss, **figures, **numbers}
