"""Fixed splits: published, at random by stratum, by group, or by time.

A random draw goes by an order that depends only on the seed and the keys of the rows.
"""

import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any, Literal

from .._wording import counted
from .groups import draw_groups, shared_groups
from .rows import Column, Rows, Splits, column_values, seeded_digest
from .times import draw_latest, out_of_order

__all__ = ["SPLITS", "SPLIT_SEED", "By", "complete", "draw", "drop_duplicates"]

SPLITS = ("train", "validation", "test")
# The seed of every split that is not published.
SPLIT_SEED = 42
# The share of the rows that a validation or a test part is given where none is published.
SHARE = 0.1

By = Literal["random", "group", "time"]
# Given rows, the size that is wanted, and how many parts the rows have to give, a drawn part and
# the rest.
_Draw = Callable[[Rows, int, int], tuple[Rows, Rows]]


def complete(
    splits: Splits,
    *,
    key: Column,
    stratum: Column | None = None,
    group: Column | None = None,
    time: Column | None = None,
    by: By | None = None,
    seed: int = SPLIT_SEED,
    validation_size: int | None = None,
    noun: str = "row",
) -> Splits:
    """Return train, validation and test, drawing the parts that are missing.

    What is published stays as it is. A missing validation part is drawn from the training part.
    Where only a validation part is published, it becomes the test part. A data set of one part
    only is cut 80/10/10 after its duplicates were dropped, the test part first.

    - At random, draws keep the share of each stratum (``draw``).
    - By group, no group of the drawn rows stands in the rest (``groups.draw_groups``). Strata are
      not kept.
    - By time, the latest rows are drawn (``times.draw_latest``): train before validation before
      test.

    A warning tells of groups that a random draw or the published parts cut, and, by time, of parts
    that do not follow each other.

    Args:
        splits: Rows by the name of their part; a single part may have any name.
        key: What tells a row from others, a text: rows of one key are repeats. Rows whose key is
            empty are never repeats.
        stratum: The class of a row; ``None`` if rows have none.
        group: Whom or what a row is of; ``None`` if rows have no groups.
        time: When a row was (``times.read_times``); ``None`` if rows have no times.
        by: How rows are drawn: by group where there is one, by time where there is one, else at
            random. It must be said where there are both.
        seed: Seed of the draws.
        validation_size: Rows of a validation part drawn from a training part; a tenth by default.
        noun: What a row is called, in warnings and errors.

    Raises:
        ValueError: If there is no training part, there are too few rows, groups or times, or a
            group or a time is missing where it is needed.
    """
    by = _chosen(by, group, time)
    splits = dict(splits)
    draws: dict[By, _Draw] = {
        "random": lambda rows, size, _: draw(rows, size, seed, key=key, stratum=stratum)
    }
    if group is not None:
        draws["group"] = lambda rows, size, parts: draw_groups(rows, size, seed, parts, group)
    if time is not None:
        draws["time"] = lambda rows, size, parts: draw_latest(rows, size, parts, time)
    take = draws[by]
    if len(splits) == 1:
        ((name, rows),) = splits.items()
        rows = drop_duplicates(rows, key=key, stratum=stratum, noun=noun)
        if len(rows) < 10:
            raise ValueError(
                f"The part '{name}' has {len(rows)} different {noun}s, and cutting it 80/10/10 "
                f"needs at least 10."
            )
        size = round(len(rows) * SHARE)
        splits["test"], rest = take(rows, size, 3)
        splits["validation"], splits["train"] = take(rest, size, 2)
    else:
        if "train" not in splits:
            known = ", ".join(splits) or "none"
            raise ValueError(f"There is no part 'train'; the parts are {known}.")
        if "test" not in splits:
            if "validation" not in splits:
                raise ValueError(f"There is no part 'test'; the parts are {', '.join(splits)}.")
            splits["test"] = splits.pop("validation")
        if "validation" not in splits:
            size = validation_size or round(len(splits["train"]) * SHARE)
            splits["validation"], splits["train"] = take(splits["train"], size, 2)
    splits = {name: splits[name] for name in SPLITS}
    _warn_of_leaks(splits, by, group, time)
    return splits


