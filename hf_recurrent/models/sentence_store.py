"""Vectors of sentences or pictures that were computed before, in a file mapped into memory."""

import hashlib
import mmap
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .word_cache import marks_of


class SentenceStore:
    """The vectors of all tokens of each sentence, by the sentence's inputs.

    It is for a layer that is not trained, and is emptied when a weight of the layer has changed,
    and when autocast is turned on or off. A copy of it is empty, as is one that was pickled.

    Args:
        size: How many numbers a token has.
        folder: Folder of the temporary file; ``None`` for the usual one.
        dtype: Type of the numbers in the file.
    """

    def __init__(
        self, size: int, folder: str | None = None, dtype: torch.dtype = torch.float32
    ) -> None:
        self._given = (size, folder, dtype)
        self._dtype = np.dtype(str(dtype).removeprefix("torch."))
        self._size = size
        self._file = tempfile.TemporaryFile(dir=folder, prefix="sentences-")  # noqa: SIM115
        self._places: dict[bytes, int] = {}
        self._tokens = 0
        self._map: mmap.mmap | None = None
        self._known_by: tuple[Any, ...] = ()

    def __len__(self) -> int:
        return len(self._places)

    def __reduce__(self) -> tuple[Any, ...]:
        return SentenceStore, self._given

    def __deepcopy__(self, memo: Any) -> "SentenceStore":
        return SentenceStore(*self._given)

    def __call__(
        self,
        compute: Callable[[Tensor], Tensor],
        inputs: Tensor,
        mask: Tensor,
        parameters: Sequence[Tensor],
    ) -> Tensor:
        """Return the vectors (batch, time, size), 0 on padding, without a graph.

        Args:
            compute: Returns the vectors of some rows of the batch, given by their numbers.
            inputs: (batch, time, ...) real numbers, or whole numbers below 2 ** 15, which determine
                the vectors.
            mask: (batch, time, bool), true on real tokens.
            parameters: The weights of the layer.
        """
        marks = marks_of(parameters)
        if marks != self._known_by:
            self._places, self._tokens, self._known_by = {}, 0, marks
        exact = torch.float32 if inputs.is_floating_point() else torch.int16
        real, values = mask.cpu().numpy(), inputs.detach().to("cpu", exact).numpy()
        keys = [
            hashlib.blake2b(row[kept].tobytes(), digest_size=16).digest()
            for row, kept in zip(values, real, strict=True)
        ]
        missing = [number for number, key in enumerate(keys) if key not in self._places]
        if missing:
            with torch.no_grad():
                fresh = compute(torch.tensor(missing, device=inputs.device)).float().cpu().numpy()
            for number, vectors in zip(missing, fresh, strict=True):
                self._write(keys[number], vectors[real[number]])
            self._file.flush()
            self._map = None
        found = np.zeros((*mask.shape, self._size), dtype=self._dtype)
        for number, key in enumerate(keys):
            found[number, real[number]] = self._read(key, int(real[number].sum()))
        return torch.from_numpy(found).to(inputs.device)

    def _write(self, key: bytes, vectors: np.ndarray) -> None:
        if key in self._places:  # the same sentence twice in a batch
            return
        self._file.seek(self._tokens * self._size * self._dtype.itemsize)
        self._file.write(vectors.astype(self._dtype).tobytes())
        self._places[key] = self._tokens
        self._tokens += len(vectors)

    def _read(self, key: bytes, tokens: int) -> np.ndarray:
        if not tokens:
            return np.zeros((0, self._size), dtype=self._dtype)
        if self._map is None:
            self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        width = self._size * self._dtype.itemsize
        start = self._places[key] * width
        flat = np.frombuffer(self._map, self._dtype, tokens * self._size, start)
        return flat.reshape(tokens, self._size)
