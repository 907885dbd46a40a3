"""The figures of ranked items."""

from collections.abc import Iterator, Sequence
from typing import Any

import datasets

from ...metrics.recommendation import rank_metrics, recommended_items
from .catalog import Catalog
from .ranking import K, Ranked


def judge(
    predictions: Sequence[Any], rows: datasets.Dataset, train: datasets.Dataset
) -> dict[str, float]:
    """Return recall, MRR and nDCG at 20, and coverage and popularity of what is recommended.

    Coverage and popularity are those of ``RecommendedItems``, over the items of the training part.
    """
    told = [Ranked(*each) for each in predictions]
    catalog = Catalog.of(train)
    spread = recommended_items(
        [catalog.known(items).tolist() for each in told for items in each.recommended],
        catalog.counts,
    )
    return rank_metrics([rank for each in told for rank in each.ranks], K) | {
        f"{name}_at_{K}": value for name, value in spread.items()
    }


def answers(
    rows: datasets.Dataset, predictions: Sequence[Any]
) -> Iterator[tuple[str, str, str | None]]:
    """Yield the items before the last one, the first recommendation, and the last one if not it."""
    titles: dict[str, str] = {}
    for items, own in zip(rows["items"], rows["titles"], strict=True):
        titles.update(zip(items, own, strict=False))
    for items, told in zip(rows["items"], predictions, strict=True):
        ranks, recommended = Ranked(*told)
        if not ranks or not recommended[-1]:
            continue
        first, last = recommended[-1][0], items[-1]
        shown = [titles.get(item) or item for item in (*items[:-1], first, last)]
        yield ", ".join(shown[:-2]), shown[-2], None if first == last else shown[-1]
