"""Places words beside their points so that none covers another."""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

FONT_SIZE = 12.0
_LETTER, _WIDE_LETTER = 7.4, 12.0
_ASCENT, _DESCENT = 9.5, 3.0
_DOT = 5.0
# Distances of a word from its point; beyond the first one a line leads to it.
_RINGS = (9.0, 20.0, 32.0, 46.0, 62.0, 80.0)
_DIRECTIONS = 24
_CROWD = 60.0
# How often the words are placed, those that found no room first, until all have a place.
_TRIES = 4

Box = tuple[float, float, float, float]
Anchor = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Label:
    """The place of a word.

    Attributes:
        x: Its left end, its middle or its right end, as ``anchor`` says.
        y: Its base line, counted from the top.
        anchor: "left", "center" or "right".
        leader: The end of the line from its point, None for a word beside its point.
    """

    x: float
    y: float
    anchor: Anchor
    leader: tuple[float, float] | None


def text_width(text: str) -> float:
    """Estimate the width of a word in pixels; Chinese and emoji are wide."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return _WIDE_LETTER * wide + _LETTER * (len(text) - wide)


def place_labels(
    words: Sequence[str],
    points: Sequence[tuple[float, float]],
    width: float,
    height: float,
    obstacles: Sequence[Box] = (),
) -> list[Label | None]:
    """Place each word, those of crowded points first; None where there is no room.

    Args:
        words: The words.
        points: Their points, in pixels from the top left.
        width: Width of the plot.
        height: Its height.
        obstacles: Left, top, right and bottom of what words should not cover; where there is no
            other room they may.
    """
    crowds = [sum(math.dist(p, q) < _CROWD for q in points) for p in points]
    order = sorted(range(len(words)), key=lambda i: -crowds[i])
    best: list[Label | None] = [None] * len(words)
    for number in range(_TRIES):
        last = number == _TRIES - 1
        labels = _place_in_order(order, words, points, (width, height), obstacles, last)
        if labels.count(None) < best.count(None):
            best = labels
        left_out = [i for i in order if labels[i] is None]
        if not left_out:
            break
        order = left_out + [i for i in order if labels[i] is not None]
    return best


def _place_in_order(
    order: Sequence[int],
    words: Sequence[str],
    points: Sequence[tuple[float, float]],
    size: tuple[float, float],
    obstacles: Sequence[Box],
    crossing: bool,
) -> list[Label | None]:
    """Place each word at the nearest place that the words before it leave free.

    Words never cover each other or a dot of another word. With ``crossing``, lines may cross dots
    and lines, and words may cover obstacles.
    """
    dots: list[Box] = [(x - _DOT, y - _DOT, x + _DOT, y + _DOT) for x, y in points]
    placed: list[Box] = []
    lines: list[Box] = []
    labels: list[Label | None] = [None] * len(words)
    for index in order:
        other_dots = [dot for dot in dots if dot != dots[index]]
        # A line must cross a dot that its own dot touches; a word need not.
        far_dots = [dot for dot in dots if not _overlap(dot, dots[index])]
        not_under_word = [*other_dots, *placed, *lines, *(() if crossing else obstacles)]
        not_under_line = placed if crossing else [*far_dots, *placed, *lines]
        for label in _candidates(points[index]):
            word, *line = _boxes(label, text_width(words[index]), points[index])
            inside = word[0] >= 2 and word[2] <= size[0] - 2
            inside = inside and word[1] >= 2 and word[3] <= size[1] - 2
            if (
                inside
                and not any(_overlap(word, other) for other in not_under_word)
                and not any(_overlap(piece, other) for piece in line for other in not_under_line)
            ):
                labels[index] = label
                placed.append(word)
                lines += line
                break
    return labels


def _candidates(point: tuple[float, float]) -> Iterator[Label]:
    """Yield places for a word, the nearest first; to the right comes before the others."""
    x, y = point
    for ring in _RINGS:
        for step in range(_DIRECTIONS):
            # Right, left, then ever steeper.
            turn = (step // 2 + 1) // 2 * (1 if step // 2 % 2 else -1)
            angle = turn * 2 * math.pi / _DIRECTIONS + (math.pi if step % 2 else 0)
            dx, dy = ring * math.cos(angle), ring * math.sin(angle)
            base = y + dy + (_ASCENT - _DESCENT) / 2
            leader = None if ring == _RINGS[0] else (x + dx, y + dy)
            side = math.cos(angle)
            for anchor in _anchors(side):
                yield Label(x + dx, base, anchor, leader)


def _anchors(side: float) -> tuple[Anchor, ...]:
    """Return the anchors to try at a place so far to the right of its point, from -1 to 1.

    Above and below a point the middle of the word comes first, then its ends, for words near the
    edge of the plot.
    """
    if abs(side) > 0.4:
        return ("left",) if side > 0 else ("right",)
    return ("center", "left", "right")


def _boxes(label: Label, width: float, point: tuple[float, float]) -> list[Box]:
    """Return the boxes that a label covers: its word and, piece by piece, the line to it."""
    left = label.x - width * {"left": 0.0, "center": 0.5, "right": 1.0}[label.anchor]
    boxes = [(left, label.y - _ASCENT, left + width, label.y + _DESCENT)]
    if label.leader is not None:
        (x, y), (end_x, end_y) = point, label.leader
        length = math.dist(point, label.leader)
        for at in range(int(_DOT) + 3, int(length) - 1, 3):
            px, py = x + (end_x - x) * at / length, y + (end_y - y) * at / length
            boxes.append((px - 1, py - 1, px + 1, py + 1))
    return boxes


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
