"""Attention of a decoder over the steps of an encoder.

A *query* is a state of the decoder, the *memory* holds the outputs of the encoder. Each kind scores
all steps of the memory for a query; a softmax over the real steps makes weights of the scores, and
the *context* is the weighted sum of the memory. What does not depend on the query is computed once
for a source: its *keys*.
"""

import torch
from torch import Tensor, nn

ATTENTION_TYPES = ("additive", "dot", "general", "none")


class Attention(nn.Module):
    """Attention by scores, which the subclasses compute."""

    def keys(self, memory: Tensor) -> Tensor:
        """Return what is compared with queries (batch, source, width).

        Args:
            memory: (batch, source, size) the outputs of the encoder.
        """
        return memory

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Return the score of each step of the source for each query (batch, target, source).

        Args:
            queries: (batch, target, query_size).
            keys: (batch, source, width).
        """
        return queries @ keys.transpose(1, 2)

    def forward(
        self, queries: Tensor, keys: Tensor, memory: Tensor, mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Attend to a source.

        Args:
            queries: (batch, target, query_size).
            keys: (batch, source, width), from ``keys``.
            memory: (batch, source, size).
            mask: (batch, source, bool), true on real steps; ``None`` if all are.

        Returns:
            The context (batch, target, size), and the weights (batch, target, source): 0 on
            padding, with a sum of 1 in each row, or of 0 for a source without any real step.
        """
        weights = masked_softmax(self.scores(queries, keys), mask)
        return weights @ memory, weights


class AdditiveAttention(Attention):
    """A hidden layer over query and key, ``v . tanh(W q + U m)`` (Bahdanau et al. 2015).

    Args:
        query_size: Width of a query.
        memory_size: Width of the memory.
        size: Width of the hidden layer.
    """

    def __init__(self, query_size: int, memory_size: int, size: int) -> None:
        super().__init__()
        self.query = nn.Linear(query_size, size, bias=False)
        self.key = nn.Linear(memory_size, size)
        self.score = nn.Linear(size, 1, bias=False)

    def keys(self, memory: Tensor) -> Tensor:
        """Return ``U m`` with a bias (batch, source, size)."""
        keys: Tensor = self.key(memory)
        return keys

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Return the scores (batch, target, source)."""
        asked = self.query(queries).unsqueeze(2)
        scores: Tensor = self.score((asked + keys.unsqueeze(1)).tanh())
        return scores.squeeze(-1)


class DotAttention(Attention):
    """The product of query and memory, ``q . m`` (Luong et al. 2015).

    Args:
        query_size: Width of a query.
        memory_size: Width of the memory, which must be the same.

    Raises:
        ValueError: If the widths differ.
    """

    def __init__(self, query_size: int, memory_size: int) -> None:
        super().__init__()
        if query_size != memory_size:
            raise ValueError(
                f"attention_type 'dot' multiplies states of the decoder, of hidden_size "
                f"{query_size}, with outputs of the encoder, of width {memory_size}: set both to "
                "the same, or use attention_type 'general'"
            )


class GeneralAttention(Attention):
    """A bilinear form of query and memory, ``q . W m`` (Luong et al. 2015).

    Args:
        query_size: Width of a query.
        memory_size: Width of the memory.
    """

    def __init__(self, query_size: int, memory_size: int) -> None:
        super().__init__()
        self.key = nn.Linear(memory_size, query_size, bias=False)

    def keys(self, memory: Tensor) -> Tensor:
        """Return ``W m`` (batch, source, query_size)."""
        keys: Tensor = self.key(memory)
        return keys


def make_attention(
    attention_type: str, query_size: int, memory_size: int, size: int | None
) -> Attention | None:
    """Return an attention of this type, ``None`` for ``"none"``.

    Args:
        attention_type: One of ``ATTENTION_TYPES``.
        query_size: Width of a query.
        memory_size: Width of the memory.
        size: Width of the hidden layer of additive attention; ``None`` for ``query_size``.

    Raises:
        ValueError: If the widths do not fit the type.
    """
    if attention_type == "additive":
        return AdditiveAttention(query_size, memory_size, size or query_size)
    if attention_type == "dot":
        return DotAttention(query_size, memory_size)
    if attention_type == "general":
        return GeneralAttention(query_size, memory_size)
    return None


def masked_softmax(scores: Tensor, mask: Tensor | None) -> Tensor:
    """Return the softmax of scores over the real steps, 0 on the others.

    Args:
        scores: (batch, target, source).
        mask: (batch, source, bool), true on real steps; ``None`` if all are.
    """
    if mask is None:
        return scores.softmax(-1)
    kept = mask.unsqueeze(1)
    # Not -inf: a row without any real step would be nan, and so would its gradient.
    weights = scores.masked_fill(~kept, torch.finfo(scores.dtype).min).softmax(-1)
    return weights.masked_fill(~kept, 0)
