"""The sentences of a text as rows for a bidirectional language model."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from .._wording import counted
from ..models.texts import check_texts
from ..models.tokenization_elmo import ElmoTokenizer

_IGNORED = -100


class SentenceRows(Dataset):
    """Sentences as rows for ``ElmoForPreTraining`` with the plain ``Trainer``.

    A row has ``input_ids`` (its words in the vocabulary), ``char_ids`` and ``labels``, which are
    the ids again. Use ``collate_sentences`` as the collator. The characters of each different word
    are kept once, as bytes of a table, and not for each place where it occurs.

    With ``streams`` the sentences are laid out side by side as ``TextStreams`` does it: the row in
    place i of a step follows the row in place i of the step before it in the text. Then
    ``StateCarrier`` lets both directions go on from sentence to sentence, which is how the original
    was trained. Rows have ``row``, ``continues`` and ``mean_items`` for it, and at the end some
    rows are empty. Without ``streams`` each sentence is read from fresh states, as the model is
    used by default, and rows may be shuffled.

    Args:
        sentences: The sentences, each a text that the tokenizer cuts into words.
        tokenizer: An ``ElmoTokenizer`` of the words to predict.
        longest: A longer sentence becomes several ones of at most so many words.
        streams: Number of streams: rows per device times devices times ranks.

    Raises:
        ValueError: If there are fewer sentences than streams, or no word at all, or if the
            sentences are no texts, or the tokenizer is of another kind.

    Example:
        >>> from hf_recurrent.vectors import elmo_tokenizer
        >>> rows = SentenceRows(["a bank", "", "a b c"], elmo_tokenizer(["a", "bank"]), longest=2)
        >>> [row["labels"].tolist() for row in rows]
        [[0, 1], [0, 2], [2]]
    """

    def __init__(
        self,
        sentences: Iterable[str],
        tokenizer: ElmoTokenizer,
        *,
        longest: int = 100,
        streams: int | None = None,
    ) -> None:
        for name, value in (("longest", longest), ("streams", streams)):
            if value is not None and value < 1:
                raise ValueError(f"{name} is {value}, expected at least 1")
        self.streams, self._empty = streams, np.zeros(0, dtype=np.int64)
        # Of long words only the first bytes are read, so words with the same ones differ in labels.
        words: dict[tuple[int, tuple[int, ...]], int] = {}
        flat: list[int] = []
        starts = [0]
        for sentence in check_texts(sentences, "sentences"):
            encoded = tokenizer(sentence, add_special_tokens=False, verbose=False)
            if "char_ids" not in encoded:
                raise ValueError(
                    f"{type(tokenizer).__name__} returns no char_ids, expected an ElmoTokenizer: "
                    "make one by ElmoTokenizer.from_tokenizer"
                )
            for place, word in enumerate(
                zip(encoded["input_ids"], encoded["char_ids"], strict=True)
            ):
                if place and place % longest == 0:
                    starts.append(len(flat))
                flat.append(words.setdefault(word, len(words)))
            if len(flat) > starts[-1]:
                starts.append(len(flat))
        if not flat:
            raise ValueError("the sentences have no words, expected some to predict")
        self.sentences = len(starts) - 1
        if self.sentences < (streams or 1):
            raise ValueError(
                f"there are {counted(self.sentences, 'sentence')}, which is too few for "
                f"{counted(streams or 1, 'stream')}: expected at least as many"
            )
        self.words, self._starts = np.array(flat, dtype=np.int32), np.array(starts)
        self._labels = np.array([label for label, _ in words], dtype=np.int64)
        self._characters = np.array([ids for _, ids in words], dtype=np.int16)
        self._steps = -(-self.sentences // streams) if streams else 0

    def __len__(self) -> int:
        return self._steps * self.streams if self.streams else self.sentences

    @property
    def labels(self) -> np.ndarray:
        """The ids of all words, one after the other."""
        return self._labels[self.words]

    def __getitem__(self, index: int) -> dict[str, Any]:
        if not 0 <= index < len(self):
            raise IndexError(f"row {index} does not exist, there are {len(self)}")
        index = int(index)
        if self.streams is None:
            return self._row(index)
        step, stream = divmod(index, self.streams)
        first, last = ((self.sentences * i // self.streams) for i in (stream, stream + 1))
        row = self._row(first + step if first + step < last else None)
        return row | {
            "row": index,
            "continues": index - self.streams if step else -1,
            "mean_items": len(self.words) / self._steps,
        }

    def _row(self, sentence: int | None) -> dict[str, Any]:
        words = self.words[:0]
        if sentence is not None:
            words = self.words[self._starts[sentence] : self._starts[sentence + 1]]
        ids = self._labels[words]
        return {"input_ids": ids, "char_ids": self._characters[words], "labels": ids}


def collate_sentences(rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
    """Return the tensors of a batch of sentences, padded on the right to the longest one."""
    longest = max(1, *(len(row["input_ids"]) for row in rows))
    width = rows[0]["char_ids"].shape[1]
    batch: dict[str, Any] = {
        "input_ids": np.zeros((len(rows), longest), dtype=np.int64),
        "attention_mask": np.zeros((len(rows), longest), dtype=np.int64),
        "char_ids": np.zeros((len(rows), longest, width), dtype=np.int64),
        "labels": np.full((len(rows), longest), _IGNORED, dtype=np.int64),
    }
    for number, row in enumerate(rows):
        length = len(row["input_ids"])
        batch["attention_mask"][number, :length] = 1
        for name in ("input_ids", "char_ids", "labels"):
            batch[name][number, :length] = row[name]
    for name in ("row", "continues", "mean_items"):
        if name in rows[0]:
            batch[name] = np.array([row[name] for row in rows])
    return {name: torch.from_numpy(values) for name, values in batch.items()}
