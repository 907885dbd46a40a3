"""Places words beside their points so that none covers another."""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["FONT_SIZE", "Label", "place_labels", "text_width"]

FONT_SIZE = 12.0
_LETTER, _WIDE_LETTER = 7.4, 12.0
_ASCENT, _DESCENT = 9.5, 3.0
_DOT = 5.0
# How far a word may stand from its point; beyond the first ring a line leads to it.
_RINGS = (9.0, 20.0, 32.0, 46.0, 62.0, 80.0)
_DIRECTIONS = 16
_CROWD = 60.0

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Label:
    """Where a word stands.

    Attributes:
        x: Where it begins, has its middle or ends, as `anchor` says.
        y: Its base line, counted from the top.
        anchor: "start", "middle" or "end".
        leader: The end of the line from its point, None where the word stands beside it.
    """

    x: float
    y: float
    anchor: Literal["start", "middle", "end"]
    leader: tuple[float, float] | None


def text_width(text: str) -> float:
    """Estimates the width of a word in pixels; Chinese and emoji are wide."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return _WIDE_LETTER * wide + _LETTER * (len(text) - wide)


def place_labels(
    words: Sequence[str], points: Sequence[tuple[float, float]], width: float, height: float
) -> list[Label | None]:
    """Places each word, those of crowded points first; None where there is no room.

    Args:
        words: The words.
        points: Their points, in pixels from the top left.
        width: Width of the plot.
        height: Its height.
    """
    taken: list[Box] = [(x - _DOT, y - _DOT, x + _DOT, y + _DOT) for x, y in points]
    labels: list[Label | None] = [None] * len(words)
    crowds = [sum(math.dist(p, q) < _CROWD for q in points) for p in points]
    for index in sorted(range(len(words)), key=lambda i: -crowds[i]):
        own = taken[index]
        for label in _candidates(points[index]):
            boxes = _boxes(label, text_width(words[index]), points[index])
            inside = boxes[0][0] >= 2 and boxes[0][2] <= width - 2
            inside = inside and boxes[0][1] >= 2 and boxes[0][3] <= height - 2
            if inside and not any(
                _overlap(box, other) for box in boxes for other in taken if other is not own
            ):
                labels[index] = label
                taken += boxes
                break
    return labels


def _candidates(point: tuple[float, float]) -> Iterator[Label]:
    """Yields places for a word, the nearest first; to the right comes before the others."""
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
            yield Label(
                x + dx,
                base,
                "start" if side > 0.4 else "end" if side < -0.4 else "middle",
                leader,
            )


def _boxes(label: Label, width: float, point: tuple[float, float]) -> list[Box]:
    """Gives what a label covers: its word and, piece by piece, the line to it."""
    left = label.x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[label.anchor]
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
