"""Judging of rankings."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import datasets
import numpy as np
from numpy.typing import NDArray

from ..._wording import shortened
from ...metrics.retrieval import average_precision, discounted_gain, recall
from .collection import content
from .data import CORPUS, judgements

# Places of a ranking that are kept, as in trec_eval.
DEPTH = 1000
_MOST_LETTERS = 120


class Ranked(NamedTuple):
    """The places of documents for a query, the best first.

    Attributes:
        alone: By the system alone.
        fused: By its scores and those of BM25; ``None`` for a system that is not fused.
    """

    alone: NDArray[np.int64]
    fused: NDArray[np.int64] | None = None


_Figure = Callable[[Sequence[int], Mapping[int, float]], float]
_FIGURES: dict[str, _Figure] = {
    "ndcg_at_10": discounted_gain,
    "map": average_precision,
    "recall_at_100": recall,
}
_GRADED = "graded_ndcg_at_10"
_FUSED = ("ndcg_at_10", "map")


def judge(predictions: Sequence[Any], rows: datasets.Dataset) -> dict[str, float]:
    """Return the means over queries of all figures; see ``TextRetrieval.metrics``."""
    found = per_query(predictions, rows)
    return {key: float(np.mean(values)) for key, values in found.items()}


def per_query(predictions: Sequence[Any], rows: datasets.Dataset) -> dict[str, list[float]]:
    """Return each figure of each query."""
    ranked, grades = [Ranked(*each) for each in predictions], judgements(rows)
    alone = [(each.alone.tolist(), own) for each, own in zip(ranked, grades, strict=True)]
    found = {key: [figure(*each) for each in alone] for key, figure in _FIGURES.items()}
    if len({grade for own in grades for grade in own.values()}) > 1:
        found[_GRADED] = [discounted_gain(*each, graded=True) for each in alone]
    fused = [
        (each.fused.tolist(), own)
        for each, own in zip(ranked, grades, strict=True)
        if each.fused is not None
    ]
    if fused:
        found |= {f"fused_{key}": [_FIGURES[key](*each) for each in fused] for key in _FUSED}
    return found


def first_documents(
    data: datasets.DatasetDict, predictions: Sequence[Any]
) -> Iterator[tuple[str, str, str | None]]:
    """Yield each test query, the document found first, and a relevant one if that is not.

    A document is named by its title, or else by its text.
    """
    rows, corpus = data["test"], data[CORPUS]

    def name(place: int) -> str:
        document = corpus[int(place)]
        return shortened(document["heading"].strip() or content(document), _MOST_LETTERS)

    told = zip(rows["query"], map(Ranked._make, predictions), judgements(rows), strict=True)
    for query, (alone, _), own in told:
        if not len(alone) or not own:
            continue
        best = max(own, key=own.__getitem__)
        yield query, name(alone[0]), None if alone[0] in own else name(best)
