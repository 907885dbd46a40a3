"""The positions of the real tokens in a padded batch, and the order in which a layer reads them.

A ragged batch is *packed*: its rows are sorted by length, the longest first, and its tokens are
arranged step by step. Step ``t`` is one contiguous block of the rows that have a token there; these
rows are called *alive*. Nothing is computed for padding on either side, or for holes in the mask.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple, overload

import torch
from torch import Tensor


class Segments(NamedTuple):
    """A ragged batch cut in time into pieces; a piece holds the rows that are alive at its start.

    Attributes:
        shapes: (rows, steps) of each piece.
        forward: (positions,) the flat index ``row * time + column`` of each position, piece after
            piece and row after row; each index occurs once.
        backward: Likewise, with the tokens of each row reversed.
        place: (tokens,) the position of each packed token in ``forward``.
    """

    shapes: list[tuple[int, int]]
    forward: Tensor
    backward: Tensor
    place: Tensor


class TokenColumns(NamedTuple):
    """The columns of a batch from the first to the last that holds a token in any row.

    Attributes:
        start: The first such column.
        stop: The column after the last.
        time: The number of columns of the batch.
    """

    start: int
    stop: int
    time: int

    @classmethod
    def of(cls, mask: Tensor) -> "TokenColumns":
        """Find the columns of a mask (batch, time, bool), true on real tokens."""
        time = mask.shape[1]
        # The first column and the last, with one slice and one read.
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
        """Return these columns of values (batch, time, ...); ``None`` and other shapes unchanged.

        Args:
            values: The values to cut; values that were cut before are returned unchanged.
            name: The name of an argument, if the values are one. It must have all columns.

        Raises:
            ValueError: If the argument has another number of columns than the mask.
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
        """Add the columns that were cut away to values (batch, columns, ...), as zeros."""
        if self.stop - self.start == self.time:
            return values
        restored = values.new_zeros(len(values), self.time, *values.shape[2:])
        restored[:, self.start : self.stop] = values
        return restored


@dataclass(frozen=True, eq=False)
class RaggedBatch:
    """The layout of one batch of shape (batch, time).

    Attributes:
        batch: Number of rows.
        time: Padded length.
        lengths: (batch,) number of real tokens of each row.
        positions: (batch, time) the columns of each row, those of real tokens first, in order.
        window: ``(start, stop)`` if the real tokens of *every* row are exactly these columns, so
            that a dense kernel can run on the slice; otherwise ``None``.
    """

    batch: int
    time: int
    lengths: Tensor
    positions: Tensor
    window: tuple[int, int] | None

    @classmethod
    def dense(cls, batch: int, time: int, device: torch.device) -> "RaggedBatch":
        """Return the layout of a batch without padding."""
        return _DenseBatch(batch, time, device)

    @classmethod
    def from_mask(cls, mask: Tensor) -> "RaggedBatch":
        """Return the layout of a mask (batch, time), nonzero on real tokens.

        The mask may have padding on the left or right, rows of length 0, and holes, whose tokens
        are skipped.
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
        """(batch,) rows by descending length."""
        return self.lengths.argsort(descending=True, stable=True)

    @cached_property
    def unorder(self) -> Tensor:
        """(batch,) the place of each row in ``order``."""
        return self.order.argsort()

    @cached_property
    def counts(self) -> list[int]:
        """The number of rows alive at each step, for as many steps as the longest row has."""
        ends = torch.bincount(self.lengths, minlength=1)
        alive = self.batch - ends.cumsum(0)
        return [n for n in alive.tolist() if n > 0]

    @cached_property
    def _alive(self) -> tuple[Tensor, Tensor, Tensor]:
        """The step of each packed token, its place in ``order``, and the start of each block."""
        counts = torch.tensor(self.counts, dtype=torch.long, device=self.lengths.device)
        steps = torch.arange(len(counts), device=counts.device).repeat_interleave(counts)
        begins = counts.cumsum(0) - counts
        places = torch.arange(len(steps), device=counts.device) - begins[steps]
        return steps, places, begins

    @cached_property
    def index(self) -> Tensor:
        """(tokens,) flat index ``row * time + column`` of each packed token."""
        order, steps = self.order, len(self.counts)
        flat = self.positions[order, :steps] + order.unsqueeze(1) * self.time
        alive = torch.arange(steps, device=order.device) < self.lengths[order].unsqueeze(1)
        return flat.T.masked_select(alive.T)

    @cached_property
    def reverse(self) -> Tensor:
        """(tokens,) the packed place of each token's mirror image in its own row.

        Applied twice it is the identity.
        """
        steps, places, begins = self._alive
        mirrored = self.lengths[self.order][places] - 1 - steps
        return begins[mirrored] + places

    @cached_property
    def last(self) -> Tensor:
        """(rows of length > 0,) packed place of the last token of each row, in ``order``."""
        ends, begin = [], 0
        for n, m in pairwise([*self.counts, 0]):
            ends.append(range(begin + m, begin + n))  # the longer a row, the smaller its place
            begin += n
        last = [place for step in reversed(ends) for place in step]
        return torch.tensor(last, dtype=torch.long, device=self.lengths.device)

    @cached_property
    def segments(self) -> Segments:
        """The batch, cut into pieces where enough rows are over, so that little padding is left."""
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


class _DenseBatch(RaggedBatch):
    """A batch without padding. Its tensors are made when they are needed, which is seldom.

    Making and reading them would cost as much as a step of a small model.
    """

    def __init__(self, batch: int, time: int, device: torch.device) -> None:
        known = {"batch": batch, "time": time, "window": (0, time)}
        vars(self).update(known, counts=[batch] * time if batch else [], _device=device)

    @cached_property
    def lengths(self) -> Tensor:
        """(batch,) number of real tokens of each row."""
        return torch.full((self.batch,), self.time, dtype=torch.long, device=vars(self)["_device"])

    @cached_property
    def positions(self) -> Tensor:
        """(batch, time) the columns of each row."""
        columns = torch.arange(self.time, device=vars(self)["_device"])
        return columns.expand(self.batch, self.time)


# The cost of one more call of a dense kernel, in tokens that it could compute in the same time
# (measured; it hardly depends on the cell or on the hidden size).
CALL_IN_TOKENS = 40
_MOST_CANDIDATES = 32


def _cuts(counts: list[int]) -> list[int]:
    """Return the steps at which time is cut, from 0 to the longest length.

    A piece from ``start`` to ``stop`` costs ``counts[start] * (stop - start)`` tokens and one call.
    Dynamic programming over the steps where rows end finds the cheapest cuts.
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
