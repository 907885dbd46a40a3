"""Spans of tagged words: reading them, and their precision, recall and F1."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import EvalPrediction

from .._wording import counted
from .schemes import SCHEMES, Tag, scheme_of

Span = tuple[str, int, int]
_IGNORED = -100
_OUTSIDE: Tag = ("O", "_")
_ALIKE = {"L": "E", "U": "S"}


@dataclass(frozen=True)
class SpanScores:
    """Precision, recall and F1 of spans, 0 where there is nothing to count.

    Attributes:
        precision: Share of the predicted spans that are right.
        recall: Share of the right spans that were predicted.
        f1: Their harmonic mean.
        support: Number of right spans.
        by_type: The same for the spans of each type.
    """

    precision: float
    recall: float
    f1: float
    support: int
    by_type: dict[str, "SpanScores"] = field(default_factory=dict)


def spans_of(tags: Sequence[str], scheme: str | None = None) -> list[Span]:
    """Return the spans of a sentence, each as its type, first word and the word after its last.

    Without a scheme tags are read as conlleval and seqeval's default read them: a span also begins
    where the tag goes on (``I-``) with nothing before, or with another type (Tjong Kim Sang and De
    Meulder 2003); ``L-`` and ``U-`` of BILOU, which those do not know, count as ``E-`` and ``S-``.
    With a scheme only spans that it allows count.

    Args:
        tags: ``"O"``, or a prefix, a dash and a type.
        scheme: ``None``, or a name of ``schemes.SCHEMES``, such as ``"IOB2"``.

    Raises:
        ValueError: If the scheme is unknown, or a tag has a prefix that is none of its own.

    Example:
        >>> spans_of(["I-PER", "I-PER", "O", "B-LOC"])
        [('PER', 0, 2), ('LOC', 3, 4)]
        >>> spans_of(["I-PER", "I-PER", "O", "B-LOC"], "IOB2")
        [('LOC', 3, 4)]
    """
    if scheme is not None and scheme not in SCHEMES:
        raise ValueError(f"the scheme is {scheme!r}, expected None or one of {', '.join(SCHEMES)}.")
    parts = [(tag[:1], tag[1:].split("-", 1)[-1] or "_") for tag in tags]
    return _lenient(parts) if scheme is None else _strict(parts, scheme)


def _lenient(parts: Sequence[Tag]) -> list[Span]:
    parts = [(_ALIKE.get(prefix, prefix), kind) for prefix, kind in parts]
    spans: list[Span] = []
    start: int | None = None
    for i, (prefix, kind) in enumerate([*parts, ("O", "_")]):
        before, last = parts[i - 1] if i else ("O", "_")
        goes_on = before not in "OES" and kind == last and prefix not in "BSO"
        if start is not None and not goes_on:
            spans.append((last, start, i))
            start = None
        if prefix != "O" and start is None:
            start = i
    return spans


def _strict(parts: Sequence[Tag], scheme: str) -> list[Span]:
    rules = SCHEMES[scheme]
    wrong = next((prefix for prefix, _ in parts if prefix not in rules.prefixes), None)
    if wrong is not None:
        raise ValueError(
            f"a tag begins with {wrong!r}, and {scheme} has {', '.join(rules.prefixes)} only."
        )
    spans: list[Span] = []
    before, start = _OUTSIDE, 0
    while start < len(parts):
        end = start + 1
        if rules.begins(before, parts[start]):
            while end < len(parts) and rules.goes_on(parts[end - 1], parts[end]):
                end += 1
            after = parts[end] if end < len(parts) else _OUTSIDE
            if rules.ends(parts[end - 1], after):
                spans.append((parts[start][1], start, end))
        before, start = parts[end - 1], end
    return spans


def span_scores(
    references: Sequence[Sequence[str]],
    predictions: Sequence[Sequence[str]],
    scheme: str | None = None,
) -> SpanScores:
    """Return the scores of predicted tags over all spans, and for each type.

    Args:
        references: The right tags of each sentence.
        predictions: The predicted ones, as many.
        scheme: As of ``spans_of``.

    Raises:
        ValueError: If the numbers of sentences or of tags differ.
    """
    if len(references) != len(predictions):
        raise ValueError(
            f"found {counted(len(references), 'sentence')} with right tags and "
            f"{len(predictions):,} with predicted ones."
        )
    right: Counter[str] = Counter()
    found: Counter[str] = Counter()
    both: Counter[str] = Counter()
    for number, (own, guess) in enumerate(zip(references, predictions, strict=True), 1):
        if len(own) != len(guess):
            raise ValueError(
                f"sentence {number} has {counted(len(own), 'right tag')} and {len(guess)} "
                "predicted."
            )
        wanted, given = set(spans_of(own, scheme)), set(spans_of(guess, scheme))
        right.update(kind for kind, _, _ in wanted)
        found.update(kind for kind, _, _ in given)
        both.update(kind for kind, _, _ in wanted & given)
    by_type = {
        kind: _scores(both[kind], found[kind], right[kind]) for kind in sorted(right | found)
    }
    whole = _scores(both.total(), found.total(), right.total())
    return SpanScores(whole.precision, whole.recall, whole.f1, whole.support, by_type)


def _scores(both: int, found: int, right: int) -> SpanScores:
    precision = both / found if found else 0.0
    recall = both / right if right else 0.0
    f1 = 2 * both / (found + right) if both else 0.0
    return SpanScores(precision, recall, f1, right)


def tagging_metrics(
    names: Sequence[str], has_spans: bool, scheme: str | None = None
) -> Callable[[EvalPrediction], dict[str, float]]:
    """Return the function for ``Trainer(compute_metrics=...)`` of a tagger.

    Predictions are logits (batch, time, tags), or of a CRF the pair of logits and the best path
    (batch, time), which is then scored. They may be a path alone, such as one that
    ``preprocess_logits_for_metrics`` made to spare memory. Labels of -100 are left out. It also
    works with ``eval_do_concat_batches=False`` and with ``batch_eval_metrics=True``, where batches
    come one by one; of these only the tags are kept, and not the logits.

    Args:
        names: Names of the tags in the order of their ids.
        has_spans: Whether tags name spans, so that F1 is measured too.
        scheme: Scheme of the strict F1, the one that the names show by default.
    """
    strict = scheme or scheme_of(names) or "IOB2"
    # A label on a token that is no word has -100 as its path.
    known = dict(enumerate(names))
    right: list[list[int]] = []
    found: list[list[int]] = []

    def metrics(prediction: EvalPrediction, compute_result: bool = True) -> dict[str, float]:
        for outputs, label_ids in _batches(prediction):
            path = _array(outputs[1] if isinstance(outputs, (tuple, list)) else outputs)
            if path.ndim == 3:
                path = path.argmax(axis=-1)
            labels = _array(label_ids)
            kept = labels != _IGNORED
            right.extend(row[k].tolist() for row, k in zip(labels, kept, strict=True))
            found.extend(row[k].tolist() for row, k in zip(path, kept, strict=True))
        if not compute_result:
            return {}
        hits = [
            a == b for rows in zip(right, found, strict=True) for a, b in zip(*rows, strict=True)
        ]
        told = {"accuracy": sum(hits) / len(hits) if hits else 0.0}
        own, guess = ([[known.get(i, "O") for i in row] for row in rows] for rows in (right, found))
        right.clear()
        found.clear()
        if has_spans:
            scores = span_scores(own, guess)
            told |= {"precision": scores.precision, "recall": scores.recall, "f1": scores.f1}
            told["f1_strict"] = span_scores(own, guess, strict).f1
        return told

    return metrics


def _batches(prediction: EvalPrediction) -> Iterator[tuple[Any, Any]]:
    """Yield predictions and labels of each batch, or of all where they are one."""
    outputs: Any = prediction.predictions
    labels: Any = prediction.label_ids
    if isinstance(labels, list) and labels and np.ndim(labels[0]) == 2:
        yield from zip(outputs, labels, strict=True)
    else:
        yield outputs, labels


def _array(values: Any) -> NDArray[Any]:
    """Return values as an array; ``Trainer`` gives tensors of any device where it joins nothing."""
    if isinstance(values, torch.Tensor):
        values = (values.float() if values.is_floating_point() else values).cpu()
    return np.asarray(values)
