"""What every sequence classifier shares, whatever its base model is."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers.utils import ModelOutput

from .loss import infer_problem_type, refuse_taken_labels, sequence_classification_loss


@dataclass
class PooledClassifierOutput(ModelOutput):
    """Output of a sequence classifier.

    Args:
        loss: scalar, where labels were given.
        logits: (batch, num_labels).
        hidden_states: the embeddings (batch, time, embedding_size) and each layer's output (batch,
            time, output_size), on ``output_hidden_states=True``.
        pooling_weights: (batch, time) how much each token counted, 0 on padding, summing to 1; of
            attention pooling, on ``output_attentions=True``.
        final_hidden_state: (batch, layers * directions, hidden_size), on
            ``output_final_state=True``.
        final_cell_state: likewise, of an LSTM.
    """

    loss: Tensor | None = None
    logits: Tensor | None = None
    hidden_states: tuple[Tensor, ...] | None = None
    pooling_weights: Tensor | None = None
    final_hidden_state: Tensor | None = None
    final_cell_state: Tensor | None = None


def classification_loss(
    config: Any, logits: Tensor, labels: Tensor | None, arguments: dict[str, Any]
) -> Tensor | None:
    """Return the loss, ``None`` without labels; ``arguments`` are the keywords that forward got."""
    refuse_taken_labels(config, labels, arguments)
    if labels is None:
        return None
    config.problem_type = infer_problem_type(config, labels)
    return sequence_classification_loss(logits, labels, config, arguments.get("num_items_in_batch"))


def token_mask(
    input_ids: Tensor | None, inputs_embeds: Tensor | None, attention_mask: Tensor | None
) -> Tensor:
    """Return the mask (batch, time, bool) of the real tokens; without a mask all are real.

    Raises:
        ValueError: unless just one of ``input_ids`` (batch, time) and ``inputs_embeds`` (batch,
            time, size) is given and the mask has its shape.
    """
    if (input_ids is None) == (inputs_embeds is None):
        raise ValueError("give either input_ids or inputs_embeds, and not both")
    given, name, dimensions = (
        (input_ids, "input_ids", 2)
        if inputs_embeds is None
        else (inputs_embeds, "inputs_embeds", 3)
    )
    assert given is not None
    if given.dim() != dimensions:
        raise ValueError(
            f"{name} has shape {tuple(given.shape)}, expected {dimensions} dimensions, "
            f"{'(batch, time)' if dimensions == 2 else '(batch, time, embedding_size)'}"
        )
    if attention_mask is None:
        return torch.ones(given.shape[:2], dtype=torch.bool, device=given.device)
    if attention_mask.shape != given.shape[:2]:
        raise ValueError(
            f"attention_mask has shape {tuple(attention_mask.shape)}, expected "
            f"{tuple(given.shape[:2])} as {name} has"
        )
    return attention_mask.bool()
