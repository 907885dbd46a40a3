"""Fixed splits: drawn per class, in an order that depends only on the seed and the texts."""

import hashlib
import warnings
from collections import Counter

from .._wording import counted
from .leakage import text_key

__all__ = ["SPLITS", "SPLIT_SEED", "Rows", "Splits", "complete", "draw", "drop_duplicates"]

SPLITS = ("train", "validation", "test")
# The seed of every split that is not published.
SPLIT_SEED = 42
# The share of the rows that a validation or a test part is given where none is published.
SHARE = 0.1

# A row is a text and the name of its label, None where it has none.
Rows = list[tuple[str, str | None]]
Splits = dict[str, Rows]


def complete(splits: Splits, seed: int = SPLIT_SEED, validation_size: int | None = None) -> Splits:
    """Gives train, validation and test, drawing the parts that are missing.

    What is published stays as it is. A missing validation part is drawn from the training part.
    Where only a validation part is published, it becomes the test part. A data set of one part
    only is cut 80/10/10 after its duplicates were dropped. Draws keep the share of each class.

    Args:
        splits: Rows by the name of their part; a single part may have any name.
        seed: Seed of the draws.
        validation_size: Rows of a validation part drawn from a training part; a tenth by default.

    Raises:
        ValueError: If there is no training part, or there are too few rows.
    """
    splits = dict(splits)
    if len(splits) == 1:
        ((name, rows),) = splits.items()
        rows = drop_duplicates(rows)
        if len(rows) < 10:
            raise ValueError(
                f"The part '{name}' has {len(rows)} different texts, and cutting it 80/10/10 "
                f"needs at least 10."
            )
        size = round(len(rows) * SHARE)
        test, rest = draw(rows, size, seed)
        validation, train = draw(rest, size, seed)
        return {"train": train, "validation": validation, "test": test}
    if "train" not in splits:
        raise ValueError(f"There is no part 'train'; the parts are {', '.join(splits) or 'none'}.")
    if "test" not in splits:
        if "validation" not in splits:
            raise ValueError(f"There is no part 'test'; the parts are {', '.join(splits)}.")
        splits["test"] = splits.pop("validation")
    if "validation" not in splits:
        size = validation_size or round(len(splits["train"]) * SHARE)
        splits["validation"], splits["train"] = draw(splits["train"], size, seed)
    return {name: splits[name] for name in SPLITS}


def drop_duplicates(rows: Rows) -> Rows:
    """Keeps the first of the rows with the same text and label.

    Of a text with different labels nothing is kept, as nobody knows which is right. Texts are
    the same that differ in case and white space only. Empty texts are all kept.
    """
    labels: dict[str, set[str | None]] = {}
    for text, label in rows:
        labels.setdefault(text_key(text), set()).add(label)
    kept: Rows = []
    seen: set[str] = set()
    for text, label in rows:
        key = text_key(text)
        if not key or (key not in seen and len(labels[key]) == 1):
            kept.append((text, label))
        seen.add(key)
    if len(kept) < len(rows):
        warnings.warn(
            f"{len(rows) - len(kept):,} of {counted(len(rows), 'row')} were dropped before "
            f"splitting: repeated "
            f"texts, and texts that have more than one label.",
            stacklevel=2,
        )
    return kept


def draw(rows: Rows, size: int, seed: int) -> tuple[Rows, Rows]:
    """Draws `size` rows, each class by its share, and gives them and the rest, in their order.

    Only texts that stand once are drawn, so that no drawn text remains in the rest, and the last
    row of a class is never drawn. Which rows are drawn depends on the seed, the texts and the
    sizes of the classes, not on the order of the rows nor on a random number generator.
    """
    keys = [text_key(text) for text, _ in rows]
    frequency = Counter(keys)
    order: dict[str | None, list[int]] = {}
    for position, (_, label) in enumerate(rows):
        order.setdefault(label, []).append(position)
    sizes = {label: len(positions) for label, positions in order.items()}
    for label, positions in order.items():
        once = [i for i in positions if not keys[i] or frequency[keys[i]] == 1]
        once.sort(key=lambda i: _digest(seed, keys[i]))
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


def _digest(seed: int, key: str) -> bytes:
    return hashlib.sha256(f"{seed}\n{key}".encode("utf-8", "surrogatepass")).digest()
