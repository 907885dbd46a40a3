"""Ragged batches laid out in every way that a tokenizer or a user may lay them out."""

import random
from collections.abc import Callable

import torch
from torch import Tensor

TIME = 9
LENGTHS = (5, 1, 0, 3, 7)


def _holes(length: int, chance: random.Random) -> list[int]:
    return sorted(chance.sample(range(TIME), length))


def _middle(length: int, chance: random.Random) -> list[int]:
    start = chance.randint(0, TIME - length)
    return list(range(start, start + length))


# Which columns hold the tokens of a row of that length.
LAYOUTS: dict[str, Callable[[int, random.Random], list[int]]] = {
    "right": lambda length, _: list(range(length)),
    "left": lambda length, _: list(range(TIME - length, TIME)),
    "middle": _middle,
    "holes": _holes,
}


def columns_of(layout: str, lengths: tuple[int, ...] = LENGTHS, seed: int = 0) -> list[list[int]]:
    """Return for each row the columns of its tokens."""
    chance = random.Random(seed)
    return [LAYOUTS[layout](length, chance) for length in lengths]


def random_rows(vocab_size: int, lengths: tuple[int, ...] = LENGTHS, seed: int = 0) -> list[Tensor]:
    """Return token ids, none of them the padding's."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(1, vocab_size, (n,), generator=generator) for n in lengths]


def lay_out(rows: list[Tensor], columns: list[list[int]], garbage: Tensor) -> dict[str, Tensor]:
    """Return the batch (rows, TIME), the padding filled from ``garbage`` (rows, TIME)."""
    input_ids, mask = garbage.clone(), torch.zeros(garbage.shape, dtype=torch.long)
    for row, (ids, places) in enumerate(zip(rows, columns, strict=True)):
        input_ids[row, places] = ids
        mask[row, places] = 1
    return {"input_ids": input_ids, "attention_mask": mask}
