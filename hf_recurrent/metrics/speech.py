"""Word and character error rates of transcripts, with bootstrap intervals."""

from collections.abc import Sequence
from typing import Any

import datasets
import evaluate
import numpy as np

from .._wording import counted

_TEXT = datasets.Value("string")
_INPUTS = """
Args:
    predictions: The transcripts.
    references: What was said.
"""
_DRAWS, _SEED = 2000, 0


def edit_distance(found: Sequence[Any], right: Sequence[Any]) -> int:
    """Return the least number of insertions, deletions and substitutions (Levenshtein 1966)."""
    row = list(range(len(right) + 1))
    for i, item in enumerate(found, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(right, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (item != other))
    return row[-1]


def error_counts(
    predictions: Sequence[str], references: Sequence[str], *, characters: bool = False
) -> tuple[list[int], list[int]]:
    """Return for each text the number of errors, and that of the right words or characters.

    Args:
        predictions: The transcripts.
        references: What was said.
        characters: Whether to count characters, spaces among them, in place of words.

    Raises:
        ValueError: If there are more of the one than of the other.
    """
    if len(predictions) != len(references):
        raise ValueError(
            f"there are {counted(len(predictions), 'prediction')} for "
            f"{counted(len(references), 'reference')}"
        )
    errors, sizes = [], []
    for found, right in zip(predictions, references, strict=True):
        cut = [" ".join(text.split()) if characters else text.split() for text in (found, right)]
        errors.append(edit_distance(*cut))
        sizes.append(len(cut[1]))
    return errors, sizes


def error_rate(errors: Sequence[int], sizes: Sequence[int]) -> float:
    """Return the errors of all texts for each right word.

    Raises:
        ValueError: If there is no right word.
    """
    total = sum(sizes)
    if not total:
        raise ValueError("the references hold no word, so errors have no rate")
    return sum(errors) / total


def bootstrap_interval(
    errors: Sequence[int], sizes: Sequence[int], share: float = 0.95
) -> tuple[float, float]:
    """Return the interval that holds a share of the rates of texts drawn with replacement.

    The draws are always the same (Bisani and Ney 2004).
    """
    drawn = np.random.default_rng(_SEED).integers(0, len(errors), (_DRAWS, len(errors)))
    totals = np.maximum(np.asarray(sizes)[drawn].sum(1), 1)
    rates = np.asarray(errors)[drawn].sum(1) / totals
    low, high = np.quantile(rates, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)


class _ErrorRate(evaluate.Metric):
    _key, _of, _characters = "", "", False

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=f"Errors for each right {self._of}, 0 is best.",
            citation="",
            inputs_description=_INPUTS,
            features=datasets.Features(predictions=_TEXT, references=_TEXT),
        )

    def _compute(self, predictions: Sequence[str], references: Sequence[str]) -> dict[str, Any]:
        errors, sizes = error_counts(predictions, references, characters=self._characters)
        return {
            self._key: error_rate(errors, sizes),
            "interval": bootstrap_interval(errors, sizes),
        }


class WordErrorRate(_ErrorRate):
    """Substituted, missing and added words for each right word, as ``jiwer`` counts them.

    Results are ``wer`` and ``interval``, the 95 % of a bootstrap over texts.

    Example:
        >>> WordErrorRate().compute(predictions=["go on"], references=["go back on"])["wer"]
        0.3333333333333333
    """

    _key, _of = "wer", "word"


class CharacterErrorRate(_ErrorRate):
    """The same of characters, spaces among them: ``cer`` and ``interval``.

    Example:
        >>> CharacterErrorRate().compute(predictions=["abd"], references=["abcd"])["cer"]
        0.25
    """

    _key, _of, _characters = "cer", "character", True
