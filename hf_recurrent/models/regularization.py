"""What regularises recurrent language models, beside dropout on vectors (Merity et al. 2018)."""

import torch
from torch import Tensor, nn


class WordDropout(nn.Module):
    """Dropout on whole words: all occurrences of a word in a batch are dropped, or none of them.

    This is dropout on the rows of the embedding (Gal and Ghahramani 2016), computed for the words
    of the batch only.

    Args:
        p: Probability with which a word is dropped; the others are scaled by 1 / (1 - p).
        vocab_size: Number of words.
    """

    def __init__(self, p: float, vocab_size: int) -> None:
        super().__init__()
        self.p, self.vocab_size = p, vocab_size

    def forward(self, vectors: Tensor, ids: Tensor) -> Tensor:
        """Drop words in training.

        Args:
            vectors: (batch, time) or (batch, time, size) what is kept or dropped.
            ids: (batch, time) the id of each token.
        """
        if not self.training or not self.p:
            return vectors
        kept = nn.functional.dropout(vectors.new_ones(self.vocab_size), self.p)[ids]
        return vectors * (kept if vectors.dim() == 2 else kept.unsqueeze(-1))

    def extra_repr(self) -> str:
        """Show the settings in the printed model."""
        return f"p={self.p}"


def activation_penalty(
    output: Tensor, dropped: Tensor, mask: Tensor, activation: float, temporal: float
) -> Tensor:
    """Return the summed penalty on large outputs and on large changes between tokens, a scalar.

    It is a sum over the tokens of a mean over the features, so divided by the number of tokens it
    is the penalty of Merity et al. 2017 (arXiv 1708.01009).

    Args:
        output: (batch, time, size) the output of the last layer.
        dropped: The same after dropout.
        mask: (batch, time, bool), true on real tokens.
        activation: Factor of the squares of ``dropped`` (AR).
        temporal: Factor of the squared differences of ``output`` between neighbours (TAR).
    """
    total = torch.zeros((), dtype=torch.float32, device=output.device)
    if activation:
        squares = dropped.float().square().mean(-1)
        total = total + activation * squares.where(mask, 0).sum()
    if temporal:
        changes = output.float().diff(dim=1).square().mean(-1)
        total = total + temporal * changes.where(mask[:, 1:] & mask[:, :-1], 0).sum()
    return total
