"""``evaluate`` metrics for tagging that need neither a network nor a script."""

from collections.abc import Collection, Sequence
from typing import Any

import datasets

from .._wording import counted
from ._base import SimpleMetric
from .spans import SpanScores, span_scores

Sentences = Sequence[Sequence[str]]

_INPUTS = """
Args:
    predictions: Predicted tags of each sentence.
    references: Its right tags, as many.
"""


class _TaggingMetric(SimpleMetric):
    """Shared part of the metrics: lists of tags."""

    _inputs = _INPUTS
    _value = datasets.Sequence(datasets.Value("string"))


class SpanF1(_TaggingMetric):
    """Precision, recall and F1 of spans, over all and by type.

    Results are ``precision``, ``recall``, ``f1``, ``support`` (number of right spans) and
    ``by_type``; with a strict scheme their names end in ``_strict``. ``mode`` is "conlleval" or the
    scheme.

    Args:
        scheme: None to read tags as conlleval and seqeval's default do, or a strict scheme: IOB1,
            IOB2, IOE1, IOE2, IOBES, BILOU. ``compute`` takes another one for one call.
        **options: Those of ``evaluate.Metric``.
    """

    _description = "F1 of spans: a span is right where its type, first and last word are."

    def __init__(self, scheme: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.scheme = scheme

    def _compute(
        self, predictions: Sentences, references: Sentences, scheme: str | None = None
    ) -> dict[str, Any]:
        scheme = scheme or self.scheme
        scores = span_scores(references, predictions, scheme)
        found: dict[str, Any] = dict(_figures(scores))
        found["by_type"] = {kind: _figures(own) for kind, own in scores.by_type.items()}
        end = "_strict" if scheme else ""
        return {f"{key}{end}": value for key, value in found.items()} | {
            "mode": scheme or "conlleval"
        }


class TaggingAccuracy(_TaggingMetric):
    """Share of right tags, over all words and over words that are not in the training data.

    ``compute`` takes ``words``, the words of each sentence, and ``known_words``, the words of
    training. With both, the results include ``accuracy_unseen`` (NaN where no word is unseen) and
    ``unseen_words``, the number of unseen words.
    """

    _description = "Accuracy of tags: the share of words whose tag is right."

    def _compute(
        self,
        predictions: Sentences,
        references: Sentences,
        words: Sentences | None = None,
        known_words: Collection[str] | None = None,
    ) -> dict[str, float]:
        if (words is None) != (known_words is None):
            raise ValueError("words and known_words go together, and one of them is missing.")
        return tag_accuracy(references, predictions, words, known_words)


def tag_accuracy(
    references: Sentences,
    predictions: Sentences,
    words: Sentences | None = None,
    known_words: Collection[str] | None = None,
) -> dict[str, float]:
    """Return ``accuracy`` and, where words are given, ``accuracy_unseen`` and ``unseen_words``.

    Args:
        references: The right tags of each sentence.
        predictions: The predicted ones, as many.
        words: The words of each sentence, as many.
        known_words: The words of training; a word is compared by its exact form.

    Raises:
        ValueError: If the numbers of sentences or of tags differ.
    """
    if len(references) != len(predictions) or (words is not None and len(words) != len(references)):
        raise ValueError("references, predictions and words are of different numbers of sentences.")
    hits: list[bool] = []
    unseen: list[bool] = []
    known = frozenset(known_words or ())
    for number, (own, guess) in enumerate(zip(references, predictions, strict=True), 1):
        forms = words[number - 1] if words is not None else None
        if len(own) != len(guess) or (forms is not None and len(forms) != len(own)):
            raise ValueError(
                f"sentence {number} has {counted(len(own), 'right tag')}, {len(guess)} predicted"
                f"{'' if forms is None else ' and ' + counted(len(forms), 'word')}."
            )
        right = [tag == other for tag, other in zip(own, guess, strict=True)]
        hits += right
        if forms is not None:
            unseen += [hit for hit, word in zip(right, forms, strict=True) if word not in known]
    found = {"accuracy": _mean(hits)}
    if words is not None:
        found |= {"accuracy_unseen": _mean(unseen), "unseen_words": float(len(unseen))}
    return found


def _mean(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else float("nan")


def _figures(scores: SpanScores) -> dict[str, float]:
    return {name: value for name, value in vars(scores).items() if name != "by_type"}
