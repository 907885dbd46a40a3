"""Splits by group: a person, a document or a session stands whole in one part."""

from collections import Counter
from typing import Any

from .._wording import counted
from .rows import (
    Column,
    Rows,
    Splits,
    column_values,
    is_missing,
    present_values,
    seeded_digest,
)

__all__ = ["draw_groups", "draw_whole", "group_cell", "nearest_subset", "shared_groups"]


def group_cell(value: Any, names: list[str] | None = None) -> str:
    """Return the group that a table has for a row, as a text.

    Args:
        value: A name or a number.
        names: Names of the groups in the order of their ids, where the values are ids.

    Raises:
        ValueError: If it is missing, or a list or an object.
    """
    if names is not None and isinstance(value, int):
        value = names[value] if 0 <= value < len(names) else None
    if is_missing(value):
        raise ValueError("the group is missing, and every row needs one.")
    if isinstance(value, (list, dict)):
        raise ValueError(f"the group is a {type(value).__name__}, expected a name or a number.")
    return _name(value)


def draw_groups(rows: Rows, size: int, seed: int, parts: int, group: Column) -> tuple[Rows, Rows]:
    """Draw whole groups of together nearly ``size`` rows; return them and the rest, in their order.

    No other choice of groups comes nearer to ``size``. Of all choices as near, which one is taken
    depends on the seed, and on the names and sizes of the groups, not on the order of the rows.

    Args:
        rows: The rows.
        size: Rows that are wanted.
        seed: Seed of the draw.
        parts: How many parts the rows have to give, so that enough groups remain for the others.
        group: The group of a row; groups whose names are equal as texts are one.

    Raises:
        ValueError: If a row has no group, or there are fewer groups than parts.
    """
    names = [_name(value) for value in present_values(rows, group, "group")]
    return draw_whole(rows, names, size, seed, parts)


def draw_whole(rows: Rows, names: list[str], size: int, seed: int, parts: int) -> tuple[Rows, Rows]:
    """Draw as ``draw_groups`` does, with the name of each row's group.

    Args:
        rows: The rows.
        names: For each of them the name of its group, which may be empty.
        size: Rows that are wanted.
        seed: Seed of the draw.
        parts: How many parts the rows have to give.

    Raises:
        ValueError: If there are fewer groups than parts.
    """
    sizes = Counter(names)
    if len(sizes) < parts:
        raise ValueError(
            f"The rows are of {counted(len(sizes), 'group')}, and {parts} parts need at least "
            f"{parts}, as no group stands in two parts."
        )
    order = sorted(sizes, key=lambda name: (seeded_digest(seed, name), name))
    chosen = nearest_subset([sizes[name] for name in order], size, len(order) - parts + 1)
    drawn = {order[index] for index in chosen}
    return (
        [row for name, row in zip(names, rows, strict=True) if name in drawn],
        [row for name, row in zip(names, rows, strict=True) if name not in drawn],
    )


def nearest_subset(sizes: list[int], wanted: int, most: int) -> set[int]:
    """Return the indices of at least one and at most ``most`` sizes whose sum is nearest to wanted.

    Of two sums as near the smaller one is taken, and of subsets of one sum the one that is
    complete first, going through the sizes in their order.

    Args:
        sizes: Positive numbers.
        wanted: The sum that is wanted.
        most: The largest number of indices: all of them, one fewer, or, where at most a third of
            the whole is wanted, two fewer.
    """
    # A sum above twice what is wanted is farther than the smallest size alone, or is that size.
    limit = max(2 * wanted, min(sizes))
    mask = (1 << (limit + 1)) - 1
    reached = 1
    # The index that made a sum possible for the first time: without it the remaining sum was
    # possible before, so that no index is taken twice.
    last: dict[int, int] = {}
    for index, size in enumerate(sizes):
        new = (reached << size) & mask & ~reached
        reached |= new
        while new:
            lowest = new & -new
            last[lowest.bit_length() - 1] = index
            new ^= lowest
        if wanted in last:
            break
    total = min(last, key=lambda reachable: (abs(reachable - wanted), reachable))
    chosen: set[int] = set()
    while total:
        chosen.add(last[total])
        total -= sizes[last[total]]
    # Only where one size is most of the whole are nearly all the others nearest. Without the
    # smallest of them the sum is the next below, and any sum with the large one is farther.
    while len(chosen) > most:
        chosen.remove(min(chosen, key=lambda index: (sizes[index], -index)))
    return chosen


def shared_groups(splits: Splits, group: Column) -> tuple[int, int]:
    """Return how many groups stand in more than one part, and how many there are.

    Rows without a group, as published parts may have, belong to none.
    """
    parts: Counter[str] = Counter()
    for rows in splits.values():
        values = column_values(rows, group)
        parts.update({_name(value) for value in values if not is_missing(value)})
    return sum(count > 1 for count in parts.values()), len(parts)


def _name(value: Any) -> str:
    """Return the name of a group; a whole number that a column of floats holds is that number."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
