"""Pairs of segments of documents, as rows for a BERT that is trained from nothing."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from transformers import PreTrainedTokenizerBase

from .._wording import counted
from ..data.epochs import EpochDataset
from ..models.texts import list_of_texts
from .masking import Masking

# The share of rows with a random smaller length, as the original has them.
_SHORT = 0.1
_SHORTEST = 2


class SentencePairs(EpochDataset):
    """Rows for the masked language model and next-sentence prediction of ``BertForPreTraining``.

    A row is a stretch of sentences of one document, cut at a random sentence into the segments A
    and B. In half of the rows, and wherever the stretch is one sentence, B is replaced by sentences
    from a random place of another document (``next_sentence_label`` 1; 0 is the true next one, as
    in transformers). Pairs and masks are drawn anew in each epoch, from the seed, the epoch and the
    number of the row alone: a run that is resumed, or read by several workers, sees the same rows.
    ``Trainer`` sets the epoch.

    Use ``DataCollatorForTokenClassification(tokenizer)`` as the collator. A row has ``input_ids``,
    ``token_type_ids``, ``labels`` (-100 where nothing is predicted) and ``next_sentence_label``.

    Args:
        documents: Documents, each a sequence of sentences.
        tokenizer: The tokenizer, with ``cls_token``, ``sep_token`` and ``mask_token``.
        longest: Largest number of ids in a row, special tokens included.
        seed: Seed of pairs and masks.
        share: The share of pieces that is predicted.
        whole_words: Whether all pieces of a word are masked together; of WordPiece alone.

    Raises:
        ValueError: If there are fewer than two documents with words, a document is no sequence of
            texts, a special token is missing, or a number does not fit.

    Example:
        >>> from hf_recurrent.vectors import word_piece_tokenizer
        >>> documents = [["a b", "c"], ["d e", "a"]]
        >>> tokenizer = word_piece_tokenizer(["a b c d e"] * 3)
        >>> rows = SentencePairs(documents, tokenizer, longest=9)
        >>> len(rows), sorted(rows[0])
        (2, ['input_ids', 'labels', 'next_sentence_label', 'token_type_ids'])
    """

    def __init__(
        self,
        documents: Iterable[Sequence[str]],
        tokenizer: PreTrainedTokenizerBase,
        *,
        longest: int = 128,
        seed: int = 0,
        share: float = 0.15,
        whole_words: bool = False,
    ) -> None:
        if longest < 3 + _SHORTEST:
            raise ValueError(f"longest is {longest}, expected at least {3 + _SHORTEST}")
        self.seed, self.longest = seed, longest
        self._cls, self._sep = _special(tokenizer, "cls_token"), _special(tokenizer, "sep_token")
        special = sorted(set(tokenizer.all_special_ids))
        self._special = np.zeros(len(tokenizer), dtype=bool)
        self._special[special] = True
        continues = None
        if whole_words:
            names = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
            continues = np.array([name.startswith("##") for name in names])
            if not continues.any():
                raise ValueError(
                    "whole_words is True, and no piece of the tokenizer begins with '##', by which "
                    "the pieces of a word are known: take a tokenizer of WordPiece"
                )
        self._mask = Masking(
            _special(tokenizer, "mask_token"), np.flatnonzero(~self._special), continues, share
        )
        self._read(documents, tokenizer)
        self._cut_rows()
        super().__init__()

    def _read(self, documents: Iterable[Sequence[str]], tokenizer: PreTrainedTokenizerBase) -> None:
        """Keep the pieces of all sentences, and where sentences and documents begin."""
        pieces: list[np.ndarray] = []
        self._documents = [0]
        for document in documents:
            sentences = list_of_texts(document, "a document")
            if not sentences:
                continue
            encoded = tokenizer(sentences, add_special_tokens=False, verbose=False)["input_ids"]
            pieces += [np.array(ids, dtype=np.int32) for ids in encoded if len(ids)]
            if len(pieces) > self._documents[-1]:
                self._documents.append(len(pieces))
        number = len(self._documents) - 1
        if number < 2:
            raise ValueError(
                f"there {'is' if number == 1 else 'are'} {counted(number, 'document')} with words, "
                "expected at least 2: the second half of a pair may come from another document"
            )
        self.pieces = np.concatenate(pieces)
        self._starts = np.concatenate([[0], np.cumsum([len(each) for each in pieces])])

    def _cut_rows(self) -> None:
        """Cut each document into stretches of sentences, which are the same in each epoch."""
        draw, most = np.random.default_rng(self.seed), self.longest - 3
        rows: list[tuple[int, int, int, int]] = []
        for document in range(len(self._documents) - 1):
            first, end = self._documents[document : document + 2]
            while first < end:
                short = draw.random() < _SHORT
                size = int(draw.integers(_SHORTEST, most + 1)) if short else most
                last = int(np.searchsorted(self._starts, self._starts[first] + size))
                last = min(max(last, first + 1), end)
                rows.append((document, first, last, size))
                first = last
        self._rows = np.array(rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        if not 0 <= index < len(self):
            raise IndexError(f"row {index} does not exist, there are {len(self)}")
        self.follow_epoch()
        draw = np.random.default_rng([self.seed, self.epoch, int(index)])
        document, first, last, size = self._rows[index].tolist()
        cut = first + 1 if last - first == 1 else int(draw.integers(first + 1, last))
        left = self._between(first, cut)
        other = last - first == 1 or draw.random() < 0.5
        if other:
            right = self._elsewhere(document, max(1, size - len(left)), draw)
        else:
            right = self._between(cut, last)
        left, right = _shortened(left, right, size, draw)
        ids = np.concatenate([[self._cls], left, [self._sep], right, [self._sep]])
        ids, labels = self._mask(ids, self._special[ids], draw)
        return {
            "input_ids": ids,
            "token_type_ids": np.repeat([0, 1], [len(left) + 2, len(right) + 1]),
            "labels": labels,
            "next_sentence_label": int(other),
        }

    def _between(self, first: int, last: int) -> np.ndarray:
        return self.pieces[self._starts[first] : self._starts[last]]

    def _elsewhere(self, document: int, size: int, draw: np.random.Generator) -> np.ndarray:
        """Return sentences from a random place of another document."""
        other = int(draw.integers(len(self._documents) - 2))
        other += other >= document
        first, end = self._documents[other : other + 2]
        first = int(draw.integers(first, end))
        last = int(np.searchsorted(self._starts, self._starts[first] + size))
        return self._between(first, min(max(last, first + 1), end))


def _special(tokenizer: PreTrainedTokenizerBase, name: str) -> int:
    found = getattr(tokenizer, f"{name}_id")
    if found is None:
        raise ValueError(f"the tokenizer has no {name}, expected one of BERT's kind")
    return int(found)


def _shortened(
    left: np.ndarray, right: np.ndarray, most: int, draw: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return both segments with at most a number of pieces, cut at random ends.

    The longer one loses pieces first, and each keeps one at least.
    """
    surplus = len(left) + len(right) - most
    if surplus <= 0:
        return left, right
    kept = [len(left), len(right)]
    longer = int(kept[1] > kept[0])
    kept[longer] -= min(surplus, abs(kept[0] - kept[1]))
    surplus = sum(kept) - most
    kept[0] -= surplus // 2 + surplus % 2
    kept[1] -= surplus // 2
    return _some(left, kept[0], draw), _some(right, kept[1], draw)


def _some(segment: np.ndarray, kept: int, draw: np.random.Generator) -> np.ndarray:
    """Return a part of a segment from which pieces at both ends are taken by chance."""
    start = int(draw.binomial(len(segment) - kept, 0.5))
    return segment[start : start + kept]
