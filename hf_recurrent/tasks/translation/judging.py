"""The figures of translations, and a few of them to look at."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import datasets

from ...metrics.translation import bleu, bleu_by_length, chrf
from ..fitted import Fitted
from .readers import SOURCE, TARGET
from .translating import Alignment

_SHOWN, _AMONG, _LONGEST = 3, 50, 120


def judge(predictions: Sequence[str], rows: datasets.Dataset) -> dict[str, float]:
    """Return BLEU, cased and in lower case, and chrF."""
    right = rows[TARGET][:]
    return {
        "bleu": bleu(predictions, right)["bleu"],
        "bleu_lowercase": bleu(predictions, right, lowercase=True)["bleu"],
        "chrf": chrf(predictions, right)["chrf"],
    }


def signatures() -> str:
    """Return the sentence with which the figures of ``judge`` are cited, in their order."""
    one = ["a"]
    judged = bleu(one, one), bleu(one, one, lowercase=True), chrf(one, one)
    return f"Signatures of sacrebleu: {'; '.join(each['signature'] for each in judged)}."


def answers(
    rows: datasets.Dataset, predictions: Sequence[str]
) -> Iterator[tuple[str, str, str | None]]:
    """Yield sentence, translation and, if it differs, the right one, for each row."""
    for text, right, said in zip(rows[SOURCE][:], rows[TARGET][:], predictions, strict=True):
        yield text, said, None if said == right else right


def examples(
    fitted: Fitted, rows: datasets.Dataset, predictions: Sequence[str]
) -> list[dict[str, Any]]:
    """Return what the page shows: sentences, BLEU by length, and the attention of a sentence.

    A digest chooses three short sentences, and among fifty the one with the worst translation.
    """
    short = sorted(
        (
            {"source": text, "translation": said, "right": right or said}
            for text, said, right in answers(rows, predictions)
            if len(text) <= _LONGEST
        ),
        key=lambda each: hashlib.sha256(each["source"].encode()).digest(),
    )
    some: list[dict[str, Any]] = [{**each, "chrf": _score(each)} for each in short[:_AMONG]]
    worst = min(some[_SHOWN:], key=lambda each: each["chrf"], default=None)
    found: list[dict[str, Any]] = [*some[:_SHOWN], *([worst] if worst else [])]
    found.append({"lengths": bleu_by_length(rows[SOURCE][:], predictions, rows[TARGET][:])})
    alignment = fitted.picture(some[0]["source"]) if some and fitted.picture else None
    if isinstance(alignment, Alignment):
        found.append({"alignment": asdict(alignment)})
    return found


def _score(each: dict[str, str]) -> float:
    return round(float(chrf([each["translation"]], [each["right"]])["chrf"]), 1)
