"""Splits by group: all rows of a person, a document or a session are in the same part."""

from collections import Counter
from typing import Any

from .._wording import counted
from .rows import Column, Rows, Splits, column_values, is_missing, present_values, seeded_digest


def group_cell(value: Any, names: list[str] | None = None) -> str:
    """Return the group of a row in a table, as a text.

    Args:
        value: A name or a number.
        names: Names of the groups in the order of their ids, if the values are ids.

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
    """Draw whole groups with about ``size`` rows; return the drawn rows and the rest, in order.

    No other choice of groups is nearer to ``size``. Among equally near choices, the seed and the
    names and sizes of the groups decide, not the order of the rows.

    Args:
        rows: The rows.
        size: The wanted number of rows.
        seed: Seed of the draw.
        parts: The number of parts that are still to be made from these rows; enough groups remain
            for the others.
        group: The group of a row; groups whose names are equal as texts are one.

    Raises:
        ValueError: If a row has no group, or there are fewer groups than parts.
    """
    names = [_name(value) for value in present_values(rows, group, "group")]
    return draw_whole(rows, names, size, seed, parts)


def draw_whole(rows: Rows, names: list[str], size: int, seed: int, parts: int) -> tuple[Rows, Rows]:
    """Draw as ``draw_groups`` does, given the name of each row's group.

    Args:
        rows: The rows.
        names: The name of each row's group, which may be empty.
        size: The wanted number of rows.
        seed: Seed of the draw.
        parts: The number of parts that are still to be made from these rows.

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
    """Return the indices of one to ``most`` sizes whose sum is nearest to ``wanted``.

    Of two equally near sums the smaller one is chosen. Of several subsets with that sum, the one
    is chosen that is complete first when going through the sizes in order.

    Args:
        sizes: Positive numbers.
        wanted: The wanted sum.
        most: The largest number of indices: all of them, one fewer, or two fewer if ``wanted`` is
            at most a third of the whole.
    """
    # A sum above twice the wanted one is no nearer than the smallest size alone.
    limit = max(2 * wanted, min(sizes))
    mask = (1 << (limit + 1)) - 1
    reached = 1
    # The index with which a sum was first possible. The sum without it was possible before, so
    # no index is used twice.
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
    # Nearly all sizes can be nearest only if the one left out is most of the whole. Without the
    # smallest of them the sum is the next below, and any sum with the large one is farther away.
    while len(chosen) > most:
        chosen.remove(min(chosen, key=lambda index: (sizes[index], -index)))
    return chosen


def shared_groups(splits: Splits, group: Column) -> tuple[int, int]:
    """Return the number of groups that are in more than one part, and the number of all groups.

    Rows without a group, which published parts may have, do not count.
    """
    parts: Counter[str] = Counter()
    for rows in splits.values():
        values = column_values(rows, group)
        parts.update({_name(value) for value in values if not is_missing(value)})
    return sum(count > 1 for count in parts.values()), len(parts)


def _name(value: Any) -> str:
    """Return the name of a group; a float such as 3.0 is the integer 3."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
