"""The perplexities of both directions of a bidirectional language model."""

import math
from typing import Any

import torch
from torch.utils.data import DataLoader, Subset

from ..models.modeling_elmo import ElmoForPreTraining
from .sentence_rows import SentenceRows, collate_sentences


def bidirectional_perplexity(
    model: ElmoForPreTraining, rows: SentenceRows | Subset[Any], batch_size: int = 32
) -> dict[str, float]:
    """Return the perplexity of each direction over sentences, each read from fresh states.

    They are exponentials of the mean loss of a target with the whole vocabulary. Ends of sentences
    count for the forward direction and begins for the backward one, if the model predicts them.

    Args:
        model: The model; it is left in the mode that it was in.
        rows: The sentences, without streams, or a ``Subset`` of them.
        batch_size: Number of sentences that are read at a time.

    Returns:
        ``forward_perplexity``, ``backward_perplexity``, ``perplexity`` (of the mean of both
        losses), ``loss``, this mean, and ``words``, the number of words.

    Raises:
        ValueError: If the rows are laid out in streams, or there are none.
    """
    if getattr(rows, "streams", None) is not None:
        raise ValueError("the rows are laid out in streams, expected plain sentences")
    config, was_training = model.config, model.training
    boundaries = [int(each is not None) for each in (config.eos_token_id, config.bos_token_id)]
    totals, targets, words = [0.0, 0.0], [0, 0], 0
    model.eval()
    try:
        for batch in DataLoader(rows, batch_size, collate_fn=collate_sentences):
            batch = {name: value.to(model.device) for name, value in batch.items()}
            number = int((batch["labels"] != -100).sum())
            with torch.no_grad():
                output = model(**batch)
            words += number
            for side, loss in enumerate((output.forward_loss, output.backward_loss)):
                count = number + boundaries[side] * len(batch["labels"])
                totals[side] += float(loss) * count
                targets[side] += count
    finally:
        model.train(was_training)
    if not words:
        raise ValueError("there are no rows with words, expected some to predict")
    means = [total / count for total, count in zip(totals, targets, strict=True)]
    # Above 700 is a model whose training went wrong; its exponential would be an error.
    forward, backward, both = (math.exp(min(mean, 700.0)) for mean in (*means, sum(means) / 2))
    return {
        "forward_perplexity": forward,
        "backward_perplexity": backward,
        "perplexity": both,
        "loss": sum(means) / 2,
        "words": words,
    }
