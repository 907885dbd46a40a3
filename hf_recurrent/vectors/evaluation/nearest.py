"""The words nearest to a word, to a vector, or to a sum of words."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from gensim.models import KeyedVectors

from .._csls import unit_rows
from .lookup import WordLookup, rows_of, unit_blocks

_WORDS_AT_ONCE = 1 << 14


def neighbors(
    vectors: KeyedVectors,
    positive: str | np.ndarray | Sequence[str | np.ndarray],
    negative: str | np.ndarray | Sequence[str | np.ndarray] = (),
    *,
    count: int = 10,
    limit: int | None = None,
) -> list[tuple[str, float]]:
    """Return the words with the greatest cosine, best first, without the words asked for.

    Several words and vectors are scaled to length 1 and added; the negative ones are subtracted, as
    in gensim's ``most_similar``: ``neighbors(vectors, ["king", "woman"], ["man"])``.

    Args:
        vectors: gensim KeyedVectors, those of fastText and compressed ones included.
        positive: A word, a vector ``(dimension,)``, or several of either. fastText vectors also
            take unknown words.
        negative: Words and vectors to subtract.
        count: Number of neighbours; all where there are fewer.
        limit: Number of words to choose from, the most frequent first; None for all.

    Raises:
        ValueError: If a word has no vector, a vector has another width, nothing was asked for, or
            ``count`` or ``limit`` is below 1.
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, not {count}.")
    lookup = WordLookup(vectors, limit, "exact")
    wanted, unwanted = _as_list(positive), _as_list(negative)
    if not wanted and not unwanted:
        raise ValueError("There is no word to find neighbours of.")
    dimension = rows_of(vectors, slice(0, 1)).shape[1]
    given = [_vector(item, lookup, dimension) for item in wanted + unwanted]
    signs = np.repeat([1.0, -1.0], [len(wanted), len(unwanted)])
    query = unit_rows(signs @ unit_rows(np.stack(given)))
    total = len(lookup.words)
    cosines = np.empty(total, dtype=np.float32)
    for start, block in unit_blocks(vectors, total, _WORDS_AT_ONCE):
        cosines[start : start + len(block)] = block @ query
    asked = {item for item in wanted + unwanted if isinstance(item, str)}
    # As many more as may be removed below.
    most = min(count + len(asked), total)
    best = np.argpartition(-cosines, most - 1)[:most]
    best = best[np.lexsort((best, -cosines[best]))]
    found = [(lookup.words[row], float(cosines[row])) for row in best.tolist()]
    return [(word, cosine) for word, cosine in found if word not in asked][:count]


def _as_list(items: Any) -> list[str | np.ndarray]:
    one = isinstance(items, str) or (isinstance(items, np.ndarray) and items.ndim == 1)
    return [items] if one else list(items)


def _vector(item: str | np.ndarray, lookup: WordLookup, dimension: int) -> np.ndarray:
    if not isinstance(item, str):
        if item.shape != (dimension,):
            raise ValueError(
                f"A vector to find neighbours of has the shape {item.shape}, expected "
                f"({dimension},)."
            )
        return item
    # A word beyond the limit still has a vector.
    row = lookup.vectors.key_to_index.get(item)
    if row is not None:
        return rows_of(lookup.vectors, np.array([row]))[0]
    vector = lookup.composed(item)
    if vector is None:
        form = WordLookup(lookup.vectors).row(item)
        other = f" ({lookup.vectors.index_to_key[form]!r} has one)" if form >= 0 else ""
        raise ValueError(f"The word {item!r} has no vector{other}.")
    return vector
