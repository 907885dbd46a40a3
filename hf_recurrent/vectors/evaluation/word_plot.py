"""A plot of chosen words, as PNG, SVG or an HTML page without other files."""

import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors

from ..._labels import Label, place_labels
from ..._whole import write_whole
from ..._wording import counted
from ...data.encodings import read_utf8_lines
from .._csls import unit_rows
from .lookup import WordLookup, rows_of
from .projection import ProjectionMethod, principal_plane, project

_WIDTH, _HEIGHT, _MARGIN = 960.0, 640.0, 48.0
_WORDS_ON_IT = 60
_LARGEST = 3.0
_NAMES = {"pca": "principal components", "tsne": "t-SNE"}


@dataclass(frozen=True)
class PlottedWord:
    """A word of the plot.

    Attributes:
        word: The word.
        group: Its group, empty without groups.
        colour: Number of its group's colour.
        x: Pixels from the left.
        y: Pixels from the top.
        label: The place of its label, None where there is no room for it.
    """

    word: str
    group: str
    colour: int
    x: float
    y: float
    label: Label | None


@dataclass(frozen=True)
class WordPlot:
    """The content of a plot.

    Attributes:
        title: Its title.
        caption: The meaning of the axes.
        width: Pixels.
        height: Pixels.
        words: The words, without repetitions.
        groups: The groups in the order of their colours.
        missing: Words without a vector, which are not on the plot.
    """

    title: str
    caption: str
    width: float
    height: float
    words: tuple[PlottedWord, ...]
    groups: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def unlabelled(self) -> tuple[str, ...]:
        """Words without room for a label; SVG and page show them under the pointer."""
        return tuple(word.word for word in self.words if word.label is None)


def plot_words(
    vectors: KeyedVectors,
    words: Iterable[str] | Mapping[str, str],
    path: str | os.PathLike[str],
    *,
    method: ProjectionMethod = "pca",
    seed: int = 0,
    title: str | None = None,
) -> WordPlot:
    """Plot words as points of a plane, and write the plot, whole or not at all.

    Vectors are scaled to length 1, so that cosines count. Both axes have the same scale.

    Args:
        vectors: gensim KeyedVectors, those of fastText and compressed ones included.
        words: The words, or a mapping of each word to its group, which decides its colour. A word
            that is not found is tried in other cases; words without a vector are left out.
        path: A file ``.png``, ``.svg`` or ``.html``.
        method: "pca", the first two principal components, or "tsne".
        seed: Seed of t-SNE.
        title: Title of the plot.

    Returns:
        The content of the plot.

    Raises:
        ValueError: If the path has another ending, the method is unknown, or fewer than three
            words have a vector.
        OSError: If the file cannot be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in (".png", ".svg", ".html"):
        raise ValueError(f"{path}: expected a name that ends in .png, .svg or .html.")
    plot = arrange_words(vectors, words, method=method, seed=seed, title=title)

    from ._word_figure import page_bytes, picture_bytes

    write_whole(path, page_bytes(plot) if suffix == ".html" else picture_bytes(plot, suffix))
    return plot


def arrange_words(
    vectors: KeyedVectors,
    words: Iterable[str] | Mapping[str, str],
    *,
    method: ProjectionMethod = "pca",
    seed: int = 0,
    title: str | None = None,
) -> WordPlot:
    """Return the content of the plot of ``plot_words``."""
    groups_of = dict(words) if isinstance(words, Mapping) else dict.fromkeys(words, "")
    lookup = WordLookup(vectors, case="fall-back")
    found = {word: _vector(word, lookup) for word in groups_of}
    known = {word: vector for word, vector in found.items() if vector is not None}
    missing = tuple(word for word in groups_of if word not in known)
    if len(known) < 3:
        lost = f"; without one: {' '.join(missing[:10])}" if missing else ""
        raise ValueError(
            f"A plot needs at least 3 words that have a vector, and {len(known)} of "
            f"{len(groups_of)} have one{lost}."
        )
    rows = unit_rows(np.stack(list(known.values())))
    points = project(rows, method, seed)
    scale = min(max(1.0, math.sqrt(len(known) / _WORDS_ON_IT)), _LARGEST)
    width, height = round(_WIDTH * scale), round(_HEIGHT * scale)
    places = _on_canvas(points, width, height)
    labels = place_labels(list(known), places, width, height)
    groups = tuple(dict.fromkeys(groups_of[word] for word in known if groups_of[word]))
    placed = zip(known, places, labels, strict=True)
    return WordPlot(
        title=title or f"{counted(len(known), 'word')} by {_NAMES[method]}",
        caption=_caption(rows, method, seed),
        width=width,
        height=height,
        words=tuple(
            PlottedWord(word, group, groups.index(group) if group else 0, x, y, label)
            for word, (x, y), label in placed
            for group in [groups_of[word]]
        ),
        groups=groups,
        missing=missing,
    )


def read_plot_words(path: str | os.PathLike[str]) -> dict[str, str]:
    """Read words, one a line, each followed by a tab and its group if it has one.

    The file is UTF-8, or UTF-16 with its byte order mark.

    Raises:
        ValueError: If the file is not UTF-8, a line has more tabs, or there are no words; the
            sentence names the file and the line.
        OSError: If it cannot be read.
    """
    groups: dict[str, str] = {}
    for number, line in enumerate(read_utf8_lines(Path(path)), 1):
        text = line.strip()
        if not text:
            continue
        word, *group = (field.strip() for field in text.split("\t"))
        if len(group) > 1:
            raise ValueError(
                f"{path}, line {number}: expected a word, or a word, a tab and its group, and "
                f"found {text[:60]!r}."
            )
        groups.setdefault(word, group[0] if group else "")
    if not groups:
        raise ValueError(f"{path} holds no words: expected one a line.")
    return groups


def _vector(word: str, lookup: WordLookup) -> np.ndarray | None:
    row = lookup.row(word)
    return lookup.composed(word) if row < 0 else rows_of(lookup.vectors, np.array([row]))[0]


def _on_canvas(points: np.ndarray, width: float, height: float) -> list[tuple[float, float]]:
    """Fit points into the canvas, with one scale for both axes and the second axis upwards."""
    low, high = points.min(axis=0), points.max(axis=0)
    room = np.array([width - 2 * _MARGIN - 60, height - 2 * _MARGIN])
    scale = (room / np.maximum(high - low, 1e-12)).min()
    middle = (points - (low + high) / 2) * scale
    return [(float(width / 2 + x), float(height / 2 - y)) for x, y in middle]


def _caption(rows: np.ndarray, method: str, seed: int) -> str:
    if method == "pca":
        first, second = principal_plane(rows)[1]
        return (
            f"Across: first principal component, {first:.0%} of the variance; upwards: the second, "
            f"{second:.0%}."
        )
    return f"t-SNE, seed {seed}: what is near together matters, distances between groups do not."
