"""What a tokenizer can give a model beside token ids: one more list, with a value for each token.

A kind of it is a subclass of ``ExtraInput`` in a file of its own, and one entry in ``EXTRA_INPUTS``
of ``tokenization_extra_inputs.py``. It says what the values are; padding on either side,
truncation, pairs, overflow and tensors are the tokenizer's, the same for every kind.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, ClassVar, NamedTuple

import numpy as np
from tokenizers import Encoding

from .surface import surface_of


class Encoded(NamedTuple):
    """Texts, and what a tokenizer has cut them into.

    Attributes:
        encodings: the tokens.
        samples: the place of each encoding's text in ``texts``.
        texts: the texts, or the lists of their words.
        pairs: the second texts, where there are any.
        split: whether the texts came as lists of words.
    """

    encodings: Sequence[Encoding]
    samples: Iterable[int]
    texts: Sequence[Any]
    pairs: Sequence[Any] | None
    split: bool

    def each(self) -> Iterator[tuple[Encoding, int]]:
        """Give each encoding with the place of its text."""
        return zip(self.encodings, self.samples, strict=True)

    def surfaces(self, encoding: Encoding, sample: int) -> list[str | None]:
        """Return what each token stands for in the text, ``None`` where it is not in the text."""
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
    """One list more, with a value for each token: a number, or a tuple of numbers above 0.

    Attributes:
        name: what the list is called, in ``model_input_names`` and in a model's forward.
        setting: the keyword of a tokenizer's constructor that asks for the list.
        width: the numbers that a token has in a tensor, filled up with 0; ``None`` where a value is
            one number and the tensor has no third dimension.
    """

    name: ClassVar[str]
    setting: ClassVar[str]
    width: int | None = None

    @abstractmethod
    def __init__(self, tokenizer: Any, settings: Any) -> None:
        """Take a fast tokenizer, and what its constructor was given for ``setting``."""

    @abstractmethod
    def values(self, encoded: Encoded) -> Iterator[list[Any]]:
        """Give the values of the tokens of each encoding."""

    def rectangle(self, values: Sequence[Any], length: int, side: str) -> Any:
        """Return the values of one encoding, filled up with 0 to ``length`` tokens on a side.

        Returns:
            A list of numbers where ``width`` is ``None``, else an array (length, width).
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
