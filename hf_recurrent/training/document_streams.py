"""Documents laid out as streams side by side: the state starts anew where a document begins."""

import heapq
from collections.abc import Sequence
from typing import Any

import numpy as np
from torch.utils.data import Dataset

from .._wording import counted
from .streams import as_ids

_IGNORED = -100


class DocumentStreams(Dataset):
    """The windows of documents, as rows for the plain ``Trainer``; see ``TextStreams``.

    A document is in one stream from its beginning to its end, and the next one follows it there.
    Each goes to the stream that is shortest so far. Its first token is predicted by nothing, so
    begin documents with ``tokenizer.bos_token_id`` if it should be. A window ends with its
    document, so rows are padded on the right to ``window`` tokens, which ``attention_mask`` marks;
    at the end some streams have rows of padding only.

    Args:
        ids: The token ids of all documents, one after the other, as for ``TextStreams``.
        starts: Where each document begins, in ascending order, the first one at 0.
        streams: Number of streams: rows per device times devices times ranks.
        window: Largest number of tokens in a window.

    Raises:
        ValueError: If a number does not fit, the ids are no integers, or no document has two
            tokens.

    Example:
        >>> rows = DocumentStreams(range(9), starts=[0, 6], streams=2, window=3)
        >>> [(row["shift_labels"].tolist(), int(row["continues"])) for row in rows]
        [([1, 2, -100], -1), ([7, 8, -100], -1), ([3, 4, 5], 0), ([-100, -100, -100], -1)]
    """

    def __init__(
        self, ids: Sequence[int] | np.ndarray, starts: Sequence[int], streams: int, window: int
    ) -> None:
        for name, value in (("streams", streams), ("window", window)):
            if value < 1:
                raise ValueError(f"{name} is {value}, expected at least 1")
        self.ids = as_ids(ids)
        cuts = np.array([*starts, len(self.ids)], dtype=np.int64)
        if cuts[0] != 0 or (np.diff(cuts) < 0).any():
            raise ValueError(
                f"starts are {cuts[:3].tolist()} ... for {counted(len(self.ids), 'id')}, expected "
                "ascending places of which the first is 0"
            )
        self.streams, self.window = streams, window
        self._pieces = _laid_out(cuts, streams, window)
        self.predicted = int((self._pieces[..., 1] - self._pieces[..., 0]).sum())
        if not self.predicted:
            raise ValueError("no document has two tokens, so there is nothing to predict")

    def __len__(self) -> int:
        return len(self._pieces) * self.streams

    def __getitem__(self, index: int) -> dict[str, Any]:
        if not 0 <= index < len(self):
            raise IndexError(f"row {index} does not exist, there are {len(self)}")
        step, stream = divmod(int(index), self.streams)
        start, stop, goes_on = self._pieces[step, stream].tolist()
        size = stop - start
        padding = self.window - size
        given = np.array(self.ids[start : stop + 1] if size else [0], dtype=np.int64)
        inputs = np.pad(given[:size], (0, padding))
        return {
            "input_ids": inputs,
            "attention_mask": np.repeat([1, 0], [size, padding]),
            "labels": inputs,
            "shift_labels": np.pad(given[1:], (0, padding), constant_values=_IGNORED),
            "row": index,
            "continues": index - self.streams if goes_on else -1,
            "mean_items": self.predicted / len(self._pieces),
        }


def _laid_out(cuts: np.ndarray, streams: int, window: int) -> np.ndarray:
    """Return (steps, streams, 3): where a window begins and ends, and whether it goes on.

    Windows of a document are as equal as possible. Where a stream is over they are empty.
    """
    places: list[list[tuple[int, int, int]]] = [[] for _ in range(streams)]
    shortest = [(0, place) for place in range(streams)]
    for start, stop in zip(cuts[:-1].tolist(), (cuts[1:] - 1).tolist(), strict=True):
        number = -(-max(0, stop - start) // window)
        if not number:
            continue
        ends = [start + i * (stop - start) // number for i in range(number + 1)]
        length, place = heapq.heappop(shortest)
        places[place] += [(ends[i], ends[i + 1], int(i > 0)) for i in range(number)]
        heapq.heappush(shortest, (length + number, place))
    table = np.zeros((max(map(len, places)), streams, 3), dtype=np.int64)
    for place, windows in enumerate(places):
        if windows:
            table[: len(windows), place] = windows
    return table
