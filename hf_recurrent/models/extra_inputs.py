"""Inputs that a tokenizer makes beside token ids: lists with one value for each token.

Each kind is a subclass of ``ExtraInput`` in a file of its own, with an entry in ``EXTRA_INPUTS`` of
``tokenization_extra_inputs.py``. It computes the values. The tokenizer does the rest, in the same
way for every kind: padding on either side, truncation, pairs, overflow and tensors.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, ClassVar, NamedTuple

import numpy as np
from tokenizers import Encoding

from .surface import surface_of


class Encoded(NamedTuple):
    """Texts, and the encodings that a tokenizer has made of them.

    Attributes:
        encodings: The encodings, each with the tokens of a text.
        samples: For each encoding, the index of its text in ``texts``.
        texts: The texts, or the lists of their words.
        pairs: The second texts of pairs, if there are any.
        split: Whether the texts came as lists of words.
    """

    encodings: Sequence[Encoding]
    samples: Iterable[int]
    texts: Sequence[Any]
    pairs: Sequence[Any] | None
    split: bool

    def each(self) -> Iterator[tuple[Encoding, int]]:
        """Yield each encoding with the index of its text."""
        return zip(self.encodings, self.samples, strict=True)

    def surfaces(self, encoding: Encoding, sample: int) -> list[str | None]:
        """Return each token's part of the text, ``None`` for a token that is not in the text."""
        sources = [self.texts[sample]]
        if self.pairs is not None:
            sources.append(self.pairs[sample])
        places = zip(encoding.sequence_ids, encoding.word_ids, encoding.offsets, strict=True)
        found: list[str | None] = []
        for sequence, word, (start, end) in places:
            if sequence is None:
                found.append(None)
                continue
            source = sources[sequence]
            found.append(surface_of(source[word] if self.split else source, start, end))
        return found


class ExtraInput(ABC):
    """An additional list with a value for each token: a number, or a tuple of numbers above 0.

    Attributes:
        name: The name of the list, in ``model_input_names`` and in a model's forward.
        setting: The keyword of a tokenizer's constructor that asks for the list.
        width: How many numbers a token has in a tensor, filled up with 0. ``None`` if a value is
            one number, and the tensor has no third dimension.
    """

    name: ClassVar[str]
    setting: ClassVar[str]
    width: int | None = None

    @abstractmethod
    def __init__(self, tokenizer: Any, settings: Any) -> None:
        """Take a fast tokenizer, and the value of ``setting`` in its constructor."""

    @abstractmethod
    def values(self, encoded: Encoded) -> Iterator[list[Any]]:
        """Yield, for each encoding, the values of its tokens."""

    def rectangle(self, values: Sequence[Any], length: int, side: str) -> Any:
        """Return the values of one encoding, padded with 0 to ``length`` tokens on a side.

        Returns:
            A list of numbers if ``width`` is ``None``, otherwise an array (length, width).
        """
        start = length - len(values) if side == "left" else 0
        if self.width is None:
            given = [int(value) for value in values]
            return [0] * start + given + [0] * (length - len(given) - start)
        rectangle = np.zeros((length, self.width), dtype=np.int64)
        counts = np.fromiter(map(len, values), dtype=np.int64, count=len(values))
        flat = np.fromiter(chain.from_iterable(values), dtype=np.int64, count=int(counts.sum()))
        filled = np.arange(self.width) < counts[:, None]
        rectangle[start : start + len(values)][filled] = flat
        return rectangle
