"""Whether the vectors of a word tell its senses apart."""

import itertools
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..._wording import counted
from ...data.encodings import decode_text
from .encoder import ContextualVectors, cut_words, unit
from .nearest import find_word

_COLUMNS = ("word", "sense", "sentence")
# Cosines that differ by less are equal, as all are where a word has one vector.
_EQUAL = 1e-5


class SenseRow(NamedTuple):
    """A word, its sense, and a sentence in which it has this sense."""

    word: str
    sense: str
    sentence: str


class LayerSenses(NamedTuple):
    """How well a layer tells senses apart.

    Attributes:
        nearest: How often the nearest sentence of the same word has the same sense; equal ones
            count half.
        same: Mean cosine of a word in two sentences of one sense.
        other: Mean cosine of a word in two sentences of different senses.
    """

    nearest: float
    same: float
    other: float


def read_senses(path: str | Path) -> list[SenseRow]:
    """Read sentences with senses: a file of the columns word, sense, sentence, with tabs between.

    It may be in any usual encoding. Empty lines are left out.

    Raises:
        ValueError: If a line has other columns, its word is not in its sentence, or the file is no
            text.
        OSError: If the file cannot be read.
    """
    place = Path(path)
    text, note = decode_text(place.read_bytes(), place)
    if note is not None:
        warnings.warn(note, stacklevel=2)
    rows = []
    for number, line in enumerate(text.split("\n"), 1):
        cells = line.removesuffix("\r").split("\t")
        if not line.strip() or (number == 1 and tuple(cells) == _COLUMNS):
            continue
        if len(cells) != len(_COLUMNS):
            raise ValueError(
                f"{path}, line {number}: {counted(len(cells), 'column')}, expected "
                f"{', '.join(_COLUMNS)}"
            )
        row = SenseRow(*cells)
        try:
            find_word(cut_words(row.sentence), row.word, row.sentence)
        except ValueError as error:
            raise ValueError(f"{path}, line {number}: {error}") from error
        rows.append(row)
    return rows


def compare_senses(vectors: ContextualVectors, rows: Sequence[SenseRow]) -> list[LayerSenses]:
    """Compare the vectors of words in sentences of one sense and of different ones, by layer.

    Words count equally. With as many sentences of each of two senses, a layer that cannot tell them
    apart has a little less than one half for ``nearest``.

    Args:
        vectors: The model.
        rows: Words with two senses or more, and two sentences of each or more.

    Raises:
        ValueError: If a word has one sense, or a sense one sentence.
    """
    words = sorted({row.word for row in rows})
    if not words:
        raise ValueError("there are no sentences with senses, expected some")
    figures = []
    for word in words:
        own = [row for row in rows if row.word == word]
        senses = np.array([row.sense for row in own])
        counts = {sense: int((senses == sense).sum()) for sense in sorted({*senses.tolist()})}
        if len(counts) < 2 or min(counts.values()) < 2:
            raise ValueError(
                f"the word {word!r} has "
                f"{', '.join(f'{number} of {sense!r}' for sense, number in counts.items())}, "
                "expected two senses with two sentences each"
            )
        figures.append(_of_word(_vectors_of(vectors, own), senses))
    return [LayerSenses(*layer) for layer in np.mean(figures, axis=0).tolist()]


def _vectors_of(vectors: ContextualVectors, rows: Sequence[SenseRow]) -> np.ndarray:
    """Return the unit vectors (layers, rows, width) of a word in its sentences."""
    cut = [cut_words(row.sentence) for row in rows]
    found = []
    for row, words, states in zip(rows, cut, vectors.of_sentences(cut), strict=True):
        place = find_word(words, row.word, row.sentence)
        if place >= states.shape[1]:
            raise ValueError(f"the sentence is too long for the model: {row.sentence!r}")
        found.append(unit(states[:, place]))
    return np.stack(found, axis=1)


def _of_word(units: np.ndarray, senses: np.ndarray) -> list[list[float]]:
    """Return the three figures of each layer for a word."""
    equal = senses[:, None] == senses[None, :]
    alone = np.eye(len(senses), dtype=bool)
    figures = []
    for layer in units:
        cosines = layer @ layer.T
        pairs = [*itertools.combinations(range(len(senses)), 2)]
        same = [cosines[i, j] for i, j in pairs if equal[i, j]]
        other = [cosines[i, j] for i, j in pairs if not equal[i, j]]
        near = np.where(equal & ~alone, cosines, -2).max(axis=1)
        far = np.where(~equal, cosines, -2).max(axis=1)
        won = np.where(np.abs(near - far) < _EQUAL, 0.5, near > far)
        figures.append([float(won.mean()), float(np.mean(same)), float(np.mean(other))])
    return figures
