"""Captioned clips of moving digits. They are SYNTHETIC: handwritten digits moved by this script.

A clip has one or two digits of scikit-learn's set (8 x 8 pixels, BSD), each of which stays or moves
in one direction or in two, one after the other. A caption is true by construction, such as "the
digit three moves left and then up while the digit seven stays". The parts have digits of other
writers, and two digits whose sum is nine are never in the training part, only in the others.
"""

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

NAME = "moving-digits"
SCHEME = f"{NAME}://"
# How many clips each part has.
CLIPS = {"train": 1500, "validation": 150, "test": 400}
STEPS, SIZE = 16, 32
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_WAYS = {"left": (0, -1), "right": (0, 1), "up": (-1, 0), "down": (1, 0)}
# The rows of the set that each part takes.
_WRITERS = {"train": (0, 1300), "validation": (1300, 1500), "test": (1500, 1797)}
_HELD_OUT = 9


def reference(part: str, number: int) -> str:
    """Return the reference of a clip."""
    return f"{SCHEME}{part}/{number}"


def read(ref: str) -> tuple[NDArray[np.uint8], str]:
    """Return the pictures (time, height, width, 3) and the caption of a clip.

    Raises:
        ValueError: If there is no such clip.
    """
    part, _, number = ref.removeprefix(SCHEME).partition("/")
    if part not in CLIPS or not number.isdecimal() or int(number) >= CLIPS[part]:
        raise ValueError(f"there is no clip {ref}: expected {SCHEME}test/0, for one")
    return _clip(part, int(number))


def _clip(part: str, number: int) -> tuple[NDArray[np.uint8], str]:
    images, labels = _digits()
    first, last = _WRITERS[part]
    rng = np.random.default_rng([first, number])
    while True:
        chosen = rng.integers(first, last, rng.integers(1, 3))
        held_out = len(chosen) == 2 and labels[chosen].sum() == _HELD_OUT
        # Half of the pairs of the other parts are pairs that training has never seen.
        if len(chosen) == 1 or (
            not held_out if part == "train" else held_out or rng.random() < 0.1
        ):
            break
    frames = np.zeros((STEPS, SIZE, SIZE), np.uint8)
    told = []
    for place in chosen:
        steps, words = _way(rng)
        low, high = -steps.min(0), SIZE - 8 - steps.max(0)
        start = rng.integers(low, high + 1)
        for frame, (row, column) in zip(frames, start + steps, strict=True):
            window = frame[row : row + 8, column : column + 8]
            np.maximum(window, images[place], out=window)
        told.append(f"the digit {_WORDS[labels[place]]} {words}")
    return np.repeat(frames[..., None], 3, axis=3), " while ".join(told)


def _way(rng: np.random.Generator) -> tuple[NDArray[np.int64], str]:
    """Return where a digit is in each frame, from its start (time, 2), and this in words."""
    kind = rng.integers(0, 3)
    names = [*rng.permutation([*_WAYS])][:kind]
    if not names:
        return np.zeros((STEPS, 2), np.int64), "stays"
    spans = np.array_split(np.arange(STEPS), len(names))
    moves = np.concatenate(
        [np.tile(_WAYS[name], (len(span), 1)) for name, span in zip(names, spans, strict=True)]
    )
    return np.cumsum(moves, 0) - moves[0], f"moves {' and then '.join(names)}"


@functools.cache
def _digits() -> tuple[NDArray[np.uint8], NDArray[Any]]:
    from sklearn.datasets import load_digits

    found = load_digits()
    return (found.images * 255 / 16).astype(np.uint8), found.target
