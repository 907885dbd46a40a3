"""Judging of captions: BLEU, CIDEr-D, errors of words, and captions that are right as a whole."""

from collections.abc import Sequence

from ...metrics.captioning import cider_d
from ...metrics.speech import edit_distance, error_rate
from ...metrics.translation import bleu


def judge_captions(
    predictions: Sequence[str], references: Sequence[Sequence[str]]
) -> dict[str, float]:
    """Return the metrics of captions.

    Args:
        predictions: The captions.
        references: The right ones of each clip. Errors of words are counted to the nearest.
    """
    errors, sizes, whole = [], [], 0
    for found, right in zip(predictions, references, strict=True):
        words = [each.split() for each in right]
        counts = [edit_distance(found.split(), each) for each in words]
        nearest = min(range(len(words)), key=lambda n: counts[n] / len(words[n]))
        errors.append(counts[nearest])
        sizes.append(len(words[nearest]))
        whole += not counts[nearest]
    return {
        "bleu": float(bleu(predictions, references)["bleu"]),
        "cider_d": cider_d(predictions, references),
        "word_error_rate": error_rate(errors, sizes),
        "exact_match": whole / len(predictions),
    }
