"""Judging of taggers: their metrics, and a few sentences for the page."""

import hashlib
import math
from collections.abc import Sequence
from typing import Any

import datasets

from ...metrics.spans import span_scores
from ...metrics.tagging import tag_accuracy
from ..confusion import confusion
from .data import has_spans, tag_names
from .encoding import scheme_of_rows, sentences_and_tags

_EXAMPLES = 6
_EXAMPLE_WORDS = range(5, 26)
_NO_NAME = "no name"


def judge(
    predictions: Sequence[Sequence[str]], rows: datasets.Dataset, train: datasets.Dataset
) -> dict[str, float]:
    """Return all metrics of predicted tags.

    ``accuracy_unseen`` is the accuracy on words whose exact form is not in the training part; it is
    left out if there are none.
    """
    sentences, right = sentences_and_tags(rows)
    known = {word for words in train["tokens"] for word in words}
    told = tag_accuracy(right, predictions, sentences, known)
    if has_spans(tag_names(rows)):
        scores = span_scores(right, predictions)
        strict = span_scores(right, predictions, scheme=scheme_of_rows(train))
        told |= {"precision": scores.precision, "recall": scores.recall}
        told |= {"f1": scores.f1, "f1_strict": strict.f1}
    return {key: float(value) for key, value in told.items() if not math.isnan(value)}


def shown(rows: datasets.Dataset, predictions: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """Return a few sentences, chosen by a digest, with a wrong one if there is any, and confusions.

    The last entry counts pairs of a right and a predicted tag; for spans, pairs of their types.
    """
    sentences, right = sentences_and_tags(rows)
    order = sorted(
        (i for i, words in enumerate(sentences) if len(words) in _EXAMPLE_WORDS),
        key=lambda i: hashlib.sha256(" ".join(sentences[i]).encode()).digest(),
    )
    wrong = [i for i in order if list(predictions[i]) != right[i]]
    with_tags = [i for i in order if set(right[i]) - {"O"}]
    chosen = list(dict.fromkeys([*with_tags[: _EXAMPLES - 1], *wrong[:1]]))
    told: list[dict[str, Any]] = [
        {"words": list(zip(sentences[i], right[i], predictions[i], strict=True))} for i in chosen
    ]
    has_names = has_spans(tag_names(rows))
    own, guessed = (
        [_type(tag) if has_names else tag for tags in part for tag in tags]
        for part in (right, predictions)
    )
    return [*told, {"confusion": confusion(own, guessed, last=_NO_NAME)}]


def _type(tag: str) -> str:
    """Return the type of the span that a tag belongs to."""
    return _NO_NAME if tag == "O" else tag[2:] or tag
