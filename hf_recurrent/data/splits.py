"""Fixed splits: published, at random by stratum, by group, or by time.

The order of a random draw depends only on the seed and the keys of the rows.
"""

import warnings
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any, Literal

from .._wording import counted
from .groups import draw_groups, draw_whole, shared_groups
from .rows import Column, Rows, Splits, column_values, present_values, seeded_digest
from .times import draw_latest, out_of_order, read_times

SPLITS = ("train", "validation", "test")
# The seed of every split that is not published.
SPLIT_SEED = 42
# The share of the rows for a validation or a test part that is not published.
SHARE = 0.1

By = Literal["random", "group", "time"]
# Takes rows, a wanted size and the number of parts that are still to be made from the rows; returns
# a drawn part and the rest.
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
    units: str = "rows",
    keep_repeats: bool = False,
) -> Splits:
    """Return train, validation and test; draw the parts that are missing.

    Published parts do not change. A missing validation part is drawn from the training part. If
    only a validation part is published, it becomes the test part. A data set with only one part is
    cut 80/10/10 after removing its duplicates; the test part is drawn first.

    - At random, draws keep the share of each stratum (``draw``).
    - By group, all rows of a group are in one part (``groups.draw_groups``). The shares of strata
      are not kept.
    - By time, the latest rows are drawn (``times.draw_latest``): train before validation before
      test.

    There are warnings if a random draw or the published parts split groups; if parts overlap in
    time; and if a drawn part is far from the wanted size, because a group or a time has too many
    rows.

    Args:
        splits: Rows by the name of their part; a single part may have any name.
        key: A text that identifies a row: rows with the same key are duplicates. A row with an
            empty key is never a duplicate.
        stratum: The class of a row; ``None`` if rows have none.
        group: The group of a row, such as a person; ``None`` if rows have no groups.
        time: The time of a row (``times.read_times``); ``None`` if rows have no times.
        by: How to draw rows. The default is by group if there are groups, by time if there are
            times, otherwise at random. It is required if there are both.
        seed: Seed of the draws.
        validation_size: Rows of a validation part drawn from a training part; a tenth by default.
        units: The word for rows in warnings and errors.
        keep_repeats: Whether to keep duplicates. Then a random draw treats rows with one key as a
            group, and does not keep the shares of strata.

    Raises:
        ValueError: If there is no training part, there are too few rows, groups or times, or a
            needed group or time is missing; the message names part and row.
    """
    by = _chosen(by, group, time)
    splits = dict(splits)
    _check_values(splits, by, group, time)
    draws: dict[By, _Draw] = {
        "random": lambda rows, size, _: draw(rows, size, seed, key=key, stratum=stratum)
    }
    if keep_repeats:
        draws["random"] = lambda rows, size, parts: draw_whole(
            rows, column_values(rows, key), size, seed, parts
        )
    if group is not None:
        draws["group"] = lambda rows, size, parts: draw_groups(rows, size, seed, parts, group)
    if time is not None:
        draws["time"] = lambda rows, size, parts: draw_latest(rows, size, parts, time)
    take = draws[by]
    wanted: dict[str, int] = {}
    if len(splits) == 1:
        ((name, rows),) = splits.items()
        if not keep_repeats:
            rows = drop_duplicates(rows, key=key, stratum=stratum, units=units)
        different = _different(rows, key) if keep_repeats else len(rows)
        if different < 10:
            raise ValueError(
                f"The part '{name}' has {different} different {units}, and cutting it 80/10/10 "
                f"needs at least 10."
            )
        size = round(len(rows) * SHARE)
        splits["test"], rest = take(rows, size, 3)
        splits["validation"], splits["train"] = take(rest, size, 2)
        wanted = {"validation": size, "test": size}
    else:
        if "train" not in splits:
            known = ", ".join(splits) or "none"
            raise ValueError(f"There is no part 'train'; the parts are {known}.")
        if "test" not in splits:
            if "validation" not in splits:
                raise ValueError(f"There is no part 'test'; the parts are {', '.join(splits)}.")
            splits["test"] = splits.pop("validation")
        if "validation" not in splits:
            if keep_repeats and (different := _different(splits["train"], key)) < 2:
                raise ValueError(
                    f"Drawing a validation part from the part 'train' needs at least 2 different "
                    f"{units}, and it has {different}."
                )
            size = validation_size or round(len(splits["train"]) * SHARE)
            splits["validation"], splits["train"] = take(splits["train"], size, 2)
            wanted = {"validation": size}
    splits = {name: splits[name] for name in SPLITS}
    if by != "random":
        _warn_of_sizes(splits, wanted, by)
    _warn_of_leaks(splits, by, group, time)
    return splits


