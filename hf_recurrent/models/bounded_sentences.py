"""Sentences with a boundary before and one after them, packed for a recurrent layer."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from .ragged import RaggedBatch


class BoundedSentences(NamedTuple):
    """The layout of a batch whose rows get two boundaries.

    A row with n > 0 real tokens has n + 2 steps: the begin, its tokens, the end. A row without
    tokens has none. The *steps* of a batch are (batch, time + 2), and each row's own ones come
    first.

    Attributes:
        ragged: The layout of the steps; values are packed in its order.
        source: (steps,) for each packed step the place ``row * time + column`` of its token; the
            two places after the last token for the begin and the end.
        positions: (batch, time) the columns of each row, those of real tokens first, in order.
    """

    ragged: RaggedBatch
    source: Tensor
    positions: Tensor

    @classmethod
    def of(cls, mask: Tensor) -> "BoundedSentences":
        """Lay out a mask (batch, time, bool), true on real tokens; it may have holes."""
        batch, time = mask.shape
        positions = (~mask).long().argsort(dim=1, stable=True)
        lengths = mask.sum(1, keepdim=True)
        steps = torch.arange(time + 2, device=mask.device)
        real = (lengths > 0) & (steps < lengths + 2)
        rows = torch.arange(batch, device=mask.device).unsqueeze(1)
        source = nn.functional.pad(positions + rows * time, (1, 1))
        source = source.where(steps > 0, batch * time).where(steps <= lengths, batch * time + 1)
        ragged = RaggedBatch.from_mask(real)
        # Without any step the layout has no order of them.
        packed = source.flatten()[ragged.index] if ragged.counts else source.flatten()[:0]
        return cls(ragged, packed, positions)

    def pack(self, vectors: Tensor, boundaries: Tensor) -> Tensor:
        """Return (steps, size) of the vectors of tokens (batch, time, size) and of boundaries.

        Args:
            vectors: The vectors of tokens.
            boundaries: (2, size) the vectors of the begin and the end.
        """
        return torch.cat([vectors.flatten(0, 1), boundaries]).index_select(0, self.source)

    def tokens(self, packed: Tensor) -> Tensor:
        """Return the values of tokens (batch, time, size), 0 on padding, without boundaries."""
        shape = self.positions.shape
        is_token = self.source < shape.numel()
        found = packed.new_zeros(shape.numel(), packed.shape[1])
        found = found.index_copy(0, self.source[is_token], packed[is_token])
        return found.view(*shape, packed.shape[1])

    def steps(self, packed: Tensor) -> Tensor:
        """Return the values of all steps (batch, time + 2, size), 0 after a row's end."""
        batch, time = self.positions.shape
        found = packed.new_zeros(batch * (time + 2), packed.shape[1])
        if self.ragged.counts:
            found = found.index_copy(0, self.ragged.index, packed)
        return found.view(batch, time + 2, packed.shape[1])