def drop_duplicates(
    rows: Rows, *, key: Column, stratum: Column | None = None, noun: str = "row"
) -> Rows:
    """Return the rows without repeats, the first of those of one key and stratum kept.

    Of a key with several strata nothing is kept, as nobody knows which is right. Rows whose key is
    empty are all kept.
    """
    keys, strata = column_values(rows, key), _strata(rows, stratum)
    known: dict[str, set[Any]] = {}
    for own, label in zip(keys, strata, strict=True):
        known.setdefault(own, set()).add(label)
    kept: Rows = []
    seen: set[str] = set()
    for own, row in zip(keys, rows, strict=True):
        if not own or (own not in seen and len(known[own]) == 1):
            kept.append(row)
        seen.add(own)
    if len(kept) < len(rows):
        doubtful = "" if stratum is None else f", and {noun}s that have more than one label"
        warnings.warn(
            f"{len(rows) - len(kept):,} of {counted(len(rows), 'row')} were dropped before "
            f"splitting: repeated {noun}s{doubtful}.",
            stacklevel=2,
        )
    return kept


def draw(
    rows: Rows, size: int, seed: int, *, key: Column, stratum: Column | None = None
) -> tuple[Rows, Rows]:
    """Draw ``size`` rows, each stratum by its share; return them and the rest, in their order.

    Only rows whose key stands once are drawn, so that no drawn key remains in the rest, and the
    last row of a stratum is never drawn. Which rows are drawn depends on the seed, the keys and the
    sizes of the strata, not on the order of the rows nor on a random number generator.
    """
    keys = column_values(rows, key)
    frequency = Counter(keys)
    order: dict[Any, list[int]] = {}
    for position, label in enumerate(_strata(rows, stratum)):
        order.setdefault(label, []).append(position)
    sizes = {label: len(positions) for label, positions in order.items()}
    for label, positions in order.items():
        once = [i for i in positions if not keys[i] or frequency[keys[i]] == 1]
        once.sort(key=lambda i: seeded_digest(seed, keys[i]))
        order[label] = once[: sizes[label] - 1]

    wanted = {label: size * count / len(rows) for label, count in sizes.items()}
    given = {label: min(int(wanted[label]), len(order[label])) for label in order}
    while sum(given.values()) < size:
        open_labels = [label for label in order if given[label] < len(order[label])]
        if not open_labels:
            break
        neediest = max(open_labels, key=lambda label: (wanted[label] - given[label], str(label)))
        given[neediest] += 1

    chosen = {i for label, positions in order.items() for i in positions[: given[label]]}
    drawn = [row for i, row in enumerate(rows) if i in chosen]
    rest = [row for i, row in enumerate(rows) if i not in chosen]
    return drawn, rest


def _chosen(by: By | None, group: Column | None, time: Column | None) -> By:
    """Return how rows are drawn, which must be possible."""
    if by is None and group is not None and time is not None:
        raise ValueError("Rows have a group and a time: by must be 'random', 'group' or 'time'.")
    by = by or ("group" if group is not None else "time" if time is not None else "random")
    if (by == "group" and group is None) or (by == "time" and time is None):
        raise ValueError(f"Rows are to be drawn by {by}, and no {by} of a row is named.")
    return by


def _warn_of_leaks(splits: Splits, by: By, group: Column | None, time: Column | None) -> None:
    if by != "time" and group is not None:
        shared, number = shared_groups(splits, group)
        if shared:
            warnings.warn(
                f"{counted(shared, 'group', 'has', 'have')} rows in more than one part, of "
                f"{number:,}: the figures flatter every model that knows a group by heart.",
                stacklevel=3,
            )
    if by == "time" and time is not None:
        pair = out_of_order(splits, time)
        if pair is not None:
            warnings.warn(
                f"Not all rows of the part '{pair[0]}' are before those of the part '{pair[1]}': "
                f"the figures say nothing of what is to come.",
                stacklevel=3,
            )


def _strata(rows: Rows, stratum: Column | None) -> list[Any]:
    return [None] * len(rows) if stratum is None else column_values(rows, stratum)
