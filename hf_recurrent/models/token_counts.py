"""How often each token id occurs in training, as a part of a model."""

from typing import Any

import torch
from torch import Tensor, nn

from .own_weights import OwnWeights


class CountsTokens(OwnWeights):
    """A module that depends on how often each token id occurs in training."""

    def set_token_counts(self, counts: Tensor) -> None:
        """Set the counts, a tensor (vocab_size,) of integers that ``checked_counts`` returned."""
        raise NotImplementedError


def checked_counts(counts: Any, vocab_size: int) -> Tensor:
    """Return counts as a tensor (vocab_size,) of 64-bit integers.

    Args:
        counts: A tensor, an array or a list; entry i is of token id i.
        vocab_size: Number of token ids.

    Raises:
        ValueError: If there is not one count for each id, or one is no whole number of at least 0,
            or all are 0.
    """
    try:
        found = torch.as_tensor(counts)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"token counts are no whole numbers up to 2**63 - 1 in a row: {error}"
        ) from None
    if tuple(found.shape) != (vocab_size,):
        raise ValueError(
            f"token counts have shape {tuple(found.shape)}, expected ({vocab_size},), one for each "
            "token id"
        )
    if found.dtype == torch.bool or found.is_complex():
        raise ValueError(f"token counts are {found.dtype}, expected whole numbers")
    whole = found.long()
    # A number that is not whole or too large, and NaN, differ from their integers.
    if not bool((whole == found).all()) or int(whole.min()) < 0:
        raise ValueError("token counts hold a number that is no count, expected 0, 1, 2, ...")
    if not bool(whole.any()):
        raise ValueError("token counts are all 0, expected how often each id occurs in training")
    return whole


def begin_at_shares(layer: nn.Linear, counts: Tensor) -> None:
    """Set the bias of an output layer to the logarithms of the tokens' shares.

    A fresh model then begins with these shares as its predictions, near enough. A token that never
    occurs counts once. Losses over drawn negatives have the same fixed point wherever they begin.

    Args:
        layer: The output layer, with a bias.
        counts: What ``checked_counts`` returned.
    """
    shares = counts.clamp(min=1).double()
    with torch.no_grad():
        layer.bias.copy_((shares / shares.sum()).log())