def drop_duplicates(
    rows: Rows, *, key: Column, stratum: Column | None = None, units: str = "rows"
) -> Rows:
    """Return the rows without duplicates: the first row of each key.

    If the rows of a key have several strata, none is kept, as the right one is not known. All rows
    with an empty key are kept.
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
        doubtful = "" if stratum is None else f", and {units} that have more than one label"
        warnings.warn(
            f"{len(rows) - len(kept):,} of {counted(len(rows), 'row')} were dropped before "
            f"splitting: repeated {units}{doubtful}.",
            stacklevel=2,
        )
    return kept


def draw(
    rows: Rows, size: int, seed: int, *, key: Column, stratum: Column | None = None
) -> tuple[Rows, Rows]:
    """Draw ``size`` rows, with the share of each stratum; return them and the rest, in order.

    Only rows with a unique key are drawn, so that no drawn key is also in the rest. The last row of
    a stratum is never drawn. The choice depends on the seed, the keys and the sizes of the strata,
    and not on the order of the rows or on a random number generator.
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


def check_columns(group_column: str | None, time_column: str | None) -> None:
    """Refuse a column for groups and one for times together.

    Args:
        group_column: The user's column for groups.
        time_column: The user's column for times.

    Raises:
        ValueError: If both are given.
    """
    if group_column is not None and time_column is not None:
        raise ValueError(
            "group_column and time_column are both given, and rows are drawn by one of them."
        )


def how_drawn(
    parts: Collection[str],
    group_column: str | None,
    time_column: str | None,
    seed: int = SPLIT_SEED,
    by: By | None = None,
) -> str:
    """Return how parts are drawn that are not published, for the description of a data set.

    Args:
        parts: The published parts; of all three nothing is drawn, and the text is empty.
        group_column: The user's column for groups.
        time_column: The user's column for times.
        seed: Seed of the draws.
        by: How rows are drawn that have groups or times, by these if it is not given.
    """
    if set(parts) >= set(SPLITS):
        return ""
    if by == "random" and (group_column is not None or time_column is not None):
        return f"; split at random, seed {seed}"
    if time_column is not None:
        return f"; split by the time '{time_column}'"
    grouped = "" if group_column is None else f" by the group '{group_column}',"
    return f"; split{grouped} seed {seed}"


def _chosen(by: By | None, group: Column | None, time: Column | None) -> By:
    """Return how to draw rows, and check that it is possible."""
    if by is None and group is not None and time is not None:
        raise ValueError("Rows have a group and a time: by must be 'random', 'group' or 'time'.")
    by = by or ("group" if group is not None else "time" if time is not None else "random")
    if (by == "group" and group is None) or (by == "time" and time is None):
        raise ValueError(f"Rows are to be drawn by {by}, and no {by} of a row is named.")
    return by


def _check_values(splits: Splits, by: By, group: Column | None, time: Column | None) -> None:
    """Check groups or times before any row is removed, so that an error names the right row."""
    for part, rows in splits.items():
        where = f"the part '{part}'"
        is_published = len(splits) > 1 and (part != "train" or {"validation", "test"} <= {*splits})
        if by == "group" and group is not None and not is_published:
            present_values(rows, group, "group", where)
        if by == "time" and time is not None and (part in SPLITS or not is_published):
            read_times(rows, time, where)


def _warn_of_sizes(splits: Splits, wanted: dict[str, int], by: By) -> None:
    whole = sum(len(splits[part]) for part in ("train", *wanted))
    for part, size in wanted.items():
        if 2 * abs(len(splits[part]) - size) > size:
            warnings.warn(
                f"The {part} part has {len(splits[part]):,} of {counted(whole, 'row')}, and "
                f"{size:,} were wanted: rows of one {by} are never cut apart.",
                stacklevel=3,
            )


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


def _different(rows: Rows, key: Column) -> int:
    return len(set(column_values(rows, key)))


def _strata(rows: Rows, stratum: Column | None) -> list[Any]:
    return [None] * len(rows) if stratum is None else column_values(rows, stratum)
