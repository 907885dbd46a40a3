"""The vectors of words in their sentences, at every layer of a model."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..._pretrained import load_in_fp32, longest_text, one_sentence

_NO_LIMIT = 1 << 20
# Marks above and below letters are no letters for ``re``, and stand as this in their place.
_MARK = "\ufdd0"
_LETTERS = rf"\w[\w{_MARK}]*"
_WORD = re.compile(rf"<unk>|{_LETTERS}(?:['’-]{_LETTERS})*|[^\w\s]{_MARK}*")
# Within a word they say how letters join, or where it may be broken.
_JOINERS = "\u00ad\u200c\u200d"


def cut_words(sentence: str) -> list[str]:
    """Return the words and the signs of a sentence.

    Marks that belong to a letter, as vowels in Hindi and accents that are not composed, stay in
    their word.

    Example:
        >>> cut_words("Don't sit on the bank!")
        ["Don't", 'sit', 'on', 'the', 'bank', '!']
    """
    return [sentence[start:end] for start, end in word_spans(sentence)]


def word_spans(sentence: str) -> list[tuple[int, int]]:
    """Return where the words of ``cut_words`` begin and end."""
    marked = sentence
    if not sentence.isascii():
        marked = "".join(_MARK if _is_mark(letter) else letter for letter in sentence)
    return [match.span() for match in _WORD.finditer(marked)]


def _is_mark(letter: str) -> bool:
    return letter in _JOINERS or unicodedata.category(letter).startswith("M")


class ContextualVectors:
    """A model that gives each word of a sentence a vector at each layer: ELMo, BERT and others.

    Layer 0 is what the layers read: of ELMo the vector of the word's characters, which is the same
    in every sentence; of BERT the sum of piece, place and segment, after its layer norm.

    Args:
        model: A model with ``output_hidden_states``.
        tokenizer: Its fast tokenizer. The vector of a word in pieces is the mean of theirs.
        name: Its name in tables and plots.
    """

    def __init__(self, model: Any, tokenizer: Any, name: str = "model") -> None:
        self.model, self.tokenizer, self.name = model.eval(), tokenizer, name
        self._longest = min(longest_text(model, tokenizer) or _NO_LIMIT, _NO_LIMIT)

    @classmethod
    def load(cls, source: str, trust_remote_code: bool = False) -> "ContextualVectors":
        """Load a model by its folder or its id on the Hub.

        Raises:
            OSError: If there is none, or it has no fast tokenizer or no layers.
        """
        with one_sentence(f"'{source}' gives no vectors of words in context"):
            loaded = load_in_fp32(source, trust_remote_code=trust_remote_code)
            found = cls(*loaded, Path(source).name or source)
            found.number_of_layers  # noqa: B018 - a model without layers is found out here
        return found

    @cached_property
    def number_of_layers(self) -> int:
        """The number of layers, with layer 0."""
        return len(self(["a"]))

    def layer(self, number: int) -> int:
        """Return a layer by its number; negative numbers count from the last one.

        Raises:
            ValueError: If there is no such layer.
        """
        layers = self.number_of_layers
        if not -layers <= number < layers:
            raise ValueError(f"layer is {number}, expected {-layers} to {layers - 1}")
        return number % layers

    def __call__(self, words: Sequence[str]) -> np.ndarray:
        """Return the vectors (layers, words, width) of the words of one sentence."""
        return next(self.of_sentences([words]))

    def of_sentences(
        self, sentences: Sequence[Sequence[str]], batch_size: int = 32
    ) -> Iterator[np.ndarray]:
        """Yield the vectors (layers, words, width) of each sentence.

        A sentence that is too long for the model has fewer words here: the first ones. A word that
        the tokenizer drops has the zero vector.

        Args:
            sentences: Sentences as lists of words.
            batch_size: Number of sentences that are read at a time.

        Raises:
            ValueError: If the model gives numbers that are not finite.
        """
        for start in range(0, len(sentences), batch_size):
            yield from self._batch([[*words] or [""] for words in sentences[start:][:batch_size]])

    @torch.inference_mode()
    def _batch(self, sentences: list[list[str]]) -> Iterator[np.ndarray]:
        encoded = self.tokenizer(
            sentences,
            is_split_into_words=True,
            truncation=True,
            max_length=self._longest,
            padding=True,
            return_tensors="pt",
        ).to(self.model.device)
        output = self.model(**encoded, output_hidden_states=True)
        states = torch.stack(output.hidden_states, dim=1).float().cpu().numpy()
        for number, words in enumerate(sentences):
            found = _of_words(states[number], encoded.word_ids(number), len(words))
            if not np.isfinite(found).all():
                raise ValueError(
                    f"the vectors of {self.name} are no finite numbers, so nothing is near to them"
                )
            yield found


def _of_words(states: np.ndarray, owners: Sequence[int | None], words: int) -> np.ndarray:
    """Return the mean of the states of each word's pieces (layers, words, width)."""
    known = [(place, word) for place, word in enumerate(owners) if word is not None]
    reached = max((word for _, word in known), default=-1) + 1
    sums = np.zeros((states.shape[0], min(reached, words), states.shape[2]), dtype=np.float32)
    counts = np.zeros(sums.shape[1], dtype=np.float32)
    for place, word in known:
        sums[:, word] += states[:, place]
        counts[word] += 1
    return sums / np.maximum(counts, 1)[None, :, None]


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return vectors of length 1; the zero vector stays."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1.0)
