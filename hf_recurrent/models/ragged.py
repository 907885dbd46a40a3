"""Where the real tokens of a padded batch stand, and the order in which a layer visits them.

A ragged batch is *packed*: rows sorted by length, longest first, and the tokens laid out step by
step, so that step ``t`` is one contiguous block of the rows still alive. Nothing is computed for
padding, whichever side it stands on, nor for holes in the mask.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple, overload

import torch
from torch import Tensor


class Segments(NamedTuple):
    """A ragged batch cut in time, each piece holding the rows alive when it begins.

    Attributes:
        shapes: (rows, steps) of each piece.
        forward: (places,) flat ``row * time + column`` of what stands at each place, piece after
            piece, row after row; no entry stands twice.
        backward: likewise with each row's tokens reversed.
        place: (tokens,) where each packed token stands in ``forward``.
    """

    shapes: list[tuple[int, int]]
    forward: Tensor
    backward: Tensor
    place: Tensor


class TokenColumns(NamedTuple):
    """The columns of a batch that hold a token in any row; those beside them are padding only.

    Attributes:
        start: the first such column.
        stop: the column behind the last.
        time: the number of columns of the batch.
    """

    start: int
    stop: int
    time: int

    @classmethod
    def of(cls, mask: Tensor) -> "TokenColumns":
        """Find the columns of a mask (batch, time, bool), true on real tokens."""
        time = mask.shape[1]
        # The first column and the last, by one slice and one look.
        if not mask.numel() or bool(mask[:, :: max(time - 1, 1)].any(0).all()):
            return cls(0, time, time)
        # As bytes, which is ten times as fast as ``any``; ``torch.jit.trace`` knows no other view.
        columns = mask.to(torch.uint8).amax(0).nonzero()
        if not len(columns):
            return cls(0, 0, time)
        return cls(int(columns[0]), int(columns[-1]) + 1, time)

    @overload
    def cut(self, values: Tensor, name: str | None = ...) -> Tensor: ...

    @overload
    def cut(self, values: None, name: str | None = ...) -> None: ...

    def cut(self, values: Tensor | None, name: str | None = None) -> Tensor | None:
        """Return the columns of values (batch, time, ...); ``None`` and other shapes unchanged.

        Args:
            values: what to cut, or what is cut already.
            name: of an argument, which must be whole.

        Raises:
            ValueError: if the argument has another number of columns than the mask.
        """
        if values is None or self.stop - self.start == self.time:
            return values
        if values.dim() < 2 or values.shape[1] != self.time:
            if name is not None:
                raise ValueError(
                    f"{name} has shape {tuple(values.shape)}, expected (batch, {self.time}, ...) "
                    "as the other inputs have"
                )
            return values
        return values[:, self.start : self.stop]

    def restore(self, values: Tensor) -> Tensor:
        """Put the columns that were cut away back to values (batch, columns, ...), as zeros."""
        if self.stop - self.start == self.time:
            return values
        restored = values.new_zeros(len(values), self.time, *values.shape[2:])
        restored[:, self.start : self.stop] = values
        return restored


@dataclass(frozen=True, eq=False)
class RaggedBatch:
    """The layout of one batch of shape (batch, time).

    Attributes:
        batch: number of rows.
        time: padded length.
        lengths: (batch,) number of real tokens of each row.
        positions: (batch, time) the columns of the real tokens first, in their order.
        window: ``(start, stop)`` when the real tokens of *every* row fill just these columns, so
            that a dense kernel may run on the slice; else ``None``.
    """

    batch: int
    time: int
    lengths: Tensor
    positions: Tensor
    window: tuple[int, int] | None

    @classmethod
    def dense(cls, batch: int, time: int, device: torch.device) -> "RaggedBatch":
        """Return the layout of a batch without padding."""
        lengths = torch.full((batch,), time, dtype=torch.long, device=device)
        positions = torch.arange(time, device=device).expand(batch, time)
        return cls(batch, time, lengths, positions, (0, time))

    @classmethod
    def from_mask(cls, mask: Tensor) -> "RaggedBatch":
        """Return the layout of a mask (batch, time), nonzero on real tokens.

        Left padding, right padding, rows of length 0 and masks with holes (their tokens are
        skipped) are all taken.
        """
        mask = mask.bool()
        batch, time = mask.shape
        columns = mask.any(0)
        start = int(columns.long().argmax()) if time and batch else 0
        stop = start + int(columns.sum()) if batch else 0
        if bool(mask[:, start:stop].all()):
            lengths = torch.full((batch,), stop - start, dtype=torch.long, device=mask.device)
            positions = torch.arange(time, device=mask.device).roll(-start).expand(batch, time)
            return cls(batch, time, lengths, positions, (start, stop))
        positions = (~mask).long().argsort(dim=1, stable=True)
        return cls(batch, time, mask.sum(1), positions, None)

    @cached_property
    def order(self) -> Tensor:
        """(batch,) rows by falling length."""
        return self.lengths.argsort(descending=True, stable=True)

    @cached_property
    def unorder(self) -> Tensor:
        """(batch,) the place of each row in ``order``."""
        return self.order.argsort()

    @cached_property
    def counts(self) -> list[int]:
        """Rows alive at each step, a falling sequence as long as the longest row."""
        ends = torch.bincount(self.lengths, minlength=1)
        alive = self.batch - ends.cumsum(0)
        return [n for n in alive.tolist() if n > 0]

    @cached_property
    def _alive(self) -> tuple[Tensor, Tensor, Tensor]:
        """Step and place in ``order`` of each packed token, and where each step's block begins."""
        counts = torch.tensor(self.counts, dtype=torch.long, device=self.lengths.device)
        steps = torch.arange(len(counts), device=counts.device).repeat_interleave(counts)
        begins = counts.cumsum(0) - counts
        places = torch.arange(len(steps), device=counts.device) - begins[steps]
        return steps, places, begins

    @cached_property
    def index(self) -> Tensor:
        """(tokens,) flat place ``row * time + column`` of each packed token."""
        order, steps = self.order, len(self.counts)
        flat = self.positions[order, :steps] + order.unsqueeze(1) * self.time
        alive = torch.arange(steps, device=order.device) < self.lengths[order].unsqueeze(1)
        return flat.T.masked_select(alive.T)

    @cached_property
    def reverse(self) -> Tensor:
        """(tokens,) for each packed token the packed place of its mirror image in its own row.

        Applying it twice gives the identity.
        """
        steps, places, begins = self._alive
        mirrored = self.lengths[self.order][places] - 1 - steps
        return begins[mirrored] + places

    @cached_property
    def last(self) -> Tensor:
        """(rows of length > 0,) packed place of each row's last token, rows as in ``order``."""
        ends, begin = [], 0
        for n, m in pairwise([*self.counts, 0]):
            ends.append(range(begin + m, begin + n))  # the longer a row, the less its place
            begin += n
        last = [place for step in reversed(ends) for place in step]
        return torch.tensor(last, dtype=torch.long, device=self.lengths.device)

    @cached_property
    def segments(self) -> Segments:
        """The batch cut where enough rows have ended, so that little padding is left."""
        counts, device = self.counts, self.lengths.device
        cuts = _cuts(counts)
        lengths = self.lengths[self.order].unsqueeze(1)
        shapes, forward, backward = [], [], []
        place = torch.empty(counts[0], len(counts), dtype=torch.long, device=device)
        filled = 0
        for start, stop in pairwise(cuts):
            n = counts[start]
            shapes.append((n, stop - start))
            rows = self.order[:n].unsqueeze(1)
            steps = torch.arange(start, stop, device=device)
            mirror = torch.where(steps < lengths[:n], lengths[:n] - 1 - steps, steps)
            forward.append((rows * self.time + self.positions[rows, steps]).flatten())
            backward.append((rows * self.time + self.positions[rows, mirror]).flatten())
            size = n * (stop - start)
            places = torch.arange(filled, filled + size, device=device)
            place[:n, start:stop] = places.view(n, -1)
            filled += size
        steps, places, _ = self._alive
        return Segments(shapes, torch.cat(forward), torch.cat(backward), place[places, steps])


# What one more call of a dense kernel costs, in tokens that it could have computed instead
# (measured; it hardly depends on the cell or on the hidden size).
CALL_IN_TOKENS = 40
_MOST_CANDIDATES = 32


def _cuts(counts: list[int]) -> list[int]:
    """Return the steps at which time is cut, from 0 to the longest length.

    A piece from ``start`` to ``stop`` costs ``counts[start] * (stop - start)`` tokens and a call;
    dynamic programming over the steps where rows have ended finds the cheapest cuts.
    """
    steps = len(counts)
    ends = [t for t in range(1, steps) if counts[t] < counts[t - 1]]
    stride = -(-len(ends) // _MOST_CANDIDATES) or 1
    points = [0, *ends[::stride], steps]
    cost, came_from = [0.0], [0]
    for stop in range(1, len(points)):
        choices = [
            cost[start] + counts[points[start]] * (points[stop] - points[start]) + CALL_IN_TOKENS
            for start in range(stop)
        ]
        came_from.append(min(range(stop), key=choices.__getitem__))
        cost.append(choices[came_from[-1]])
    cuts = [len(points) - 1]
    while cuts[-1]:
        cuts.append(came_from[cuts[-1]])
    return [points[cut] for cut in reversed(cuts)]
