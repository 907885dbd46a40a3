"""The items that a model knows, its tokenizer of them, and their titles."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from ..._whole import write_whole
from ...data.rows import Row
from ...vectors.tokenizer import PADDING, UNKNOWN, wrapped

TITLES_FILE = "item_titles.json"


@dataclass(frozen=True)
class Catalog:
    """The items of training sessions, the most frequent first, so that an id is a rank.

    Attributes:
        items: The items; the id of an item is its place.
        counts: The number of training events of each item.
        titles: Titles by item.
    """

    items: Sequence[str]
    counts: Sequence[int]
    titles: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, sessions: Iterable[Row]) -> "Catalog":
        """Return the items of sessions; of equally frequent items the first in order is first."""
        counts: Counter[str] = Counter()
        titles: dict[str, str] = {}
        for row in sessions:
            counts.update(row["items"])
            titles.update(zip(row["items"], row["titles"], strict=False))
        ordered = sorted(counts, key=lambda item: (-counts[item], item))
        return cls(ordered, [counts[item] for item in ordered], titles)

    @cached_property
    def ids(self) -> dict[str, int]:
        """The id of each item."""
        return {item: place for place, item in enumerate(self.items)}

    def known(self, items: Iterable[str]) -> NDArray[np.int64]:
        """Return the ids of the items that are known."""
        return np.array([self.ids[item] for item in items if item in self.ids], dtype=np.int64)

    def shown(self, item: str) -> str:
        """Return an item with its title, if it has one."""
        title = self.titles.get(item)
        return f"{item} {title}" if title else item

    def tokenizer(self) -> PreTrainedTokenizerFast:
        """Return a tokenizer of items between spaces, whose ids are those of the items.

        ``<unk>`` and ``[PAD]`` come last.

        Raises:
            ValueError: If an item has the name of one of these.
        """
        vocabulary = dict(self.ids)
        for token in (UNKNOWN, PADDING):
            if token in vocabulary:
                raise ValueError(f"An item has the name {token!r}, which the tokenizer needs.")
            vocabulary[token] = len(vocabulary)
        backend = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
        backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        return wrapped(backend, padding_side="left", unk_token=UNKNOWN)

    def save_titles(self, folder: Path) -> None:
        """Write the titles beside a model, if there are any."""
        if self.titles:
            write_whole(folder / TITLES_FILE, json.dumps(self.titles, ensure_ascii=False, indent=0))
