"""Vectors of words that were computed before, kept while the weights are the same."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor


def marks_of(parameters: Iterable[Tensor]) -> tuple[Any, ...]:
    """Return what changes when a weight is changed, moved or replaced, or the autocast is."""
    return tuple((p.data_ptr(), p._version, p.dtype, p.device, _autocast(p)) for p in parameters)


def _autocast(like: Tensor) -> torch.dtype | None:
    """Return the type of numbers in which autocast computes products now, if it is on."""
    kind = like.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else None


class WordCache:
    """A table of the vectors of words, for a layer that computes them from characters.

    It is used only where no gradient of the layer is asked for, and is emptied when a weight of the
    layer has changed or was moved, and when autocast is turned on or off. Words come in the order
    in which they are first seen, so the frequent ones are in it even if it is full.

    Args:
        limit: Largest number of words.
    """

    def __init__(self, limit: int) -> None:
        if limit < 1:
            raise ValueError(f"limit is {limit}, expected at least 1 word")
        self.limit = limit
        self._rows: dict[bytes, int] = {}
        self._table = torch.empty(0)
        self._known_by: tuple[Any, ...] = ()

    def __len__(self) -> int:
        return len(self._rows)

    def __call__(self, layer: Any, words: Tensor) -> Tensor:
        """Return the vectors (words, size) of distinct words.

        Args:
            layer: Its method ``compute(words)`` returns the vectors.
            words: (words, characters) character ids.
        """
        parameters = list(layer.parameters())
        if torch.is_grad_enabled() and any(p.requires_grad for p in parameters):
            return layer.compute(words)
        marks = marks_of(parameters)
        if marks != self._known_by:
            self._rows, self._table, self._known_by = {}, torch.empty(0), marks
        keys = [row.tobytes() for row in words.to("cpu", torch.int16).numpy()]
        found = [self._rows.get(key, -1) for key in keys]
        missing = [number for number, row in enumerate(found) if row < 0]
        fresh = layer.compute(words[missing]) if missing else None
        vectors = words.new_empty(len(words), layer.embedding_dim, dtype=parameters[0].dtype)
        if fresh is not None:
            vectors[missing] = fresh.to(vectors.dtype)
            self._keep([keys[number] for number in missing], vectors[missing])
        known = [number for number, row in enumerate(found) if row >= 0]
        if known:
            vectors[known] = self._table[[found[number] for number in known]]
        return vectors

    def _keep(self, keys: list[bytes], vectors: Tensor) -> None:
        room = self.limit - len(self._rows)
        first = len(self._rows)
        kept = keys[:room]
        if not kept:
            return
        if first + len(kept) > len(self._table):  # twice as large, so that it seldom grows
            rows = min(self.limit, max(2 * len(self._table), first + len(kept), 256))
            with torch.inference_mode(False):  # it is written to outside of this mode too
                grown = torch.empty(
                    rows, vectors.shape[1], dtype=vectors.dtype, device=vectors.device
                )
                if first:
                    grown[:first] = self._table[:first]
            self._table = grown
        self._table[first : first + len(kept)] = vectors[: len(kept)]
        self._rows.update(zip(kept, range(first, first + len(kept)), strict=True))
