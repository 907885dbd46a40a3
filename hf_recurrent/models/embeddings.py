"""Input layers: what turns token ids into vectors, and the dropout that stands behind them."""

from typing import Any

import torch
from torch import Tensor, nn


class LockedDropout(nn.Module):
    """Dropout on (batch, time, features), with one mask a step, or one mask for all steps.

    The second is variational dropout (Gal and Ghahramani 2016), also called locked dropout.
    """

    def __init__(self, p: float, locked: bool) -> None:
        super().__init__()
        self.p, self.locked = p, locked

    def forward(self, x: Tensor) -> Tensor:
        """Drop features of x (batch, time, features) in training."""
        if not self.locked or not self.training or not self.p:
            return nn.functional.dropout(x, self.p, self.training)
        return x * nn.functional.dropout(x.new_ones(len(x), 1, x.shape[2]), self.p)

    def extra_repr(self) -> str:
        """Show the settings in the printed model."""
        return f"p={self.p}, locked={self.locked}"


def embed(
    embedding: nn.Embedding, input_ids: Tensor | None, inputs_embeds: Tensor | None, mask: Tensor
) -> Tensor:
    """Return the vectors (batch, time, size) that were given, or those of the ids (batch, time).

    Ids in the padding are not read.

    Raises:
        ValueError: if a token has no row, or the given vectors have another size.
    """
    if inputs_embeds is not None:
        if inputs_embeds.shape[-1] != embedding.embedding_dim:
            raise ValueError(
                f"inputs_embeds has width {inputs_embeds.shape[-1]}, expected embedding_size "
                f"{embedding.embedding_dim}"
            )
        return inputs_embeds
    assert input_ids is not None
    try:
        return embedding(input_ids.where(mask, embedding.padding_idx or 0))
    except IndexError:  # on a CPU; elsewhere the device itself stops
        rows = embedding.num_embeddings
        wrong = input_ids[mask & ((input_ids < 0) | (input_ids >= rows))]
        raise ValueError(
            f"input_ids holds {int(wrong[0])}, but the model's embedding has ids 0 to {rows - 1}: "
            "take the tokenizer that belongs to the model, or resize_token_embeddings"
        ) from None


def set_word_vectors(embedding: nn.Embedding, vectors: Any) -> None:
    """Copy a matrix of word vectors (vocab_size, embedding_size) into an embedding.

    Args:
        embedding: the look-up to fill.
        vectors: a tensor or an array; row i belongs to token id i.

    Raises:
        ValueError: if the matrix does not fit.
    """
    matrix = torch.as_tensor(vectors)
    if matrix.shape != embedding.weight.shape:
        raise ValueError(
            f"the word vectors have shape {tuple(matrix.shape)}, but the model's embedding has "
            f"{tuple(embedding.weight.shape)} (vocab_size, embedding_size): make the matrix for "
            "this model's tokenizer"
        )
    with torch.no_grad():
        embedding.weight.copy_(matrix)
